"""The records of one moment: everything a decision reads, out of one snapshot."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from bot.casework.attempts import Failure
from bot.casework.slots import Diary
from bot.desk.dossier import Dossier, Opened
from bot.desk.records import ComplaintFile, Filter, Line, Member, Page, Ticket
from bot.events import Chat
from bot.store.conversation import Committed, Kept, gather
from bot.store.desk_schema import (
    appointments,
    attempts,
    cases,
    complaints,
    diaries,
    dossiers,
    entries,
    followers,
    members,
    serials,
    tickets,
)
from bot.store.lines import lines, page
from bot.store.rows import booking_of, complaint_of, entry_of, member_of, ticket_of
from bot.store.schema import chats, outbox
from bot.store.seal import Seal

STAFF = 1000  # members read at once
FOLLOWED = 200  # dossiers of one chat
ATTEMPTS = 200  # of one chat or one case: more than any limit counts

_LOG = sa.select(entries).where(entries.c.stream == bindparam("number")).order_by(entries.c.seq)
_LOG_OF_CASE = (
    sa.select(entries)
    .where(
        entries.c.stream == sa.select(cases.c.dossier).where(cases.c.number == bindparam("number")).scalar_subquery()
    )
    .order_by(entries.c.seq)
)
_OPENING = sa.select(entries).where(
    entries.c.seq == 0,
    sa.or_(
        entries.c.stream == bindparam("number"),
        entries.c.stream == sa.select(cases.c.dossier).where(cases.c.number == bindparam("number")).scalar_subquery(),
    ),
)
_OWN = (
    sa.select(dossiers)
    .where(dossiers.c.channel == bindparam("channel"), dossiers.c.chat == bindparam("chat"))
    .order_by(dossiers.c.closed, dossiers.c.opened_at.desc(), dossiers.c.number.desc())
    .limit(bindparam("most"))
)
_FOLLOWED = (
    sa.select(followers.c.dossier)
    .where(followers.c.channel == bindparam("channel"), followers.c.chat == bindparam("chat"))
    .order_by(followers.c.dossier.desc())
    .limit(FOLLOWED)
)
_LOST = sa.select(chats.c.lost_at).where(chats.c.channel == bindparam("channel"), chats.c.chat == bindparam("chat"))
_WAITS = sa.select(outbox.c.id).where(outbox.c.id == bindparam("letter"), outbox.c.done_at.is_(None))
_MEMBER_OF_CHAT = sa.select(members).where(
    members.c.channel == bindparam("channel"), members.c.chat == bindparam("chat"), ~members.c.revoked
)
_MEMBER = sa.select(members).where(members.c.id == bindparam("id"))
_STAFF = sa.select(members).where(~members.c.revoked).order_by(members.c.id).limit(STAFF)
_STAFF_OF_HALL = _STAFF.where(members.c.hall == bindparam("hall"))
_LOADS = (
    sa.select(dossiers.c.responsible, sa.func.count().label("load"))
    .where(dossiers.c.responsible.in_(bindparam("ids", expanding=True)), dossiers.c.closed.is_(False))
    .group_by(dossiers.c.responsible)
)
_VERSION = sa.select(diaries.c.version).where(diaries.c.hall == bindparam("hall"))
_BOOKINGS = (
    sa.select(appointments)
    .where(appointments.c.hall == bindparam("hall"), appointments.c.starts > bindparam("since"))
    .order_by(appointments.c.starts, appointments.c.made_at, appointments.c.id)
)
_RECENT = sa.select(attempts).where(attempts.c.at > bindparam("since")).order_by(attempts.c.at.desc()).limit(ATTEMPTS)
_OF_CHAT = _RECENT.where(attempts.c.chat == bindparam("chat"))
_ON_CASE = _RECENT.where(attempts.c.case == bindparam("case"))
_TICKET = sa.select(tickets).where(tickets.c.digest == bindparam("digest"))
_SERIAL = sa.select(serials.c.last).where(serials.c.key == bindparam("key"))
_COMPLAINT = sa.select(complaints).where(complaints.c.number == bindparam("number"))
_COMPLAINTS = (
    sa.select(complaints)
    .order_by(complaints.c.answered, complaints.c.answer_by, complaints.c.number)
    .limit(bindparam("most"))
)
_COMPLAINTS_OF_HALL = _COMPLAINTS.where(complaints.c.hall == bindparam("hall"))


class Session:
    """`bot.desk.records.Records` over one transaction. Not to be kept beyond it, and not shared by threads."""

    def __init__(self, connection: sa.Connection, seal: Seal) -> None:
        self._connection, self._seal = connection, seal

    def gather(self, chat: Chat, update_id: str) -> Kept | Committed:
        """The chat's state, or what was committed if this update was answered before."""
        return gather(self._connection, self._seal, chat, update_id)

    # --- staff ---

    def member(self, chat: Chat) -> Member | None:
        """Who of the staff talks here; None also for one who was revoked."""
        return self._one_member(_MEMBER_OF_CHAT, channel=chat.channel, chat=chat.id)

    def colleague(self, id: str) -> Member | None:
        """A member by id, revoked or not."""
        return self._one_member(_MEMBER, id=id)

    def members(self, hall: str) -> tuple[Member, ...]:
        """The staff of a hall who are not revoked, with their loads; all halls for an empty code."""
        rows = self._rows(_STAFF_OF_HALL, hall=hall) if hall else self._rows(_STAFF)
        loads = self._loads([row.id for row in rows])
        return tuple(member_of(row, loads.get(row.id, 0), self._seal) for row in rows)

    def _one_member(self, statement: sa.Select[Any], **key: str) -> Member | None:
        row = self._row(statement, **key)
        return member_of(row, self._loads([row.id]).get(row.id, 0), self._seal) if row else None

    def _loads(self, ids: list[str]) -> dict[str, int]:
        return {row.responsible: row.load for row in self._rows(_LOADS, ids=ids)}

    # --- dossiers ---

    def dossier(self, number: str) -> Dossier | None:
        return self._folded(self._rows(_LOG, number=number))

    def dossier_of(self, case: str) -> Dossier | None:
        """The dossier that a case belongs to."""
        return self._folded(self._rows(_LOG_OF_CASE, number=case))

    def opening(self, number: str) -> tuple[str, Opened] | None:
        """The number and the opening of a dossier, by its own number or a case's."""
        row = self._row(_OPENING, number=number)
        opened = entry_of(row, self._seal).body if row else None
        return (row.stream, opened) if isinstance(opened, Opened) else None

    def _folded(self, log: list[Any]) -> Dossier | None:
        return Dossier.of(log[0].stream, [entry_of(row, self._seal) for row in log]) if log else None

    def own(self, chat: Chat, limit: int) -> tuple[Line, ...]:
        """What was booked from a chat, what is open first, then newest first."""
        return self._lines(self._rows(_OWN, channel=chat.channel, chat=chat.id, most=limit))

    def followed(self, chat: Chat) -> tuple[str, ...]:
        """Numbers of the dossiers a chat wants to be told about, at most `FOLLOWED`."""
        return tuple(row.dossier for row in self._rows(_FOLLOWED, channel=chat.channel, chat=chat.id))

    def lost(self, chat: Chat) -> dt.datetime | None:
        """Since when letters do not reach a chat; None while they do, and once somebody has written there again."""
        since: dt.datetime | None = self._connection.scalar(_LOST, {"channel": chat.channel, "chat": chat.id})
        return since

    def waits(self, letter: int) -> bool:
        """Whether a letter is neither delivered nor given up."""
        return self._connection.scalar(_WAITS, {"letter": letter}) is not None

    def inbox(self, wanted: Filter) -> Page:
        """What is open first, then by what is due first."""
        return page(self._connection, self._seal, wanted)

    def _lines(self, rows: list[Any]) -> tuple[Line, ...]:
        return lines(self._connection, self._seal, rows)

    # --- the rest ---

    def diary(self, hall: str, since: dt.datetime) -> Diary:
        """A hall's appointments that begin after `since`."""
        version = self._connection.scalar(_VERSION, {"hall": hall})
        if version is None:
            return Diary()
        return Diary(tuple(map(booking_of, self._rows(_BOOKINGS, hall=hall, since=since))), version)

    def failures(self, chat: str, case: str, since: dt.datetime) -> tuple[Failure, ...]:
        """Failed look-ups of a chat and of a case, by their keys: the last `ATTEMPTS` of each."""
        rows = (*self._rows(_OF_CHAT, chat=chat, since=since), *self._rows(_ON_CASE, case=case, since=since))
        found = {row.id: Failure(row.at, row.chat, row.case) for row in rows}
        return tuple(found[id] for id in sorted(found))

    def ticket(self, digest: str) -> Ticket | None:
        row = self._row(_TICKET, digest=digest)
        return ticket_of(row, self._seal) if row else None

    def serial(self, key: str) -> int:
        """The last serial number given out under a key; 0 before the first."""
        return self._connection.scalar(_SERIAL, {"key": key}) or 0

    def complaint(self, number: str) -> ComplaintFile | None:
        row = self._row(_COMPLAINT, number=number)
        return complaint_of(row, self._seal) if row else None

    def complaints(self, hall: str, limit: int) -> tuple[ComplaintFile, ...]:
        """Open ones first, the most urgent on top; of all halls for an empty code."""
        rows = self._rows(_COMPLAINTS_OF_HALL, hall=hall, most=limit) if hall else self._rows(_COMPLAINTS, most=limit)
        return tuple(complaint_of(row, self._seal) for row in rows)

    def _rows(self, statement: sa.Select[Any], **values: Any) -> list[Any]:
        return list(self._connection.execute(statement, values))

    def _row(self, statement: sa.Select[Any], **values: Any) -> Any:
        return self._connection.execute(statement, values).first()
