"""Letters that are decided and committed but not yet delivered.

Delivery is at least once: a crash between sending and `sent` sends a letter again. The Bot API has no
idempotency key, so the choice is between twice and never; twice harms nobody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from bot.events import Chat, Letter
from bot.says import say_from_json
from bot.store import Store


class Outbox:
    """The letters of one channel."""

    def __init__(self, store: Store, channel: str, clock: Callable[[], dt.datetime]) -> None:
        self._store, self._channel, self._clock = store, channel, clock

    def due(self, now: dt.datetime, limit: int, busy: Collection[Chat] = ()) -> list[Letter]:
        """The oldest undelivered letter of each chat that is due and not `busy`, at most `limit`."""
        rows = self._store.waiting(self._channel, now, limit, [chat.id for chat in busy])
        return [_letter(row) for row in rows]

    def sent(self, letter: Letter) -> None:
        self._store.settle(letter.id, self._clock(), None, dead=False)

    def postpone(self, letter: Letter, until: dt.datetime, reason: str) -> None:
        self._store.postpone(letter.id, until, reason)

    def dead(self, letter: Letter, reason: str) -> None:
        """Give a letter up: it can never be delivered (blocked, chat gone, refused)."""
        self._store.settle(letter.id, self._clock(), reason, dead=True)


def _letter(row: Any) -> Letter:
    return Letter(
        id=row["id"],
        chat=Chat(row["channel"], row["chat"]),
        say=say_from_json(row["say"]),
        language=row["language"],
        simple=row["simple"],
        origin=row["origin"],
        attempts=row["attempts"],
    )
