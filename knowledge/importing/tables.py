"""Tables: CSV files and the sheets of XLSX files as rows of text under named columns. Both are read with distrust."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import fuzz, process

from knowledge.faults import CatalogueError, Fault, refuse
from knowledge.importing.cleaning import Journal, Note
from knowledge.importing.reading import Limits, read_text
from knowledge.importing.spreadsheet import read_sheets

DELIMITERS = ",\t;|"
_HEADER_WITHIN = 10  # rows above the column names at most: a title, a remark
_NEAR = 50
_ROUNDED = re.compile(r"[+-]?\d(?:\.\d+)?[Ee]\+?\d{2,}")  # what a spreadsheet makes of a 33-digit code

TITLE_ROWS = Note("跳过列名上方的标题行。", "Title rows above the column names were passed over.")
UNKNOWN = Note("有不认识的列，没有采用。", "Columns that are not known were left out.")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number in the file (the first is 1) and its cells by column; blank cells are absent."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet or a CSV file."""

    name: str  # of the sheet, or of the file without its suffix
    origin: str  # for faults: file, or file and sheet
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def at(self, row: Row, column: str = "") -> str:
        """Where a row or cell is, for people."""
        return f"{self.origin}: 第{row.number}行" + (f"“{column}”" if column else "")


def read_tables(file: Path, known: Collection[str], limits: Limits, journal: Journal) -> list[Table]:
    """The tables in an XLSX or CSV file; `known` column names tell where the header is. Raises CatalogueError."""
    journal.here = file.name
    if file.suffix.lower() in (".csv", ".tsv", ".txt"):
        rows = _csv_rows(read_text(file, limits)[0], file.name, known, limits)
        return [_table(file.stem, file.name, rows, known, journal)]
    sheets = read_sheets(file, limits, journal)
    tables = [_table(name, f"{file.name}: {name}", rows, known, journal) for name, rows in sheets]
    return [table for table in tables if table.columns]


# --- CSV ----------------------------------------------------------------------------------------


def _csv_rows(text: str, name: str, known: Collection[str], limits: Limits) -> list[tuple[int, list[str]]]:
    csv.field_size_limit(limits.cell_characters)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, known), strict=True)
    rows: list[tuple[int, list[str]]] = []
    try:
        for cells in reader:
            if len(cells) > limits.columns:
                line, has, may = reader.line_num, len(cells), limits.columns
                raise refuse(
                    f"第{line}行有{has}列，上限是{may}列。", f"Line {line} has {has} columns of {may} at most.", name
                )
            if len(rows) >= limits.rows:
                raise refuse(f"超过{limits.rows}行。", f"There are more than {limits.rows} rows.", name)
            if any(cells):
                rows.append((reader.line_num, [_unguarded(cell) for cell in cells]))
    except csv.Error as failure:
        line = reader.line_num
        raise refuse(f"第{line}行不是正确的CSV。", f"Line {line} is no correct CSV: {failure}.", name) from failure
    return rows


def _delimiter(text: str, known: Collection[str]) -> str:
    """The mark that separates the most known column names near the top."""
    top = text[:20_000].splitlines()[:_HEADER_WITHIN]

    def found(mark: str) -> int:
        return max(
            (len({cell.strip().strip('"') for cell in line.split(mark)} & set(known)) for line in top), default=0
        )

    best = max(DELIMITERS, key=found)
    return best if found(best) > 1 else max(DELIMITERS, key=lambda mark: sum(line.count(mark) for line in top[:1]))


def _unguarded(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from taking a text for a formula."""
    return cell[1:] if re.match(r"'[=+\-@]", cell) else cell


# --- both ---------------------------------------------------------------------------------------


def _table(
    name: str, origin: str, rows: Sequence[tuple[int, list[str]]], known: Collection[str], journal: Journal
) -> Table:
    top = list(rows[:_HEADER_WITHIN])
    if not top:
        return Table(name, origin, (), ())
    header = max(
        range(len(top)), key=lambda place: (len({cell.strip() for cell in top[place][1]} & set(known)), -place)
    )
    journal.clean(TITLE_ROWS, header)
    columns = [" ".join(cell.split()) for cell in top[header][1]]
    repeated = [column for column, times in Counter(columns).items() if column and times > 1]
    if repeated:
        names = "、".join(repeated)
        raise refuse(f"列名重复：{names}。", f"Column names are given twice: {names}.", origin)
    faults: list[Fault] = []
    read = tuple(_row(number, columns, cells, origin, faults) for number, cells in rows[header + 1 :])
    if faults:
        raise CatalogueError(faults)
    return Table(name, origin, tuple(filter(None, columns)), read)


def _row(number: int, columns: Sequence[str], cells: Sequence[str], origin: str, faults: list[Fault]) -> Row:
    kept: dict[str, str] = {}
    for place, cell in enumerate(cells):
        text = cell.strip()
        if not text:
            continue
        if place >= len(columns) or not columns[place]:
            where = f"第{number}行第{place + 1}格"
            faults.append(Fault("内容没有列名。", "This stands under no column name.", origin, where))
        elif _ROUNDED.fullmatch(text):
            zh = "编码被表格软件改成了科学计数，数字已丢失；请把该列设为文本后重新填写。"
            en = "A spreadsheet rounded this code: digits are lost. Make the column text and enter it again."
            faults.append(Fault(zh, en, origin, f"第{number}行“{columns[place]}”"))
        else:
            kept[columns[place]] = text
    return Row(number, kept)


def require_columns(table: Table, needed: Iterable[str]) -> Iterator[Fault]:
    """A fault for each column that is not there, with the nearest one that is."""
    for column in needed:
        if column in table.columns:
            continue
        near = process.extractOne(column, table.columns, scorer=fuzz.ratio, score_cutoff=_NEAR)
        has = "、".join(table.columns[:12])
        zh = f"缺少“{column}”列" + (f"，最接近的是“{near[0]}”。" if near else f"；现有的列：{has}。")
        en = f"The column {column} is missing" + (f"; the nearest is {near[0]}." if near else ".")
        yield Fault(zh, en, table.origin)
