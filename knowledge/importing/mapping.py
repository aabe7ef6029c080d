"""Any other JSON, JSONL, CSV or XLSX, through a mapping file that says which field goes where. See `docs/mapping.md`.

A mapping is data: field → field, tables of values, constants; no conditions and no code. What it names must exist in
the source, unless it is marked optional; a value that a table does not list is a fault, never a guess.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationError
from rapidfuzz import fuzz, process

from knowledge.faults import CatalogueError, Fault, refuse
from knowledge.importing import c0111_columns as c0111
from knowledge.importing.cleaning import Journal, code_from, link, tidy
from knowledge.importing.columns import Column, Kind, place
from knowledge.importing.drafts import Draft, Imported, Workbench, documents, grade, settle_charge
from knowledge.importing.reading import Limits, find_files, read_json, read_json_lines
from knowledge.importing.tables import Row, Table, read_tables, require_columns
from knowledge.item_files import Progress, read_yaml, schema_faults
from knowledge.model import Grade, Line, Record

SUFFIXES = (".json", ".jsonl", ".ndjson", ".csv", ".xlsx")
ANY_VALUE = "*"  # in a table of values: whatever is not listed
ITSELF = "."  # `each`: one row, made from the record itself
ROWS = "rows"  # where `repeated` puts the rows of one item
_NEAR = 50


def _as_field(value: object) -> object:
    return {"from": value} if isinstance(value, (str, list)) else value


class Taken(Record):
    """Where one value comes from. A bare path in the file is short for `{from: path}`."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    source: tuple[Line, ...] | Line | None = Field(default=None, alias="from")  # path, or several to be joined by lines
    constant: Line | None = None
    values: Line | None = None  # name of a table in `values`
    split: Annotated[str, Field(min_length=1, max_length=8)] | None = None  # what separates several values
    optional: bool = False  # the source may have no such field at all

    @property
    def paths(self) -> tuple[str, ...]:
        """The fields to be read; none for a constant."""
        if self.source is None:
            return ()
        return (self.source,) if isinstance(self.source, str) else self.source


Where = Annotated[Taken, BeforeValidator(_as_field)]


class Listed(Record):
    """How the rows of a list (materials, fees, steps …) are made."""

    each: Line  # path of a list in the record, or `.`
    fields: dict[Line, Where]


class Cleaning(Record):
    """What to do to every text, besides what is always done."""

    markup: bool = False  # texts are HTML
    remove: tuple[Line, ...] = ()  # words to take out of every text


class FieldMap(Record):
    """A mapping file."""

    title: Line  # what the source is called: the source of its items
    records: Line | None = None  # JSON: path of the list of items; tables: name of the sheet
    repeated: bool = False  # tables: several rows an item, tied by its code
    join: dict[Line, Line] = Field(default={})  # tables: further sheet → its column that holds the item's code
    region: Line | None = None
    evidence: Grade = Grade.OFFICIAL
    clean: Cleaning = Cleaning()
    values: dict[Line, dict[str, Line | None]] = Field(default={})
    item: dict[Line, Where]
    lists: dict[Line, Listed] = Field(default={})


# --- what can be filled ---------------------------------------------------------------------------

_CHARGED = Column("", "charged", Kind.FLAG)
_NEED = (Column("", "required", Kind.FLAG), Column("", "deferrable", Kind.FLAG))
_ITEM = {column.key: column for column in (*c0111.ITEM, _CHARGED)}
_LISTS = {sheet.key: {column.key: column for column in sheet.columns} for sheet in c0111.SHEETS}
_LISTS["materials"] |= {column.key: column for column in _NEED}


def _target(name: str, targets: Mapping[str, Column]) -> Column | None:
    """The element `name` names; `name` alone is its Chinese wording."""
    return targets.get(name) or targets.get(f"{name}.zh")


