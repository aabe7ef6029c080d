"""Webhook updates a second: this bot beside a bare python-telegram-bot echo bot, in the same run.

    python bench/webhook.py [--updates N] [--chats N] [--runs N] [--catalogue DB]

Three processes: a bot on one core, and on the other a Bot API without delay that also plays Telegram's side of the
webhook (one update of a chat at a time). "confirmed" is until every update got its 200, "answered" until every reply
has arrived. The echo bot is PTB's customwebhookbot example: it confirms what it has only queued, keeps nothing, and
sends by httpx; the second row is the same with this bot's transport. This bot confirms after the commit to its
database and delivers from its outbox; Telegram's sending limits are lifted for the measurement.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import datetime as dt
import json
import os
import platform
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
TOKEN, SECRET = "123:bench", "b" * 32
LONGEST = 120  # seconds a run may take
WARM_UP = 50  # updates sent before the clock starts


@dataclass(frozen=True)
class Candidate:
    name: str
    bot: str  # which bot of this file to start
    text: str


CANDIDATES = (
    Candidate("PTB echo bot (queued, httpx)", "echo", "/help"),
    Candidate("PTB echo bot, this bot's transport", "echo-aiohttp", "/help"),
    Candidate("this bot, /help", "bangban", "/help"),
    Candidate("this bot, a question", "bangban", "补办身份证要多少钱"),
)


@dataclass(frozen=True)
class Measured:
    confirmed: float  # updates a second
    answered: float  # updates a second
    p99: float  # milliseconds until the 200


def measure(
    updates: int = 1000, chats: int = 100, runs: int = 3, catalogue: Path | None = None
) -> list[tuple[Candidate, Measured]]:
    """Every candidate `runs` times, in turns; the medians. Without `catalogue` the project's own is compiled first."""
    found: dict[Candidate, list[Measured]] = {candidate: [] for candidate in CANDIDATES}
    with tempfile.TemporaryDirectory() as folder:
        if catalogue is None:
            catalogue = Path(folder) / "catalogue.db"
            _build(catalogue)
        for run in range(1, runs + 1):
            for candidate in CANDIDATES:
                if sys.stderr.isatty():
                    print(f"{run}/{runs} {candidate.name} …", file=sys.stderr)
                found[candidate].append(asyncio.run(_run(candidate, updates, chats, catalogue)))
    return [(candidate, _median(runs)) for candidate, runs in found.items()]


def table(rows: list[tuple[Candidate, Measured]]) -> str:
    """The figures with their ratio to the first row, as Markdown."""
    base = rows[0][1]
    lines = [
        f"{platform.node()}: {os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}",
        "",
        "| bot | confirmed/s | answered/s | ratio (answered) | p99 of the 200 |",
        "|---|---|---|---|---|",
    ]
    for candidate, got in rows:
        ratio = got.answered / base.answered
        lines.append(
            f"| {candidate.name} | {got.confirmed:,.0f} | {got.answered:,.0f} | {ratio:.2f} | {got.p99:,.0f} ms |"
        )
    return "\n".join(lines)


def _median(runs: list[Measured]) -> Measured:
    return Measured(
        *(statistics.median(getattr(run, part) for run in runs) for part in ("confirmed", "answered", "p99"))
    )


def _build(target: Path) -> None:
    from knowledge.compiling import build_catalogue

    build_catalogue(target, dt.datetime.now(dt.UTC).date())


# --- Telegram's side ----------------------------------------------------------------------------


async def _run(candidate: Candidate, updates: int, chats: int, catalogue: Path) -> Measured:
    from aiohttp import ClientSession, TCPConnector, web

    answers = 0
    done = asyncio.Event()
    wanted = updates + WARM_UP

    async def call(request: web.Request) -> web.Response:
        nonlocal answers
        if request.match_info["method"] == "sendMessage":
            answers += 1
            if answers in (WARM_UP, wanted):
                done.set()
        result = _RESULTS.get(request.match_info["method"], b'{"ok":true,"result":true}')
        return web.Response(body=result, content_type="application/json")

    app = web.Application()
    app.router.add_post("/bot{token}/{method}", call)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    api, port = _free_port(), _free_port()
    await web.TCPSite(runner, "127.0.0.1", api).start()
    try:
        with _bot(candidate, port, api, catalogue):
            async with ClientSession(connector=TCPConnector(limit=0)) as session:
                telegram = _Telegram(session, f"http://127.0.0.1:{port}/telegram", candidate.text)
                await asyncio.wait_for(telegram.reach(), LONGEST)
                await telegram.deliver(range(1, WARM_UP + 1), 1)
                await asyncio.wait_for(done.wait(), LONGEST)
                done.clear()
                begin = time.perf_counter()
                await telegram.deliver(range(WARM_UP + 1, wanted + 1), chats)
                confirmed = time.perf_counter() - begin
                await asyncio.wait_for(done.wait(), LONGEST)
                answered = time.perf_counter() - begin
    finally:
        await runner.cleanup()
    late = statistics.quantiles(telegram.waits[WARM_UP:], n=100)[98]
    return Measured(updates / confirmed, updates / answered, late * 1000)


