"""The other side of the wire: Bot API servers the tests start on free ports, and what people send through them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from aiohttp import web

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "123:test"
LIFE = 300  # seconds after which a server started here ends by itself, whatever happens
STRICT_NAME = "strict_bot"  # the name the strict server gives the bot


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# --- what people send ---------------------------------------------------------------------------


def person(number: int = 7, language: str | None = "zh-hans", **more: Any) -> dict[str, Any]:
    known = {"id": number, "is_bot": False, "first_name": "测试"} | more
    return known | ({"language_code": language} if language else {})


def private(number: int = 7) -> dict[str, Any]:
    return {"id": number, "type": "private", "first_name": "测试"}


def group(number: int = -1005) -> dict[str, Any]:
    return {"id": number, "type": "supergroup", "title": "邻里"}


def message(text: str | None = None, by: int = 7, **more: Any) -> dict[str, Any]:
    """An update's content: a message of person `by`, in private unless `chat` says otherwise."""
    content: dict[str, Any] = {"message_id": 1, "date": 1_760_000_000, "chat": private(by), "from": person(by)}
    return {"message": content | ({"text": text} if text is not None else {}) | more}


def press(data: str, shown: dict[str, Any], by: int = 7, number: str = "c1") -> dict[str, Any]:
    """An update's content: person `by` presses a button on the message `shown`."""
    return {
        "callback_query": {
            "id": number,
            "from": person(by),
            "chat_instance": "1",
            "data": data,
            "message": shown,
        }
    }


AnyPeer = TypeVar("AnyPeer", bound="Peer")


# --- servers ------------------------------------------------------------------------------------


