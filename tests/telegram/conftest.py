"""The channel with the real assistant behind it, in front of a Bot API server of the test's choice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

from bot.assistant import Assistant
from bot.outbox import Outbox
from bot.render import Renderer
from bot.store import Store
from handlers.telegram.channel import Channel, TelegramSettings
from knowledge.catalogue import Catalogue
from tests.conftest import chance
from tests.telegram.database import now
from tests.telegram.peers import ROOT, TOKEN, Emulator, StrictServer, emulator, free_port, strict_server

Running = Callable[..., contextlib.AbstractAsyncContextManager[Channel]]


@pytest.fixture
def assistant(catalogue: Catalogue, store: Store, renderer: Renderer) -> Assistant:
    """An assistant whose clock runs: letters become due."""
    return Assistant(lambda: catalogue, store, renderer, now, chance())


@pytest.fixture
def settings() -> TelegramSettings:
    """Settings to which a test adds the server's address."""
    return TelegramSettings(token=TOKEN, templates=ROOT / "templates", poll_seconds=5)


@pytest.fixture
def strict(shared: Path) -> Iterator[StrictServer]:
    with strict_server(shared) as server:
        yield server


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Emulator]:
    with emulator(tmp_path) as server:
        yield server


@pytest.fixture
def running(settings: TelegramSettings, assistant: Assistant, store: Store) -> Running:
    """`async with running(base_url, mode="webhook")`: the channel, started, and stopped at the end."""

    @contextlib.asynccontextmanager
    async def run(
        base_url: str, mode: str = "polling", answering: Any = None, port: int = 0, claimant: str = "", **more: Any
    ) -> AsyncIterator[Channel]:
        port = port or free_port()
        url = f"http://127.0.0.1:{port}/telegram" if mode == "webhook" else ""
        chosen = replace(settings, base_url=base_url, webhook_url=url, **more)
        channel = Channel(chosen, answering or assistant, Outbox(store, "telegram", now, claimant), now)
        stop = asyncio.Event()
        async with _served(channel, port):
            work = asyncio.create_task(channel.run(stop))
            try:
                yield channel
            finally:
                stop.set()
                await asyncio.wait_for(work, 30)

    return run


@contextlib.asynccontextmanager
async def _served(channel: Channel, port: int) -> AsyncIterator[None]:
    if channel.route is None:
        yield
        return
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=[channel.route]), port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait_for(serving, 30)
