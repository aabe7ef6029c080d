"""What a form of the console carried: details of a move or an act, and the fields as they were typed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import TypeVar

from starlette.datastructures import FormData

from bot.casework import engagement as engagements
from bot.casework.standing import Credit, Delivery, Details, Opinion, Procedure
from bot.casework.terms import Term

FIELDS = 150  # a form of ours has fewer: a checklist's boxes are the most
OTHERS = "others"  # materials that are on no list, one a line
_BREAK = re.compile(r"[\n;；、]")

Typed = Mapping[str, tuple[str, ...]]  # a field's name → what was typed or chosen
TermT = TypeVar("TermT", bound=Term)


def typed(form: FormData) -> Typed:
    """All fields of a form as text, files left out."""
    found: dict[str, tuple[str, ...]] = {}
    for name, value in form.multi_items():
        if isinstance(value, str):
            found[name] = (*found.get(name, ()), value.replace("\r\n", "\n").replace("\x00", ""))
    return found


def one(given: Typed, name: str) -> str:
    return given.get(name, ("",))[0].strip()


def number(given: Typed, name: str) -> int | None:
    """A small whole number; None for anything else."""
    text = one(given, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def day(given: Typed, name: str) -> dt.date | None:
    """A date as `<input type=date>` sends it, or as people write it: 2026-12-03, 2026/12/3; None for anything else."""
    match = re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", one(given, name))
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _chosen(kind: type[TermT], given: Typed, name: str) -> TermT | None:
    return next((member for member in kind if member.value == one(given, name)), None)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in (part.strip() for part in _BREAK.split(text)) if line)


def move_details(given: Typed) -> Details:
    """What comes with a move of a case. What cannot be read is absent: the refusal names it."""
    materials = tuple(name for name in given.get("materials", ()) if name)
    return Details(
        reason=one(given, "reason"),
        basis=one(given, "basis"),
        commitment=one(given, "commitment"),
        remedy=one(given, "remedy"),
        approval=one(given, "approval"),
        credit=_chosen(Credit, given, "credit"),
        deadline=day(given, "deadline"),
        days=number(given, "days"),
        materials=materials + _lines(one(given, OTHERS)),
        procedure=_chosen(Procedure, given, "procedure"),
        departments=_lines(one(given, "departments")),
        department=one(given, "department"),
        opinion=_chosen(Opinion, given, "opinion"),
        delivery=_chosen(Delivery, given, "delivery"),
        note=one(given, "note"),
    )


def act_details(given: Typed) -> engagements.Details:
    """What comes with an act on an engagement."""
    return engagements.Details(reason=one(given, "reason"), agent=one(given, "agent"), note=one(given, "note"))
