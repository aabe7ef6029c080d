"""The table form of a catalogue, after the elements of C0111-2018: sheets, columns, and where each goes in an item.

One row an item in 事项; what an item has several of stands in further sheets, tied to it by 业务办理项编码. An item's
only limit, place or source may stand in its row in 事项. Every wording has a second column for English (（英文）).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.importing.columns import Column, Kind, bilingual, evidence
from knowledge.model import Audience, FeeKind, Handling, ItemType, Unit

CODE = "业务办理项编码"
FALLBACK_CODE = "实施编码"  # taken where the former is blank or missing
NAME = "事项名称"
CHARGED = "是否收费"
NEEDS_MATERIALS = "是否需要材料"
WAYS = "办理形式"  # 窗口办理、网上办理 …: read where 是否网上办理 is blank
NATIONAL = "国家级"  # a level that no hall has
FORM = "材料形式"  # 纸质 or 电子: read together with 材料类型

_TYPES = {kind.value: kind for kind in ItemType}
_HANDLING = {kind.value: kind for kind in Handling}
_UNITS = {unit.value: unit for unit in Unit} | {"天": Unit.DAY, "自然日": Unit.DAY, "月": Unit.MONTH}
_FEES = {kind.value: kind for kind in FeeKind}
_ONLINE = {"是": "yes", "部分": "partly", "否": "no"}
_ORGANISATIONS = (
    "企业",
    "企业法人",
    "事业法人",
    "社会组织法人",
    "非法人企业",
    "行政机关",
    "其他组织",
    "法人和其他组织",
)
_AUDIENCE = {"个人": Audience.PERSON.value} | dict.fromkeys(_ORGANISATIONS, Audience.ORGANISATION.value)
NEED = {"必要": (True, False), "非必要": (False, False), "容缺后补": (True, True), "非必要，可容缺后补": (False, True)}


def _fact(title: str, key: str) -> tuple[Column, ...]:
    return (*bilingual(title, key), Column(f"{title}依据", f"{key}.basis"), evidence(f"{title}证据", f"{key}.evidence"))


def _limit(title: str) -> tuple[Column, ...]:
    return (
        Column(title, "days", Kind.INTEGER),
        Column(f"{title}单位", "unit", Kind.CHOICE, _UNITS),
        *bilingual(f"{title}说明", "note"),
        Column(f"{title}依据", "basis"),
        evidence(f"{title}证据", "evidence"),
    )


ITEM: tuple[Column, ...] = (
    Column(CODE, "code", verbatim=True),
    *bilingual(NAME, "name"),
    *bilingual("事项简称", "short"),
    *bilingual("一句话说明", "summary"),
    Column("事项类型", "type", Kind.CHOICE, _TYPES),
    *bilingual("实施主体", "department"),
    Column("行使层级", "levels", Kind.WORDS),
    Column("服务对象", "audience", Kind.WORDS, _AUDIENCE),
    Column("办件类型", "handling", Kind.CHOICE, _HANDLING),
    Column("设定依据", "basis", Kind.LINES),
    *_fact("受理条件", "conditions"),
    *_fact("结果名称", "result"),
    *_fact("结果有效期", "validity"),
    Column("到办事现场次数", "visits", Kind.INTEGER),
    Column("是否网上办理", "online.possible", Kind.CHOICE, _ONLINE),
    *bilingual("网上办理说明", "online.note"),
    Column("网上办理网址", "online.url"),
    evidence("网上办理证据", "online.evidence"),
    *bilingual("通办范围", "scope"),
    *_fact("代理办理", "agent"),
    *_fact("告知承诺", "commitment"),
    *_fact("容缺受理", "deferral"),
    *bilingual("咨询方式", "contact"),
    *bilingual("监督投诉方式", "complaint"),
    Column("别名", "aliases.zh", Kind.WORDS),
    Column("英文别名", "aliases.en", Kind.LINES),
    Column("办理对象", "subject"),
    Column("办理动作", "action"),
    Column("相关事项编码", "related", Kind.WORDS),
    Column("区划代码", "region"),
    Column("核对日期", "checked", Kind.DATE),
)


@dataclass(frozen=True, slots=True)
class Inline:
    """Columns of 事项 that hold the only row of a list."""

    key: str
    columns: tuple[Column, ...]


INLINE: tuple[Inline, ...] = (
    Inline("statutory", _limit("法定办结时限")),
    Inline("promised", _limit("承诺办结时限")),
    Inline("free", (Column("不收费依据", "basis"), evidence("不收费证据", "evidence"))),
    Inline(
        "places",
        (
            *bilingual("办理地点", "address"),
            *bilingual("办理时间", "hours"),
            *bilingual("办理电话", "telephone"),
        ),
    ),
    Inline("sources", (Column("来源", "title"), Column("来源网址", "url"))),
)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of rows that belong to items."""

    name: str
    key: str  # the list in the item
    columns: tuple[Column, ...]
    needed: tuple[str, ...]


_WHEN = Column("适用情形", "when", Kind.WHEN)
_RULING = (Column("依据", "basis"), evidence("证据", "evidence"))