_ME = {"id": 123, "is_bot": True, "first_name": "B", "username": "bench_bot"}
_SENT = {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}, "text": "x"}
_RESULTS = {
    "getMe": json.dumps({"ok": True, "result": _ME}).encode(),
    "sendMessage": json.dumps({"ok": True, "result": _SENT}).encode(),
    "getWebhookInfo": b'{"ok":true,"result":{"url":"","has_custom_certificate":false,"pending_update_count":0}}',
    "getMyCommands": b'{"ok":true,"result":[]}',
    "getMyDescription": b'{"ok":true,"result":{"description":""}}',
    "getMyShortDescription": b'{"ok":true,"result":{"short_description":""}}',
}


class _Telegram:
    """Delivers updates as Telegram does: the next one of a chat after the last one's 200."""

    def __init__(self, session: Any, url: str, text: str) -> None:
        self._session, self._url, self._text = session, url, text
        self._headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        self.waits: list[float] = []

    async def reach(self) -> None:
        """Wait until the bot takes updates."""
        while True:
            with contextlib.suppress(OSError):
                async with self._session.post(self._url, data=b"{}", headers=self._headers) as response:
                    if response.status in (400, 200):
                        return
            await asyncio.sleep(0.05)

    async def deliver(self, numbers: range, chats: int) -> None:
        await asyncio.gather(*(self._chat(chat, numbers[chat::chats]) for chat in range(chats)))

    async def _chat(self, chat: int, numbers: range) -> None:
        for number in numbers:
            begin = time.perf_counter()
            async with self._session.post(
                self._url, json=self._update(chat, number), headers=self._headers
            ) as response:
                assert response.status == 200, response.status
            self.waits.append(time.perf_counter() - begin)

    def _update(self, chat: int, number: int) -> dict[str, Any]:
        who = {"id": 1000 + chat, "first_name": "P"}
        message = {"message_id": number, "date": 1, "chat": who | {"type": "private"}, "text": self._text}
        return {"update_id": number, "message": message | {"from": who | {"is_bot": False, "language_code": "zh-hans"}}}


@contextlib.contextmanager
def _bot(candidate: Candidate, port: int, api: int, catalogue: Path) -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{Path(folder) / 'bench.db'}"
        command = [sys.executable, __file__, "--serve", candidate.bot, str(port), str(api), str(catalogue), database]
        process = subprocess.Popen(command)
        try:
            yield
        finally:
            process.kill()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stay_on(core: int) -> None:
    """Keep a process to one core where the system can, so that the two sides do not disturb each other."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[core % len(cores)]})


# --- the bots -----------------------------------------------------------------------------------


async def _serve(app: Any, port: int) -> None:
    import uvicorn

    await uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", access_log=False)).serve()


async def _echo(port: int, api: int, aiohttp: bool) -> None:
    """A bare echo bot behind its own web server, as PTB's example customwebhookbot shows it."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route
    from telegram import Update
    from telegram.ext import Application, MessageHandler, filters

    from handlers.telegram.transport import AiohttpRequest

    async def echo(update: Update, context: Any) -> None:
        assert update.message is not None
        await update.message.reply_text(update.message.text or "")

    builder = Application.builder().token(TOKEN).updater(None).base_url(f"http://127.0.0.1:{api}/bot")
    if aiohttp:
        builder = builder.request(AiohttpRequest())
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, echo))

    async def receive(request: Request) -> Response:
        body = await request.json()
        if "update_id" in body:
            await application.update_queue.put(Update.de_json(body, application.bot))
        return Response()

    async with application:
        await application.start()
        await _serve(Starlette(routes=[Route("/telegram", receive, methods=["POST"])]), port)


async def _bangban(port: int, api: int, catalogue_file: Path, database: str) -> None:
    import logging

    import structlog
    from cryptography.fernet import Fernet
    from starlette.applications import Starlette

    from bot.assistant import Assistant
    from bot.desk.desk import Chance
    from bot.outbox import Outbox
    from bot.render import Renderer
    from bot.store import Seal, Store
    from handlers.telegram.channel import Channel, TelegramSettings
    from handlers.telegram.pace import Limits
    from knowledge.catalogue import open_catalogue

    def clock() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    catalogue, store = open_catalogue(catalogue_file), Store(database, Seal([Fernet.generate_key()]))
    catalogue.warm()
    assistant = Assistant(
        lambda: catalogue,
        store,
        Renderer(HOME / "templates"),
        clock,
        Chance(secrets.randbelow, secrets.token_urlsafe, lambda: secrets.token_bytes(16)),
    )
    settings = TelegramSettings(
        token=TOKEN,
        templates=HOME / "templates",
        base_url=f"http://127.0.0.1:{api}/bot",
        webhook_url=f"http://127.0.0.1:{port}/telegram",
        secret=SECRET,
        limits=Limits(overall=10**6, person_burst=10**6, person_every=0),
    )
    channel = Channel(settings, assistant, Outbox(store, "telegram", clock), clock)
    assert channel.route is not None
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(channel.run(asyncio.Event()))
        tasks.create_task(_serve(Starlette(routes=[channel.route]), port))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--updates", type=int, default=1000)
    parser.add_argument("--chats", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--catalogue", type=Path)
    parser.add_argument("--serve", nargs=5, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        bot, port, api, catalogue, database = options.serve
        _stay_on(0)
        if bot == "bangban":
            asyncio.run(_bangban(int(port), int(api), Path(catalogue), database))
        else:
            asyncio.run(_echo(int(port), int(api), bot == "echo-aiohttp"))
        return 0
    _stay_on(1)
    print(table(measure(options.updates, options.chats, options.runs, options.catalogue)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
