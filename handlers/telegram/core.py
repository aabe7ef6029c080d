"""The assistant and its outbox, for code that must not wait: every call runs in a thread.

A call waits for the database, and a paper takes a tenth of a second to make; meanwhile other chats go on.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from bot.events import Chat, GivenUp, Incoming, Language, Letter, Reply, Suggestion

if TYPE_CHECKING:
    from bot.assistant import Assistant
    from bot.outbox import Outbox

P = ParamSpec("P")
T = TypeVar("T")


class Core:
    """What the channel asks of the assistant, to be awaited. Errors come through as they are."""

    def __init__(self, assistant: Assistant, outbox: Outbox, clock: Callable[[], dt.datetime], threads: int) -> None:
        """`threads`: calls that may run at once, for updates and for letters each: a hundred updates that wait for
        the database must not keep a letter from being noted as sent."""
        self._assistant, self._outbox, self._clock = assistant, outbox, clock
        self._updates = ThreadPoolExecutor(threads, thread_name_prefix="telegram-updates")
        self._letters = ThreadPoolExecutor(threads, thread_name_prefix="telegram-letters")

    def close(self) -> None:
        """Wait for what is running."""
        self._updates.shutdown()
        self._letters.shutdown()

    async def accept(self, incoming: Incoming) -> bool:
        return await _run(self._updates, self._assistant.accept, incoming)

    async def failed(self, incoming: Incoming, reason: str) -> bool:
        return await _run(self._updates, self._assistant.failed, incoming, reason)

    async def awaits_file(self, chat: Chat) -> bool:
        return await _run(self._updates, self._assistant.awaits_file, chat)

    async def keep(self, keep: Callable[[bytes], Mapping[str, Any]], content: bytes) -> Mapping[str, Any]:
        return await _run(self._updates, keep, content)

    async def compose(self, letter: Letter) -> Reply:
        return await _run(self._letters, self._assistant.compose, letter)

    async def suggest(self, text: str, language: Language, limit: int) -> tuple[Suggestion, ...]:
        return await _run(self._updates, self._assistant.suggest, text, language, limit)

    async def due(self, limit: int, busy: Collection[Chat]) -> list[Letter]:
        return await _run(self._letters, self._outbox.due, self._clock(), limit, busy)

    async def renew(self) -> None:
        await _run(self._letters, self._outbox.renew)

    async def sent(self, letter: Letter) -> None:
        await _run(self._letters, self._outbox.sent, letter)

    async def postpone(self, letter: Letter, seconds: float, reason: str) -> None:
        await _run(self._letters, self._outbox.postpone, letter, self._clock() + dt.timedelta(seconds=seconds), reason)

    async def give_up(self, letter: Letter, why: GivenUp, reason: str) -> None:
        settle = self._assistant.unreached if why is GivenUp.UNREACHABLE else self._outbox.dead
        await _run(self._letters, settle, letter, reason)


async def _run(threads: Executor, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, lambda: work(*arguments, **named))
