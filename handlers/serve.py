"""The main job: the web page, and Telegram beside it when there is a token, until the process is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import signal
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from starlette.types import ASGIApp

from bot.assistant import A_LOOK, Assistant
from bot.outbox import Outbox
from bot.tidying import A_ROUND
from bot.vault import Vault, keeping
from handlers.settings import Settings
from handlers.telegram.channel import Channel, TelegramSettings
from handlers.telegram.faults import ChannelError
from handlers.web.app import create_app
from handlers.web.server import Beside, Server, web_server
from handlers.web.settings import WebSettings
from handlers.web.site import Directory

log = structlog.get_logger("serve")
TICK_SECONDS = 60.0  # between two looks at what time has brought
UPKEEP_SECONDS = 24 * 3600.0  # between two rounds of forgetting and tidying


@dataclass(frozen=True, slots=True)
class Parts:
    """The real things the edges are given."""

    settings: Settings
    templates: Path
    assistant: Assistant
    outbox: Outbox
    knowledge: Callable[[], Directory]
    token: Callable[[], str]  # unguessable strings
    monotonic: Callable[[], float]  # seconds that never go back
    clock: Callable[[], dt.datetime]
    vault: Vault
    file_bytes: int  # of a file that is fetched
    upkeep: Callable[[], int]  # forgets and tidies; how many files went


class AddressTakenError(Exception):
    """The page cannot listen where it should: another program does, or the address is not this machine's."""


def serve(parts: Parts, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT. `ready` is told the page's address once it listens.

    Raises AddressTakenError before anything else is started.
    """
    with _listening(parts.settings) as listener:
        asyncio.run(_serve(parts, listener, ready))


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise AddressTakenError(
            f"{settings.host}:{settings.port} 用不了（{error.strerror}），请另设 BANGBAN_PORT 或 BANGBAN_HOST。 "
            f"{settings.host}:{settings.port} cannot be used ({error.strerror}); set BANGBAN_PORT or BANGBAN_HOST."
        ) from error
    return listener


def _channel(parts: Parts) -> Channel | None:
    """The Telegram channel, if there is a token."""
    settings = parts.settings
    if not settings.token:
        return None
    telegram = TelegramSettings(
        token=settings.token,
        templates=parts.templates,
        base_url=settings.telegram_api,
        webhook_url=settings.webhook_url,
        secret=settings.webhook_secret,
        proxy=settings.proxy,
        file_bytes=parts.file_bytes,
    )
    keep = keeping(parts.vault, parts.token)
    return Channel(telegram, parts.assistant, parts.outbox, parts.clock, keep)


async def _serve(parts: Parts, listener: socket.socket, ready: Callable[[str], None]) -> None:
    stop = asyncio.Event()
    channel = _channel(parts)
    server = web_server(_app(parts, channel), parts.settings.host, parts.settings.port)
    _end_on_signals(server)
    page = asyncio.create_task(server.serve(sockets=[listener]))
    telegram = asyncio.create_task(_telegram(channel, stop, server))
    announcing = asyncio.create_task(_announce(server, listener, ready))
    clock = asyncio.create_task(tick_until(stop, parts.assistant.tick, TICK_SECONDS))
    upkeep = asyncio.create_task(tick_until(stop, parts.upkeep, UPKEEP_SECONDS, A_ROUND, "upkeep.failed"))
    try:
        await page
    finally:
        stop.set()
        await asyncio.gather(clock, upkeep)
        announcing.cancel()
        await asyncio.gather(announcing, return_exceptions=True)
        await telegram


async def tick_until(
    stop: asyncio.Event, tick: Callable[[], int], seconds: float, at_once: int = A_LOOK, failed: str = "clock.failed"
) -> None:
    """Do what time brings, every so many seconds, and again at once where there was as much as one look takes
    (`at_once`). What goes wrong is told by its kind and tried again."""
    while not stop.is_set():
        try:
            if await asyncio.to_thread(tick) >= at_once:
                continue
        except ExceptionGroup as group:
            log.error(failed, error=sorted({type(error).__name__ for error in group.exceptions}))
        except Exception as error:  # noqa: BLE001 - the database is away: everything else goes on
            log.error(failed, error=type(error).__name__)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)


def _end_on_signals(server: Server) -> None:
    """SIGTERM and SIGINT end the page, and with it everything else, after what is under way; a second one at once."""

    def end() -> None:
        server.force_exit = server.should_exit
        server.should_exit = True

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end)


def _app(parts: Parts, channel: Channel | None) -> ASGIApp:
    web = WebSettings(
        templates=parts.templates,
        public_url=parts.settings.public_url,
        telegram_bot=parts.settings.bot_name,
    )
    app = create_app(web, parts.assistant, parts.knowledge, parts.token, parts.monotonic, parts.vault)
    return Beside(app, [channel.route] if channel and channel.route else [])


async def _telegram(channel: Channel | None, stop: asyncio.Event, server: Server) -> None:
    """Trouble with Telegram itself is told and leaves the page alone; a fault of ours ends the program, to be started
    again by whoever watches it."""
    try:
        if channel is not None:
            await channel.run(stop)
    except ChannelError as error:
        log.error("telegram.stopped", reason=str(error))
    except Exception as error:
        log.critical("telegram.crashed", error=type(error).__name__)
        server.should_exit = True
        raise


async def _announce(server: Server, listener: socket.socket, ready: Callable[[str], None]) -> None:
    while not server.started:
        await asyncio.sleep(0.05)
    host, port = listener.getsockname()[:2]
    ready(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")
