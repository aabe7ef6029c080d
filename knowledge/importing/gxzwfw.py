"""The export of the Guangxi government service portal (zwfw.gxzf.gov.cn): JSON, one file a department.

    {"source_region_code": "3113105265", "total_items": 161,
     "items": [{"service": {...}, "materials": [...], "processes": [...], "raw_payload": {...}}, …]}

What the collector of such files fills in where the portal says nothing is no fact: an item with neither a kind, a way
of handling nor a limit has `is_charge: false` and `on_site_times: 0` by default, so these are left out for it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.faults import Fault
from knowledge.importing.cleaning import Journal, Note, code_from, link, tidy
from knowledge.importing.drafts import Draft, Imported, Workbench, documents, settle_charge, wording
from knowledge.importing.reading import Limits, find_files, read_json
from knowledge.item_files import Progress, schema_faults
from knowledge.model import Grade, Level, Text, Unit
from knowledge.regions import Region

PORTAL = "广西数字政务一体化平台"
# The portal's region codes begin with its own city code; GB/T 2260 code and name of those seen so far.
CITIES = {"3113": Region(code="450600", name=Text(zh="防城港市", en="Fangchenggang City"), level=Level.CITY)}
# extStr7 is the C0111 code of the item's type; 16 is this portal's code for 一件事.
TYPES = {
    "01": "行政许可",
    "04": "行政征收",
    "05": "行政给付",
    "07": "行政确认",
    "08": "行政奖励",
    "09": "行政裁决",
    "10": "其他行政权力",
    "16": "一件事",
    "20": "公共服务",
}
ONLINE, ON_PAPER_COPY, EITHER = "网上办理", "复印件", "原件或复印件"

ODD_COUNT = Note(
    "材料的份数与类型矛盾或为零，只保留类型。", "Numbers of copies that contradict the kind of copy were left out."
)
HOLLOW = Note(
    "几乎空白的事项：收费和到场次数只是默认值，按“没有记录”处理。",
    "Nearly empty items: charge and visits are mere defaults and were taken as not recorded.",
)
NO_MATERIALS = Note(
    "没有列出材料的事项：按“材料没有记录”处理。", "Items that list no materials: taken as not recorded."
)
QUERY_WAY = Note("“办理进度查询”没有对应的要素，没有采用。", "How to query progress (query_way) has no element here.")
ATTACHMENTS = Note(
    "空白表格和示例样表只有编号、没有文件，没有采用。", "Blank and sample forms are ids without files: left out."
)
FAILED = Note("导出文件写明有事项没有采到。", "The export says that items could not be collected.")


class _Lenient(BaseModel):
    """Input: what is needed must be there and of the right type; what is not needed may be anything."""

    model_config = ConfigDict(extra="ignore", coerce_numbers_to_str=True, str_max_length=20_000)


class _Listed(_Lenient):
    onlineUrl: str | None = None  # noqa: N815 - the portal's name
    extStr7: str | None = None  # noqa: N815


class _ListItem(_Lenient):
    obj: _Listed = _Listed()


class _Extract(_Lenient):
    parent_name: str | None = None


class _RawMaterial(_Lenient):
    createDate: str | None = None  # noqa: N815


class _Raw(_Lenient):
    list_item: _ListItem = _ListItem()
    detail_extract: _Extract = _Extract()
    materials: list[_RawMaterial] = []


class _Service(_Lenient):
    service_name: str
    source_item_id: str
    department: str | None = None
    promise_days: int | None = None
    legal_days: int | None = None
    on_site_times: int | None = None
    is_charge: bool | None = None
    accept_condition: str | None = None
    general_scope: str | None = None
    handle_form: str | None = None
    item_type: str | None = None
    handle_address: str | None = None
    handle_time: str | None = None
    consult_way: str | None = None
    complaint_way: str | None = None
    query_way: str | None = None
    source_url: str | None = None
    raw_payload: _Raw = _Raw()


class _Material(_Lenient):
    material_name: str
    is_required: bool
    material_form: str | None = None
    original_num: int | None = None
    copy_num: int | None = None
    note: str | None = None


class _Process(_Lenient):
    step_name: str
    step_desc: str | None = None
    sort: int = 0


class _Row(_Lenient):
    service: _Service
    materials: list[_Material]
    processes: list[_Process]


class _Export(_Lenient):
    source_region_code: str
    total_items: int
    failed_items: int = 0
    items: list[_Row]


def read_gxzwfw(path: Path, today: dt.date, limits: Limits, progress: Progress | None = None) -> Imported:
    """The catalogue in a file or folder of the portal's export.

    Raises CatalogueError naming every fault; then nothing has been read.
    """
    bench = Workbench()
    files = find_files(path, (".json",), limits)
    exports: list[tuple[str, _Export]] = []
    for done, file in enumerate(files, start=1):
        try:
            exports.append((file.name, _Export.model_validate(read_json(file, limits))))
        except ValidationError as failure:
            bench.faults.extend(fault.within(file.name) for fault in _shape_faults(failure))
        if progress:
            progress(done, len(files))
    as_of = _as_of([export for _, export in exports], today)
    place = _place([export for _, export in exports])
    for name, export in exports:
        _read_export(export, name, bench, _Reader(bench.journal, place, as_of))
    hall = Text(zh=f"{place.name.zh}政务服务", en=f"{place.name.en} government services") if place else None
    return bench.finish(f"{PORTAL}（{path.name}）", place, hall)


_MOST_FAULTS = 20  # of form, a file: a file of another shape has the same fault in every row


def _shape_faults(failure: ValidationError) -> list[Fault]:
    return schema_faults(failure)[:_MOST_FAULTS]


def _as_of(exports: Sequence[_Export], today: dt.date) -> dt.date:
    """The day the portal's data are of: the newest date in them, or today where they have none."""
    stamps = (raw.createDate for export in exports for row in export.items for raw in row.service.raw_payload.materials)
    days = [stamp[:10] for stamp in stamps if stamp and re.match(r"\d{4}-\d{2}-\d{2}", stamp)]
    try:
        return min(today, dt.date.fromisoformat(max(days, default=today.isoformat())))
    except ValueError:
        return today


