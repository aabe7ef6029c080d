"""The Telegram channel as a whole: one object that a process makes, serves and stops."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from starlette.routing import Route
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.warnings import PTBDeprecationWarning

from handlers.telegram.core import Core
from handlers.telegram.faults import TokenRefusedError, WebhookRefusedError
from handlers.telegram.files import Files, Keep
from handlers.telegram.inline import Inline
from handlers.telegram.intake import Intake
from handlers.telegram.pace import Limits
from handlers.telegram.polling import Polling, PollingBot
from handlers.telegram.profile import publish, read_profiles
from handlers.telegram.sender import Sender
from handlers.telegram.translate import WANTED, Me
from handlers.telegram.transport import AiohttpRequest
from handlers.telegram.waiting import Patience
from handlers.telegram.webhook import secret_for, webhook_route

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.outbox import Outbox

log = structlog.get_logger("telegram")
RETRY_START = (1.0, 60.0)  # seconds before Telegram is tried again while the channel starts


@dataclass(frozen=True, slots=True)
class TelegramSettings:
    """How to reach Telegram; `bot.py` reads them from the environment."""

    token: str = field(repr=False)
    templates: Path  # where the languages' profile.yaml are
    base_url: str = "https://api.telegram.org/bot"  # the token follows
    webhook_url: str = ""  # the whole public https address; empty: polling
    secret: str = field(default="", repr=False)  # of the webhook, 1-256 of A-Za-z0-9_-; empty: made from the token
    proxy: str = ""  # http://host:port
    poll_seconds: int = 25  # Telegram may hold a call open that long; at most 50
    threads: int = 4  # updates worked on at once, and letters
    limits: Limits = field(default_factory=Limits)
    file_bytes: int = 10 * 1024 * 1024  # of a file that is fetched


class Channel:
    """Telegram, from the first call to the last. `run` works until it is told to stop."""

    def __init__(
        self,
        settings: TelegramSettings,
        assistant: Assistant,
        outbox: Outbox,
        clock: Callable[[], dt.datetime],
        keep: Keep | None = None,
    ) -> None:
        """`clock` gives aware datetimes; `keep` takes a file's bytes and gives the vault's receipt.
        Raises OSError or pydantic.ValidationError if the profile files are wrong."""
        self._settings = settings
        self._profiles = read_profiles(settings.templates)
        self._core = Core(assistant, outbox, clock, settings.threads)
        proxy = settings.proxy or None
        self._bot = PollingBot(
            settings.token,
            base_url=settings.base_url,
            request=AiohttpRequest(proxy=proxy),
            get_updates_request=AiohttpRequest(connections=2, proxy=proxy),
        )
        self._sender = Sender(self._bot, self._core, settings.limits)
        inline = Inline(self._bot, self._core, self._profiles, lambda: self.username)
        files = Files(self._bot, self._core, keep, settings.file_bytes)
        self._intake = Intake(self._bot, self._core, self._sender.wake, inline.answer, files)

    @property
    def username(self) -> str | None:
        """The bot's name without @; None until Telegram has been reached."""
        return self._intake.me.username if self._intake.me else None

    @property
    def route(self) -> Route | None:
        """What the web app must serve for the webhook; None when polling."""
        if not self._settings.webhook_url:
            return None
        return webhook_route(urlsplit(self._settings.webhook_url).path or "/", self._secret, self._intake)

    @property
    def _secret(self) -> str:
        return self._settings.secret or secret_for(self._settings.token)

    async def run(self, stop: asyncio.Event) -> None:
        """Receive and deliver until `stop` is set, then finish what is under way.

        Telegram out of reach is waited for. Raises ChannelError where waiting would not help.
        """
        logging.getLogger("telegram").setLevel(logging.ERROR)  # PTB writes messages to its log
        warnings.filterwarnings("ignore", "Deprecated since version v22.2.*retry_after", PTBDeprecationWarning)
        try:
            if await self._start(stop):
                await self._work(stop)
        finally:
            await self._bot.shutdown()
            self._core.close()
            log.info("channel.stopped")

    async def _start(self, stop: asyncio.Event) -> bool:
        patience = Patience(stop, *RETRY_START)
        while not stop.is_set():
            try:
                await self._bot.initialize()
                self._intake.me = Me.of(self._bot.bot)
                await self._point_telegram()
            except InvalidToken as error:
                raise TokenRefusedError from error
            except BadRequest as error:
                raise WebhookRefusedError(error.message) from error
            except TelegramError as error:
                log.warning("channel.unreachable", reason=type(error).__name__)
                await patience.again()
            else:
                log.info("channel.started", mode="webhook" if self._settings.webhook_url else "polling")
                return True
        return False

    async def _point_telegram(self) -> None:
        """Have updates sent where this process expects them. Only what differs is set: a restart disturbs nothing."""
        wanted = _marked(self._settings.webhook_url, self._secret) if self._settings.webhook_url else ""
        info = await self._bot.get_webhook_info()
        if info.url == wanted:
            return
        if not wanted:
            await self._bot.delete_webhook(drop_pending_updates=False)
            return
        await self._bot.set_webhook(wanted, allowed_updates=list(WANTED), secret_token=self._secret)

    async def _work(self, stop: asyncio.Event) -> None:
        profile = asyncio.create_task(publish(self._bot, self._profiles))
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._sender.run(stop))
                tasks.create_task(self._receive(stop))
        except* TokenRefusedError as group:
            raise group.exceptions[0] from None
        finally:
            profile.cancel()
            await asyncio.gather(profile, return_exceptions=True)

    async def _receive(self, stop: asyncio.Event) -> None:
        if self._settings.webhook_url:
            await stop.wait()
        else:
            await Polling(self._bot, self._intake, self._settings.poll_seconds).run(stop)


def _marked(url: str, secret: str) -> str:
    """The webhook's address with a mark of the secret: Telegram shows the address it has, but never the secret, and a
    new secret must be set as well."""
    mark = hashlib.sha256(secret.encode()).hexdigest()[:8]
    return f"{url}{'&' if urlsplit(url).query else '?'}key={mark}"
