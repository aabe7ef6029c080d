"""How much one visitor may ask: a bucket of tokens for each, that refills with time (token bucket)."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

KEYS = 20_000  # visitors remembered; the one silent longest is forgotten first


class Limit:
    """`a_minute` requests a minute for each key, in bursts of as many. Thread-safe; memory is bounded."""

    def __init__(self, a_minute: int, clock: Callable[[], float]) -> None:
        """`clock` gives seconds and never goes back (time.monotonic)."""
        self._most = float(a_minute)
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # key → (tokens, at)
        self._lock = threading.Lock()

    def allows(self, key: str, cost: float = 1.0) -> bool:
        """Whether `key` may go on; if so, `cost` is taken from its bucket."""
        now = self._clock()
        with self._lock:
            tokens, at = self._buckets.pop(key, (self._most, now))
            tokens = min(self._most, tokens + (now - at) * self._most / 60)
            allowed = tokens >= cost
            self._buckets[key] = (tokens - cost if allowed else tokens, now)
            if len(self._buckets) > KEYS:
                self._buckets.popitem(last=False)
        return allowed
