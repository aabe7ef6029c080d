"""XLSX files, opened only after what is inside has been measured: an XLSX is a ZIP archive, and may be a bomb.

A formula counts only with the value that the spreadsheet stored for it; merged cells are filled with their one value.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from posixpath import join, normpath
from typing import IO, Any
from xml.etree import ElementTree

import openpyxl
from openpyxl.utils.cell import get_column_letter, range_boundaries
from openpyxl.utils.exceptions import InvalidFileException

from knowledge.faults import CatalogueError, Fault, refuse
from knowledge.importing.cleaning import Journal, Note
from knowledge.importing.reading import Limits, read_bytes

Cells = list[tuple[int, list[str]]]
Area = tuple[int, int, int, int]  # first column, first row, last column, last row

_OLD_FORMAT = b"\xd0\xcf\x11\xe0"  # XLS, and XLSX behind a password
_CHUNK = 1 << 20
_SMALL = 1 << 20  # bytes that may be unpacked whatever the ratio
_MEMBERS = 2_000
_MERGED_AREAS = 100_000
_EXACT_DIGITS = 15  # of a number in a spreadsheet; more are rounded
_MOST_FAULTS = 50  # a sheet
_DEFINITION = re.compile(rb"<\x00?!\x00?[DE]")  # <!DOCTYPE, <!ENTITY, also in UTF-16
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

MERGED = Note("合并单元格按首格内容填满。", "Merged cells were filled with the content of their first cell.")
HIDDEN = Note("隐藏的工作表没有读。", "Hidden sheets were not read.")


def read_sheets(file: Path, limits: Limits, journal: Journal) -> list[tuple[str, Cells]]:
    """Name and rows (row number, cells as text; blank rows left out) of every visible sheet. Raises CatalogueError."""
    content = read_bytes(file, limits)
    _inspect(content, file.name, limits)
    try:
        merged = _merged_areas(content)
        stored = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        written = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheets: list[tuple[str, Cells]] = []
        for name in stored.sheetnames:
            if stored[name].sheet_state != "visible":
                journal.miss(HIDDEN)
                continue
            areas = merged.get(name, [])
            journal.clean(MERGED, len(areas))
            reader = _SheetReader(f"{file.name}: {name}", areas, limits)
            sheets.append((name, reader.rows(stored[name], written[name])))
    except (
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        ElementTree.ParseError,
    ) as failure:
        raise _broken(file.name, failure) from failure
    return sheets


def _broken(name: str, failure: Exception) -> CatalogueError:
    reason = type(failure).__name__
    return refuse("不是完好的XLSX文件。", f"This is no sound XLSX file ({reason}).", name)


# --- before it is opened --------------------------------------------------------------------------


def _inspect(content: bytes, name: str, limits: Limits) -> None:
    """Refuse what would unpack to too much, by what the directory says and by what then really comes out."""
    if content.startswith(_OLD_FORMAT):
        raise refuse(
            "是旧版XLS或加密文件，请另存为不加密的XLSX。", "This is an old XLS or locked file: save it as XLSX.", name
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            _measure(members, name, limits)
            for member in members:
                _unpack(archive, member, name)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError) as failure:
        raise _broken(name, failure) from failure


def _measure(members: list[zipfile.ZipInfo], name: str, limits: Limits) -> None:
    total = sum(member.file_size for member in members)
    steep = any(
        member.file_size > _SMALL and member.file_size > limits.unpacked_ratio * max(1, member.compress_size)
        for member in members
    )
    if total > limits.unpacked_bytes or steep or len(members) > _MEMBERS:
        size = total // (1 << 20)
        raise refuse(
            f"解压后有{size} MB，像压缩炸弹，没有打开。",
            f"It would unpack to {size} MB like a ZIP bomb and was not opened.",
            name,
        )


def _unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> None:
    """Read a member to its announced end (zipfile checks length and checksum); refuse XML that defines things."""
    is_xml = member.filename.endswith((".xml", ".rels", ".vml"))
    with archive.open(member) as stream:
        tail = b""
        while chunk := stream.read(_CHUNK):
            if is_xml and re.search(_DEFINITION, tail + chunk):
                raise refuse("含有不该有的XML定义，没有打开。", "It holds XML definitions and was not opened.", name)
            tail = chunk[-16:]


# --- merged cells ---------------------------------------------------------------------------------


def _merged_areas(content: bytes) -> dict[str, list[Area]]:
    """The merged areas of each sheet. openpyxl does not tell them when it reads row by row."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - no definitions: see _unpack
        targets = {relation.get("Id", ""): relation.get("Target", "") for relation in relations}
        workbook = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314
        areas: dict[str, list[Area]] = {}
        for sheet in workbook.iter(f"{_MAIN}sheet"):
            target = targets.get(sheet.get(_RELATION, ""), "")
            path = target.lstrip("/") if target.startswith("/") else normpath(join("xl", target))
            if path in archive.namelist():
                with archive.open(path) as stream:
                    areas[sheet.get("name", "")] = list(_areas(stream))
        return areas


