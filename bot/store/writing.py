"""Writing what was decided. Every function here is part of somebody else's transaction; Conflict undoes all of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from bot.casework.attempts import Failure
from bot.desk.change import Appended, Appointments, Change, Tell, Unreached
from bot.desk.dossier import Dossier
from bot.desk.records import Line
from bot.events import Language
from bot.says import say_to_json
from bot.store import letters
from bot.store.conversation import Exchange, answer, lose, states
from bot.store.desk_schema import (
    appointments,
    attempts,
    cases,
    complaints,
    diaries,
    dossiers,
    entries,
    filed,
    followers,
    members,
    offers,
    serials,
    tickets,
)
from bot.store.lines import case_rows, line_row, offer_rows
from bot.store.race import Conflict, swap
from bot.store.rows import Row, booking_row, complaint_row, entry_row, filed_rows, member_row, ticket_row
from bot.store.schema import metadata, outbox, unanswered
from bot.store.seal import Seal

_INSERT = {table.name: table.insert() for table in metadata.tables.values()}
_SWAP_LINE = dossiers.update().where(dossiers.c.number == bindparam("of"), dossiers.c.length == bindparam("read"))
_PARTS = (cases, offers, followers)
_DROP_PARTS = tuple(part.delete().where(part.c.dossier == bindparam("of")) for part in _PARTS)
_DROP_FILED = filed.delete().where(filed.c.stream == bindparam("of"))
_SWAP_DIARY = diaries.update().where(diaries.c.hall == bindparam("of"), diaries.c.version == bindparam("read"))
_SWAP_SERIAL = serials.update().where(serials.c.key == bindparam("of"), serials.c.last == bindparam("read"))

# A row is updated, or inserted where there is none. What is final (a used ticket, an answered complaint, a member who
# left) is never found to be updated, so that changing it again ends in a second row of the same key: a Conflict.
_BOOKING = appointments.update().where(
    appointments.c.hall == bindparam("in_hall"), appointments.c.id == bindparam("of")
)
_MEMBER = members.update().where(members.c.id == bindparam("of"), ~members.c.revoked)
_TICKET = tickets.update().where(tickets.c.digest == bindparam("of"), tickets.c.used_at.is_(None))
_COMPLAINT = complaints.update().where(complaints.c.number == bindparam("of"), ~complaints.c.answered)


class Writer:
    """Writes into one transaction."""

    def __init__(self, connection: sa.Connection, seal: Seal) -> None:
        self._connection, self._seal = connection, seal

    def exchange(self, exchange: Exchange) -> None:
        """An answered update, with everything it changes."""
        answer(self._connection, self._seal, exchange)
        self._insert(outbox, [self._sealed(letter) for letter in exchange.letters])
        self._insert(unanswered, list(exchange.unanswered))
        if exchange.change:
            self.change(exchange.change, exchange.at)

    def change(self, change: Change, at: dt.datetime) -> None:
        """What was decided at the desk."""
        for unreached in change.unreached:
            self._give_up(unreached, at)
        for appended in sorted(change.appended, key=lambda one: one.dossier.number):  # one order for all: no deadlock
            self._append(appended)
        for diary in sorted(change.appointments, key=lambda one: one.hall):
            self._book(diary)
        for key, (read, now) in sorted(change.serials.items()):
            self._count(key, read, now)
        for member in change.members:
            self._put(_MEMBER, members, member_row(member, self._seal), of=member.id)
        for ticket in change.tickets:
            self._put(_TICKET, tickets, ticket_row(ticket, self._seal), of=ticket.digest)
        for complaint in change.complaints:
            self._put(_COMPLAINT, complaints, complaint_row(complaint, self._seal), of=complaint.number)
        self._insert(attempts, [_attempt(failure) for failure in change.failures])
        self._post(change, at)

    # --- dossiers ---

    def _append(self, appended: Appended) -> None:
        dossier, read = appended.dossier, appended.read
        new = tuple(enumerate(dossier.entries[read:], start=read))
        self._insert(entries, [entry_row(dossier.number, seq, entry, self._seal) for seq, entry in new])
        self._insert(filed, filed_rows(dossier.number, new))
        row = {**line_row(appended.line, self._seal), "length": dossier.length}
        if read == 0:
            self._insert(dossiers, [row])
        else:
            swap(self._connection, _SWAP_LINE, {"of": dossier.number, "read": read, **row})
        self._parts(dossier, appended.line)

    def line(self, dossier: Dossier, line: Line) -> None:
        """Derive everything that is derived from a dossier's log anew."""
        row = {**line_row(line, self._seal), "length": dossier.length}
        known = sa.select(dossiers.c.length).where(dossiers.c.number == dossier.number)
        length = self._connection.scalar(known)
        if length is None:
            self._insert(dossiers, [row])
        else:
            swap(self._connection, _SWAP_LINE, {"of": dossier.number, "read": length, **row})
        self._parts(dossier, line)
        self._connection.execute(_DROP_FILED, {"of": dossier.number})
        self._insert(filed, filed_rows(dossier.number, enumerate(dossier.entries)))

    def _parts(self, dossier: Dossier, line: Line) -> None:
        for drop in _DROP_PARTS:
            self._connection.execute(drop, {"of": dossier.number})
        following = [
            {"channel": chat.channel, "chat": chat.id, "dossier": dossier.number} for chat in dossier.followers
        ]
        for part, rows in zip(_PARTS, (case_rows(line), offer_rows(line), following), strict=True):
            self._insert(part, rows)

    # --- the rest ---

    def _book(self, diary: Appointments) -> None:
        if diary.read == 0:
            self._insert(diaries, [{"hall": diary.hall, "version": 1}])
        else:
            swap(self._connection, _SWAP_DIARY, {"of": diary.hall, "read": diary.read, "version": diary.read + 1})
        for booking in diary.bookings:
            self._put(_BOOKING, appointments, booking_row(diary.hall, booking), of=booking.id, in_hall=diary.hall)

    def _count(self, key: str, read: int, now: int) -> None:
        if read == 0:
            self._insert(serials, [{"key": key, "last": now}])
        else:
            swap(self._connection, _SWAP_SERIAL, {"of": key, "read": read, "last": now})

    def _put(self, update: sa.Update, table: sa.Table, row: Row, **key: str) -> None:
        if self._connection.execute(update, {**key, **row}).rowcount == 0:
            self._insert(table, [row])

    def _insert(self, table: sa.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(_INSERT[table.name], rows)

    # --- letters ---

    def _give_up(self, unreached: Unreached, at: dt.datetime) -> None:
        if not letters.give_up(self._connection, unreached.letter, at, unreached.reason):
            raise Conflict  # settled meanwhile
        lose(self._connection, self._seal, unreached)

    def _post(self, change: Change, at: dt.datetime) -> None:
        """Letters in the language and manner their readers chose; one who never wrote reads the dossier's language."""
        if not change.letters:
            return
        chosen = states(self._connection, self._seal, list({letter.to for letter in change.letters}))
        opened = {one.dossier.opened.chat: one.dossier.opened.language for one in change.appended}
        rows = [
            _letter(letter, chosen.get(letter.to, {}), opened.get(letter.to, "zh"), at) for letter in change.letters
        ]
        self._insert(outbox, [self._sealed(row) for row in rows])

    def _sealed(self, letter: Mapping[str, Any]) -> Row:
        return {**letter, "say": self._seal.seal(letter["say"])}


def _attempt(failure: Failure) -> Row:
    return {"at": failure.at, "chat": failure.chat, "case": failure.case}


def _letter(letter: Tell, state: Mapping[str, Any], language: Language, at: dt.datetime) -> Row:
    return {
        "channel": letter.to.channel,
        "chat": letter.to.id,
        "say": say_to_json(letter.say),
        "language": state.get("language") or state.get("spoken") or language,
        "simple": bool(state.get("simple")),
        "origin": "",
        "attempts": 0,
        "queued_at": at,
        "due_at": at,
        "dead": False,
    }
