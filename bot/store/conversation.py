"""A chat's state and its answered updates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from bot.desk.change import Change, Unreached
from bot.events import Chat
from bot.store.race import swap
from bot.store.schema import Moment, chats, updates
from bot.store.seal import Seal

Rows = Sequence[Mapping[str, Any]]


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
class Exchange:
    """What one update changes, all or nothing."""

    chat: Chat
    update_id: str
    read: Kept
    state: Mapping[str, Any]
    said: Rows  # kept with the update
    letters: Rows  # rows of the outbox
    unanswered: Rows
    at: dt.datetime
    change: Change | None = None  # what was decided at the desk


# Statements are made once: making one costs more than running it.
_SAID = sa.select(updates.c.said).where(
    updates.c.channel == bindparam("channel"), updates.c.update_id == bindparam("update_id")
)
_STATE = sa.select(chats.c.state, chats.c.version).where(
    chats.c.channel == bindparam("channel"), chats.c.chat == bindparam("chat")
)
_STATES = sa.select(chats.c.channel, chats.c.chat, chats.c.state).where(
    sa.tuple_(chats.c.channel, chats.c.chat).in_(bindparam("keys", expanding=True))
)
_ANSWER = updates.insert()
_MEET = chats.insert()
_SWAP = chats.update().where(
    chats.c.channel == bindparam("of_channel"),
    chats.c.chat == bindparam("of_chat"),
    chats.c.version == bindparam("read"),
)
_LOSE = chats.update().where(
    chats.c.channel == bindparam("of_channel"),
    chats.c.chat == bindparam("of_chat"),
    chats.c.lost_at.is_not_distinct_from(bindparam("read", type_=Moment)),
)


def gather(connection: sa.Connection, seal: Seal, chat: Chat, update_id: str) -> Kept | Committed:
    """The chat's state, or what was committed if this update was answered before."""
    said = connection.scalar(_SAID, {"channel": chat.channel, "update_id": update_id})
    if said is not None:
        return Committed(seal.open(said))
    row = connection.execute(_STATE, {"channel": chat.channel, "chat": chat.id}).first()
    return Kept(seal.open(row.state), row.version) if row else Kept({}, 0)


def states(connection: sa.Connection, seal: Seal, of: Sequence[Chat]) -> dict[Chat, Mapping[str, Any]]:
    """The states of those chats that have one."""
    rows = connection.execute(_STATES, {"keys": [(chat.channel, chat.id) for chat in of]})
    return {Chat(row.channel, row.chat): seal.open(row.state) for row in rows}


def answer(connection: sa.Connection, seal: Seal, exchange: Exchange) -> None:
    """Write down that an update is answered, and the chat's new state. Conflict if the state moved meanwhile."""
    chat = exchange.chat
    key = {"channel": chat.channel, "update_id": exchange.update_id, "chat": chat.id}
    connection.execute(_ANSWER, {**key, "said": seal.seal(list(exchange.said)), "at": exchange.at})
    values = {
        "state": seal.seal(dict(exchange.state)),
        "version": exchange.read.version + 1,
        "seen_at": exchange.at,
        "lost_at": None,  # whoever writes is back
    }
    if exchange.read.version == 0:
        connection.execute(_MEET, {"channel": chat.channel, "chat": chat.id, **values})
    else:
        which = {"of_channel": chat.channel, "of_chat": chat.id, "read": exchange.read.version}
        swap(connection, _SWAP, {**which, **values})


def lose(connection: sa.Connection, seal: Seal, unreached: Unreached) -> None:
    """Write down since when letters do not reach a chat. Conflict if that is no longer as it was read."""
    chat, since = unreached.chat, unreached.since
    which = {"of_channel": chat.channel, "of_chat": chat.id, "read": unreached.read}
    if connection.execute(_LOSE, {**which, "lost_at": since}).rowcount == 0:
        # a chat that was forgotten; one that is there is a Conflict
        new = {"state": seal.seal({}), "version": 1, "seen_at": since, "lost_at": since}
        connection.execute(_MEET, {"channel": chat.channel, "chat": chat.id, **new})
