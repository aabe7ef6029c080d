"""An applicant has blocked the bot: their agent is told, until they are back."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.assistant import Assistant
from bot.casework.engagement import Act, Details
from bot.casework.terms import Role
from bot.desk import booking, messages, moves, staff
from bot.desk.change import Done
from bot.events import Chat, GivenUp
from bot.store import Store
from handlers.telegram.sender import why_given_up
from tests.desk.scene import HALL, request
from tests.telegram.database import settled
from tests.telegram.peers import ScriptedApi, StrictServer, fault, message, until

APPLICANT, AGENT = 7, 8


def done(assistant: Assistant, decide) -> Done:
    result = assistant.perform(decide)
    assert isinstance(result, Done), result
    return result


def engaged(assistant: Assistant) -> str:
    """An engagement of `APPLICANT` that `AGENT` has taken; its number."""
    chat = Chat("telegram", str(AGENT))
    code = done(assistant, lambda desk: staff.invite(desk, [Role.AGENT], HALL)).facts["code"]
    member = done(assistant, lambda desk: staff.join(desk, chat, code, "王代办")).facts["member"]
    number = done(assistant, lambda desk: booking.book(desk, Chat("telegram", str(APPLICANT)), "zh", request())).facts[
        "number"
    ]
    done(assistant, lambda desk: moves.act(desk, desk.records.colleague(member), number, Act.TAKE, Details()))
    return number


def write(assistant: Assistant, number: str) -> None:
    """The agent writes to the applicant."""

    def decide(desk):
        return messages.write(desk, desk.records.member(Chat("telegram", str(AGENT))), number, "请带原件来")

    done(assistant, decide)


def told(strict: StrictServer) -> list[str]:
    """What the agent was told of somebody who is lost."""
    sent = [call["params"] for call in strict.journal("sendMessage") if call["status"] == 200]
    return [one["text"] for one in sent if int(one["chat_id"]) == AGENT and "收不到消息" in one["text"]]


def is_lost(store: Store) -> bool:
    with store.reading() as session:
        return session.lost(Chat("telegram", str(APPLICANT))) is not None


@pytest.mark.peer
def test_who_blocked_the_bot_is_telephoned_until_they_write_again(
    strict: StrictServer, running, assistant: Assistant, store: Store
) -> None:
    number = engaged(assistant)

    async def talk() -> None:
        strict.block(APPLICANT)
        async with running(strict.base_url):
            [text] = await until(lambda: told(strict))
            assert number in text and "请打电话" in text and "认领" in text
            write(assistant, number)
            await until(lambda: sum(row["dead"] for row in settled(store)) == 2)
            strict.block()
            strict.send(message("/start", by=APPLICANT))
            await until(lambda: not is_lost(store))
            strict.block(APPLICANT)
            write(assistant, number)
            await until(lambda: len(told(strict)) == 2)

    asyncio.run(talk())
    assert {error for _, error in strict.refused()} == {"Forbidden: bot was blocked by the user"}
    assert all(row["reason"].startswith("Forbidden") for row in settled(store) if row["dead"])


@pytest.mark.parametrize(
    ("status", "description", "lost"),
    [(400, "Bad Request: chat not found", True), (400, "Bad Request: message text is empty", False)],
)
def test_only_where_nobody_is_there_somebody_is_to_telephone(
    running, assistant: Assistant, store: Store, status: int, description: str, lost: bool
) -> None:
    engaged(assistant)

    async def refuse(method: str, fields: dict) -> web.StreamResponse | None:
        blocked = method == "sendMessage" and int(fields["chat_id"]) == APPLICANT
        return fault(status, description) if blocked else None

    async def talk() -> None:
        async with ScriptedApi(refuse).serving() as api, running(api.base_url):
            await until(lambda: len(settled(store)) == 2 + lost)

    asyncio.run(talk())
    assert [row["say"]["outcome"] for row in settled(store)] == ["offer", "dossier_news", "unreached"][: 2 + lost]
    assert is_lost(store) is lost


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (Forbidden("Forbidden: bot was blocked by the user"), GivenUp.UNREACHABLE),
        (Forbidden("Forbidden: user is deactivated"), GivenUp.UNREACHABLE),
        (Forbidden("Forbidden: bot was kicked from the group chat"), GivenUp.UNREACHABLE),
        (BadRequest("Bad Request: chat not found"), GivenUp.UNREACHABLE),
        (BadRequest("Bad Request: PEER_ID_INVALID"), GivenUp.UNREACHABLE),
        (BadRequest("Bad Request: can't parse entities"), GivenUp.FAULT),
        (BadRequest("Bad Request: message is too long"), GivenUp.FAULT),
        (InvalidToken("Not Found"), GivenUp.FAULT),
        (ChatMigrated(-100), GivenUp.FAULT),
    ],
)
def test_what_telegram_says_where_nobody_is_there(error: TelegramError, why: GivenUp) -> None:
    assert why_given_up(error) is why
