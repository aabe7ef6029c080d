"""Waiting that ends early when the process is to stop, and growing pauses between attempts."""

from __future__ import annotations

import asyncio


async def wait_or_stop(stop: asyncio.Event, seconds: float) -> bool:
    """Wait `seconds`, but not beyond `stop`; whether to go on."""
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return True
    return False


class Patience:
    """Pauses between attempts at one thing: each twice as long as the one before, up to a limit."""

    def __init__(self, stop: asyncio.Event, first: float, longest: float) -> None:
        """`first` and `longest` pause in seconds; none outlasts `stop`."""
        self._stop, self._first, self._longest = stop, first, longest
        self._next = first

    async def again(self) -> bool:
        """Wait, and say whether to try once more."""
        pause, self._next = self._next, min(self._next * 2, self._longest)
        return await wait_or_stop(self._stop, pause)

    def reset(self) -> None:
        """It worked: the next pause is a short one again."""
        self._next = self._first
