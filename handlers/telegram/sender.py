"""Delivering the outbox: one letter of a chat at a time, in order, no faster than Telegram allows.

Delivery is at least once. A letter is marked as sent after Telegram has accepted it; if the process dies between the
two, it goes out again, since the Bot API offers no way to ask. Several processes may deliver (`bot.outbox`); each keeps
the pace for itself, and what Telegram then finds too fast it refuses and gets later.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import deque
from typing import Any

import structlog
from telegram import Bot, InputFile, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.events import Chat, GivenUp, Letter
from bot.outbox import LEASE
from handlers.telegram.core import Core
from handlers.telegram.message import Call, EditText, SendNew, SendPhoto, SendText, calls
from handlers.telegram.pace import Limits, Pace
from handlers.telegram.translate import Origin

log = structlog.get_logger("telegram.sender")
SIDE_BY_SIDE = 32  # letters under way at once
RENEW = LEASE.total_seconds() / 3  # seconds after which letters under way are claimed for longer
LOOK_AGAIN = 2.0  # seconds after which the outbox is read even if nobody said that a letter is due
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 300.0  # seconds before a letter that failed is tried again
MOST_ATTEMPTS = 300  # about a day of them; then a letter is given up
COMPOSE_ATTEMPTS = 3  # a letter that cannot be put into words will not be readier tomorrow


class Sender:
    """Delivers what the assistant has put into the outbox."""

    def __init__(self, bot: Bot, core: Core, limits: Limits) -> None:
        self._bot, self._core = bot, core
        self._pace = Pace(limits)
        self._woken = asyncio.Event()
        self._under_way = 0
        self._busy: set[Chat] = set()  # a letter under way, or resting because they got many
        self._renew_at = 0.0
        self._begun: dict[int, deque[Call]] = {}  # what is still to be sent of letters of several messages

    def wake(self) -> None:
        """There may be letters to send."""
        self._woken.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop`; what is under way then is finished first."""
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                self._woken.clear()
                await self._renew()
                for letter in await self._due():
                    self._busy.add(letter.chat)
                    self._under_way += 1
                    tasks.create_task(self._deliver(letter))
                await self._idle(stop)

    async def _due(self) -> list[Letter]:
        free = SIDE_BY_SIDE - self._under_way
        if free <= 0:
            return []
        try:
            return await self._core.due(free, frozenset(self._busy))
        except Exception as error:  # noqa: BLE001 - the database is away: look again later
            log.error("outbox.unreadable", reason=type(error).__name__)
            return []

    async def _renew(self) -> None:
        """Keep what is under way from coming free: a letter may have to wait for its pace longer than a claim lasts."""
        if not self._busy or self._time() < self._renew_at:
            return
        try:
            await self._core.renew()
            self._renew_at = self._time() + RENEW
        except Exception as error:  # noqa: BLE001 - the database is away: at worst a letter goes out twice
            log.error("claims.unrenewed", reason=type(error).__name__)

    async def _idle(self, stop: asyncio.Event) -> None:
        waiting = [asyncio.ensure_future(self._woken.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waiting, timeout=LOOK_AGAIN, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()

    # --- one letter ---

    async def _deliver(self, letter: Letter) -> None:
        rest = 0.0
        try:
            rest = await self._attempt(letter)
        except Exception as error:  # noqa: BLE001 - the database is away: the letter stays due
            log.error("letter.unsettled", letter=letter.id, reason=type(error).__name__)
            rest = LOOK_AGAIN
        finally:
            self._under_way -= 1
            self._release(letter.chat, rest)

    def _release(self, chat: Chat, rest: float) -> None:
        """Let the chat have its next letter, after `rest` seconds."""
        if rest > 0:
            asyncio.get_running_loop().call_later(rest, self._release, chat, 0.0)
            return
        self._busy.discard(chat)
        self.wake()

    async def _attempt(self, letter: Letter) -> float:
        """Send a letter, or what is left of it; seconds until the chat may get more."""
        try:
            left = self._begun.get(letter.id) or await self._compose(letter)
        except Exception as error:  # noqa: BLE001 - a fault in wording: no other letter may suffer
            return await self._put_off(letter, type(error).__name__, COMPOSE_ATTEMPTS)
        try:
            while left:
                if rest := self._pace.wait(letter.chat.id, self._time()):
                    return rest
                await self._send(letter, left[0])
                left.popleft()
                self._begun[letter.id] = left
        except TelegramError as error:
            return await self._refused(letter, error)
        self._begun.pop(letter.id, None)
        await self._core.sent(letter)
        log.info("letter.sent", letter=letter.id, outcome=letter.say.outcome.value, attempts=letter.attempts)
        return self._pace.wait(letter.chat.id, self._time())

    async def _compose(self, letter: Letter) -> deque[Call]:
        if letter.say.papers:
            await self._show_activity(letter)
        reply = await self._core.compose(letter)
        return deque(calls(reply, Origin.from_json(letter.origin)))

    async def _show_activity(self, letter: Letter) -> None:
        """A paper takes a moment to make: say that something is coming. A courtesy; it may fail."""
        try:
            thread = Origin.from_json(letter.origin).thread
            await self._bot.send_chat_action(int(letter.chat.id), ChatAction.UPLOAD_DOCUMENT, message_thread_id=thread)
        except TelegramError as error:
            log.info("activity.unshown", letter=letter.id, reason=type(error).__name__)

    # --- one call ---

    async def _send(self, letter: Letter, call: Call) -> None:
        while pause := self._pace.overall.wait(self._time()):
            await asyncio.sleep(pause)
        try:
            await self._show(letter, call)
        finally:
            self._pace.overall.finished(self._time())
            self._pace.took(letter.chat.id, self._time())

    async def _show(self, letter: Letter, call: Call) -> None:
        if not isinstance(call, EditText):
            await self._send_new(letter, call)
            return
        try:
            await self._bot.edit_message_text(
                call.html,
                chat_id=int(letter.chat.id),
                message_id=call.message,
                parse_mode=ParseMode.HTML,
                reply_markup=call.keyboard,
            )
        except BadRequest as error:
            if "message is not modified" in error.message.lower():
                return  # it shows this already
            await self._send_new(letter, call.as_new())  # gone, or too old to change

    async def _send_new(self, letter: Letter, call: SendNew) -> None:
        origin = Origin.from_json(letter.origin)
        common: dict[str, Any] = {
            "chat_id": int(letter.chat.id),
            "parse_mode": ParseMode.HTML,
            "reply_markup": call.keyboard,
            "message_thread_id": origin.thread,
            "reply_parameters": _reply_to(origin),
        }
        if isinstance(call, SendText):
            await self._bot.send_message(text=call.html, **common)
            return
        file = InputFile(call.file.content, filename=call.file.name)
        if not isinstance(call, SendPhoto):
            await self._bot.send_document(document=file, caption=call.caption or None, **common)
            return
        try:
            await self._bot.send_photo(photo=file, caption=call.caption or None, **common)
        except BadRequest as error:  # Telegram's word on what a photo is counts
            log.info("photo.refused", letter=letter.id, reason=type(error).__name__)
            await self._send_new(letter, call.as_document())

    # --- what did not go ---

    async def _refused(self, letter: Letter, error: TelegramError) -> float:
        reason = type(error).__name__
        if isinstance(error, RetryAfter):
            return await self._put_off(letter, reason, MOST_ATTEMPTS, _seconds(error.retry_after))
        if _hopeless(error):
            return await self._give_up(letter, why_given_up(error), f"{reason}: {error.message}"[:200])
        return await self._put_off(letter, reason, MOST_ATTEMPTS)

    async def _put_off(self, letter: Letter, reason: str, most: int, pause: float | None = None) -> float:
        """Try a letter again later, unless it has been tried `most` times."""
        if letter.attempts + 1 >= most:
            return await self._give_up(letter, GivenUp.FAULT, reason)
        if pause is None:
            pause = min(FIRST_PAUSE * 2 ** min(letter.attempts, 30), LONGEST_PAUSE)
        await self._core.postpone(letter, pause, reason)
        log.warning("letter.postponed", letter=letter.id, reason=reason, seconds=pause, attempts=letter.attempts + 1)
        asyncio.get_running_loop().call_later(pause, self.wake)
        return 0.0

    async def _give_up(self, letter: Letter, why: GivenUp, reason: str) -> float:
        self._begun.pop(letter.id, None)
        await self._core.give_up(letter, why, reason)
        kind, outcome = reason.partition(":")[0], letter.say.outcome.value
        log.error("letter.dead", letter=letter.id, outcome=outcome, why=why.value, reason=kind)
        return 0.0

    def _time(self) -> float:
        return asyncio.get_running_loop().time()


def _reply_to(origin: Origin) -> ReplyParameters | None:
    """In a group, show which message is answered."""
    return ReplyParameters(origin.asked, allow_sending_without_reply=True) if origin.asked is not None else None


def _hopeless(error: TelegramError) -> bool:
    """Whether the letter can never arrive: blocked, chat gone, not allowed. A token that is refused (401) is the
    operator's to mend, and costs nobody their letter."""
    if isinstance(error, InvalidToken):
        return "unauthorized" not in error.message.lower()
    return isinstance(error, BadRequest | Forbidden | ChatMigrated | EndPointNotFound)


# what Telegram says, besides 403, where nobody is in a chat (any more)
_NOBODY = ("chat not found", "user not found", "peer_id_invalid", "deactivated")


def why_given_up(error: TelegramError) -> GivenUp:
    """Whether it is the chat that cannot be reached, or this letter that is not taken."""
    gone = isinstance(error, BadRequest) and any(sign in error.message.lower() for sign in _NOBODY)
    return GivenUp.UNREACHABLE if gone or isinstance(error, Forbidden) else GivenUp.FAULT


def _seconds(pause: int | dt.timedelta) -> float:
    return pause.total_seconds() if isinstance(pause, dt.timedelta) else float(pause)
