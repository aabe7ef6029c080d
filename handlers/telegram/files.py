"""Files people send: fetched only where one is awaited, within bounds of size and time, and handed to the vault."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from telegram import Bot
from telegram.error import BadRequest

from bot.events import Incoming, SentFile
from handlers.telegram.core import Core
from handlers.telegram.translate import Attachment

Keep = Callable[[bytes], Mapping[str, Any]]  # the vault's receipt
SECONDS = 60.0  # that fetching one file may take
_TOO_LARGE = {"refused": "too_large"}


@dataclass(frozen=True, slots=True)
class Files:
    """Fetches what a chat was asked for. `at_most` bytes a file."""

    bot: Bot
    core: Core
    keep: Keep | None
    at_most: int

    async def fetched(self, incoming: Incoming, attachment: Attachment | None) -> Incoming:
        """The update with the vault's receipt where its file is awaited; else as it came.

        Raises telegram.error.TelegramError, TimeoutError or OSError: the update is to be tried again.
        """
        if self.keep is None or attachment is None or not await self.core.awaits_file(incoming.chat):
            return incoming
        kept = await self._kept(attachment, self.keep)
        sent = SentFile(attachment.kind, attachment.name, attachment.size, kept=kept)
        return replace(incoming, event=sent)

    async def _kept(self, attachment: Attachment, keep: Keep) -> Mapping[str, Any]:
        if (attachment.size or 0) > self.at_most:
            return _TOO_LARGE
        async with asyncio.timeout(SECONDS):
            try:
                file = await self.bot.get_file(attachment.file_id)
            except BadRequest as error:
                if "too big" in error.message.lower():
                    return _TOO_LARGE
                raise
            if (file.file_size or 0) > self.at_most:
                return _TOO_LARGE
            content = bytes(await file.download_as_bytearray())
        return await self.core.keep(keep, content)