def read_mapping(path: Path) -> FieldMap:
    """The mapping in a YAML file; raises CatalogueError naming every key that is wrong."""
    try:
        mapping = FieldMap.model_validate(read_yaml(path))
    except ValidationError as failure:
        raise CatalogueError(fault.within(path.name) for fault in schema_faults(failure)) from failure
    except CatalogueError as failure:
        raise CatalogueError(fault.within(path.name) for fault in failure.faults) from failure
    faults = [fault.within(path.name) for fault in _mapping_faults(mapping)]
    if faults:
        raise CatalogueError(faults)
    return mapping


def _mapping_faults(mapping: FieldMap) -> Iterator[Fault]:
    yield from _field_faults(mapping.item, _ITEM, mapping, "item")
    for needed in ("code", "name"):
        if not {needed, f"{needed}.zh"} & set(mapping.item):
            yield Fault(f"必须写明 {needed} 取自哪里。", f"It must say where {needed} comes from.", key="item")
    for name, listed in mapping.lists.items():
        if name not in _LISTS:
            yield _no_element(name, _LISTS, f"lists.{name}")
        else:
            yield from _field_faults(listed.fields, _LISTS[name], mapping, f"lists.{name}.fields")


def _field_faults(
    fields: Mapping[str, Taken], targets: Mapping[str, Column], mapping: FieldMap, key: str
) -> Iterator[Fault]:
    for name, taken in fields.items():
        if _target(name, targets) is None:
            yield _no_element(name, targets, f"{key}.{name}")
        if (taken.constant is None) == (not taken.paths):
            zh, en = "from 和 constant 要写一个，也只能写一个。", "Give either from or constant."
            yield Fault(zh, en, key=f"{key}.{name}")
        if taken.values is not None and taken.values not in mapping.values:
            zh, en = f"没有对照表 {taken.values}。", f"There is no table of values {taken.values}."
            yield Fault(zh, en, key=f"{key}.{name}")


def _no_element(name: str, targets: Iterable[str], key: str) -> Fault:
    short = [target.removesuffix(".zh") for target in targets]
    near = process.extractOne(name, short, scorer=fuzz.ratio, score_cutoff=_NEAR)
    zh = f"没有要素“{name}”" + (f"，最接近的是 {near[0]}。" if near else "。")
    return Fault(zh, f"There is no element {name}" + (f"; the nearest is {near[0]}." if near else "."), key=key)


# --- reading --------------------------------------------------------------------------------------


def read_mapped(
    path: Path, mapping_path: Path, today: dt.date, limits: Limits, progress: Progress | None = None
) -> Imported:
    """The catalogue at `path` as the mapping file says; raises CatalogueError naming every fault."""
    mapping = read_mapping(mapping_path)
    files = find_files(path, SUFFIXES, limits)
    bench = Workbench()
    reader = _Reader(mapping, bench, today)
    for done, file in enumerate(files, start=1):
        for origin, record in _records(file, mapping, limits, bench.journal):
            reader.read(origin, record)
        if progress:
            progress(done, len(files))
    reader.report_missing()
    return bench.finish(f"{mapping.title}（{path.name}）")


def _records(file: Path, mapping: FieldMap, limits: Limits, journal: Journal) -> Iterator[tuple[str, Draft]]:
    if file.suffix.lower() in (".csv", ".xlsx"):
        yield from _table_records(file, mapping, limits, journal)
        return
    found = read_json(file, limits) if file.suffix.lower() == ".json" else read_json_lines(file, limits)
    if mapping.records is not None and file.suffix.lower() == ".json":
        found = _follow(found, mapping.records)
    if not isinstance(found, list):
        where = mapping.records or "（最外层）"
        zh, en = f"“{where}”不是事项的列表；请用 records 写明。", "This is no list of items: name it with records."
        raise refuse(zh, en, file.name, mapping.records or "")
    for number, record in enumerate(found, start=1):
        if not isinstance(record, dict):
            raise refuse(f"第{number}条不是一组键和值。", f"Record {number} is not made of keys and values.", file.name)
        yield f"{file.name}: 第{number}条", record


