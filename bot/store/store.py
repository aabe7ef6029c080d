"""Reading and committing conversations. Every public method is one transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from bot.events import Chat
from bot.store.migrations import upgrade
from bot.store.schema import chats, failures, outbox, unanswered, updates

Rows = Sequence[Mapping[str, Any]]
SQLITE_WAIT = 30  # seconds a writer waits for another one


class Conflict(Exception):
    """The chat's state changed since it was read: nothing was written; read again."""


@dataclass(frozen=True, slots=True)
class Committed:
    """An update that was answered before: what was said, to be said again."""

    said: Rows


@dataclass(frozen=True, slots=True)
class Kept:
    """A chat's state as read, with the version a commit must still find."""

    state: Mapping[str, Any]
    version: int


@dataclass(frozen=True, slots=True)
class Change:
    """What one update changes, all or nothing."""

    chat: Chat
    update_id: str
    read: Kept
    state: Mapping[str, Any]
    said: Rows  # kept with the update
    letters: Rows  # rows of the outbox
    unanswered: Rows
    at: dt.datetime


class Store:
    """The database behind one URL. Thread-safe."""

    def __init__(self, url: str) -> None:
        """Open (and, where needed, migrate) the database; sqlalchemy.exc.SQLAlchemyError if it cannot be."""
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(writing=True)
        upgrade(self._writing)

    def close(self) -> None:
        self.engine.dispose()

    def gather(self, chat: Chat, update_id: str) -> Kept | Committed:
        """The chat's state, or what was committed if this update was answered before."""
        with self.engine.connect() as connection:
            said = connection.scalar(
                sa.select(updates.c.said).where(updates.c.channel == chat.channel, updates.c.update_id == update_id)
            )
            if said is not None:
                return Committed(said)
            row = connection.execute(
                sa.select(chats.c.state, chats.c.version).where(
                    chats.c.channel == chat.channel, chats.c.chat == chat.id
                )
            ).first()
        return Kept(row.state, row.version) if row else Kept({}, 0)

    def commit(self, change: Change) -> None:
        """Write state, update, letters and kept questions in one transaction; Conflict if anything moved meanwhile."""
        chat = change.chat
        try:
            with self._writing.begin() as connection:
                connection.execute(
                    updates.insert().values(
                        channel=chat.channel,
                        update_id=change.update_id,
                        chat=chat.id,
                        said=list(change.said),
                        at=change.at,
                    )
                )
                self._swap_state(connection, change)
                if change.letters:
                    connection.execute(outbox.insert(), list(change.letters))
                if change.unanswered:
                    connection.execute(unanswered.insert(), list(change.unanswered))
        except IntegrityError as error:
            raise Conflict from error

    def _swap_state(self, connection: sa.Connection, change: Change) -> None:
        values = {"state": dict(change.state), "version": change.read.version + 1, "seen_at": change.at}
        if change.read.version == 0:
            connection.execute(chats.insert().values(channel=change.chat.channel, chat=change.chat.id, **values))
            return
        swapped = connection.execute(
            chats.update()
            .where(
                chats.c.channel == change.chat.channel,
                chats.c.chat == change.chat.id,
                chats.c.version == change.read.version,
            )
            .values(**values)
        )
        if swapped.rowcount != 1:
            raise Conflict

    def count_failure(self, chat: Chat, update_id: str, reason: str, at: dt.datetime) -> int:
        """Record that an update failed; how often it has by now."""
        key = (failures.c.channel == chat.channel, failures.c.update_id == update_id)
        with self._writing.begin() as connection:
            count = (connection.scalar(sa.select(failures.c.count).where(*key)) or 0) + 1
            values = {"count": count, "reason": reason[:200], "parked": False, "at": at}
            if count == 1:
                connection.execute(failures.insert().values(channel=chat.channel, update_id=update_id, **values))
            else:
                connection.execute(failures.update().where(*key).values(**values))
        return count

    def park(self, chat: Chat, update_id: str) -> None:
        """Mark a failed update as given up."""
        with self._writing.begin() as connection:
            connection.execute(
                failures.update()
                .where(failures.c.channel == chat.channel, failures.c.update_id == update_id)
                .values(parked=True)
            )

    def waiting(self, channel: str, now: dt.datetime, limit: int, busy: Collection[str]) -> Rows:
        """The oldest undelivered letter of each chat of a channel that is due, oldest first."""
        first = (
            sa.select(sa.func.min(outbox.c.id).label("id"))
            .where(outbox.c.channel == channel, outbox.c.done_at.is_(None))
            .group_by(outbox.c.chat)
            .subquery()
        )
        letters = (
            sa.select(outbox)
            .join(first, outbox.c.id == first.c.id)
            .where(outbox.c.due_at <= now, outbox.c.chat.not_in(busy))
            .order_by(outbox.c.id)
            .limit(limit)
        )
        with self.engine.connect() as connection:
            return [dict(row) for row in connection.execute(letters).mappings()]

    def settle(self, letter: int, at: dt.datetime, reason: str | None, dead: bool) -> None:
        """A letter is delivered, or given up for `reason`."""
        self._letter(letter, done_at=at, reason=reason, dead=dead)

    def postpone(self, letter: int, until: dt.datetime, reason: str) -> None:
        self._letter(letter, due_at=until, reason=reason, attempts=outbox.c.attempts + 1)

    def _letter(self, letter: int, **values: Any) -> None:
        with self._writing.begin() as connection:
            connection.execute(outbox.update().where(outbox.c.id == letter).values(**values))

    def keep(self, questions: Rows) -> None:
        """Keep questions that were asked outside a conversation."""
        if questions:
            with self._writing.begin() as connection:
                connection.execute(unanswered.insert(), list(questions))

    def unanswered(self, limit: int) -> Rows:
        """Questions kept for the catalogue's keepers, newest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(sa.select(unanswered).order_by(unanswered.c.id.desc()).limit(limit)).mappings()
            return [dict(row) for row in rows]

    def forget_unanswered(self, ids: Collection[int]) -> None:
        """Questions that were decided on."""
        with self._writing.begin() as connection:
            connection.execute(unanswered.delete().where(unanswered.c.id.in_(ids)))

    def prune(self, before: dt.datetime) -> int:
        """Forget answered updates, settled letters and silent chats older than `before`; how many rows went."""
        old = (
            updates.delete().where(updates.c.at < before),
            outbox.delete().where(outbox.c.done_at < before),
            failures.delete().where(failures.c.at < before),
            chats.delete().where(chats.c.seen_at < before),
        )
        with self._writing.begin() as connection:
            return sum(connection.execute(statement).rowcount for statement in old)


def _engine(url: str) -> sa.Engine:
    if not url.startswith("sqlite"):
        return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True)
    in_memory = sa.make_url(url).database in (None, "", ":memory:")
    pool = {"poolclass": sa.pool.StaticPool} if in_memory else {}
    connecting = {"timeout": SQLITE_WAIT, "check_same_thread": False}
    # what people wrote must not come out in an error's message
    engine = sa.create_engine(url, connect_args=connecting, hide_parameters=True, **pool)
    sa.event.listen(engine, "connect", _sqlite_pragmas)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _sqlite_pragmas(connection: Any, record: Any) -> None:
    """WAL: readers and the one writer do not wait for each other. The driver must not open transactions itself."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """A writer takes the lock at once: two that upgrade from reading would deadlock instead of waiting."""
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
