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
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.types import ASGIApp

from bot.assistant import Assistant
from bot.render import Renderer
from bot.store import Store
from bot.vault import Vault
from handlers.web.app import create_app
from handlers.web.server import web_server
from handlers.web.settings import WebSettings
from knowledge.catalogue import Catalogue
from tests.conftest import NOW, ROOT, SEAL, chance
from tests.desk.scene import Scene
from tests.web.chromium import ARGUMENTS, PHONE, Visit
from tests.web.hall import House, Shelf, busy, employ

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
            stores.append(Store(f"sqlite:///{folder / f'{len(stores)}.db'}", SEAL))
            assistant = Assistant(lambda: catalogue, stores[-1], renderer, lambda: NOW, chance())
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


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    """Opens a page as a new visitor; at the end no page may have complained of anything."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def visited(path: str = "/", base: str = server, **who: Any) -> Page:
        who = {"locale": "zh-CN", "viewport": PHONE, "base_url": base} | who
        contexts.append(browser.new_context(**who))
        contexts[-1].set_default_timeout(15_000)
        page = contexts[-1].new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(path)
        return page

    yield visited
    for context in contexts:
        context.close()
    # a page that is not there, and a network that is not there, are reported by the browser and by htmx themselves
    assert [text for text in complaints if "Failed to load resource" not in text and "htmx:" not in text] == []


@pytest.fixture(scope="module")
def house(catalogue: Catalogue, renderer: Renderer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A hall with its people and their work, and its console."""
    folder = tmp_path_factory.mktemp("console")
    store = Store(f"sqlite:///{folder / 'bangban.db'}", SEAL)
    shelf: Any = Shelf(catalogue)
    scene, vault = Scene(shelf, store, renderer), Vault(folder / "files", SEAL, SETTINGS.file_bytes)
    employ(scene)
    numbers = busy(scene, vault)
    tokens = itertools.count()
    token = lambda: f"unguessable-only-outside-tests-{next(tokens)}"  # noqa: E731
    app = create_app(SETTINGS, scene.assistant, lambda: shelf, token, Clock(), vault)
    with running(app) as address:
        yield House(scene, address, vault, numbers)
    store.close()
