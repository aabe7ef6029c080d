"""What an update says, and whether it says it to the bot."""

from __future__ import annotations

from typing import Any

import pytest
from telegram import Update

from bot.events import Chat, Commanded, Incoming, Pressed, Said, SentContact, SentFile, SentPlace
from handlers.telegram.translate import Ignored, Me, Origin, incoming, salvage
from tests.telegram.peers import group, message, person, press, private

ME = Me(123, "hall_bot")


def read(content: dict[str, Any], me: Me = ME) -> Incoming | Ignored:
    return incoming(Update.de_json({"update_id": 5, **content}, None), me)


def event(content: dict[str, Any]) -> Any:
    understood = read(content)
    assert isinstance(understood, Incoming), understood
    return understood.event


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("补办身份证", Said("补办身份证")),
        ("/start", Commanded("start")),
        ("/start item_passport", Commanded("start", "item_passport")),
        ("/START@hall_bot  item_a \n", Commanded("start", "item_a")),
        ("/region 兰山区", Commanded("region", "兰山区")),
        ("/ start", Said("/ start")),
        ("/开始", Said("/开始")),
        ("", Said("")),
        ("半个\ud83d字", Said("半个\ufffd字")),
    ],
)
def test_words(text: str, expected: Any) -> None:
    assert event(message(text)) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            {"contact": {"phone_number": "139", "first_name": "a", "user_id": 7}},
            SentContact("139", True),
        ),
        (
            {"contact": {"phone_number": "139", "first_name": "a", "user_id": 8}},
            SentContact("139", False),
        ),
        ({"contact": {"phone_number": "110", "first_name": "a"}}, SentContact("110", False)),
        ({"location": {"latitude": 35.05, "longitude": 118.35}}, SentPlace(35.05, 118.35)),
        (
            {"document": {"file_id": "f", "file_unique_id": "f", "file_name": "表.pdf", "file_size": 12}},
            SentFile("document", "表.pdf", 12),
        ),
        ({"photo": [{"file_id": "f", "file_unique_id": "f", "width": 1, "height": 1}]}, SentFile("photo")),
        (
            {"photo": [{"file_id": "f", "file_unique_id": "f", "width": 1, "height": 1}], "caption": "这张表交到哪"},
            Said("这张表交到哪"),
        ),
        ({"voice": {"file_id": "f", "file_unique_id": "f", "duration": 1, "file_size": 9}}, SentFile("voice", None, 9)),
    ],
)
def test_other_content(content: dict[str, Any], expected: Any) -> None:
    assert event(message(**content)) == expected


def test_a_press_names_the_message_it_hangs_on() -> None:
    shown = message("…")["message"] | {"message_id": 44}
    understood = read(press("p:passport:fee", shown))
    assert isinstance(understood, Incoming)
    assert understood.event == Pressed("p:passport:fee")
    assert understood.chat == Chat("telegram", "7") and understood.update_id == "5"
    assert Origin.from_json(understood.origin) == Origin(pressed=44)


def test_a_press_on_a_message_telegram_no_longer_shows_is_answered_by_a_new_one() -> None:
    hidden = {"message_id": 44, "date": 0, "chat": message()["message"]["chat"]}
    understood = read(press("h", hidden))
    assert isinstance(understood, Incoming) and Origin.from_json(understood.origin) == Origin()


@pytest.mark.parametrize(
    ("code", "language"),
    [("zh-hans", "zh"), ("zh", "zh"), ("zh-TW", "zh"), ("en", "en"), ("en-GB", "en"), ("de", None), (None, None)],
)
def test_language(code: str | None, language: str | None) -> None:
    understood = read(message("/help", **{"from": person(7, code)}))
    assert isinstance(understood, Incoming) and understood.language == language


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({"text": "@hall_bot 补办身份证"}, Said("补办身份证")),
        ({"text": "请问@Hall_Bot，护照怎么办"}, Said("请问 ，护照怎么办")),
        ({"text": "/help@hall_bot"}, Commanded("help")),
        ({"text": "要多少钱", "reply_to_message": {"from": person(123, None, is_bot=True)}}, Said("要多少钱")),
    ],
)
def test_addressed_in_a_group(content: dict[str, Any], expected: Any) -> None:
    if "reply_to_message" in content:
        content["reply_to_message"] |= {"message_id": 3, "date": 1, "chat": group()}
    understood = read(message(chat=group(), message_id=9, **content))
    assert isinstance(understood, Incoming) and understood.event == expected
    assert understood.chat == Chat("telegram", "-1005")
    assert Origin.from_json(understood.origin).asked == 9


@pytest.mark.parametrize("text", ["今天吃什么", "/help", "/help@other_bot", "@hall_bot2 你好", "a@hall_botx.cn"])
def test_not_addressed_in_a_group(text: str) -> None:
    assert isinstance(read(message(text, chat=group())), Ignored)


@pytest.mark.parametrize(
    "content",
    [
        {"edited_message": message("改")["message"]},
        {
            "channel_post": {
                "message_id": 1,
                "date": 1,
                "chat": {"id": -9, "type": "channel", "title": "c"},
                "text": "x",
            }
        },
        message("x", **{"from": person(9, None, is_bot=True)}),
        message("x", via_bot=person(123, None, is_bot=True)),
        message(new_chat_title="t"),
        {"poll_answer": {"poll_id": "1", "option_ids": [], "option_persistent_ids": [], "user": person()}},
    ],
)
def test_what_wants_no_answer(content: dict[str, Any]) -> None:
    assert isinstance(read(content), Ignored)


def test_a_forum_topic_is_kept() -> None:
    understood = read(message("@hall_bot 护照", chat=group(), message_thread_id=77, is_topic_message=True))
    assert isinstance(understood, Incoming) and Origin.from_json(understood.origin).thread == 77


def test_the_least_is_said_of_what_cannot_be_read() -> None:
    assert salvage({"update_id": 5, **message("x")}) == Incoming(Chat("telegram", "7"), "5", SentFile("unreadable"))
    for unreadable in (
        {},
        {"message": 3},
        {"message": {"chat": {"id": "x", "type": "private"}}},
        message(chat=group()),
    ):
        assert isinstance(salvage({"update_id": 5, **unreadable}), Ignored)


@pytest.mark.parametrize(("chat", "public"), [(private(7), False), (group(), True)])
def test_a_group_is_public_whether_one_writes_or_presses(chat: dict[str, Any], public: bool) -> None:
    written = message(f"/help@{ME.username}", chat=chat)
    for content in (written, press("h", written["message"])):
        understood = read(content)
        assert isinstance(understood, Incoming) and understood.public is public