def _place(exports: Sequence[_Export]) -> Region | None:
    """The one city all files are from; None when it is not known or they are from several."""
    prefixes = {export.source_region_code[:4] for export in exports}
    return CITIES.get(prefixes.pop()) if len(prefixes) == 1 else None


def _read_export(export: _Export, name: str, bench: Workbench, reader: _Reader) -> None:
    if export.total_items != len(export.items) + export.failed_items:
        bench.fail(
            f"写明{export.total_items}项，实际{len(export.items)}项：文件不完整。",
            f"It announces {export.total_items} items and holds {len(export.items)}: it is incomplete.",
            name,
            "total_items",
        )
    bench.journal.here = name
    bench.journal.miss(FAILED, export.failed_items)
    for row in export.items:
        origin = f"{name}: {row.service.service_name.strip()}"
        bench.journal.here = origin
        bench.add(reader.draft(row), origin)


_LABELS = "类型|来源渠道|填报须知|受理标准|备注|纸质规格|是否需要签章|签名签章要求|空白表格|示例样表"
_LABELLED = re.compile(rf"^({_LABELS})：(.*?)(?=^(?:{_LABELS})：|\Z)", re.DOTALL | re.MULTILINE)
_TOLD = ("填报须知", "受理标准", "签名签章要求", "备注")  # in the order citizens read them
_STEP = re.compile(
    r"(?:办理步骤\n?)?(?P<text>.*?)(?:^办理结果：(?P<result>.*?))?(?:^审查标准：(?P<standard>.*))?\Z",
    re.DOTALL | re.MULTILINE,
)


