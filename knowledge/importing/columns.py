"""How an element of an item is written in a cell, and read back: one Column an element."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from knowledge.model import Grade

ENGLISH = "（英文）"  # after a column's name: the column with the same element in English


class Kind(Enum):
    """What a cell may hold."""

    TEXT = auto()
    LINES = auto()  # several, one a line (or separated by |)
    WORDS = auto()  # several short ones: lines, or separated by 、 ； ; | or spaces around them
    INTEGER = auto()
    DECIMAL = auto()
    DATE = auto()
    FLAG = auto()  # 是 or 否
    CHOICE = auto()  # one of `choices`
    WHEN = auto()  # kind=first|renew; who=person


@dataclass(frozen=True, slots=True)
class Column:
    """One element: the column's title, the place of the value in the item (dotted), and how it is written."""

    title: str
    key: str
    kind: Kind = Kind.TEXT
    choices: Mapping[str, Any] = field(default_factory=dict)  # what the cell says → the value
    verbatim: bool = False  # a code or an answer may read like a placeholder (none, 没有) and is none

    def keeps(self, cell: str) -> bool:
        """Whether the cell is to be taken as it stands: 待核实 is a placeholder in a text and a grade in its column."""
        return self.verbatim or self.kind is Kind.WHEN or cell in self.choices

    def read(self, cell: str) -> Any:
        """The value that `cell` writes; raises ValueError where it writes none."""
        return _READERS[self.kind](cell, self)

    def write(self, value: Any) -> str:
        """The cell for `value`, such that reading it gives the value again."""
        if value is None or value == ():
            return ""
        return _WRITERS[self.kind](value, self)


EVIDENCE = {
    "法律原文": Grade.LAW,
    "官方": Grade.OFFICIAL,
    "外地": Grade.PORTAL,
    "待核实": Grade.RECALLED,
}


def bilingual(title: str, key: str, verbatim: bool = False) -> tuple[Column, Column]:
    """The two columns of a wording."""
    return (
        Column(title, f"{key}.zh", verbatim=verbatim),
        Column(f"{title}{ENGLISH}", f"{key}.en", verbatim=verbatim),
    )


def evidence(title: str, key: str) -> Column:
    """The column that says where a fact stands; blank means 官方: the table is the hall's own."""
    return Column(title, key, Kind.CHOICE, EVIDENCE)


def place(draft: dict[str, Any], key: str, value: Any) -> None:
    """Put `value` into nested dicts at the dotted `key`."""
    *path, last = key.split(".")
    for part in path:
        draft = draft.setdefault(part, {})
    draft[last] = value


def pick(source: Any, key: str) -> Any:
    """The attribute at the dotted `key` of an item or row; None where anything on the way is absent."""
    for part in key.split("."):
        if source is None:
            return None
        source = getattr(source, part)
    return source


def _choice(cell: str, column: Column) -> Any:
    plain = cell.strip()
    if plain in column.choices:
        return column.choices[plain]
    if plain in column.choices.values():
        return plain
    raise ValueError("、".join(column.choices))


def _choice_word(value: Any, column: Column) -> str:
    return next(word for word, meaning in column.choices.items() if meaning == value)


def _flag(cell: str, _: Column) -> bool:
    if cell in ("是", "1", "true", "True", "yes"):
        return True
    if cell in ("否", "0", "false", "False", "no"):
        return False
    raise ValueError("是、否")


def _integer(cell: str, _: Column) -> int:
    if not re.fullmatch(r"\d{1,6}", cell):
        raise ValueError("整数 / a whole number")
    return int(cell)


def _decimal(cell: str, _: Column) -> str:
    if not re.fullmatch(r"\d{1,10}(?:\.\d{1,2})?", cell):
        raise ValueError("金额，如 20 或 20.50 / an amount such as 20 or 20.50")
    return cell


def _date(cell: str, _: Column) -> dt.date:
    numbers = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?", cell)
    try:
        if numbers:
            return dt.date(*map(int, numbers.groups()))
    except ValueError:
        pass
    raise ValueError("日期，如 2026-11-22 / a date such as 2026-11-22")


def _lines(cell: str, _: Column) -> list[str]:
    return [part.strip() for part in re.split(r"[\n|]", cell) if part.strip()]


def _words(cell: str, column: Column) -> list[str]:
    apart = r"[\n|]" if "\n" in cell or cell.startswith("|") else r"[、，,；;|]"
    words = [word.strip() for word in re.split(apart, cell) if word.strip()]
    return list(dict.fromkeys(str(column.choices.get(word, word)) for word in words))


def _when(cell: str, _: Column) -> dict[str, list[str]]:
    when: dict[str, list[str]] = {}
    for clause in filter(None, (part.strip() for part in re.split(r"[;；\n]", cell))):
        situation, equals, options = clause.partition("=")
        if not equals:
            raise ValueError("情形=选项|选项 / situation=option|option")
        when[situation.strip()] = [option.strip() for option in options.split("|") if option.strip()]
    return when


def _when_cell(value: Mapping[str, tuple[str, ...]], _: Column) -> str:
    return "; ".join(f"{situation}={'|'.join(options)}" for situation, options in value.items())


def _date_cell(value: dt.date, _: Column) -> str:
    return value.isoformat()


def _flag_cell(value: bool, _: Column) -> str:
    return "是" if value else "否"


def _joined(values: tuple[str, ...], _: Column) -> str:
    """One a line; before a single one that would be taken for several stands a |."""
    text = "\n".join(values)
    return text if len(values) > 1 or not re.search(r"[、，,；;]", text) else f"|{text}"


def _text(cell: str, _: Column) -> str:
    return cell


def _text_cell(value: Any, _: Column) -> str:
    return str(value)


_READERS: Mapping[Kind, Callable[[str, Column], Any]] = {
    Kind.TEXT: _text,
    Kind.LINES: _lines,
    Kind.WORDS: _words,
    Kind.INTEGER: _integer,
    Kind.DECIMAL: _decimal,
    Kind.DATE: _date,
    Kind.FLAG: _flag,
    Kind.CHOICE: _choice,
    Kind.WHEN: _when,
}
_WRITERS: Mapping[Kind, Callable[[Any, Column], str]] = {
    Kind.TEXT: _text_cell,
    Kind.LINES: _joined,
    Kind.WORDS: _joined,
    Kind.INTEGER: _text_cell,
    Kind.DECIMAL: _text_cell,
    Kind.DATE: _date_cell,
    Kind.FLAG: _flag_cell,
    Kind.CHOICE: _choice_word,
    Kind.WHEN: _when_cell,
}
