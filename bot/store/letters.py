"""The outbox: letters in the order they were written, each delivered by one process at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from bot.events import Chat
from bot.store.schema import outbox


@dataclass(frozen=True, slots=True)
class Claim:
    """Who delivers a letter, and until when nobody else does."""

    by: str
    until: dt.datetime


_NOT_DONE = outbox.c.done_at.is_(None)
_CLAIMABLE = sa.and_(
    _NOT_DONE,
    outbox.c.due_at <= bindparam("now"),
    sa.or_(
        outbox.c.claimed_until.is_(None),
        outbox.c.claimed_until <= bindparam("now"),
        outbox.c.claimed_by == bindparam("by"),
    ),
)
_FIRST = (  # of each chat: what comes after it waits, whoever has it
    sa.select(sa.func.min(outbox.c.id).label("id"))
    .where(outbox.c.channel == bindparam("channel"), _NOT_DONE)
    .group_by(outbox.c.chat)
    .subquery()
)
_NEXT = (
    sa.select(outbox)
    .join(_FIRST, outbox.c.id == _FIRST.c.id)
    .where(_CLAIMABLE, outbox.c.chat.not_in(bindparam("busy", expanding=True)))
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_IDS = outbox.c.id.in_(bindparam("ids", expanding=True))
_CLAIM = (
    outbox.update()
    .where(_IDS, _CLAIMABLE)
    .values(claimed_by=bindparam("by"), claimed_until=bindparam("until"))
    .returning(outbox.c.id)
)
_RENEW = (
    outbox.update()
    .where(
        outbox.c.channel == bindparam("of_channel"),
        outbox.c.claimed_by == bindparam("by"),
        outbox.c.claimed_until > bindparam("now"),
        _NOT_DONE,
    )
    .values(claimed_until=bindparam("until"))
)
_OF_CHAT = (
    sa.select(outbox)
    .where(outbox.c.channel == bindparam("channel"), outbox.c.chat == bindparam("chat"), _NOT_DONE)
    .order_by(outbox.c.id)
    .limit(bindparam("most"))
)
_TAKE = outbox.update().where(_IDS, _NOT_DONE).values(done_at=bindparam("now")).returning(outbox.c.id)
_SETTLE = (
    outbox.update()
    .where(outbox.c.id == bindparam("letter"))
    .values(done_at=bindparam("at"), reason=bindparam("why"), dead=bindparam("given_up"))
)
_SETTLE_WAITING = _SETTLE.where(_NOT_DONE)
_POSTPONE = (
    outbox.update()
    .where(outbox.c.id == bindparam("letter"), outbox.c.claimed_by == bindparam("by"))
    .values(
        due_at=bindparam("until"),
        reason=bindparam("why"),
        attempts=outbox.c.attempts + 1,
        claimed_by=None,
        claimed_until=None,
    )
)


def next_letters(
    connection: sa.Connection, channel: str, now: dt.datetime, limit: int, busy: Collection[str], by: str
) -> Sequence[sa.RowMapping]:
    """The oldest undelivered letter of each chat that is due and that nobody but `by` has claimed, oldest first."""
    values = {"channel": channel, "now": now, "most": limit, "busy": list(busy), "by": by}
    return connection.execute(_NEXT, values).mappings().all()


def claim(connection: sa.Connection, letters: Sequence[int], now: dt.datetime, claim: Claim) -> set[int]:
    """Which of the letters nobody else was faster to claim."""
    values = {"ids": list(letters), "now": now, "by": claim.by, "until": claim.until}
    return set(connection.scalars(_CLAIM, values))


def renew(connection: sa.Connection, channel: str, now: dt.datetime, claim: Claim) -> None:
    """Keep what is claimed for longer."""
    values = {"of_channel": channel, "now": now, "by": claim.by, "until": claim.until}
    connection.execute(_RENEW, values)


def letters_of(connection: sa.Connection, chat: Chat, limit: int) -> Sequence[sa.RowMapping]:
    values = {"channel": chat.channel, "chat": chat.id, "most": limit}
    return connection.execute(_OF_CHAT, values).mappings().all()


def take(connection: sa.Connection, letters: Sequence[int], now: dt.datetime) -> set[int]:
    """Mark letters as delivered; which of them nobody else was faster to take."""
    return set(connection.scalars(_TAKE, {"ids": list(letters), "now": now}))


def settle(connection: sa.Connection, letter: int, at: dt.datetime, reason: str | None, dead: bool) -> None:
    connection.execute(_SETTLE, {"letter": letter, "at": at, "why": reason, "given_up": dead})


def give_up(connection: sa.Connection, letter: int, at: dt.datetime, reason: str) -> bool:
    """Give up a letter that still waits; whether it did."""
    values = {"letter": letter, "at": at, "why": reason, "given_up": True}
    return connection.execute(_SETTLE_WAITING, values).rowcount == 1


def postpone(connection: sa.Connection, letter: int, until: dt.datetime, reason: str, by: str) -> None:
    """Let anybody try again later; nothing if `by` has lost the letter to somebody else."""
    values: dict[str, Any] = {"letter": letter, "until": until, "why": reason, "by": by}
    connection.execute(_POSTPONE, values)
