"""Files and contacts: fetched only where they are awaited, in bounds; a number is asked for by a button."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from telegram import Bot, ReplyKeyboardMarkup, ReplyKeyboardRemove
from telegram.request import BaseRequest, RequestData

from bot.assistant import Assistant
from bot.events import Block, BlockKind, Button, Chat, Incoming, Outcome, Reply, SentFile, Span
from bot.outbox import Outbox
from bot.store import Store
from bot.vault import Vault, keeping
from handlers.telegram.core import Core
from handlers.telegram.files import Files
from handlers.telegram.message import EditText, SendText, calls
from handlers.telegram.translate import Attachment, Origin
from tests.conftest import SEAL
from tests.telegram.database import now

PDF = b"%PDF-1.7\n" + b"x" * 1000
CHAT = Chat("telegram", "7")
PHOTO = Attachment("document", "file-1", "证明.pdf", len(PDF))
SENT = Incoming(CHAT, "1", SentFile("document", "证明.pdf", len(PDF)))


class Line(BaseRequest):
    """A line to the Bot API that has one file on it; `asked` is what was called."""

    def __init__(self, content: bytes = PDF, size: int | None = None, fault: str = "") -> None:
        self.content, self.size, self.fault = content, size, fault
        self.asked: list[str] = []

    @property
    def read_timeout(self) -> float:
        return 5

    async def initialize(self) -> None: ...

    async def shutdown(self) -> None: ...

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *timeouts: Any, **more: Any
    ) -> tuple[int, bytes]:
        self.asked.append(url.rpartition("/")[2])
        if not url.endswith("getFile"):
            return 200, self.content
        if self.fault:
            return 400, json.dumps({"ok": False, "error_code": 400, "description": self.fault}).encode()
        found = {"file_id": "file-1", "file_unique_id": "u", "file_path": "documents/file_1.pdf"}
        found |= {"file_size": self.size} if self.size else {}  # type: ignore[dict-item]
        return 200, json.dumps({"ok": True, "result": found}).encode()


class Awaiting(Core):
    """A chat that has been asked for a file, or has not."""

    def __init__(self, assistant: Assistant, store: Store, awaited: bool) -> None:
        super().__init__(assistant, Outbox(store, "telegram", now), now, 1)
        self._awaited = awaited

    async def awaits_file(self, chat: Chat) -> bool:
        return self._awaited


def fetch(line: Line, core: Core, vault: Vault, attachment: Attachment | None = PHOTO) -> Incoming:
    bot = Bot("1:a", request=line, get_updates_request=Line())
    files = Files(bot, core, keeping(vault, lambda: "a-name-of-twenty-characters"), 5000)
    try:
        return asyncio.run(files.fetched(SENT, attachment))
    finally:
        core.close()


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "files", SEAL, 5000)


def test_a_file_that_is_awaited_is_kept(assistant: Assistant, store: Store, vault: Vault) -> None:
    line = Line()
    event = fetch(line, Awaiting(assistant, store, True), vault).event
    assert isinstance(event, SentFile) and event.kept is not None
    assert event.kept["media_type"] == "application/pdf" and event.name == "证明.pdf"
    assert vault.read(event.kept["id"]) == PDF
    assert line.asked == ["getFile", "file_1.pdf"]


@pytest.mark.parametrize(("awaited", "attachment"), [(False, PHOTO), (True, None)])
def test_nothing_else_is_fetched(
    assistant: Assistant, store: Store, vault: Vault, awaited: bool, attachment: Attachment | None
) -> None:
    line = Line()
    assert fetch(line, Awaiting(assistant, store, awaited), vault, attachment) == SENT
    assert line.asked == []


@pytest.mark.parametrize(
    ("line", "attachment", "refused", "asked"),
    [
        (Line(), replace(PHOTO, size=5001), "too_large", []),
        (Line(size=5001), PHOTO, "too_large", ["getFile"]),
        (Line(fault="Bad Request: file is too big"), PHOTO, "too_large", ["getFile"]),
        (Line(PDF * 10), replace(PHOTO, size=None), "too_large", ["getFile", "file_1.pdf"]),
        (Line(b"#!/bin/sh"), PHOTO, "type", ["getFile", "file_1.pdf"]),
        (Line(b""), PHOTO, "empty", ["getFile", "file_1.pdf"]),
    ],
)
def test_what_is_not_taken_says_why(
    assistant: Assistant,
    store: Store,
    vault: Vault,
    line: Line,
    attachment: Attachment,
    refused: str,
    asked: list[str],
) -> None:
    event = fetch(line, Awaiting(assistant, store, True), vault, attachment).event
    assert isinstance(event, SentFile) and event.kept == {"refused": refused}
    assert line.asked == asked


# --- contacts -----------------------------------------------------------------------------------

ASK = Button("发送我的手机号", contact=True)
OTHER = Button("不填了", "f:1:quit")


def reply(*buttons: Button, replaces: bool = False) -> Reply:
    blocks = (Block(BlockKind.PARAGRAPH, (Span("请留电话"),)),)
    return Reply(Outcome.FORM, "zh", blocks, (buttons,) if buttons else (), replaces=replaces)


def test_a_number_is_asked_for_with_its_own_keyboard() -> None:
    (only,) = calls(reply(ASK), Origin())
    assert isinstance(only.keyboard, ReplyKeyboardMarkup) and only.keyboard.one_time_keyboard
    ((button,),) = only.keyboard.keyboard
    assert button.text == ASK.label and button.request_contact


@pytest.mark.parametrize("origin", [Origin(), Origin(pressed=5)])
def test_other_buttons_hang_on_the_question(origin: Origin) -> None:
    question, asking = calls(reply(ASK, OTHER, replaces=True), origin)
    assert [key.text for key in question.keyboard.inline_keyboard[0]] == [OTHER.label]  # type: ignore[union-attr]
    assert isinstance(asking, SendText) and isinstance(asking.keyboard, ReplyKeyboardMarkup)


def test_in_a_group_nobody_is_asked_to_share_a_number() -> None:
    (only,) = calls(reply(ASK, OTHER), Origin(asked=9))
    assert len(only.keyboard.inline_keyboard[0]) == 1  # type: ignore[union-attr]


def test_the_keyboard_goes_once_the_number_is_there() -> None:
    first, answer = calls(reply(OTHER), Origin(contact=True))
    assert isinstance(first, SendText) and isinstance(first.keyboard, ReplyKeyboardRemove)
    assert answer.keyboard is not None


def test_without_a_contact_a_pressed_message_is_changed_as_before() -> None:
    (only,) = calls(reply(OTHER, replaces=True), Origin(pressed=5))
    assert isinstance(only, EditText)


def test_the_origin_of_a_contact_travels() -> None:
    assert Origin.from_json(Origin(contact=True).to_json()).contact
    assert "contact" not in Origin(thread=1).to_json()
