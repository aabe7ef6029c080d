"""Files of other people: found, measured before they are read, and decoded to text. Nothing is guessed silently."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

from knowledge.faults import CatalogueError, Fault, refuse

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """How much an import may hold. What is larger is refused before it is read."""

    file_bytes: int = 64 * MEBIBYTE
    total_bytes: int = 256 * MEBIBYTE
    unpacked_bytes: int = 128 * MEBIBYTE  # of an XLSX file, which is a ZIP archive
    unpacked_ratio: int = 200
    files: int = 5_000
    rows: int = 1_000_000
    columns: int = 500
    cell_characters: int = 32_767


def find_files(path: Path, suffixes: Sequence[str], limits: Limits) -> list[Path]:
    """The file `path`, or the files with such a suffix in the folder `path`, by name; measured, not yet read.

    Raises CatalogueError where there are none, or they are too many or too large.
    """
    if not path.exists():
        raise refuse("没有这个文件或文件夹。", "There is no such file or folder.", str(path))
    if path.is_file():
        files = [path]
    else:
        files = sorted(file for file in path.iterdir() if file.suffix.lower() in suffixes and _is_plain(file))
    wanted = "、".join(suffixes)
    if not files:
        raise refuse(
            f"文件夹里没有可导入的文件（{wanted}）。", f"The folder holds nothing to import ({wanted}).", str(path)
        )
    if len(files) > limits.files:
        raise refuse(f"文件超过{limits.files}个。", f"There are more than {limits.files} files.", str(path))
    _measure(files, limits, str(path))
    return files


def _is_plain(file: Path) -> bool:
    """Whether it is a file that somebody meant: no hidden one, no spreadsheet's lock file."""
    return file.is_file() and not file.name.startswith((".", "~$"))


def _measure(files: Sequence[Path], limits: Limits, where: str) -> None:
    sizes = {file: file.stat().st_size for file in files}
    faults = []
    for file, size in sizes.items():
        if size > limits.file_bytes:
            faults.append(_too_large(size, limits.file_bytes, file.name))
        elif size == 0:
            faults.append(Fault("文件是空的。", "The file is empty.", file.name))
    if not faults and sum(sizes.values()) > limits.total_bytes:
        faults.append(_too_large(sum(sizes.values()), limits.total_bytes, where))
    if faults:
        raise CatalogueError(faults)


def _too_large(size: int, most: int, where: str) -> Fault:
    has, may = -(-size // MEBIBYTE), most // MEBIBYTE
    return Fault(
        f"有{has} MB，超过上限{may} MB（--max-mb 可以调高）。",
        f"It has {has} MB; the limit is {may} MB (--max-mb raises it).",
        where,
    )


def read_bytes(file: Path, limits: Limits) -> bytes:
    """The content of one file, never more than the limit even where it grew since it was measured."""
    try:
        with file.open("rb") as stream:
            size = min(file.stat().st_size, limits.file_bytes)
            content = stream.read(size + 1)  # what is asked for is set aside in memory: no more than there is
    except OSError as failure:
        raise refuse("文件读不出来。", f"The file cannot be read ({type(failure).__name__}).", file.name) from failure
    if len(content) > limits.file_bytes:
        raise CatalogueError([_too_large(len(content), limits.file_bytes, file.name)])
    return content


# --- text ---------------------------------------------------------------------------------------

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_EXPECTED = re.compile(
    r"[\u0000-\u024f\u2000-\u206f\u2100-\u27bf\u3000-\u303f\u3400-\u9fff\uff00-\uffef\U00020000-\U0003ffff]"
)
_LEAST_EXPECTED = 0.98  # share of characters a Chinese table is made of, in a text whose encoding is a guess


def read_text(file: Path, limits: Limits) -> tuple[str, str]:
    """The text in `file` and the encoding it was found to have: UTF-8, UTF-16 or GB18030 (which includes GBK)."""
    return decode(read_bytes(file, limits), file.name)


def decode(content: bytes, name: str) -> tuple[str, str]:
    """As `read_text`, from bytes; raises CatalogueError naming the first byte that no encoding explains."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decoded(content[len(mark) :], encoding, name, len(mark)), encoding
    if _is_unmarked_utf16(content):
        return _decoded(content, _byte_order(content), name), "utf-16"
    try:
        return _decoded(content, "utf-8", name), "utf-8"
    except CatalogueError as unreadable:
        if _is_damaged_utf8(content):
            raise
        text = _decoded(content, "gb18030", name, explain=unreadable)
        if len(_EXPECTED.findall(text)) < _LEAST_EXPECTED * len(text):
            raise
        return text, "gb18030"


def _is_unmarked_utf16(content: bytes) -> bool:
    """Whether zeros are there because every other byte of ASCII letters is one, and not by accident."""
    sample = content[: 4096 - len(content[:4096]) % 2]
    zeros = sample.count(0)
    if zeros == 0 or (sample[0::2].count(0) and sample[1::2].count(0)):
        return False
    return zeros > len(sample) / 4 if sample.isascii() else not _is_utf8(content)


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return _is_damaged_utf8(content)
    return True


def _byte_order(content: bytes) -> str:
    sample = content[:4096]
    return "utf-16-le" if sample[1::2].count(0) > sample[0::2].count(0) else "utf-16-be"


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether most of it is UTF-8 after all: read as GBK it would turn into other, wrong characters without a fault."""
    text = content.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    return sum(not character.isascii() for character in text) - bad > bad


def _decoded(content: bytes, encoding: str, name: str, offset: int = 0, explain: CatalogueError | None = None) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as failure:
        if explain is not None:
            raise explain from failure
        at = failure.start + offset + 1
        zh = f"第{at}个字节解读不了：不是 UTF-8、UTF-16 或 GBK 文字。"
        raise refuse(zh, f"Byte {at} cannot be read: this is no UTF-8, UTF-16 or GBK text.", name) from failure
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise refuse(
            f"第{line}行有空字节（NUL），不像文本文件。", f"Line {line} holds a NUL: this is hardly text.", name
        )
    return text


# --- JSON ---------------------------------------------------------------------------------------


def read_json(file: Path, limits: Limits) -> Any:
    """The JSON value in `file`; whole numbers keep every digit, others are Decimals. Raises CatalogueError."""
    return _loads(read_text(file, limits)[0], file.name, 0)


def read_json_lines(file: Path, limits: Limits) -> list[Any]:
    """The JSON values in `file`, one a line; blank lines are passed over."""
    lines = read_text(file, limits)[0].splitlines()
    return [_loads(line, file.name, number) for number, line in enumerate(lines, start=1) if line.strip()]


def _loads(text: str, name: str, line: int) -> Any:
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except json.JSONDecodeError as failure:
        at = line or failure.lineno
        raise refuse(f"第{at}行不是正确的JSON。", f"Line {at} is no correct JSON: {failure.msg}.", name) from failure
    except RecursionError as failure:
        raise refuse("JSON 嵌套过深。", "The JSON is nested too deeply.", name) from failure
    except ValueError as failure:
        raise refuse(
            "JSON 里有无法表示的数字。", f"The JSON holds a number that cannot be kept ({failure}).", name
        ) from failure


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
