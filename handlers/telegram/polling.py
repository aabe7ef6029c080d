"""Fetching updates from Telegram: an offset is confirmed only after every update below it is committed."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, TelegramError

from handlers.telegram.faults import TokenRefusedError
from handlers.telegram.intake import Intake
from handlers.telegram.translate import WANTED
from handlers.telegram.waiting import Patience

log = structlog.get_logger("telegram.polling")
BATCH = 100  # updates a call; also how many are under way at most
RETRY_UPDATE = (0.2, 30.0)  # seconds before an update that failed is tried again, first and longest
RETRY_FETCH = (1.0, 60.0)  # seconds before Telegram is asked again after a fault
_CONFLICT = (
    "另一个程序正在用同一个 TELEGRAM_BOT_TOKEN 接收消息，请停掉其中一个。 "
    "Another program receives this bot's updates: stop one of the two."
)


class PollingBot(Bot):
    """A Bot that hands updates over unparsed: one that PTB cannot read must not take the others with it."""

    async def raw_updates(self, offset: int, timeout: int) -> list[dict[str, Any]]:
        """Updates from `offset` on, oldest first; confirms all below. Waits up to `timeout` seconds for one."""
        wanted: dict[str, Any] = {"timeout": timeout, "limit": BATCH, "allowed_updates": list(WANTED)}
        if offset:
            wanted["offset"] = offset
        read = self._request[0].read_timeout or 0
        updates: list[dict[str, Any]] = await self._post("getUpdates", wanted, read_timeout=timeout + read)
        return updates


class Polling:
    def __init__(self, bot: PollingBot, intake: Intake, wait: int) -> None:
        """`wait`: seconds Telegram may hold a call open while there is nothing new."""
        self._bot, self._intake, self._wait = bot, intake, wait

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch and process until `stop`. Raises TokenRefusedError if Telegram no longer knows the token."""
        offset = told = 0  # the first update not processed yet, and what Telegram has been told of it
        patience = Patience(stop, *RETRY_FETCH)
        while not stop.is_set():
            told = offset
            updates = await self._fetch(offset, stop, patience)
            if updates and await self._take_all(updates, stop):
                offset = updates[-1]["update_id"] + 1
        if offset != told:
            await self._confirm(offset)

    async def _fetch(self, offset: int, stop: asyncio.Event, patience: Patience) -> list[dict[str, Any]]:
        try:
            updates = await _unless(stop, self._bot.raw_updates(offset, self._wait))
        except InvalidToken as error:
            raise TokenRefusedError from error
        except TelegramError as error:
            hint = {"hint": _CONFLICT} if isinstance(error, Conflict) else {}
            log.warning("polling.fault", reason=type(error).__name__, **hint)
            await patience.again()
            return []
        patience.reset()
        return updates

    async def _take_all(self, updates: list[dict[str, Any]], stop: asyncio.Event) -> bool:
        """Process a batch, chats side by side; True once every one of it may be confirmed."""
        return all(await asyncio.gather(*(self._take(raw, stop) for raw in updates)))

    async def _take(self, raw: Mapping[str, Any], stop: asyncio.Event) -> bool:
        receipt = await self._intake.take(raw, Patience(stop, *RETRY_UPDATE).again)
        if receipt.callback is not None:
            await self._acknowledge(receipt.callback)
        return receipt.confirmed

    async def _acknowledge(self, callback: str) -> None:
        """Stop the pressed button from waiting. It is a courtesy: after a restart the press may be too old for it."""
        try:
            await self._bot.answer_callback_query(callback)
        except TelegramError as error:
            log.info("press.unacknowledged", reason=type(error).__name__)

    async def _confirm(self, offset: int) -> None:
        """Tell Telegram at the end what was processed, so that it is not given again at the next start."""
        try:
            await self._bot.raw_updates(offset, 0)
        except TelegramError as error:  # given again, it is recognised by its id
            log.info("polling.unconfirmed", reason=type(error).__name__)


async def _unless(stop: asyncio.Event, call: Any) -> list[dict[str, Any]]:
    """The result of `call`, or nothing if `stop` is set first."""
    calling, stopping = asyncio.ensure_future(call), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((calling, stopping), return_when=asyncio.FIRST_COMPLETED)
        return calling.result() if calling.done() else []
    finally:
        for task in (calling, stopping):
            task.cancel()
        await asyncio.gather(calling, stopping, return_exceptions=True)