def _table_records(file: Path, mapping: FieldMap, limits: Limits, journal: Journal) -> Iterator[tuple[str, Draft]]:
    named = {path for taken in mapping.item.values() for path in taken.paths}
    tables = {table.name: table for table in read_tables(file, named, limits, journal)}
    main = tables.get(mapping.records) if mapping.records else next(iter(tables.values()), None)
    if main is None or not main.columns:
        has = "、".join(tables)
        raise refuse(
            f"没有工作表“{mapping.records or ''}”；有：{has}。", f"There is no such sheet; there are: {has}.", file.name
        )
    code = mapping.item["code"].paths
    faults = list(require_columns(main, code))
    for name, column in mapping.join.items():
        if name not in tables:
            faults.append(Fault(f"没有工作表“{name}”。", f"There is no sheet {name}.", file.name))
        else:
            faults.extend(require_columns(tables[name], (column,)))
    if faults:
        raise CatalogueError(faults)
    joined = {name: _by_code(tables[name], column) for name, column in mapping.join.items()}
    for row, rows in _grouped(main, code[0]) if mapping.repeated else ((row, [row]) for row in main.rows):
        record: Draft = {**dict.fromkeys(main.columns), **row.cells, ROWS: [other.cells for other in rows]}
        for name, found in joined.items():
            record[name] = found.get(row.cells.get(code[0], ""), [])
        yield main.at(row), record


