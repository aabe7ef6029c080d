"""The shared strict server with a webhook queue as Telegram's: one delivery at a time.

As it is, it starts a delivery loop for every update; two loops at once take an update off the queue that neither has
delivered. Run as `strict_queue.py SHARED PORT SECONDS`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(sys.argv[1]) / "telegram"))
import strict_api


class Queued(strict_api.Srv):
    def __init__(self) -> None:
        super().__init__()
        self._delivering = asyncio.Lock()

    async def push(self, bot: Any) -> None:
        if self._delivering.locked():
            return  # the loop that is running sees the new update
        async with self._delivering:
            while bot.wh and bot.q:
                await super().push(bot)


strict_api.Srv = Queued
strict_api.main(int(sys.argv[2]), float(sys.argv[3]))
