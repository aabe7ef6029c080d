"""What goes wrong between the hall and Telegram, and that nobody's message is lost by it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from bot.assistant import FAILURES, Assistant
from bot.events import Chat, Commanded, Incoming
from bot.store import Store
from handlers.telegram.faults import TokenRefusedError
from tests.conftest import on_each_database
from tests.telegram.database import committed, settled
from tests.telegram.peers import TOKEN, Dropped, ScriptedApi, StrictServer, fault, free_port, group, message, until

SECRET = "s" * 32
BLOCKED = 666  # a person something is wrong with


async def accept_all(method: str, fields: dict) -> web.StreamResponse | None:
    return None


def update(number: int, text: str | None = "/help", by: int = 7, **more) -> dict:
    return {"update_id": number, **message(text, by, **more)}


def first_time(wanted: str, make: Callable[[dict], Awaitable[web.StreamResponse]], times: int = 1):
    """A script: the first `times` calls of a method for `BLOCKED` go wrong as `make` says."""
    left = Counter({BLOCKED: times})

    async def script(method: str, fields: dict) -> web.StreamResponse | None:
        if method != wanted or int(fields.get("chat_id", 0)) != BLOCKED or not left[BLOCKED]:
            return None
        left[BLOCKED] -= 1
        return await make(fields)

    return script


async def refuse(status: int, description: str, **parameters) -> web.Response:
    return fault(status, description, **parameters)


@pytest.mark.parametrize(
    "make",
    [
        lambda fields: refuse(429, "Too Many Requests: retry after 1", retry_after=1),
        lambda fields: refuse(500, "Internal Server Error"),
        lambda fields: refuse(502, "Bad Gateway"),
    ],
)
def test_one_chat_waits_and_the_others_go_on(running, store: Store, make) -> None:
    async def talk() -> None:
        async with ScriptedApi(first_time("sendMessage", make)).serving() as api, running(api.base_url):
            for number, who in enumerate([BLOCKED, BLOCKED, 8, 9], 1):
                api.updates.put_nowait(update(number, by=who))
            await until(lambda: len(settled(store)) == 4)
            order = [fields["chat_id"] for fields in api.sent()]
            assert set(order[:2]) == {8, 9} and order[2:] == [BLOCKED, BLOCKED]

    asyncio.run(talk())
    assert [row["dead"] for row in settled(store)] == [0] * 4
    assert [row["attempts"] for row in settled(store) if row["chat"] == str(BLOCKED)] == [1, 0]


def test_a_dropped_connection_is_tried_again(running, store: Store) -> None:
    async def drop(fields: dict) -> web.StreamResponse:
        raise Dropped

    async def talk() -> None:
        async with ScriptedApi(first_time("sendMessage", drop)).serving() as api, running(api.base_url):
            api.updates.put_nowait(update(1, by=BLOCKED))
            await until(lambda: settled(store))
            assert len(api.sent()) == 1

    asyncio.run(talk())
    assert settled(store)[0]["attempts"] == 1


@pytest.mark.parametrize(
    ("status", "description", "reason"),
    [
        (403, "Forbidden: bot was blocked by the user", "Forbidden"),
        (400, "Bad Request: chat not found", "BadRequest"),
        (404, "Not Found", "InvalidToken"),
    ],
)
def test_a_letter_that_can_never_arrive_is_given_up(
    running, store: Store, status: int, description: str, reason: str
) -> None:
    script = first_time("sendMessage", lambda fields: refuse(status, description), times=99)

    async def talk() -> None:
        async with ScriptedApi(script).serving() as api, running(api.base_url):
            api.updates.put_nowait(update(1, by=BLOCKED))
            api.updates.put_nowait(update(2, by=8))
            await until(lambda: len(settled(store)) == 2)
            assert len([name for name, _ in api.calls if name == "sendMessage"]) == 2, "once each"

    asyncio.run(talk())
    sent, dead = sorted(settled(store), key=lambda row: int(row["chat"]))
    assert dead["dead"] and dead["reason"].startswith(reason) and not sent["dead"]


def test_a_token_telegram_forgot_costs_nobody_their_letter(running, store: Store) -> None:
    script = first_time("sendMessage", lambda fields: refuse(401, "Unauthorized"))

    async def talk() -> None:
        async with ScriptedApi(script).serving() as api, running(api.base_url):
            api.updates.put_nowait(update(1, by=BLOCKED))
            await until(lambda: settled(store))

    asyncio.run(talk())
    assert not settled(store)[0]["dead"]


def refuse_chat(store: Store, chat: int) -> None:
    """Make the database refuse what is decided for a chat; that it is busy may still be said."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql(
            f"CREATE TRIGGER poison BEFORE INSERT ON updates WHEN NEW.chat = '{chat}' "
            f"AND NOT EXISTS (SELECT 1 FROM failures WHERE update_id = NEW.update_id AND count = {FAILURES}) "
            "BEGIN SELECT RAISE(ABORT, 'poison'); END"
        )


