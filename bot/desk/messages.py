"""Applicant and agent talk through us: neither sees the other's telephone number or user name."""

from __future__ import annotations

import datetime as dt

from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Details, Move, State
from bot.casework.table import TEXT_LENGTH
from bot.casework.terms import Role
from bot.desk import notices
from bot.desk.access import acting, handling_roles
from bot.desk.change import Change, Done, Tell
from bot.desk.desk import Desk
from bot.desk.dossier import Dossier, Filed, Wrote, applicant_of
from bot.desk.log import appended, noted
from bot.desk.moves import moved
from bot.desk.records import Member
from bot.events import Chat

_DAY = dt.timedelta(days=1)


def write_own(desk: Desk, chat: Chat, number: str, text: str) -> Done | Refusal:
    """The applicant writes to whoever has the dossier."""
    dossier = desk.records.dossier(number)
    if dossier is None or dossier.opened.chat != chat:
        return Refusal(Why.NO_MATCH)
    return _written(desk, dossier, text, member=None)


def write(desk: Desk, member: Member, number: str, text: str) -> Done | Refusal:
    """A member of staff writes to the applicant."""
    dossier = desk.records.dossier(number)
    if dossier is None or not handling_roles(desk, member, dossier):
        return Refusal(Why.NO_MATCH)
    return _written(desk, dossier, text, member)


def _written(desk: Desk, dossier: Dossier, text: str, member: Member | None) -> Done | Refusal:
    said = text.strip()
    if not said:
        return Refusal(Why.EMPTY)
    if len(said) > TEXT_LENGTH:
        return Refusal(Why.TOO_LONG, names=("text",), number=TEXT_LENGTH)
    if _today(desk, dossier) >= desk.office.messages_a_day:
        return Refusal(Why.TOO_MANY, number=desk.office.messages_a_day)
    by = acting(member, handling_roles(desk, member, dossier)[0]) if member else applicant_of(dossier.opened.chat)
    after = noted(desk, dossier, by, Wrote(said))
    letters = notices.wrote(desk, after, said, by.role)
    change = Change(appended=(appended(desk, dossier, after),), letters=letters)
    return Done(change, after, {"reached": _reached(desk, letters)})


def _reached(desk: Desk, letters: tuple[Tell, ...]) -> bool:
    """Whether there is anybody whom letters reach."""
    return any(desk.records.lost(letter.to) is None for letter in letters)


def _today(desk: Desk, dossier: Dossier) -> int:
    return sum(1 for one in dossier.messages if desk.now - one.at < _DAY)


def no_room(desk: Desk, dossier: Dossier) -> Refusal | None:
    """Whether a dossier takes no more files."""
    most = desk.office.files_at_most
    return Refusal(Why.TOO_MANY, number=most) if len(dossier.files) >= most else None


def attach(desk: Desk, chat: Chat, case: str, material: str, file: Filed) -> Done | Refusal:
    """The applicant sends a file for a material. `facts`: `material`, `missing`: what is still awaited.

    A material that was asked for is thereby registered; once everything asked for is here, it is handed in (提交补正).
    """
    dossier = desk.records.dossier_of(case)
    if dossier is None or dossier.opened.chat != chat:
        return Refusal(Why.NO_MATCH)
    if refused := no_room(desk, dossier):
        return refused
    by = applicant_of(chat)
    kept = Filed(file.id, file.media_type, file.size, file.sha256, case, material)
    filed = noted(desk, dossier, by, kept)
    registered = moved(desk, filed, case, by, Move.RECORD_MATERIALS, Details(materials=(material,)))
    if isinstance(registered, Refusal):
        return registered
    after = registered.dossier or filed
    letters = registered.change.letters
    missing = _awaited(after, case)
    if not missing and after.cases[case].state in (State.SUPPLEMENT, State.ACCEPTED_SUPPLEMENT):
        asked = after.cases[case].standing.asked[-1].materials
        supplied = moved(desk, after, case, by, Move.SUPPLY, Details(materials=asked))
        if isinstance(supplied, Done) and supplied.dossier:
            after, letters = supplied.dossier, supplied.change.letters
    change = Change(appended=(appended(desk, dossier, after),), letters=letters)
    return Done(change, after, {"case": case, "material": material, "missing": list(missing)})


def _awaited(dossier: Dossier, case: str) -> tuple[str, ...]:
    """What was asked for and has not come."""
    standing = dossier.cases[case].standing
    if standing.underneath not in (State.SUPPLEMENT, State.ACCEPTED_SUPPLEMENT):
        return ()
    missing = set(standing.checklist.missing())
    return tuple(name for name in standing.asked[-1].materials if name in missing)


def send_file(desk: Desk, chat: Chat, member: Member | None, number: str, file: Filed) -> Done | Refusal:
    """A file in a talk: it goes to the other side."""
    dossier = desk.records.dossier(number)
    if dossier is None or (member is None and dossier.opened.chat != chat):
        return Refusal(Why.NO_MATCH)
    roles = handling_roles(desk, member, dossier) if member else (Role.APPLICANT,)
    if not roles:
        return Refusal(Why.NO_MATCH)
    if refused := no_room(desk, dossier):
        return refused
    by = acting(member, roles[0]) if member else applicant_of(chat)
    after = noted(desk, dossier, by, file, Wrote("", file.id))
    letters = notices.wrote(desk, after, "", by.role, file)
    change = Change(appended=(appended(desk, dossier, after),), letters=letters)
    return Done(change, after, {"reached": _reached(desk, letters)})
