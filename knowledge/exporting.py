"""A catalogue as files for other people: item files, tables after C0111-2018, or JSON. What is written can be imported.

Cells that begin like a formula are written as text: no spreadsheet runs what stands in a catalogue.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import orjson
import yaml
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from knowledge.faults import refuse
from knowledge.importing import c0111_columns as c0111
from knowledge.importing.columns import Column, Kind, pick
from knowledge.model import Item

Rows = dict[str, list[dict[str, str]]]  # sheet: rows of cells by column
_FORMULA = re.compile(r"[=+\-@]")
_WIDTH = 18  # characters
_TEMPLATE_ROWS = 1000  # rows of a table that offer a list of the choices


def write_items(items: Iterable[Item], to: Path) -> int:
    """One YAML file an item in the folder `to`; returns how many. Raises CatalogueError where it already holds any."""
    to.mkdir(parents=True, exist_ok=True)
    if any(to.glob("*.yaml")):
        raise refuse(
            "文件夹里已有事项文件，请换一个。", "The folder already holds item files: choose another.", str(to)
        )
    written = 0
    for item in items:
        (to / f"{item.code}.yaml").write_text(item_yaml(item), encoding="utf-8")
        written += 1
    return written


def item_yaml(item: Item) -> str:
    """The item as a YAML file of this project."""
    plain = item.model_dump(mode="json", exclude_defaults=True)
    return yaml.safe_dump(plain, allow_unicode=True, sort_keys=False, width=120)


def write_json(items: Iterable[Item], to: Path) -> int:
    """All items in one JSON list; returns how many."""
    plain = [item.model_dump(mode="json", exclude_defaults=True) for item in items]
    to.write_bytes(orjson.dumps(plain, option=orjson.OPT_INDENT_2))
    return len(plain)


def write_c0111(items: Sequence[Item], to: Path, today: dt.date) -> int:
    """Tables after C0111-2018: an .xlsx, one .csv, or (no suffix) a folder of CSV files; returns how many items.

    Raises CatalogueError where a single .csv cannot hold what the items have. No items: an empty template.
    """
    rows = c0111_rows(items)
    match to.suffix.lower():
        case ".xlsx":
            _write_workbook(rows, to, today)
        case ".csv":
            _write_single(rows, to)
        case "":
            to.mkdir(parents=True, exist_ok=True)
            for name, titles in c0111.sheet_titles().items():
                (to / f"{name}.csv").write_text(_csv(titles, rows[name]), encoding="utf-8-sig", newline="")
        case suffix:
            raise refuse(
                f"写不了 {suffix} 文件：请用 .xlsx、.csv 或文件夹。", "Name an .xlsx, a .csv or a folder.", str(to)
            )
    return len(items)


# --- items as rows ------------------------------------------------------------------------------


def c0111_rows(items: Iterable[Item]) -> Rows:
    """The rows of every sheet; importing them gives the same items."""
    rows: Rows = {name: [] for name in c0111.sheet_titles()}
    for item in items:
        main = _cells(c0111.ITEM, item)
        if item.materials == ():
            main[c0111.NEEDS_MATERIALS] = "否"
        inlined = _inlined(item, main)
        if item.fees or item.free:
            main[c0111.CHARGED] = "否" if "free" in inlined and not item.fees else "是"
        if main.get(c0111.CHARGED) == "是" and not item.fees:
            del main[c0111.CHARGED]  # free in some situations; the sheet 不收费 says in which
        rows[c0111.ITEMS].append(main)
        for sheet in c0111.SHEETS:
            if sheet.key not in inlined:
                rows[sheet.name] += [_child(item, _row_cells(sheet, row)) for row in getattr(item, sheet.key) or ()]
        rows[c0111.SITUATIONS] += _situation_rows(item)
    return rows


def _inlined(item: Item, main: dict[str, str]) -> set[str]:
    """Put the lists that have one simple row into the item's own row; returns which."""
    done: set[str] = set()
    for inline in c0111.INLINE:
        only = getattr(item, inline.key)
        if len(only) == 1 and _holds(inline, only[0]):
            main |= _cells(inline.columns, only[0])
            done.add(inline.key)
    return done


def _holds(inline: c0111.Inline, row: Any) -> bool:
    """Whether these columns say all that the row has."""
    places = {column.key.split(".")[0] for column in inline.columns}
    return set(row.model_dump(exclude_defaults=True)) <= places


def _row_cells(sheet: c0111.Sheet, row: Any) -> dict[str, str]:
    columns = [column for column in sheet.columns if column.key != "need"]
    cells = _cells(columns, row)
    if sheet is c0111.MATERIALS:
        cells["材料必要性"] = next(word for word, need in c0111.NEED.items() if need == (row.required, row.deferrable))
    return cells