def test_a_poisonous_update_is_given_up_and_blocks_nobody(running, store: Store) -> None:
    refuse_chat(store, BLOCKED)

    async def talk() -> None:
        async with ScriptedApi(accept_all).serving() as api, running(api.base_url):
            for number, who in enumerate([BLOCKED, 8], 1):
                api.updates.put_nowait(update(number, by=who))
            await until(lambda: len(settled(store)) == 2)
            api.updates.put_nowait(update(3, by=8))
            await until(lambda: len(api.sent()) == 3)
            assert max(fields.get("offset", 0) for name, fields in api.calls if name == "getUpdates") >= 3

    asyncio.run(talk())
    assert sorted(committed(store)) == ["1", "2", "3"]
    assert {row["chat"]: row["say"]["outcome"] == "busy" for row in settled(store)} == {str(BLOCKED): True, "8": False}


UNREADABLE = [
    {"message": {"message_id": 1}},
    {"message": {"message_id": 1, "date": "yesterday", "chat": {"id": 7, "type": "private"}, "text": "x"}},
    {"callback_query": {"id": 3}},
    {"message": "no object"},
]


def test_what_cannot_be_read_blocks_nobody(running, store: Store) -> None:
    async def talk() -> None:
        async with ScriptedApi(accept_all).serving() as api, running(api.base_url):
            for number, content in enumerate(UNREADABLE, 1):
                api.updates.put_nowait({"update_id": number, **content})
            api.updates.put_nowait(update(9, by=8))
            await until(lambda: len(api.sent()) == 2)
            assert sorted(fields["chat_id"] for fields in api.sent()) == [7, 8], "who can be answered is"

    asyncio.run(talk())


def test_two_programs_with_one_token_is_said_and_survived(running, store: Store, capsys) -> None:
    conflicts = Counter({"left": 1})

    async def script(method: str, fields: dict) -> web.StreamResponse | None:
        if method == "getUpdates" and conflicts["left"]:
            conflicts["left"] -= 1
            return fault(409, "Conflict: terminated by other getUpdates request")
        return None

    async def talk() -> None:
        async with ScriptedApi(script).serving() as api, running(api.base_url):
            api.updates.put_nowait(update(1))
            await until(api.sent)

    asyncio.run(talk())
    assert "TELEGRAM_BOT_TOKEN" in capsys.readouterr().out


@on_each_database
def test_two_that_deliver_one_outbox_send_each_letter_once(running, assistant: Assistant, store: Store) -> None:
    """As workers behind one webhook do: every letter is seen by both."""
    people = [Chat("telegram", str(person)) for person in range(100, 120)]
    for number in range(60):
        assistant.accept(Incoming(people[number % 20], str(number), Commanded("help")))

    async def deliver() -> None:
        async with ScriptedApi(accept_all).serving() as api:
            async with running(api.base_url, claimant="a"), running(api.base_url, claimant="b"):
                await until(lambda: len(settled(store)) == 60)
            assert Counter(str(fields["chat_id"]) for fields in api.sent()) == {person.id: 3 for person in people}

    asyncio.run(deliver())


def test_telegram_out_of_reach_at_the_start_is_waited_for(running) -> None:
    left = Counter({"getMe": 1, "getWebhookInfo": 1})

    async def script(method: str, fields: dict) -> web.StreamResponse | None:
        if left[method]:
            left[method] -= 1
            return fault(500, "Internal Server Error")
        return None

    async def talk() -> None:
        async with ScriptedApi(script).serving() as api, running(api.base_url):
            api.updates.put_nowait(update(1))
            await until(api.sent)

    asyncio.run(talk())


def test_a_wrong_token_is_said_at_once(running) -> None:
    async def script(method: str, fields: dict) -> web.StreamResponse | None:
        return fault(401, "Unauthorized")

    async def talk() -> None:
        async with ScriptedApi(script).serving() as api:
            with contextlib.suppress(asyncio.CancelledError):
                async with running(api.base_url):
                    await until(lambda: any(name == "getMe" for name, _ in api.calls))

    with pytest.raises(TokenRefusedError, match="BotFather"):
        asyncio.run(talk())