def _grouped(table: Table, code: str) -> Iterator[tuple[Row, list[Row]]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in table.rows:
        groups[row.cells.get(code, f"\0{row.number}")].append(row)
    for rows in groups.values():
        yield rows[0], rows


def _by_code(table: Table, column: str) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in table.rows:
        found[row.cells.get(column, "")].append(row.cells)
    return found


_ABSENT = object()


def _follow(record: Any, path: str) -> Any:
    """The value at a dotted path; _ABSENT where there is no such field. Numbers count into lists."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for part in path.split("."):
        if isinstance(record, dict) and part in record:
            record = record[part]
        elif isinstance(record, list) and part.isdigit() and int(part) < len(record):
            record = record[int(part)]
        else:
            return _ABSENT
    return record


class _Reader:
    """Makes drafts of records, and remembers which paths were never there."""

    def __init__(self, mapping: FieldMap, bench: Workbench, today: dt.date) -> None:
        self.mapping = mapping
        self.bench = bench
        self.today = today
        self.found: set[str] = set()
        self.asked: dict[str, str] = {}  # path: key in the mapping
        self.names: set[str] = set()  # fields the records have

    def read(self, origin: str, record: Draft) -> None:
        """Add the item that `record` describes."""
        self.bench.journal.here = origin
        draft = self._fields(self.mapping.item, _ITEM, record, origin, "item")
        for name, listed in self.mapping.lists.items():
            rows = self._rows(name, listed, record, origin)
            if rows is not None:
                draft[name] = rows
        if "code" in draft:
            draft["code"] = code_from(str(draft["code"]))
        ruling = {"basis": self.mapping.title, "evidence": self.mapping.evidence}
        settle_charge(draft, draft.pop("charged", None), ruling, self.bench.journal)
        draft.setdefault("region", self.mapping.region)
        draft.setdefault("checked", self.today)
        draft.setdefault("sources", [{"title": self.mapping.title}])
        grade(draft, self.mapping.evidence)
        self.bench.add(draft, origin)

    def report_missing(self) -> None:
        """A fault for each field that no record had."""
        for path, key in self.asked.items():
            if path not in self.found:
                near = process.extractOne(path, sorted(self.names), scorer=fuzz.ratio, score_cutoff=_NEAR)
                zh = f"所有记录里都没有“{path}”" + (f"，最接近的是“{near[0]}”。" if near else "。")
                en = f"No record has {path}" + (f"; the nearest is {near[0]}." if near else ".")
                self.bench.fail(zh, f"{en} (optional: true allows it)", key)

    def _fields(
        self, fields: Mapping[str, Taken], targets: Mapping[str, Column], record: Draft, origin: str, key: str
    ) -> Draft:
        draft: Draft = {}
        self.names.update(name for name in record if isinstance(name, str))
        for name, taken in fields.items():
            column = _target(name, targets)
            cell = self._cell(taken, column, record, origin, f"{key}.{name}") if column else None
            if column is None or cell is None:
                continue
            try:
                place(draft, column.key, column.read(cell))
            except ValueError as failure:
                said = cell[:40]
                zh, en = f"“{said}”读不懂，应为：{failure}。", f"{said!r} cannot be read; expected: {failure}."
                self.bench.fail(zh, en, origin, name)
        return draft

    def _cell(self, taken: Taken, column: Column, record: Draft, origin: str, key: str) -> str | None:
        if taken.constant is not None:
            return taken.constant
        values = [self._value(path, taken, record, key) for path in taken.paths]
        if not all(map(_is_plain, values)):
            self.bench.fail("这里不是一个值，而是一组键和值。", "This is no value but a group of them.", origin, key)
            return None
        if len(values) == 1 and isinstance(values[0], list):
            parts = [_plain(value) for value in values[0] if value is not None]
        else:
            text = "\n".join(_plain(value) for value in values if value is not None and not isinstance(value, list))
            parts = text.split(taken.split) if taken.split else [text]
        cells = [cell for cell in (self._worded(part, taken, column, origin, key) for part in parts) if cell]
        several = column.kind in (Kind.LINES, Kind.WORDS) and (taken.split is not None or len(parts) > 1)
        return ("|" if several and cells else "") + "\n".join(cells) or None

    def _value(self, path: str, taken: Taken, record: Draft, key: str) -> Any:
        if not taken.optional:
            self.asked.setdefault(path, key)
        value = _follow(record, path)
        if value is _ABSENT:
            return None
        self.found.add(path)
        return value

    def _worded(self, part: str, taken: Taken, column: Column, origin: str, key: str) -> str | None:
        for words in self.mapping.clean.remove:
            part = part.replace(words, "")
        part = part.strip()
        if taken.values is not None and part:
            table = self.mapping.values[taken.values]
            if part not in table and ANY_VALUE not in table:
                said = part[:40]
                zh, en = f"对照表 {taken.values} 里没有“{said}”。", f"The table {taken.values} does not list {said!r}."
                self.bench.fail(zh, en, origin, key)
                return None
            return table.get(part, table.get(ANY_VALUE))
        if column.keeps(part):
            return part or None
        if column.key.endswith("url"):
            return link(part, self.bench.journal)
        return tidy(part, self.bench.journal, self.mapping.clean.markup)

    def _rows(self, name: str, listed: Listed, record: Draft, origin: str) -> list[Draft] | None:
        """The rows of a list; None where the record has no such list, which for materials means: not recorded."""
        found = record if listed.each == ITSELF else self._value(listed.each, Taken(), record, f"lists.{name}.each")
        if found is None:
            return None
        if listed.each == ITSELF:
            found = [found]
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            self.bench.fail("不是由键和值组成的列表。", "This is no list of keys and values.", origin, listed.each)
            return None
        read = (self._fields(listed.fields, _LISTS[name], row, origin, f"lists.{name}") for row in found)
        rows = [row for row in read if row]
        if name != "materials":
            return rows
        for row in rows:
            if "need" in row:
                row["required"], row["deferrable"] = row.pop("need")
        return documents(rows, self.bench.journal) if rows else None


def _is_plain(value: Any) -> bool:
    """Whether it is one value, or a list of such: anything else would be shown as the code it is written in."""
    if isinstance(value, list):
        return not any(isinstance(part, (dict, list)) for part in value)
    return not isinstance(value, dict)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
