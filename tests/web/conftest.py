"""A real server on a free port, with the project's own catalogue behind it; and a real browser."""

from __future__ import annotations

import itertools
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from bot.assistant import Assistant
from bot.render import Renderer
from bot.store import Store
from handlers.web.app import create_app
from handlers.web.server import web_server
from handlers.web.settings import WebSettings
from knowledge.catalogue import Catalogue
from tests.conftest import NOW, ROOT

TEMPLATES = ROOT / "templates"
SETTINGS = WebSettings(TEMPLATES, questions_a_minute=100_000, requests_a_minute=100_000)
CHROMIUM = os.environ.get("BANGBAN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")

MakeApp = Callable[..., ASGIApp]


class _Server(uvicorn.Server):
    """A server that says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: object = None) -> None:
        await super().startup(sockets)  # type: ignore[arg-type]
        self.ready.set()


@contextmanager
def running(app: ASGIApp) -> Iterator[str]:
    """`app` behind a real server; gives its address."""
    server = _Server(web_server(app, "127.0.0.1", 0).config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    assert server.ready.wait(30), "the server did not start"
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)


@dataclass
class Clock:
    """Seconds that pass when a test says so."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="session")
def make_app(catalogue: Catalogue, renderer: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeApp]:
    """Makes applications, each with a conversation store of its own."""
    stores: list[Store] = []
    folder = tmp_path_factory.mktemp("web")

    def make(clock: Clock | None = None, assistant: Assistant | None = None, **changed: object) -> ASGIApp:
        settings = replace(SETTINGS, **changed)  # type: ignore[arg-type]
        if assistant is None:
            stores.append(Store(f"sqlite:///{folder / f'{len(stores)}.db'}"))
            assistant = Assistant(lambda: catalogue, stores[-1], renderer, lambda: NOW)
        numbers = itertools.count(1)
        token = lambda: f"unguessable-only-outside-tests-{next(numbers)}"  # noqa: E731
        return create_app(settings, assistant, lambda: catalogue, token, clock or Clock())

    yield make
    for store in stores:
        store.close()


@pytest.fixture(scope="session")
def server(make_app: MakeApp) -> Iterator[str]:
    """The address of a running web page."""
    with running(make_app(telegram_bot="linyi_bangban_bot")) as address:
        yield address


@pytest.fixture
def web(server: str) -> Iterator[httpx.Client]:
    """A visitor without scripts, who takes Chinese pages and keeps cookies."""
    with httpx.Client(base_url=server, headers={"Accept-Language": "zh-CN"}, timeout=30) as client:
        yield client


@pytest.fixture(scope="session")
def chromium() -> Path:
    if not CHROMIUM:
        pytest.skip("Chromium is not installed (Debian, Ubuntu: apt-get install chromium)")
    return Path(CHROMIUM)
