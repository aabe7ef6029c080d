"""Letters that are decided and committed but not yet delivered.

Delivery is at least once: a crash between sending and `sent` sends a letter again. The Bot API has no
idempotency key, so the choice is between twice and never; twice harms nobody.

Several processes may deliver the letters of one channel: each has what it claimed to itself for `LEASE`, and what a
process that died had claimed comes free when that is over.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from typing import Any

from bot.events import Chat, Letter
from bot.says import say_from_json
from bot.store import Claim, Store

LEASE = dt.timedelta(seconds=60)


class Outbox:
    """The letters of one channel."""

    def __init__(self, store: Store, channel: str, clock: Callable[[], dt.datetime], claimant: str = "") -> None:
        """`claimant`: a name no other process has; one that is alone needs none."""
        self._store, self._channel, self._clock, self._claimant = store, channel, clock, claimant

    def due(self, now: dt.datetime, limit: int, busy: Collection[Chat] = ()) -> list[Letter]:
        """The oldest undelivered letter of each chat that is due, not `busy` and not another process's, at most
        `limit`. They are claimed until they are settled or `LEASE` has passed."""
        rows = self._store.claim_letters(self._channel, now, limit, [chat.id for chat in busy], self._claim(now))
        return [_letter(row) for row in rows]

    def renew(self) -> None:
        """Claim what is under way for another `LEASE`."""
        now = self._clock()
        self._store.renew_claims(self._channel, now, self._claim(now))

    def sent(self, letter: Letter) -> None:
        self._store.settle(letter.id, self._clock(), None, dead=False)

    def postpone(self, letter: Letter, until: dt.datetime, reason: str) -> None:
        self._store.postpone(letter.id, until, reason, self._claimant)

    def dead(self, letter: Letter, reason: str) -> None:
        """Give a letter up: it can never be delivered. Where nobody is reached any more, `Assistant.unreached` does."""
        self._store.settle(letter.id, self._clock(), reason, dead=True)

    def _claim(self, now: dt.datetime) -> Claim:
        return Claim(self._claimant, now + LEASE)


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
