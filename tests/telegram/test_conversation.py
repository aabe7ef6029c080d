"""Conversations through the whole channel, against a server that checks every call by the Bot API's own schema."""

from __future__ import annotations

import asyncio

import pytest

from bot.events import Outcome, Say
from bot.says import say_to_json
from bot.store import Store
from bot.store.schema import outbox
from handlers.telegram.translate import Origin
from tests.telegram.database import now, settled
from tests.telegram.peers import STRICT_NAME, TOKEN, StrictServer, free_port, group, message, person, press, until

pytestmark = pytest.mark.peer
BOTH = pytest.mark.parametrize("mode", ["polling", "webhook"])


def bots_message(number: int, by: int = 7) -> dict:
    """The bot's message `number` to person `by`, as a press on it shows it."""
    return message("…", by)["message"] | {"message_id": number, "from": person(123, None, is_bot=True)}


@BOTH
def test_a_question_is_answered_with_its_fee_and_basis(strict: StrictServer, running, mode: str) -> None:
    async def talk() -> None:
        async with running(strict.base_url, mode):
            await until(lambda: strict.journal("getMe"))
            strict.send(message("补办身份证要多少钱"))
            (text, *_) = await until(strict.texts)
        assert "40元" in text and "发改价格〔2003〕2322号" in text
        assert text.index("多少钱") < text.index("要带什么"), "what was asked comes first"
        assert strict.refused() == []

    asyncio.run(talk())


@BOTH
def test_a_press_is_answered_and_acknowledged(strict: StrictServer, running, mode: str) -> None:
    async def talk() -> None:
        async with running(strict.base_url, mode):
            await until(lambda: strict.journal("getMe"))
            strict.send(message("/start"))
            await until(strict.texts)
            strict.send(press("l:en", bots_message(101)))
            await until(lambda: len(strict.texts()) == 2)
            acknowledged = "answerCallbackQuery" if mode == "polling" else "webhook-reply:answerCallbackQuery"
            await until(lambda: strict.journal(acknowledged))
        assert strict.texts()[1].isascii(), "in English now"
        assert strict.refused() == []

    asyncio.run(talk())


def put_into_outbox(store: Store, said: Say, origin: Origin) -> None:
    """Queue a letter for person 7, as the assistant does."""
    row = {"channel": "telegram", "chat": "7", "say": say_to_json(said), "language": "zh", "simple": False}
    moments = {"queued_at": now(), "due_at": now()}
    with store.engine.begin() as connection:
        connection.execute(outbox.insert().values(**row, **moments, origin=origin.to_json(), attempts=0, dead=False))


def test_a_reply_may_take_the_place_of_the_pressed_message(strict: StrictServer, running, store: Store) -> None:
    instead = Say(Outcome.HELP, replaces=True)

    async def talk() -> None:
        async with running(strict.base_url):
            strict.send(message("/start"))
            await until(strict.texts)
            for pressed in (101, 101, 9999):  # changed, as it is already, gone
                put_into_outbox(store, instead, Origin(pressed=pressed))
            await until(lambda: len(settled(store)) == 4)

    asyncio.run(talk())
    assert [call["status"] for call in strict.journal("editMessageText")] == [200, 400, 400]
    assert len(strict.journal("sendMessage")) == 2, "only the one that is gone is answered by a new message"
    assert [row["dead"] for row in settled(store)] == [0] * 4


def test_the_notice_comes_as_a_document(strict: StrictServer, running) -> None:
    async def talk() -> None:
        async with running(strict.base_url):
            strict.send(message("/start item_id_card_apply"))
            await until(strict.texts)
            strict.send(press("d:id_card_apply", bots_message(101)))
            (call, *_) = await until(lambda: strict.journal("sendDocument"))
        assert call["status"] == 200 and call["files"] == 1
        assert call["params"]["document"] > 10_000, "bytes of a PDF with its font"
        assert strict.journal("sendChatAction")
        assert strict.refused() == []

    asyncio.run(talk())