MATERIALS = Sheet(
    "材料",
    "materials",
    (
        *bilingual("材料名称", "name"),
        *bilingual("材料类型", "form"),
        Column("材料必要性", "need", Kind.CHOICE, NEED),
        Column("原件份数", "originals", Kind.INTEGER),
        Column("复印件份数", "copies", Kind.INTEGER),
        *bilingual("来源渠道", "issuer"),
        *bilingual("需要条件", "condition"),
        *bilingual("填报须知", "note"),
        *bilingual("要求理由", "why"),
        Column("材料适用情形", "when", Kind.WHEN),
        Column("材料依据", "basis"),
        evidence("材料证据", "evidence"),
    ),
    ("材料名称",),
)
_LIMIT_COLUMNS = (
    Column("时限", "days", Kind.INTEGER),
    Column("单位", "unit", Kind.CHOICE, _UNITS),
    *bilingual("说明", "note"),
    _WHEN,
    *_RULING,
)
SHEETS: tuple[Sheet, ...] = (
    MATERIALS,
    Sheet(
        "收费",
        "fees",
        (
            *bilingual("收费项目名称", "name"),
            Column("收费标准", "amount", Kind.DECIMAL),
            *bilingual("计费单位", "unit"),
            Column("收费性质", "kind", Kind.CHOICE, _FEES),
            Column("起始日期", "since", Kind.DATE),
            Column("截止日期", "until", Kind.DATE),
            *bilingual("减免", "exempt"),
            *bilingual("说明", "note"),
            _WHEN,
            *_RULING,
        ),
        ("收费项目名称",),
    ),
    Sheet("不收费", "free", (_WHEN, *_RULING), ()),
    Sheet("法定时限", "statutory", _LIMIT_COLUMNS, ()),
    Sheet("承诺时限", "promised", _LIMIT_COLUMNS, ()),
    Sheet("环节", "steps", (*bilingual("环节名称", "name"), *bilingual("环节说明", "detail")), ("环节名称",)),
    Sheet(
        "地点",
        "places",
        (
            *bilingual("地点名称", "name"),
            *bilingual("地址", "address"),
            *bilingual("时间", "hours"),
            *bilingual("电话", "telephone"),
            Column("区划代码", "region"),
        ),
        (),
    ),
    Sheet("来源", "sources", (Column("标题", "title"), Column("网址", "url")), ("标题",)),
    Sheet(
        "组成事项",
        "parts",
        (Column("组成事项编码", "item", verbatim=True), *bilingual("说明", "note"), _WHEN),
        ("组成事项编码",),
    ),
)

SITUATIONS = "情形"  # a row an option; the rows of one situation stand together
SITUATION: tuple[Column, ...] = (
    Column("情形编码", "code", verbatim=True),
    *bilingual("问题", "question"),
    Column("何时问", "when", Kind.WHEN),
)
OPTION: tuple[Column, ...] = (
    Column("选项编码", "code", verbatim=True),
    *bilingual("选项", "label", verbatim=True),
    *bilingual("选项说明", "note"),
    Column("选项用语", "words", Kind.WORDS, verbatim=True),
)
ITEMS = "事项"
ABOUT = "说明"  # a sheet for people, not read


def item_titles() -> Iterator[str]:
    """Every column of 事项, in order."""
    for column in ITEM:
        yield column.title
    yield NEEDS_MATERIALS
    yield CHARGED
    for inline in INLINE:
        for column in inline.columns:
            yield column.title


def sheet_titles() -> dict[str, tuple[str, ...]]:
    """The columns of every sheet, 事项 first."""
    titles = {ITEMS: tuple(item_titles())}
    titles |= {sheet.name: (CODE, *(column.title for column in sheet.columns)) for sheet in SHEETS}
    titles[SITUATIONS] = (CODE, *(column.title for column in (*SITUATION, *OPTION)))
    return titles


KNOWN = frozenset(title for titles in sheet_titles().values() for title in titles) | {FALLBACK_CODE, WAYS, FORM}

ABOUT_LINES = (
    "每个事项在“事项”表里占一行；有多条的内容（材料、收费、环节、情形等）写在各自的表里，用业务办理项编码对应。",
    "One row an item in 事项; materials, fees, steps … stand in their own sheets, tied to it by 业务办理项编码.",
    "不知道的就空着，不要写“无”“详询”。完全不需要材料的，“是否需要材料”填“否”；留空表示没有记录。",
    "Leave empty what is not known. No materials needed at all: 是否需要材料 = 否; empty means not recorded.",
    "编码列是文本格式：不要改成数字，31位、33位编码会丢失末尾的数字。",
    "Code columns are text: as numbers, long codes lose their last digits.",
    "收费标准只写金额（元），如 20 或 20.50；写不成一个金额的，写在“说明”里。",
    "收费标准 is an amount in yuan such as 20 or 20.50; what is no single amount goes to 说明.",
    "适用情形写成 情形编码=选项编码|选项编码，例如 kind=first|renew；空着表示所有情形都适用。",
    "适用情形 is situation=option|option, such as kind=first|renew; empty means always.",
    "证据：法律原文、官方、外地、待核实；空着按“官方”（本大厅自己的目录）处理。待核实的收费不能写金额。",
    "证据 says where a fact stands; empty means 官方 (the hall's own catalogue). A fee that is 待核实 has no amount.",
)