# --- the webhook's door -------------------------------------------------------------------------


async def post(url: str, body: bytes, secret: str | None = SECRET) -> int:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret is not None else {}
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as response:
        return response.status


def at_the_door(running, store: Store, work: Callable[[str, ScriptedApi], Awaitable[None]]) -> None:
    """Run `work` with the address of a webhook that is ready."""

    async def talk() -> None:
        port = free_port()
        url = f"http://127.0.0.1:{port}/telegram"
        async with (
            ScriptedApi(accept_all).serving() as api,
            running(api.base_url, "webhook", port=port, secret=SECRET),
        ):
            await until(lambda: any(name == "setWebhook" for name, _ in api.calls))
            await work(url, api)

    asyncio.run(talk())


def encoded(content: dict) -> bytes:
    return json.dumps(content).encode()


def test_only_telegram_gets_in(running, store: Store) -> None:
    async def work(url: str, api: ScriptedApi) -> None:
        body = encoded(update(1))
        for secret in (None, "", "wrong", SECRET + "x", "é" * 32):
            assert await post(url, body, secret) == 403
        assert await post(url, body) == 200

    at_the_door(running, store, work)
    assert committed(store) == ["1"]


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"{", 400), (b"[]", 400), (b'{"update_id":"1"}', 400), (b" " * (2 << 20), 413), (b"\xff\xfe", 400)],
)
def test_what_is_no_update_is_refused(running, store: Store, body: bytes, status: int) -> None:
    async def work(url: str, api: ScriptedApi) -> None:
        assert await post(url, body) == status
        assert await post(url, encoded(update(1))) == 200

    at_the_door(running, store, work)


def test_the_same_update_twice_happens_once(running, store: Store) -> None:
    async def work(url: str, api: ScriptedApi) -> None:
        body = encoded(update(1))
        assert await asyncio.gather(*(post(url, body) for _ in range(5))) == [200] * 5
        assert await post(url, encoded(update(2, "/lang"))) == 200
        await until(lambda: len(settled(store)) == 2)
        assert len(api.sent()) == 2

    at_the_door(running, store, work)
    assert committed(store) == ["1", "2"]


def test_a_failing_update_is_asked_for_again_and_given_up_the_third_time(running, store: Store) -> None:
    refuse_chat(store, BLOCKED)

    async def work(url: str, api: ScriptedApi) -> None:
        body = encoded(update(1, by=BLOCKED))
        assert [await post(url, body) for _ in range(4)] == [500, 500, 200, 200]
        await until(lambda: settled(store))
        assert len(api.sent()) == 1

    at_the_door(running, store, work)


def test_one_chats_updates_are_answered_in_order(running, store: Store) -> None:
    def asked(number: int) -> str:
        return "/lang zh" if number % 2 else "/lang en"

    async def talk() -> None:
        async with ScriptedApi(accept_all).serving() as api, running(api.base_url):
            for number in range(1, 7):
                api.updates.put_nowait(update(number, asked(number)))
            await until(lambda: len(api.sent()) == 6)
            languages = ["en" if fields["text"].isascii() else "zh" for fields in api.sent()]
            assert languages == ["zh", "en"] * 3

    asyncio.run(talk())


@pytest.mark.peer
def test_telegrams_limits_are_kept(strict: StrictServer, running) -> None:
    """A crowd, one impatient person and a lively group: the strict server counts, and refuses none."""

    async def talk() -> None:
        for number in range(40):
            strict.send(message("/help", by=1000 + number))
        for _ in range(6):
            strict.send(message("/help"))
        for number in range(7):
            strict.send(message("/help@strict_bot", number + 1, chat=group(), message_id=number + 1))
        async with running(strict.base_url):
            await until(lambda: len(strict.texts()) == 53, 60)
        assert strict.refused() == []

    asyncio.run(talk())


def test_nothing_anybody_wrote_reaches_the_log(running, store: Store, capsys) -> None:
    refuse_chat(store, BLOCKED)

    async def talk() -> None:
        async with ScriptedApi(accept_all).serving() as api, running(api.base_url):
            api.updates.put_nowait(update(1, "张三的身份证丢了", by=BLOCKED))
            api.updates.put_nowait({"update_id": 2, "message": {"text": "张三的身份证丢了"}})
            api.updates.put_nowait(update(3, "张三的身份证丢了"))
            await until(lambda: len(api.sent()) >= 2)

    asyncio.run(talk())
    said = capsys.readouterr()
    assert "update.parked" in said.out and "张三" not in said.out + said.err
    assert TOKEN not in said.out + said.err