def test_in_a_group_only_what_is_addressed_is_answered(strict: StrictServer, running, store: Store) -> None:
    async def talk() -> None:
        async with running(strict.base_url):
            strict.send(message("今天天气真好", chat=group()))
            strict.send(message("/help@other_bot", chat=group()))
            strict.send(message(f"@{STRICT_NAME} 补办身份证要多少钱", chat=group(), message_id=33))
            (call, *_) = await until(lambda: strict.journal("sendMessage"))
            strict.send(message(f"/help@{STRICT_NAME}", chat=group()))
            await until(lambda: len(strict.texts()) == 2)
        assert call["params"]["chat_id"] == -1005
        assert call["params"]["reply_parameters"]["message_id"] == 33
        assert strict.refused() == []

    asyncio.run(talk())


@BOTH
def test_what_wants_no_answer_is_confirmed_and_the_rest_goes_on(strict: StrictServer, running, mode: str) -> None:
    changed = {"chat": group(), "from": person(), "date": 1}
    member = {"status": "member", "user": person(123, None, is_bot=True)}

    async def talk() -> None:
        async with running(strict.base_url, mode):
            await until(lambda: strict.journal("getMe"))
            strict.send({"edited_message": message("改过的")["message"]})
            strict.send({"my_chat_member": changed | {"old_chat_member": member, "new_chat_member": member}})
            strict.send(
                {"channel_post": {"message_id": 1, "date": 1, "chat": {"id": -9, "type": "channel", "title": "c"}}}
            )
            strict.send(message(sticker=STICKER))
            strict.send(message("/help"))
            await until(lambda: len(strict.texts()) == 2)
        assert strict.refused() == []

    asyncio.run(talk())


STICKER = {
    "file_id": "s",
    "file_unique_id": "s",
    "type": "regular",
    "width": 1,
    "height": 1,
    "is_animated": False,
    "is_video": False,
}


def test_inline_mode_offers_notices_and_a_way_to_the_bot(strict: StrictServer, running) -> None:
    def asked(text: str) -> dict:
        return {"inline_query": {"id": "1", "from": person(), "query": text, "offset": ""}}

    def answers() -> list[dict]:
        return strict.journal("answerInlineQuery")

    async def talk() -> None:
        async with running(strict.base_url):
            strict.send(asked("护照"))
            (found, *_) = await until(answers)
            strict.send(asked("🙂"))
            (_, nothing, *_) = await until(lambda: answers() if len(answers()) == 2 else [])
        results = found["params"]["results"]
        assert "护照" in results[0]["title"] and len(results) <= 20
        (button,) = results[0]["reply_markup"]["inline_keyboard"][0]
        assert button["url"].startswith(f"https://t.me/{STRICT_NAME}?start=item_")
        assert nothing["params"]["results"] == [] and nothing["params"]["button"]["start_parameter"]
        assert strict.refused() == []

    asyncio.run(talk())


def test_the_profile_is_set_in_both_languages(strict: StrictServer, running) -> None:
    async def talk() -> None:
        async with running(strict.base_url):
            await until(lambda: len(strict.journal("setMyShortDescription")) == 3)

        def languages(method: str) -> set[str | None]:
            return {call["params"].get("language_code") for call in strict.journal(method)}

        assert languages("setMyDescription") == languages("setMyShortDescription") == {None, "zh", "en"}
        assert languages("setMyCommands") == {None, "en"}, "this server has one list for all; zh found its own there"
        assert strict.refused() == []

    asyncio.run(talk())


def test_a_restart_sets_the_webhook_only_if_it_changed(strict: StrictServer, running) -> None:
    port = free_port()

    async def start(secret: str) -> int:
        async with running(strict.base_url, "webhook", port=port, secret=secret):
            strict.send(message("/help"))
            await until(lambda: strict.pending() == 0)
        return len(strict.journal("setWebhook"))

    assert asyncio.run(start("a" * 20)) == 1
    assert asyncio.run(start("a" * 20)) == 1, "the same again is left alone"
    assert asyncio.run(start("b" * 20)) == 2, "a new secret must be told"


def test_polling_takes_over_from_a_webhook_and_loses_nothing(strict: StrictServer, running) -> None:
    strict.post(f"/bot{TOKEN}/setWebhook", {"url": "http://127.0.0.1:9/gone"})
    strict.send(message("/help"))

    async def talk() -> None:
        async with running(strict.base_url):
            await until(strict.texts)
        assert strict.refused() == []

    asyncio.run(talk())
