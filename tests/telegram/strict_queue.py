"""The shared strict server with a webhook queue as Telegram's, one delivery at a time, and people who block the bot.

As it is, it starts a delivery loop for every update; two loops at once take an update off the queue that neither has
delivered. `{"blocked": [7]}` posted where updates are: from then on these people, and no others, have blocked the bot.
Run as `strict_queue.py SHARED PORT SECONDS`.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from aiohttp import web

sys.path.insert(0, str(Path(sys.argv[1]) / "telegram"))
import strict_api


class Queued(strict_api.Srv):
    def __init__(self) -> None:
        super().__init__()
        self._delivering = asyncio.Lock()
        self._blocked: set[int] = set()

    async def upd(self, req: web.Request) -> web.Response:
        given = await req.json()
        if "blocked" not in given:
            return await super().upd(req)
        self._blocked = set(given["blocked"])
        return web.json_response({"ok": True})

    async def run(self, b: Any, n: str, params: dict[str, Any], tok: str) -> Any:
        if int(params.get("chat_id", 0)) in self._blocked:
            raise strict_api.Bad("!403Forbidden: bot was blocked by the user")
        return await super().run(b, n, params, tok)

    async def push(self, bot: Any) -> None:
        if self._delivering.locked():
            return  # the loop that is running sees the new update
        async with self._delivering:
            while bot.wh and bot.q:
                await super().push(bot)


strict_api.Srv = Queued
strict_api.main(int(sys.argv[2]), float(sys.argv[3]))
