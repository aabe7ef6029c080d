"""The database: transactions over it, and what is kept beside conversations and casework."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from bot.casework.slots import Status
from bot.desk.change import Change
from bot.desk.dossier import Dossier
from bot.desk.records import Line
from bot.events import Chat
from bot.store import files, letters
from bot.store.conversation import Committed, Exchange, Kept, Rows
from bot.store.desk_schema import appointments, attempts, dossiers, entries, tickets
from bot.store.engine import make_engine, snapshots
from bot.store.letters import Claim
from bot.store.migrations import upgrade
from bot.store.race import races
from bot.store.schema import chats, failures, outbox, seals, unanswered, updates
from bot.store.seal import Seal
from bot.store.session import Session
from bot.store.writing import Writer

_LOCK = 371300  # PostgreSQL's advisory lock: every commit shares it, whoever decides alone has it alone
_SHARED = sa.select(sa.func.pg_advisory_xact_lock_shared(_LOCK))
_ALONE = sa.select(sa.func.pg_advisory_xact_lock(_LOCK))
_AWAITED = sa.exists().where(
    dossiers.c.channel == chats.c.channel, dossiers.c.chat == chats.c.chat, dossiers.c.closed.is_(False)
)
_AT_ONCE = 100  # dossiers derived anew between two looks for more


class Alone(Session):
    """A session that no other writer comes between: what is read in it still holds when it writes."""

    def commit(self, exchange: Exchange) -> None:
        """As `Store.commit`. A Conflict leaves nothing of it."""
        with races(), self._connection.begin_nested():
            Writer(self._connection, self._seal).exchange(exchange)

    def write(self, change: Change, at: dt.datetime) -> None:
        """As `Store.write`. A Conflict leaves nothing of it."""
        with races(), self._connection.begin_nested():
            Writer(self._connection, self._seal).change(change, at)


class Store:
    """The database behind one URL. Thread-safe. Every public method is one transaction."""

    def __init__(self, url: str, seal: Seal) -> None:
        """Open (and, where needed, migrate) the database; sqlalchemy.exc.SQLAlchemyError if it cannot be, WrongKey if
        `seal` lacks the key it was begun with."""
        self.engine = make_engine(url)
        self._writing = self.engine.execution_options(writing=True)
        self._snapshots = snapshots(self.engine)
        self._seal = seal
        upgrade(self._writing)
        self._check_seal()

    @property
    def shared(self) -> bool:
        """Whether several processes may work on this database at once."""
        return self.engine.dialect.name == "postgresql"

    def close(self) -> None:
        self.engine.dispose()

    # --- decisions ---

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """The records as they are at one moment. Write after it, not within."""
        with self._snapshots.begin() as connection:
            yield Session(connection, self._seal)

    def gather(self, chat: Chat, update_id: str) -> Kept | Committed:
        """As `Session.gather`, by itself."""
        with self.reading() as session:
            return session.gather(chat, update_id)

    @contextlib.contextmanager
    def alone(self) -> Iterator[Alone]:
        """Read, decide and write while every other writer waits: what lost a race often cannot lose this one."""
        with self._transaction(_ALONE) as connection:
            yield Alone(connection, self._seal)

    def commit(self, exchange: Exchange) -> None:
        """Write an answered update and all that it changes. Conflict if the chat's state, a dossier's log, a diary, a
        serial number or a ticket is no longer as it was read, or the update was answered meanwhile."""
        with self._transaction(_SHARED) as connection:
            Writer(connection, self._seal).exchange(exchange)

    def write(self, change: Change, at: dt.datetime) -> None:
        """Write what was decided outside a conversation. Conflict as in `commit`."""
        with self._transaction(_SHARED) as connection:
            Writer(connection, self._seal).change(change, at)

    @contextlib.contextmanager
    def _transaction(self, lock: sa.Select[Any]) -> Iterator[sa.Connection]:
        with races(), self._writing.begin() as connection:
            if connection.dialect.name == "postgresql":  # SQLite has one writer at a time anyway
                connection.execute(lock)
            yield connection

    # --- what time alone changes ---

    def due(self, now: dt.datetime, limit: int) -> tuple[str, ...]:
        """Numbers of dossiers to be looked at because time has passed, the longest due first."""
        found = sa.select(dossiers.c.number).where(dossiers.c.wake_at <= now).order_by(dossiers.c.wake_at).limit(limit)
        with self.engine.connect() as connection:
            return tuple(connection.scalars(found))

    def due_halls(self, now: dt.datetime) -> tuple[str, ...]:
        """Halls with a hold that ran out, or with an appointment still to come (of which somebody may be reminded)."""
        ran_out = sa.and_(appointments.c.status == Status.HELD.value, appointments.c.held_until <= now)
        to_come = sa.and_(appointments.c.status == Status.CONFIRMED.value, appointments.c.starts > now)
        found = sa.select(appointments.c.hall).where(sa.or_(ran_out, to_come)).distinct().order_by(appointments.c.hall)
        with self.engine.connect() as connection:
            return tuple(connection.scalars(found))

    def rebuild(self, line_of: Callable[[Dossier], Line]) -> int:
        """Derive every dossier's line anew from its log; how many there are. Others may work meanwhile."""
        done, last = 0, ""
        while numbers := self._logs(last):
            for number in numbers:
                self._rebuild(number, line_of)
            done, last = done + len(numbers), numbers[-1]
        return done

    def _logs(self, after: str) -> tuple[str, ...]:
        logs = sa.select(entries.c.stream).where(entries.c.seq == 0, entries.c.stream > after)
        with self.engine.connect() as connection:
            return tuple(connection.scalars(logs.order_by(entries.c.stream).limit(_AT_ONCE)))

    def _rebuild(self, number: str, line_of: Callable[[Dossier], Line]) -> None:
        with self._transaction(_ALONE) as connection:
            dossier = Session(connection, self._seal).dossier(number)
            if dossier:
                Writer(connection, self._seal).line(dossier, line_of(dossier))

    # --- files of the vault ---

    def note_files(self) -> None:
        """Note which files the log names where that is not noted yet."""
        noted = 1
        while noted:
            with self._transaction(_ALONE) as connection:
                noted = files.note_some(connection, self._seal)

    def unreferred(self, names: Iterable[str]) -> set[str]:
        """Those of the vault's files that no log and no conversation refers to; none while not all files are noted."""
        with self._snapshots.begin() as connection:
            return files.unreferred(connection, self._seal, names)

    def filed(self) -> Iterator[tuple[str, str]]:
        """Every dossier's number with a file that its log names, as far as noted."""
        with self._snapshots.begin() as connection:
            yield from files.all_filed(connection)

    # --- updates that fail ---

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

    # --- letters ---

    def claim_letters(self, channel: str, now: dt.datetime, limit: int, busy: Collection[str], claim: Claim) -> Rows:
        """The oldest undelivered letter of each chat of a channel, if it is due, the chat not `busy` and the letter
        not somebody else's; oldest first. Until `claim` is over nobody else gets them, or a later one of these chats.
        """
        with self.engine.connect() as connection:
            rows = letters.next_letters(connection, channel, now, limit, busy, claim.by)
        if not rows:
            return []  # most looks: nobody is kept from writing
        with self._writing.begin() as connection:
            claimed = letters.claim(connection, [row["id"] for row in rows], now, claim)
        return [self._opened(row) for row in rows if row["id"] in claimed]

    def renew_claims(self, channel: str, now: dt.datetime, claim: Claim) -> None:
        """Keep the letters that `claim.by` has, and has not yet delivered, until `claim.until`."""
        with self._writing.begin() as connection:
            letters.renew(connection, channel, now, claim)

    def take_letters(self, chat: Chat, limit: int, now: dt.datetime) -> Rows:
        """The letters that wait for a chat, in order, at most `limit`: they count as delivered from here on."""
        with self.engine.connect() as connection:
            if not (rows := letters.letters_of(connection, chat, limit)):
                return []  # most look-ups: nobody is kept from writing
        with self._writing.begin() as connection:
            taken = letters.take(connection, [row["id"] for row in rows], now)
        return [self._opened(row) for row in rows if row["id"] in taken]

    def _opened(self, row: sa.RowMapping) -> dict[str, Any]:
        return {**row, "say": self._seal.open(row["say"])}

    def settle(self, letter: int, at: dt.datetime, reason: str | None, dead: bool) -> None:
        """A letter is delivered, or given up for `reason`."""
        with self._writing.begin() as connection:
            letters.settle(connection, letter, at, reason, dead)

    def postpone(self, letter: int, until: dt.datetime, reason: str, by: str) -> None:
        """A letter that `by` has claimed is for anybody to try again later."""
        with self._writing.begin() as connection:
            letters.postpone(connection, letter, until, reason, by)

    # --- questions for the catalogue's keepers ---

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

    # --- forgetting ---

    def prune(self, before: dt.datetime) -> int:
        """Forget answered updates, settled letters, silent chats, failed look-ups and tickets that were over before
        `before`; how many rows went. Casework stays, and so does, for an open dossier, that its applicant is lost.
        """
        old = (
            updates.delete().where(updates.c.at < before),
            outbox.delete().where(outbox.c.done_at < before),
            failures.delete().where(failures.c.at < before),
            chats.delete().where(chats.c.seen_at < before, sa.or_(chats.c.lost_at.is_(None), ~_AWAITED)),
            attempts.delete().where(attempts.c.at < before),
            tickets.delete().where(tickets.c.expires_at < before),
        )
        with self._writing.begin() as connection:
            return sum(connection.execute(statement).rowcount for statement in old)

    # --- the seal ---

    def _check_seal(self) -> None:
        """A key that did not seal this database is found out when it is opened, not when somebody asks for a case."""
        with self.engine.connect() as connection:
            mark = connection.scalar(sa.select(seals.c.mark))
        if mark is None:
            with contextlib.suppress(sa.exc.IntegrityError), self._writing.begin() as connection:
                connection.execute(seals.insert().values(id=1, mark=self._seal.seal("bangban")))
            with self.engine.connect() as connection:
                mark = connection.scalar(sa.select(seals.c.mark))
        self._seal.open(mark)
        self.identity = hashlib.sha256(str(mark).encode()).hexdigest()  # of this database and its copies, of no other
