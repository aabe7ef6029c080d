"""From an update to its replies, for the page and for the HTTP API: in turn, in bounded time, failures recorded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio.to_thread
import structlog
from anyio import CapacityLimiter

from bot.assistant import Assistant
from bot.events import Chat, Incoming, Language, Reply

log = structlog.get_logger()


class NoAnswer(Exception):
    """The assistant failed or took too long; the same update may be sent again."""


class Conversation:
    """One update of a chat at a time, different chats side by side, at most `at_once` answers under way."""

    def __init__(self, assistant: Assistant, at_once: int, seconds: float) -> None:
        self._assistant, self._seconds = assistant, seconds
        self._limiter = CapacityLimiter(at_once)
        self._turns: dict[Chat, tuple[asyncio.Lock, int]] = {}  # chat → (its lock, how many hold or await it)

    async def answer(self, incoming: Incoming) -> tuple[Reply, ...]:
        """The replies to an update; raises NoAnswer."""
        try:
            async with asyncio.timeout(self._seconds), self._turn(incoming.chat):
                replies = await self._in_thread(self._respond, incoming)
        except Exception as error:  # the edge: whatever failed, the person gets a sentence and can try again
            log.error("web.no_answer", update=incoming.update_id, error=type(error).__name__)
            raise NoAnswer from error
        log.info("web.answered", update=incoming.update_id, outcomes=[str(reply.outcome) for reply in replies])
        return replies

    async def ask(self, text: str, language: Language) -> tuple[Reply, ...]:
        """The answer to one question without a conversation; raises NoAnswer."""
        try:
            async with asyncio.timeout(self._seconds):
                replies = await self._in_thread(self._assistant.ask, text, language)
        except Exception as error:  # the edge: as above
            log.error("web.no_answer", error=type(error).__name__)
            raise NoAnswer from error
        log.info("web.answered", outcomes=[str(reply.outcome) for reply in replies])
        return replies

    async def _in_thread(self, work: Callable[..., tuple[Reply, ...]], *arguments: Any) -> tuple[Reply, ...]:
        return await anyio.to_thread.run_sync(work, *arguments, abandon_on_cancel=True, limiter=self._limiter)

    def _respond(self, incoming: Incoming) -> tuple[Reply, ...]:
        """The assistant's answer; an update it keeps failing on gets the answer that says so."""
        try:
            return self._assistant.respond(incoming)
        except Exception as error:
            if self._assistant.failed(incoming, type(error).__name__, outbox=False):
                return self._assistant.respond(incoming)
            raise

    @asynccontextmanager
    async def _turn(self, chat: Chat) -> AsyncIterator[None]:
        lock, users = self._turns.get(chat, (asyncio.Lock(), 0))
        self._turns[chat] = (lock, users + 1)
        try:
            async with lock:
                yield
        finally:
            lock, users = self._turns[chat]
            if users == 1:
                del self._turns[chat]
            else:
                self._turns[chat] = (lock, users - 1)
