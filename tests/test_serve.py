"""The clock beside the channels: it goes on whatever happens, and ends when the program does."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from bot.assistant import A_LOOK
from handlers.serve import tick_until


@pytest.mark.parametrize("broken", [False, True])
def test_the_clock_ticks_until_it_is_stopped(broken: bool) -> None:
    """A tick that fails is told by the kind of its fault and nothing more."""
    looks: list[int] = []

    async def run() -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()

        def tick() -> int:
            looks.append(1)
            if len(looks) == 3:
                loop.call_soon_threadsafe(stop.set)
            if broken:
                raise OSError("李明远的库")
            return 0

        await asyncio.wait_for(tick_until(stop, tick, 0.001), 30)

    with capture_logs() as logs:
        asyncio.run(run())
    assert len(looks) == 3
    assert [(log["event"], log["error"]) for log in logs] == [("clock.failed", "OSError")] * (3 if broken else 0)
    assert "李明远" not in repr(logs)


def test_a_morning_with_many_dossiers_is_not_spread_over_the_minutes() -> None:
    """Three looks are taken though the next minute is an hour away."""

    async def run() -> list[int]:
        stop, looks = asyncio.Event(), [2 * A_LOOK, A_LOOK, 7]

        def tick() -> int:
            if len(looks) == 1:
                loop.call_soon_threadsafe(stop.set)
            return looks.pop(0)

        loop = asyncio.get_running_loop()
        await asyncio.wait_for(tick_until(stop, tick, 3600), 30)
        return looks

    assert asyncio.run(run()) == []