def _areas(stream: IO[bytes]) -> Iterator[Area]:
    found = 0
    for _, element in ElementTree.iterparse(stream):  # noqa: S314
        if element.tag == f"{_MAIN}mergeCell" and found < _MERGED_AREAS:
            found += 1
            first_column, first_row, last_column, last_row = range_boundaries(element.get("ref", ""))
            if None not in (first_column, first_row, last_column, last_row):
                yield int(first_column or 0), int(first_row or 0), int(last_column or 0), int(last_row or 0)
        if element.tag == f"{_MAIN}row":
            element.clear()


# --- cells ----------------------------------------------------------------------------------------


class _SheetReader:
    """Turns the cells of one sheet into text, row by row, and collects what cannot be."""

    def __init__(self, origin: str, areas: list[Area], limits: Limits) -> None:
        self.origin = origin
        self.areas = sorted(areas, key=lambda area: area[1], reverse=True)  # the next one at the end
        self.limits = limits
        self.faults: list[Fault] = []
        self.filling: dict[int, tuple[str, int]] = {}  # column: the text that fills it, and down to which row

    def rows(self, stored: Any, written: Any) -> Cells:
        """`stored`: the sheet with the values of its formulas; `written`: the same with the formulas."""
        for sheet in (stored, written):
            sheet.reset_dimensions()  # what the file says of its size may be wrong by a million
        rows: Cells = []
        pairs = zip(stored.iter_rows(), written.iter_rows(), strict=False)
        for number, (values, formulas) in enumerate(pairs, start=1):
            if number > self.limits.rows:
                most = self.limits.rows
                raise refuse(f"超过{most}行。", f"There are more than {most} rows.", self.origin)
            cells = self._row(number, values, formulas)
            if len(self.faults) >= _MOST_FAULTS:
                break
            if cells:
                rows.append((number, cells))
        if self.faults:
            raise CatalogueError(self.faults)
        return rows

    def _row(self, number: int, values: Sequence[Any], formulas: Sequence[Any]) -> list[str]:
        cells = [
            self._text(number, place, value, formula)
            for place, (value, formula) in enumerate(zip(values, formulas, strict=False), start=1)
        ]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > self.limits.columns:
            most = self.limits.columns
            raise refuse(
                f"第{number}行有{len(cells)}列，上限是{most}列。",
                f"Row {number} has {len(cells)} columns of {most} at most.",
                self.origin,
            )
        return self._filled(number, cells) if cells else cells

    def _filled(self, number: int, cells: list[str]) -> list[str]:
        """The row with merged cells filled: each has the text of the first cell of its area."""
        while self.areas and self.areas[-1][1] <= number:
            first_column, first_row, last_column, last_row = self.areas.pop()
            if first_row == number and first_column <= len(cells):
                for column in range(first_column, min(last_column, self.limits.columns) + 1):
                    self.filling[column] = (cells[first_column - 1], last_row)
        for column, (text, last_row) in list(self.filling.items()):
            if number > last_row:
                del self.filling[column]
                continue
            cells += [""] * (column - len(cells))
            cells[column - 1] = cells[column - 1] or text
        return cells

    def _text(self, number: int, place: int, cell: Any, formula: Any) -> str:
        value = cell.value
        if formula.data_type == "f" and value is None:
            zh = "是公式，文件里没有它的计算结果；请用表格软件打开并保存，或改成固定的值。"
            en = "A formula without a stored result: open and save the file in a spreadsheet, or enter the value."
            return self._fault(number, place, zh, en)
        if cell.data_type == "e":
            return self._fault(number, place, f"是错误值 {value}。", f"This is the error value {value}.")
        if isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) >= 10**_EXACT_DIGITS:
            zh = f"数字超过{_EXACT_DIGITS}位，表格软件已改写末尾几位；请把该列设为文本后重新填写。"
            en = f"A number of over {_EXACT_DIGITS} digits: the last are lost. Make the column text and enter it again."
            return self._fault(number, place, zh, en)
        text = _plain(value)
        if len(text) > self.limits.cell_characters:
            return self._fault(number, place, "文字过长。", "This text is too long.")
        return text

    def _fault(self, number: int, place: int, zh: str, en: str) -> str:
        self.faults.append(Fault(zh, en, self.origin, f"{get_column_letter(place)}{number}"))
        return ""


def _plain(value: object) -> str:
    """A cell's value as text: dates as 2026-11-22, numbers without needless zeros, yes and no as 是 and 否."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, float):
        return format(Decimal(repr(value)).normalize(), "f")
    if isinstance(value, dt.datetime):
        return (value.date() if value.time() == dt.time() else value).isoformat()
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    return str(value).strip()
