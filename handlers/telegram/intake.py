"""One intake for polling and webhook: an update is confirmed to Telegram only after it is committed.

PTB's own polling and webhook confirm what they have only queued, and lose it when the process dies.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from telegram import Bot, InlineQuery, Update

from bot.events import Chat, Incoming
from handlers.telegram import translate
from handlers.telegram.core import Core
from handlers.telegram.files import Files
from handlers.telegram.translate import Attachment, Ignored, Me

log = structlog.get_logger("telegram.intake")


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of an update."""

    confirmed: bool  # Telegram may forget it
    callback: str | None = None  # the press to acknowledge, so that the button stops waiting


@dataclass(frozen=True, slots=True)
class _Reading:
    incoming: Incoming | Ignored
    callback: str | None = None
    inline: InlineQuery | None = None
    attachment: Attachment | None = None


class Lanes:
    """One update of a chat at a time, in the order they came; different chats side by side."""

    def __init__(self) -> None:
        self._lanes: dict[Chat, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def of(self, chat: Chat) -> AsyncIterator[None]:
        lock, waiting = self._lanes.get(chat, (asyncio.Lock(), 0))
        self._lanes[chat] = lock, waiting + 1
        try:
            async with lock:
                yield
        finally:
            lock, waiting = self._lanes.pop(chat)
            if waiting > 1:
                self._lanes[chat] = lock, waiting - 1


class Intake:
    """Takes one update at a time off an edge and hands it to the assistant."""

    def __init__(
        self,
        bot: Bot,
        core: Core,
        queued: Callable[[], None],
        answer_inline: Callable[[InlineQuery], Awaitable[None]],
        files: Files,
    ) -> None:
        """`queued` is called when there are letters to send."""
        self.me: Me | None = None  # known once Telegram has been reached; nothing is taken before
        self._bot, self._core = bot, core
        self._queued, self._answer_inline, self._files = queued, answer_inline, files
        self._lanes = Lanes()

    async def take(self, raw: Mapping[str, Any], again: Callable[[], Awaitable[bool]] | None = None) -> Receipt:
        """Process an update. Not confirmed: it failed, and is to be given once more.

        `again` waits after a failure and says whether to try once more here; later updates of the chat wait behind it.
        """
        reading = self._read(raw)
        if reading.inline is not None:
            await self._answer_inline(reading.inline)
            return Receipt(True)
        incoming = reading.incoming
        if isinstance(incoming, Ignored):
            log.info("update.ignored", update=raw["update_id"], reason=incoming.reason)
            return Receipt(True, reading.callback)
        async with self._lanes.of(incoming.chat):
            settled = await self._settle(incoming, reading.attachment)
            while not settled and again is not None and await again():
                settled = await self._settle(incoming, reading.attachment)
        return Receipt(settled, reading.callback)

    def _read(self, raw: Mapping[str, Any]) -> _Reading:
        assert self.me is not None
        try:
            update = Update.de_json(dict(raw), self._bot)
        except Exception as error:  # noqa: BLE001 - PTB must not block the updates behind
            log.warning("update.unreadable", update=raw["update_id"], reason=type(error).__name__)
            return _Reading(translate.salvage(raw))
        if update.inline_query:
            return _Reading(Ignored("inline"), inline=update.inline_query)
        pressed = update.callback_query.id if update.callback_query else None
        attached = translate.attachment(update.message)
        return _Reading(translate.incoming(update, self.me), callback=pressed, attachment=attached)

    async def _settle(self, incoming: Incoming, attachment: Attachment | None) -> bool:
        """One attempt at an update; True once it is committed, or given up after its third failure."""
        try:
            fresh = await self._core.accept(await self._files.fetched(incoming, attachment))
        except Exception as error:  # noqa: BLE001 - recorded; the update comes again
            return await self._record(incoming, type(error).__name__)
        log.info("update.committed" if fresh else "update.known", update=incoming.update_id)
        if fresh:
            self._queued()
        return True

    async def _record(self, incoming: Incoming, reason: str) -> bool:
        try:
            parked = await self._core.failed(incoming, reason)
        except Exception as error:  # noqa: BLE001 - the database is away
            log.error("update.failed", update=incoming.update_id, reason=reason, unrecorded=type(error).__name__)
            return False
        log.error("update.parked" if parked else "update.failed", update=incoming.update_id, reason=reason)
        if parked:
            self._queued()
        return parked