class Peer:
    """A server process spoken to over HTTP."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.process, self.port = process, port
        self.url = f"http://127.0.0.1:{port}"
        self.base_url = f"{self.url}/bot"  # as PTB wants it

    def post(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=30) as response:
            return json.loads(response.read())


class StrictServer(Peer):
    """The strict Bot API server of the shared material, delivering as `strict_queue.py` says."""

    def send(self, content: dict[str, Any]) -> int:
        """Deliver an update; its id."""
        answer = self.post("/_update", {"token": TOKEN, "update": content})
        return int(answer["update_id"])

    def block(self, *people: int) -> None:
        """These people, and no others, have blocked the bot."""
        self.post("/_update", {"blocked": people})

    def journal(self, method: str | None = None) -> list[dict[str, Any]]:
        """Calls the bot made, oldest first; of one method if it is named."""
        return [call for call in self.get("/_journal") if method in (None, call["method"])]

    def refused(self) -> list[tuple[str, str]]:
        """Calls the server did not accept."""
        return [(call["method"], call["error"]) for call in self.journal() if call["status"] >= 400]

    def pending(self) -> int:
        """Updates not yet confirmed."""
        return int(self.get(f"/bot{TOKEN}/getWebhookInfo")["result"]["pending_update_count"])

    def texts(self) -> list[str]:
        """What the bot has sent and put in place of other messages, as HTML."""
        return [
            call["params"]["text"]
            for call in self.journal()
            if call["method"] in ("sendMessage", "editMessageText") and call["status"] == 200
        ]


class Emulator(Peer):
    """lo-bot-api-emulator, made by others for others."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, journal: Path) -> None:
        super().__init__(process, port)
        self.file = journal

    def send(self, content: dict[str, Any]) -> int:
        return int(self.post("/__fixture/updates", {"token": TOKEN, "update": content})["result"]["update_id"])

    def records(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def calls(self, method: str) -> list[dict[str, Any]]:
        return [record for record in self.records() if record.get("method") == method]

    def verdict(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [_script("lo-bot-api-emulator"), "verdict", str(self.file), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


@contextlib.contextmanager
def strict_server(shared: Path) -> Iterator[StrictServer]:
    """The strict server, its deliveries to a webhook one at a time (see `strict_queue.py`)."""
    port = free_port()
    command = [sys.executable, str(Path(__file__).with_name("strict_queue.py")), str(shared), str(port), str(LIFE)]
    with _running(command) as process:
        yield _ready(StrictServer(process, port), "/_journal")


@contextlib.contextmanager
def emulator(folder: Path) -> Iterator[Emulator]:
    port, journal = free_port(), folder / "journal.jsonl"
    options = ["--enable-control", "--allow-insecure-loopback-webhooks", "--journal", str(journal)]
    command = [_script("lo-bot-api-emulator"), "--port", str(port), *options]
    with _running(command) as process:
        yield _ready(Emulator(process, port, journal), "/")


def _script(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    assert found, f"{name} is not installed"
    return found


@contextlib.contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait(timeout=30)


def _ready(peer: AnyPeer, path: str) -> AnyPeer:
    def answers() -> bool:
        assert peer.process.poll() is None, "the server ended"
        try:
            peer.get(path)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    wait_until(answers, 30)
    return peer


# --- waiting ------------------------------------------------------------------------------------


def wait_until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """What `condition` returns once it is true; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition.__name__}"
        time.sleep(0.02)
    return found


async def until(condition: Callable[[], Any], seconds: float = 20) -> Any:
    """The same without stopping the loop; `condition` runs in a thread."""
    deadline = time.monotonic() + seconds
    while not (found := await asyncio.to_thread(condition)):
        assert time.monotonic() < deadline, f"not within {seconds} s: {condition.__name__}"
        await asyncio.sleep(0.02)
    return found


# --- a server that answers as told --------------------------------------------------------------

Answer = Callable[[str, dict[str, Any]], Awaitable[web.StreamResponse | None]]


class Dropped(Exception):
    """Raised by a script: the server closes the connection without an answer."""


class ScriptedApi:
    """A Bot API server for faults the strict one does not make: each call may be answered by the test's script."""

    def __init__(self, script: Answer) -> None:
        self._script = script
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.accepted: list[tuple[str, dict[str, Any]]] = []
        self.updates: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.waiting: list[dict[str, Any]] = []  # updates not yet confirmed
        self.base_url = ""

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        form = request.content_type.startswith("multipart/")
        fields = dict(await request.post()) if form else (await request.json() if request.can_read_body else {})
        self.calls.append((method, fields))
        try:
            scripted = await self._script(method, fields)
        except Dropped:
            assert request.transport is not None
            request.transport.close()
            raise
        if scripted is not None:
            return scripted
        self.accepted.append((method, fields))
        return web.json_response({"ok": True, "result": await self._result(method, fields)})

    async def _result(self, method: str, fields: dict[str, Any]) -> Any:
        if method == "getMe":
            return {"id": 123, "is_bot": True, "first_name": "B", "username": STRICT_NAME}
        if method == "getUpdates":
            return await self._updates(fields)
        if method == "getWebhookInfo":
            return {"url": "", "has_custom_certificate": False, "pending_update_count": 0}
        if method in ("getMyDescription", "getMyShortDescription"):
            return {"description": "", "short_description": ""}
        if method == "getMyCommands":
            return []
        if method in ("sendMessage", "sendDocument", "sendPhoto", "editMessageText"):
            number = int(fields.get("message_id", 0)) or len(self.calls)
            chat = {"id": int(fields["chat_id"]), "type": "private"}
            return {"message_id": number, "date": 1, "chat": chat, "text": "x"}
        return True

    async def _updates(self, fields: dict[str, Any]) -> list[dict[str, Any]]:
        self.waiting = [update for update in self.waiting if update["update_id"] >= fields.get("offset", 0)]
        with contextlib.suppress(TimeoutError):
            if not self.waiting:
                self.waiting.append(await asyncio.wait_for(self.updates.get(), min(fields.get("timeout", 0), 1)))
        while not self.updates.empty():
            self.waiting.append(self.updates.get_nowait())
        return self.waiting

    def sent(self, method: str = "sendMessage") -> list[dict[str, Any]]:
        """Calls of one method that were answered well."""
        return [fields for name, fields in self.accepted if name == method]

    @contextlib.asynccontextmanager
    async def serving(self) -> AsyncIterator[ScriptedApi]:
        app = web.Application()
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        port = free_port()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        self.base_url = f"http://127.0.0.1:{port}/bot"
        try:
            yield self
        finally:
            await runner.cleanup()


def fault(status: int, description: str, **parameters: Any) -> web.Response:
    """A refusal as the Bot API words it."""
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)