class _Reader:
    """Makes drafts of the rows of one export."""

    def __init__(self, journal: Journal, place: Region | None, as_of: dt.date) -> None:
        self.journal = journal
        self.place = place
        self.as_of = as_of
        self.title = f"{place.name.zh}政务服务事项目录（{PORTAL}）" if place else f"政务服务事项目录（{PORTAL}）"
        self.ruling = {"basis": self.title, "evidence": Grade.OFFICIAL}

    def text(self, value: str | None) -> dict[str, str] | None:
        return wording(tidy(value, self.journal))

    def draft(self, row: _Row) -> Draft:
        service = row.service
        listed = service.raw_payload.list_item.obj
        hollow = service.item_type is None and service.handle_form is None and service.legal_days is None
        self.journal.clean(HOLLOW, int(hollow))
        self.journal.miss(QUERY_WAY, int(service.query_way is not None))
        conditions = self.text(service.accept_condition)
        draft: dict[str, Any] = {
            "code": code_from(service.source_item_id),
            "name": {"zh": service.service_name},
            "summary": self._summary(service.raw_payload.detail_extract.parent_name),
            "type": TYPES.get(listed.extStr7 or ""),
            "department": self.text(service.department),
            "handling": tidy(service.item_type, self.journal),
            "conditions": conditions and {**conditions, "evidence": Grade.OFFICIAL},
            "materials": self._materials(row.materials),
            "statutory": self._limit(service.legal_days),
            "promised": self._limit(service.promise_days),
            "steps": [self._step(step) for step in sorted(row.processes, key=lambda step: step.sort)],
            "online": self._online(service.handle_form, listed.onlineUrl),
            "scope": self.text(service.general_scope),
            "places": self._places(service),
            "contact": self.text(service.consult_way),
            "complaint": self.text(service.complaint_way),
            "sources": [{"title": self.title, "url": link(service.source_url, self.journal)}],
            "checked": self.as_of,
            "region": self.place and self.place.code,
        }
        if not hollow:
            draft["visits"] = service.on_site_times
            settle_charge(draft, service.is_charge, self.ruling, self.journal)
        return draft

    def _summary(self, parent: str | None) -> dict[str, str] | None:
        name = tidy(parent, self.journal)
        return None if name is None else {"zh": f"属于“{name}”。"}

    def _limit(self, days: int | None) -> list[Draft]:
        """The export gives numbers only; limits of administrative matters are working days (行政许可法 Art. 82)."""
        return [] if days is None else [{"days": days, "unit": Unit.WORKING_DAY, **self.ruling}]

    def _online(self, forms: str | None, url: str | None) -> Draft | None:
        text = tidy(forms, self.journal)
        if text is None:
            return None
        ways = re.split(r"[,，、]", text)
        possible = "yes" if ONLINE in ways else "no"
        address = link(url, self.journal) if possible == "yes" else None
        note = {"zh": f"办理形式：{'、'.join(ways)}"}
        return {"possible": possible, "note": note, "url": address, "evidence": Grade.OFFICIAL}

    def _places(self, service: _Service) -> list[Draft]:
        address, hours = self.text(service.handle_address), self.text(service.handle_time)
        return [{"address": address, "hours": hours}] if address or hours else []

    def _step(self, step: _Process) -> Draft:
        found = _STEP.match(step.step_desc or "")
        parts = {name: tidy(value, self.journal) for name, value in (found.groupdict() if found else {}).items()}
        labelled = (("", "text"), ("办理结果：", "result"), ("审查标准：", "standard"))
        detail = "\n".join(f"{label}{parts[name]}" for label, name in labelled if parts.get(name))
        return {"name": {"zh": step.step_name}, "detail": wording(detail or None)}

    def _materials(self, rows: Sequence[_Material]) -> list[Draft] | None:
        if not rows:
            self.journal.miss(NO_MATERIALS)
            return None
        return documents([self._material(row) for row in rows], self.journal)

    def _material(self, row: _Material) -> Draft:
        said = dict(_LABELLED.findall(row.note or ""))
        self.journal.miss(ATTACHMENTS, sum(label in said for label in ("空白表格", "示例样表")))
        kind = tidy(said.get("类型"), self.journal)
        form = tidy(row.material_form, self.journal)
        told: dict[str, str] = {}
        for label in _TOLD:
            text = tidy(said.get(label), self.journal)
            if text is not None and text not in told:
                told[text] = label
        return {
            "name": {"zh": row.material_name},
            **self._counts(row, kind),
            "form": wording(f"{kind}（{form}）" if kind and form else kind or form),
            "issuer": self.text(said.get("来源渠道")),
            "required": row.is_required,
            "note": wording("\n".join(f"{label}：{text}" for text, label in told.items()) or None),
            "evidence": Grade.OFFICIAL,
        }

    def _counts(self, row: _Material, kind: str | None) -> Draft:
        """Originals and copies; only what does not contradict 类型. Of "either", numbers would say "both"."""
        originals, copies = row.original_num or 0, row.copy_num or 0
        contradicts = (
            (originals == 0 and copies == 0)
            or kind == EITHER
            or (kind == ON_PAPER_COPY and originals > 0)
            or (kind == "原件" and copies > 0)
        )
        if contradicts:
            self.journal.clean(ODD_COUNT)
            return {}
        return {"originals": originals, "copies": copies}
