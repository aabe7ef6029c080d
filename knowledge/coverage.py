"""How complete a catalogue is: how many items have which element, and how well its facts are supported."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from knowledge.model import Grade, Item, Text

Test = Callable[[Item], bool]

_ITEM_MEASURES: Mapping[str, tuple[Text, Test]] = {
    "summary": (Text(zh="有一句话说明", en="with a summary"), lambda item: item.summary is not None),
    "english": (Text(zh="有英文名称", en="with an English name"), lambda item: item.name.en is not None),
    "conditions": (Text(zh="有受理条件", en="with conditions"), lambda item: item.conditions is not None),
    "situations": (Text(zh="分情形", en="with situations"), lambda item: bool(item.situations)),
    "materials": (Text(zh="列出材料", en="with materials"), lambda item: bool(item.materials)),
    "materials_none": (Text(zh="不需要材料", en="that need no materials"), lambda item: item.materials == ()),
    "materials_unknown": (Text(zh="材料没有记录", en="materials not recorded"), lambda item: item.materials is None),
    "free": (Text(zh="写明不收费（含部分情形）", en="free, at least sometimes"), lambda item: bool(item.free)),
    "amounts": (
        Text(zh="收费且有金额", en="charged, with an amount"),
        lambda item: any(fee.amount is not None for fee in item.fees),
    ),
    "amounts_unknown": (
        Text(zh="收费，有金额未载明", en="charged, an amount not established"),
        lambda item: any(fee.amount is None for fee in item.fees),
    ),
    "charge_unknown": (
        Text(zh="是否收费没有记录", en="charge not recorded"),
        lambda item: not item.fees and not item.free,
    ),
    "statutory": (Text(zh="有法定办结时限", en="with a statutory limit"), lambda item: bool(item.statutory)),
    "promised": (Text(zh="有承诺办结时限", en="with a promised limit"), lambda item: bool(item.promised)),
    "steps": (Text(zh="有办理环节", en="with steps"), lambda item: bool(item.steps)),
    "places": (Text(zh="有办理地点", en="with a place"), lambda item: bool(item.places)),
    "online": (Text(zh="写明能否网上办理", en="says whether online"), lambda item: item.online is not None),
    "agent": (Text(zh="写明能否代办", en="says who may act for one"), lambda item: item.agent is not None),
    "department": (Text(zh="有实施主体", en="with a department"), lambda item: item.department is not None),
    "aliases": (Text(zh="有别名", en="with aliases"), lambda item: bool(item.aliases.zh or item.aliases.en)),
    "parts": (Text(zh="一件事（含组成事项）", en="with parts (一件事)"), lambda item: bool(item.parts)),
}

GRADE_NAMES: Mapping[Grade, Text] = {
    Grade.LAW: Text(zh="法律原文", en="law"),
    Grade.OFFICIAL: Text(zh="官方", en="official"),
    Grade.PORTAL: Text(zh="外地", en="portal"),
    Grade.RECALLED: Text(zh="待核实", en="recalled"),
}
GRADED = ("materials", "fees", "free", "statutory", "promised")


@dataclass(frozen=True, slots=True)
class Coverage:
    """`items` counts items by measure; `evidence` counts rows of a list by grade."""

    total: int
    items: Mapping[str, int]
    evidence: Mapping[str, Mapping[Grade, int]]


def coverage(items: Iterable[Item]) -> Coverage:
    """Count once through the items."""
    total = 0
    counts: Counter[str] = Counter(dict.fromkeys(_ITEM_MEASURES, 0))
    evidence: dict[str, Counter[Grade]] = {key: Counter() for key in GRADED}
    for item in items:
        total += 1
        counts.update(key for key, (_, holds) in _ITEM_MEASURES.items() if holds(item))
        for key in GRADED:
            evidence[key].update(row.evidence for row in getattr(item, key) or ())
    return Coverage(total, counts, evidence)


def measure_name(key: str) -> Text:
    """What a measure is called."""
    return _ITEM_MEASURES[key][0]
