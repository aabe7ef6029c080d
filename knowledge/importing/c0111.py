"""A catalogue in tables after C0111-2018: one XLSX file, one CSV file, or a folder of CSV files named for the sheets.

In a single CSV an item's materials stand in rows of their own: the item's cells are given once, and may be blank or the
same in its further rows.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from knowledge.importing import c0111_columns as c0111
from knowledge.importing.cleaning import Journal, Note, code_from, link, tidy
from knowledge.importing.columns import Column, Kind, place
from knowledge.importing.drafts import Draft, Imported, Workbench, documents, grade, settle_charge
from knowledge.importing.reading import Limits, find_files
from knowledge.importing.tables import UNKNOWN, Row, Table, read_tables, require_columns
from knowledge.item_files import Progress
from knowledge.model import Grade

NO_SHEET = Note("有不认识的工作表，没有采用。", "Sheets that are not known were left out.")
RATE_TEXT = Note("收费标准不是一个金额，放进了说明。", "A rate that is no single amount was moved to the note.")
LEVEL = Note("行使层级里的“国家级”没有采用：不在本地办理。", "The national level was left out: it is not handled here.")


def read_c0111(path: Path, today: dt.date, limits: Limits, progress: Progress | None = None) -> Imported:
    """The catalogue in the tables at `path`; raises CatalogueError naming every fault, and then nothing was read."""
    reader = _Reader(today, path.stem)
    files = find_files(path, (".xlsx", ".csv"), limits)
    tables: dict[str, Table] = {}
    for done, file in enumerate(files, start=1):
        for table in read_tables(file, c0111.KNOWN, limits, reader.bench.journal):
            reader.take(table, tables, alone=len(files) == 1)
        if progress:
            progress(done, len(files))
    reader.read(tables, path.name)
    return reader.bench.finish(path.name)


class _Reader:
    def __init__(self, today: dt.date, title: str) -> None:
        self.bench = Workbench()
        self.today = today
        self.title = title

    @property
    def journal(self) -> Journal:
        return self.bench.journal

    def take(self, table: Table, tables: dict[str, Table], alone: bool) -> None:
        """File `table` under the sheet it is: by its name, or 事项 when it is the only one."""
        known = c0111.sheet_titles()
        name = table.name if table.name in known else ""
        if not name and alone and c0111.ITEMS not in tables and c0111.NAME in table.columns:
            name = c0111.ITEMS
        if name and name in tables:
            self.bench.fail(f"有两个“{name}”表。", f"There are two tables {name}.", table.origin)
        elif name:
            tables[name] = table
        elif table.name != c0111.ABOUT and alone and table.rows and not tables:
            tables[c0111.ITEMS] = table  # the only table, under whatever name: its missing columns are then named
        elif table.name != c0111.ABOUT:
            self.journal.here = table.origin
            self.journal.miss(NO_SHEET)

    def read(self, tables: dict[str, Table], origin: str) -> None:
        """Read every table; faults are kept in the workbench."""
        if c0111.ITEMS not in tables:
            self.bench.fail(f"缺少“{c0111.ITEMS}”表。", "The table 事项 (items) is missing.", origin)
            return
        for name, table in tables.items():
            self._check_columns(name, table)
        if self.bench.faults:
            return
        drafts = self._items(tables[c0111.ITEMS])
        for sheet in c0111.SHEETS:
            if sheet.name in tables:
                self._rows(sheet, tables[sheet.name], drafts)
        if c0111.SITUATIONS in tables:
            self._situations(tables[c0111.SITUATIONS], drafts)
        if self.bench.faults:
            return
        for code, (draft, where) in drafts.items():
            self._complete(draft, where)
            self.bench.add(draft, f"{where}（{code}）")

    def _check_columns(self, name: str, table: Table) -> None:
        titles = {*c0111.sheet_titles()[name], c0111.FALLBACK_CODE, c0111.WAYS, c0111.FORM}
        needed: tuple[str, ...] = (c0111.NAME,) if name == c0111.ITEMS else ()
        if name == c0111.ITEMS:
            titles |= {column.title for column in c0111.MATERIALS.columns}
        needed += next((sheet.needed for sheet in c0111.SHEETS if sheet.name == name), ())
        if c0111.FALLBACK_CODE not in table.columns:
            needed = (c0111.CODE, *needed)
        self.bench.faults.extend(require_columns(table, needed))
        self.journal.here = f"{table.origin}: {'、'.join(set(table.columns) - titles)}"
        self.journal.miss(UNKNOWN, len(set(table.columns) - titles))

    # --- 事项 ---

    def _items(self, table: Table) -> dict[str, tuple[Draft, str]]:
        """The items by code, with where each was found; their materials too, where the table has those."""
        with_materials = "材料名称" in table.columns
        rows: dict[str, list[Row]] = defaultdict(list)
        for row in table.rows:
            code = self._code(table, row)
            if code:
                rows[code].append(row)
        drafts: dict[str, tuple[Draft, str]] = {}
        for code, own in rows.items():
            where = table.at(own[0])
            if len(own) > 1 and not with_materials:
                self._repeated(table, own)
            cells = self._merged(table, own, with_materials)
            drafts[code] = (self._item(code, cells, table, own[0]), where)
            if with_materials:
                materials = [self._row(c0111.MATERIALS, table, row) for row in own if "材料名称" in row.cells]
                self._put_materials(drafts[code][0], materials)
        return drafts

    def _repeated(self, table: Table, rows: Sequence[Row]) -> None:
        first = rows[0].number
        for row in rows[1:]:
            self.bench.fail(f"编码与第{first}行重复。", f"The code is that of row {first} too.", table.at(row))

    def _merged(self, table: Table, rows: Sequence[Row], with_materials: bool) -> dict[str, str]:
        """The item's cells from all its rows, which must not contradict each other."""
        cells: dict[str, str] = {}
        foreign = {column.title for column in c0111.MATERIALS.columns} | {c0111.FORM} if with_materials else set()
        for row in rows:
            for title, cell in row.cells.items():
                if title not in foreign and cells.setdefault(title, cell) != cell and with_materials:
                    zh = f"与同一事项第{rows[0].number}行的内容不同（编码重复？）。"
                    en = f"This differs from row {rows[0].number} of the same item (a code given twice?)."
                    self.bench.fail(zh, en, table.at(row, title))
        return cells

    def _code(self, table: Table, row: Row) -> str | None:
        raw = row.cells.get(c0111.CODE) or row.cells.get(c0111.FALLBACK_CODE)
        if raw is None:
            self.bench.fail("没有编码。", "The code is missing.", table.at(row))
            return None
        return code_from(raw)

    def _item(self, code: str, cells: dict[str, str], table: Table, row: Row) -> Draft:
        draft = self._cells(c0111.ITEM, cells, table, row)
        draft["code"] = code
        levels = draft.get("levels", [])
        draft["levels"] = [level for level in levels if level != c0111.NATIONAL]
        self.journal.clean(LEVEL, len(levels) - len(draft["levels"]))
        for inline in c0111.INLINE:
            only = self._cells(inline.columns, cells, table, row)
            if only:
                draft.setdefault(inline.key, []).append(only)
        if c0111.WAYS in cells and "possible" not in draft.get("online", {}):
            place(draft, "online.possible", "yes" if "网上" in cells[c0111.WAYS] else "no")
            place(draft, "online.note.zh", f"{c0111.WAYS}：{cells[c0111.WAYS]}")
        draft["_charged"] = self._flag(c0111.CHARGED, cells, table, row)
        if self._flag(c0111.NEEDS_MATERIALS, cells, table, row) is False:
            draft["materials"] = []
        return draft

    def _flag(self, title: str, cells: dict[str, str], table: Table, row: Row) -> bool | None:
        value = self._cells((Column(title, "value", Kind.FLAG),), cells, table, row)
        return value.get("value")

    def _cells(self, columns: Iterable[Column], cells: dict[str, str], table: Table, row: Row) -> Draft:
        """What these columns say in a row, as nested plain data; unreadable cells are kept as faults."""
        self.journal.here = table.at(row)
        draft: Draft = {}
        for column in columns:
            cell = self._cell(column, cells.get(column.title))
            if cell is None:
                continue
            try:
                place(draft, column.key, column.read(cell))
            except ValueError as failure:
                zh = f"“{cell[:40]}”读不懂，应为：{failure}。"
                en = f"{cell[:40]!r} cannot be read; expected: {failure}."
                self.bench.fail(zh, en, table.at(row, column.title))
        return draft

    def _cell(self, column: Column, cell: str | None) -> str | None:
        if cell is None or column.keeps(cell):
            return cell
        if column.key.endswith("url"):
            return link(cell, self.journal)
        return tidy(cell, self.journal)

    # --- the other sheets ---

    def _rows(self, sheet: c0111.Sheet, table: Table, drafts: dict[str, tuple[Draft, str]]) -> None:
        found: dict[str, list[Draft]] = defaultdict(list)
        for row in table.rows:
            code = self._owner(table, row, drafts)
            if code:
                found[code].append(self._row(sheet, table, row))
        for code, rows in found.items():
            draft = drafts[code][0]
            if sheet is c0111.MATERIALS:
                self._put_materials(draft, rows)
            else:
                draft.setdefault(sheet.key, []).extend(rows)

    def _owner(self, table: Table, row: Row, drafts: dict[str, tuple[Draft, str]]) -> str | None:
        code = self._code(table, row)
        if code is not None and code not in drafts:
            self.bench.fail(
                f"“{c0111.ITEMS}”表里没有编码 {code}。", f"The table 事项 has no code {code}.", table.at(row)
            )
            return None
        return code

    def _row(self, sheet: c0111.Sheet, table: Table, row: Row) -> Draft:
        cells = dict(row.cells)
        if sheet is c0111.MATERIALS and c0111.FORM in cells:
            kind = cells.get("材料类型")
            cells["材料类型"] = f"{kind}（{cells[c0111.FORM]}）" if kind else cells[c0111.FORM]
        if sheet.key == "fees":
            self._move_rate(cells)
        draft = self._cells(sheet.columns, cells, table, row)
        if "need" in draft:
            draft["required"], draft["deferrable"] = draft.pop("need")
        return draft

    def _move_rate(self, cells: dict[str, str]) -> None:
        """A rate such as 按面积计收 is no amount: it goes to the note, never into a number."""
        rate = cells.get("收费标准", "")
        plain = rate.removesuffix("元").replace(",", "").replace("，", "")
        if plain and not plain.replace(".", "", 1).isdigit():
            self.journal.clean(RATE_TEXT)
            cells["说明"] = "\n".join(filter(None, (f"收费标准：{rate}", cells.get("说明"))))
            del cells["收费标准"]
        elif plain:
            cells["收费标准"] = plain

    def _put_materials(self, draft: Draft, rows: Sequence[Draft]) -> None:
        if rows:
            draft["materials"] = documents(rows, self.journal)

    def _situations(self, table: Table, drafts: dict[str, tuple[Draft, str]]) -> None:
        for row in table.rows:
            code = self._owner(table, row, drafts)
            if code is None:
                continue
            situation = self._cells(c0111.SITUATION, row.cells, table, row)
            option = self._cells(c0111.OPTION, row.cells, table, row)
            situations = drafts[code][0].setdefault("situations", [])
            if not situations or situations[-1].get("code") != situation.get("code"):
                situations.append(situation | {"options": []})
            situations[-1]["options"].append(option)

    # --- what the tables leave open ---

    def _complete(self, draft: Draft, where: str) -> None:
        """Fill in what the form of a table implies: whose it is, since when, and that it is the hall's own."""
        charged = draft.pop("_charged")
        if charged is False and draft.get("fees"):
            self.bench.fail("写明不收费，又列了收费项目。", "It says that nothing is charged, and lists fees.", where)
        settle_charge(draft, charged, {}, self.journal)
        draft.setdefault("checked", self.today)
        draft.setdefault("sources", [{"title": self.title}])
        for source in draft["sources"]:
            source.setdefault("title", self.title)
        grade(draft, Grade.OFFICIAL)
