"""Pictures of a talk: photos to look at, and a document where Telegram takes one for no photo."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import pytest
from aiohttp import web
from PIL import Image

from bot.assistant import Assistant
from bot.desk.dossier import Filed
from bot.desk.papers import sent_paper
from bot.events import Choice, Outcome, Say
from bot.printing import Outside
from bot.render import Renderer
from bot.store import Store
from handlers.telegram.translate import Origin
from knowledge.catalogue import Catalogue
from tests.conftest import chance
from tests.telegram.database import now, settled
from tests.telegram.peers import ScriptedApi, StrictServer, fault, until
from tests.telegram.test_conversation import put_into_outbox

NUMBER = "DB37132120261123000011"


def jpeg() -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (640, 480)).save(content, "jpeg")
    return content.getvalue()


PICTURE = jpeg()


@pytest.fixture
def answering(catalogue: Catalogue, store: Store, renderer: Renderer) -> Assistant:
    """An assistant that finds the picture in the vault."""
    return Assistant(lambda: catalogue, store, renderer, now, chance(), outside=Outside(files=lambda name: PICTURE))


def relay(store: Store) -> None:
    """A picture that an applicant sent in a talk is on its way to person 7."""
    file = Filed("a" * 20, "image/jpeg", len(PICTURE), "0" * 64)
    about = {"media_type": file.media_type, "size": file.size}
    facts = {"number": NUMBER, "text": "", "file": about, "from": "applicant", "name": "欧阳测试"}
    choices = ((Choice(f"j:{NUMBER}", term="answer"), Choice(f"fi:{NUMBER}:0", term="full_picture")),)
    put_into_outbox(store, Say(Outcome.MESSAGE, facts, choices, (sent_paper(NUMBER, file),)), Origin())


def test_a_picture_of_a_talk_arrives_as_a_photo(
    strict: StrictServer, running, answering: Assistant, store: Store
) -> None:
    async def talk() -> None:
        async with running(strict.base_url, answering=answering):
            relay(store)
            await until(lambda: settled(store))

    asyncio.run(talk())
    (call,) = strict.journal("sendPhoto")
    assert call["status"] == 200 and call["files"] == 1 and call["params"]["photo"] == len(PICTURE)
    assert "发来一个文件" in call["params"]["caption"]
    labels = [key["text"] for row in call["params"]["reply_markup"]["inline_keyboard"] for key in row]
    assert labels == ["回复", "看原图"]
    assert strict.refused() == [] and strict.journal("sendDocument") == []


@pytest.mark.parametrize("description", ["Bad Request: PHOTO_INVALID_DIMENSIONS", "Bad Request: IMAGE_PROCESS_FAILED"])
def test_what_telegram_refuses_as_a_photo_arrives_as_a_document(
    running: Callable, answering: Assistant, store: Store, description: str
) -> None:
    async def refuse_photos(method: str, fields: dict) -> web.StreamResponse | None:
        return fault(400, description) if method == "sendPhoto" else None

    async def talk() -> None:
        async with ScriptedApi(refuse_photos).serving() as api, running(api.base_url, answering=answering):
            relay(store)
            await until(lambda: settled(store))
            assert [name for name, _ in api.calls if name.startswith("send") and name != "sendChatAction"] == [
                "sendPhoto",
                "sendDocument",
            ]
            (sent,) = api.sent("sendDocument")
            assert "发来一个文件" in sent["caption"] and "fi:" in sent["reply_markup"]

    asyncio.run(talk())
    assert not settled(store)[0]["dead"]
