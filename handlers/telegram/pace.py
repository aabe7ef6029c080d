"""How fast Telegram lets a bot send: 30 messages a second in all, one a second to a person, 20 a minute to a group.

All times are seconds of one steady clock, given by the caller. A message counts from the moment Telegram has answered:
Telegram counted it no later, so the next one is never early.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages Telegram accepts. Source: core.telegram.org/bots/faq, "My bot is hitting limits"."""

    overall: int = 30  # a second
    person_burst: int = 3
    person_every: float = 1.0  # seconds a message to one person "costs"
    group_burst: int = 5
    group_every: float = 4.0  # 5 at once and 15 in the minute after: never more than 20 in any 60 seconds


class Bucket:
    """A token bucket: `burst` at once, then one each `every` seconds."""

    __slots__ = ("_every", "_full_at", "_tolerance")

    def __init__(self, burst: int, every: float) -> None:
        self._every, self._tolerance = every, (burst - 1) * every
        self._full_at = float("-inf")  # when the bucket will be full again

    def wait(self, now: float) -> float:
        """Seconds until the next message may go."""
        return max(0.0, self._full_at - self._tolerance - now)

    def took(self, now: float) -> None:
        self._full_at = max(self._full_at, now) + self._every

    def is_full(self, now: float) -> bool:
        return self._full_at <= now


class Window:
    """At most `limit` messages in any second, those still under way included."""

    __slots__ = ("_done", "_limit", "_under_way")

    def __init__(self, limit: int) -> None:
        self._limit, self._under_way = limit, 0
        self._done: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until one more may start; 0 takes the place: `finished` must follow."""
        while self._done and self._done[0] <= now - 1:
            self._done.popleft()
        if len(self._done) + self._under_way < self._limit:
            self._under_way += 1
            return 0.0
        return max(0.005, self._done[0] + 1 - now) if self._done else 0.05

    def finished(self, now: float) -> None:
        self._under_way -= 1
        self._done.append(now)


class Pace:
    """The limits of one bot, kept for every chat that is not at rest."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.overall = Window(limits.overall)
        self._chats: dict[str, Bucket] = {}

    def wait(self, chat: str, now: float) -> float:
        """Seconds until this chat may get its next message."""
        bucket = self._chats.get(chat)
        return bucket.wait(now) if bucket else 0.0

    def took(self, chat: str, now: float) -> None:
        """A message went to `chat`."""
        if chat not in self._chats:
            self._forget_full(now)
            self._chats[chat] = self._bucket(chat)
        self._chats[chat].took(now)

    def _bucket(self, chat: str) -> Bucket:
        limits = self._limits
        if chat.startswith("-"):  # Telegram's ids of groups are negative
            return Bucket(limits.group_burst, limits.group_every)
        return Bucket(limits.person_burst, limits.person_every)

    def _forget_full(self, now: float) -> None:
        if len(self._chats) >= 4096:
            self._chats = {chat: bucket for chat, bucket in self._chats.items() if not bucket.is_full(now)}