def _situation_rows(item: Item) -> Iterator[dict[str, str]]:
    for situation in item.situations:
        asked = _cells(c0111.SITUATION, situation)
        for option in situation.options:
            yield _child(item, asked | _cells(c0111.OPTION, option))


def _child(item: Item, cells: Mapping[str, str]) -> dict[str, str]:
    return {c0111.CODE: item.code, **cells}


def _cells(columns: Iterable[Column], source: Any) -> dict[str, str]:
    written = {column.title: column.write(pick(source, column.key)) for column in columns}
    return {title: cell for title, cell in written.items() if cell}


# --- CSV ----------------------------------------------------------------------------------------


def _write_single(rows: Rows, to: Path) -> None:
    """Items and, in rows of their own, their materials; columns that nobody uses are left out."""
    lost = [name for name, found in rows.items() if found and name not in (c0111.ITEMS, c0111.MATERIALS.name)]
    if lost:
        names = "、".join(lost)
        raise refuse(
            f"一个CSV放不下：{names}。请用 .xlsx 或文件夹。", f"One CSV cannot hold {names}: use .xlsx.", str(to)
        )
    merged: list[dict[str, str]] = []
    for item in rows[c0111.ITEMS]:
        own = [row for row in rows[c0111.MATERIALS.name] if row[c0111.CODE] == item[c0111.CODE]]
        first, *rest = own or [{}]
        merged += [{**item, **first}, *rest]
    titles = [*c0111.item_titles(), *(column.title for column in c0111.MATERIALS.columns)]
    used = [title for title in titles if not merged or any(title in row for row in merged)]
    to.write_text(_csv(used, merged), encoding="utf-8-sig", newline="")


def _csv(titles: Sequence[str], rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(titles)
    for row in rows:
        writer.writerow([_guarded(row.get(title, "")) for title in titles])
    return out.getvalue()


def _guarded(cell: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula; the importer takes it away again."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


# --- XLSX ---------------------------------------------------------------------------------------


def _write_workbook(rows: Rows, to: Path, today: dt.date) -> None:
    workbook = openpyxl.Workbook()
    workbook.properties.created = workbook.properties.modified = dt.datetime.combine(today, dt.time())
    sheet = workbook.active
    assert isinstance(sheet, Worksheet)  # a new workbook has one
    choices = {column.title: column for column in _choice_columns()}
    for number, (name, titles) in enumerate(c0111.sheet_titles().items()):
        sheet = sheet if number == 0 else workbook.create_sheet()
        sheet.title = name
        _fill_sheet(sheet, titles, rows[name])
        _offer_choices(sheet, titles, choices)
    _describe(workbook.create_sheet(c0111.ABOUT))
    workbook.save(to)


def _fill_sheet(sheet: Worksheet, titles: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    for place, title in enumerate(titles, start=1):
        _write_text(sheet.cell(1, place), title)
        sheet.cell(1, place).font = Font(bold=True)
        letter = get_column_letter(place)
        sheet.column_dimensions[letter].width = _WIDTH
        sheet.column_dimensions[letter].number_format = "@"
    for number, row in enumerate(rows, start=2):
        for place, title in enumerate(titles, start=1):
            if title in row:
                _write_text(sheet.cell(number, place), row[title])
    sheet.freeze_panes = "C2"


def _write_text(cell: Any, text: str) -> None:
    """Text and nothing but text: a code keeps its digits, and = begins no formula."""
    assert isinstance(cell, Cell)  # nothing is merged here
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = Alignment(vertical="top", wrap_text=True)


def _choice_columns() -> Iterator[Column]:
    groups = [c0111.ITEM, *(inline.columns for inline in c0111.INLINE), *(sheet.columns for sheet in c0111.SHEETS)]
    for columns in groups:
        yield from (column for column in columns if column.kind in (Kind.CHOICE, Kind.FLAG))
    yield Column(c0111.CHARGED, "", Kind.FLAG)
    yield Column(c0111.NEEDS_MATERIALS, "", Kind.FLAG)


def _offer_choices(sheet: Worksheet, titles: Sequence[str], choices: Mapping[str, Column]) -> None:
    for place, title in enumerate(titles, start=1):
        if title in choices:
            words = ",".join(choices[title].choices) or "是,否"
            offer = DataValidation(type="list", formula1=f'"{words}"', allow_blank=True)
            letter = get_column_letter(place)
            offer.add(f"{letter}2:{letter}{_TEMPLATE_ROWS}")
            sheet.add_data_validation(offer)


def _describe(sheet: Worksheet) -> None:
    sheet.column_dimensions["A"].width = 100
    for number, line in enumerate(c0111.ABOUT_LINES, start=1):
        _write_text(sheet.cell(number, 1), line)
