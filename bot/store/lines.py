"""The lists of dossiers: a line's rows, and how an inbox finds them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from bot.casework.applicants import Telephone, telephone
from bot.casework.clock import Light
from bot.casework.storable import from_json
from bot.casework.terms import Role
from bot.desk.records import CaseLine, Filter, Line, Page, Scope
from bot.events import Chat
from bot.store.desk_schema import cases, dossiers, offers
from bot.store.rows import Row
from bot.store.seal import Seal

PART = 3  # characters of a number that are enough to look for it


# --- a line as rows -----------------------------------------------------------------------------


def line_row(line: Line, seal: Seal) -> Row:
    return {
        "number": line.number,
        "hall": line.hall,
        "region": line.region,
        "step": line.step,
        "responsible": line.responsible,
        "hand_over_to": line.hand_over_to,
        "channel": line.chat.channel,
        "chat": line.chat.id,
        "applicant": seal.seal([line.applicant, line.telephone, line.identity]),
        "name_digest": seal.digest(_name(line.applicant)),
        "telephone_digest": seal.digest(_telephone(line.telephone)),
        "identity_digest": seal.digest(_identity(line.identity)),
        "due": line.due,
        "light": line.light and line.light.value,
        "unread": line.unread,
        "opened_at": line.opened_at,
        "changed_at": line.changed_at,
        "closed": line.closed,
        "rectify_by": line.rectify_by,
        "wake_at": line.wake_at,
    }


def case_rows(line: Line) -> list[Row]:
    return [
        {
            "number": case.number,
            "dossier": line.number,
            "place": place,
            "item": case.item,
            "state": case.state,
            "awaits": case.awaits,
            "due": case.due,
            "light": case.light and case.light.value,
        }
        for place, case in enumerate(line.cases)
    ]


def offer_rows(line: Line) -> list[Row]:
    return [{"dossier": line.number, "member": member, "place": place} for place, member in enumerate(line.offered_to)]


_CASES = sa.select(cases).where(cases.c.dossier.in_(bindparam("numbers", expanding=True))).order_by(cases.c.place)
_OFFERS = sa.select(offers).where(offers.c.dossier.in_(bindparam("numbers", expanding=True))).order_by(offers.c.place)


def lines(connection: sa.Connection, seal: Seal, rows: Sequence[Any]) -> tuple[Line, ...]:
    """The lines of some rows of `dossiers`, in their order; two queries however many there are."""
    if not rows:
        return ()
    numbers = {"numbers": [row.number for row in rows]}
    cases_of: defaultdict[str, list[CaseLine]] = defaultdict(list)
    offered_to: defaultdict[str, list[str]] = defaultdict(list)
    for row in connection.execute(_CASES, numbers):
        cases_of[row.dossier].append(CaseLine(row.number, row.item, row.state, row.awaits, row.due, _light(row.light)))
    for row in connection.execute(_OFFERS, numbers):
        offered_to[row.dossier].append(row.member)
    return tuple(_line(row, seal, cases_of[row.number], offered_to[row.number]) for row in rows)


def _line(row: Any, seal: Seal, its_cases: Iterable[CaseLine], offered_to: Iterable[str]) -> Line:
    name, its_telephone, identity = seal.open(row.applicant)
    return Line(
        number=row.number,
        hall=row.hall,
        region=row.region,
        step=row.step,
        responsible=row.responsible,
        offered_to=tuple(offered_to),
        hand_over_to=row.hand_over_to,
        chat=Chat(row.channel, row.chat),
        applicant=name,
        telephone=its_telephone,
        identity=identity,
        cases=tuple(its_cases),
        due=row.due,
        light=_light(row.light),
        unread=row.unread,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        closed=row.closed,
        rectify_by=row.rectify_by,
        wake_at=row.wake_at,
    )


def _light(kept: str | None) -> Light | None:
    return from_json(Light, kept) if kept else None


# --- an inbox -----------------------------------------------------------------------------------


_BY_DUE = (dossiers.c.closed, dossiers.c.due.is_(None), dossiers.c.due)


def page(connection: sa.Connection, seal: Seal, wanted: Filter) -> Page:
    """What is open first, then by what is due first; poor ratings by when they are to be put right."""
    order = (dossiers.c.rectify_by,) if wanted.scope is Scope.POOR else _BY_DUE
    where = sa.and_(sa.true(), *_conditions(wanted, seal))
    total = connection.scalar(sa.select(sa.func.count()).select_from(dossiers).where(where)) or 0
    found = (
        sa.select(dossiers).where(where).order_by(*order, dossiers.c.number).offset(wanted.offset).limit(wanted.limit)
    )
    return Page(lines(connection, seal, connection.execute(found).all()), total)


def _conditions(wanted: Filter, seal: Seal) -> Iterable[sa.ColumnElement[bool]]:
    yield dossiers.c.hall.in_(wanted.halls)
    if not wanted.closed and wanted.scope is not Scope.POOR:
        yield dossiers.c.closed.is_(False)
    yield from _scope(wanted)
    if wanted.state:
        yield sa.or_(dossiers.c.step == wanted.state, _has_case(cases.c.state == wanted.state))
    if wanted.light:
        yield dossiers.c.light == wanted.light.value
    if text := _readable(wanted.search):
        yield sa.or_(*_found_by(text, seal))


def _scope(wanted: Filter) -> Iterable[sa.ColumnElement[bool]]:
    match wanted.scope:
        case Scope.MINE:
            yield _responsible(wanted)
        case Scope.OFFERED:
            offered = sa.exists().where(offers.c.dossier == dossiers.c.number, offers.c.member == wanted.member)
            not_taken = sa.and_(dossiers.c.responsible == "", offered)
            yield sa.or_(not_taken, dossiers.c.hand_over_to == wanted.member)
        case Scope.UNASSIGNED:
            yield dossiers.c.responsible == ""
        case Scope.WINDOW:
            yield _has_case(cases.c.awaits == Role.CLERK.value)
        case Scope.POOR:
            yield dossiers.c.rectify_by.is_not(None)
            if wanted.member:
                yield _responsible(wanted)


def _responsible(wanted: Filter) -> sa.ColumnElement[bool]:
    """The member's own, and what they look after for absent colleagues."""
    return dossiers.c.responsible.in_([member for member in (wanted.member, *wanted.acts_for) if member])


def _found_by(text: str, seal: Seal) -> Iterable[sa.ColumnElement[bool]]:
    """An applicant's whole name, telephone or identity number, an item's code, or a number or a part of one."""
    yield dossiers.c.name_digest.in_(seal.digests(_name(text)))
    yield dossiers.c.telephone_digest.in_(seal.digests(_telephone(text)))
    yield dossiers.c.identity_digest.in_(seal.digests(_identity(text)))
    yield _has_case(cases.c.item == text)
    part = _compact(text)
    if len(part) >= PART and re.fullmatch(r"[0-9A-Z]+", part):
        yield dossiers.c.number.contains(part)
        yield _has_case(cases.c.number.contains(part))


def _has_case(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(cases.c.dossier == dossiers.c.number, *conditions)


# --- what is looked up by a hash: one form, however it was typed ---------------------------------


def _name(text: str) -> str:
    return "name:" + " ".join(unicodedata.normalize("NFKC", text).split()).casefold()


def _telephone(text: str) -> str:
    number = telephone(text)
    return "telephone:" + (number.e164 if isinstance(number, Telephone) else text)


def _identity(text: str) -> str:
    return "identity:" + _compact(text)


def _compact(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())


def _readable(text: str) -> str:
    """Without what no name or number has and no database takes: control characters, halves of characters."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "C").strip()
