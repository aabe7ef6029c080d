"""The same conversations in the terminal, on the web and in Telegram: one core, equal content."""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from telegram import Update

from bot.assistant import Assistant
from bot.events import Button, Chat, Reply
from bot.outbox import Outbox
from bot.store import Store
from handlers.telegram import message, translate
from handlers.terminal import Terminal, to_event
from handlers.web.app import create_app
from handlers.web.settings import WebSettings
from knowledge.catalogue import Catalogue
from tests.conftest import NOW, ROOT
from tests.conversations import Conversation, read_conversations

Said = tuple[str, list[str]]  # the words of a reply without white space, and its buttons
Talk = Callable[[str], list[Said]]
ALL = [
    pytest.param(conversation, id=f"{path.stem}: {conversation.title}")
    for path in sorted((ROOT / "tests" / "conversations").glob("*.md"))
    for conversation in read_conversations(path)
]


def bare(text: str) -> str:
    """What is said, without how a channel lays it out."""
    return re.sub(r"[\s☐•]", "", text)


def words(reply: Reply) -> str:
    return bare("".join(block.text for block in reply.blocks))


def in_the_terminal(assistant: Assistant, folder: Path) -> Talk:
    numbers = itertools.count()
    terminal = Terminal(assistant, Chat("terminal", "golden"), lambda: str(next(numbers)), lambda: folder)

    def talk(said: str) -> list[Said]:
        replies = terminal.answer(said)
        return [(words(reply), [button.label for row in reply.buttons for button in row]) for reply in replies]

    return talk


def on_the_web(client: TestClient) -> Talk:
    numbers, buttons = itertools.count(), list[Button]()

    def talk(said: str) -> list[Said]:
        update = {
            "session": "golden-conversation-session",
            "update_id": str(next(numbers)),
            "event": _as_json(said, buttons),
        }
        replies = (
            client.post("/api/chat", json=update, headers={"Accept-Language": "zh"})
            .raise_for_status()
            .json()["replies"]
        )
        shown = [
            [Button(button["label"], button["data"]) for row in reply["buttons"] for button in row] for reply in replies
        ]
        buttons[:] = list(itertools.chain(*shown)) or buttons
        return [
            (
                bare("".join(span["text"] for block in reply["blocks"] for span in block["spans"])),
                [b.label for b in row],
            )
            for reply, row in zip(replies, shown, strict=True)
        ]

    return talk


def _as_json(said: str, buttons: list[Button]) -> dict[str, object]:
    event = to_event(said, buttons)
    match type(event).__name__, event:
        case "Pressed", _:
            return {"type": "pressed", "data": event.data}  # type: ignore[union-attr]
        case "Commanded", _:
            return {"type": "commanded", "name": event.name, "argument": event.argument}  # type: ignore[union-attr]
        case "SentPlace", _:
            return {"type": "place", "latitude": event.latitude, "longitude": event.longitude}  # type: ignore[union-attr]
        case _:
            return {"type": "said", "text": said}


def in_telegram(assistant: Assistant, store: Store) -> Talk:
    numbers, buttons, outbox = itertools.count(1), list[Button](), Outbox(store, "telegram", lambda: NOW)
    me = translate.Me(id=123, username="bangban_bot")

    def talk(said: str) -> list[Said]:
        update = Update.de_json(_as_update(next(numbers), said, buttons), None)
        incoming = translate.incoming(update, me)
        assert not isinstance(incoming, translate.Ignored), incoming
        assert assistant.accept(incoming)
        replies, shown = [], []
        while letters := outbox.due(NOW, 1):
            reply = assistant.compose(letters[0])
            calls = message.calls(reply, translate.Origin.from_json(letters[0].origin))
            text = "".join(re.sub(r"<[^>]+>", "", _html(call)) for call in calls)
            row = [button for line in reply.buttons for button in line]
            replies.append((bare(html.unescape(text)), [button.label for button in row]))
            shown += row
            outbox.sent(letters[0])
        buttons[:] = shown or buttons
        return replies

    return talk


def _html(call: object) -> str:
    return getattr(call, "html", None) or getattr(call, "caption", None) or ""


def _as_update(number: int, said: str, buttons: list[Button]) -> dict[str, object]:
    person = {"id": 42, "is_bot": False, "first_name": "X", "language_code": "zh-hans"}
    chat = {"id": 42, "type": "private", "first_name": "X"}
    body: dict[str, object] = {"message_id": number, "date": 1_700_000_000, "chat": chat, "from": person}
    event = to_event(said, buttons)
    if type(event).__name__ == "Pressed":
        query = {
            "id": str(number),
            "from": person,
            "chat_instance": "1",
            "data": event.data,
            "message": body | {"text": "x"},
        }  # type: ignore[union-attr]
        return {"update_id": number, "callback_query": query}
    if type(event).__name__ == "SentPlace":
        return {"update_id": number, "message": body | {"location": {"latitude": 35.05, "longitude": 118.35}}}
    body["text"] = said
    if said.startswith("/"):
        body["entities"] = [{"type": "bot_command", "offset": 0, "length": len(said.split()[0])}]
    return {"update_id": number, "message": body}


@pytest.fixture
def client(assistant: Assistant, catalogue: Catalogue) -> TestClient:
    numbers = itertools.count()
    app = create_app(
        WebSettings(ROOT / "templates", questions_a_minute=10_000, requests_a_minute=10_000),
        assistant,
        lambda: catalogue,
        lambda: f"token-{next(numbers):020}",
        lambda: 0.0,
    )
    return TestClient(app)


@pytest.mark.parametrize("conversation", ALL)
def test_a_conversation_says_the_same_in_every_channel(
    conversation: Conversation, assistant: Assistant, store: Store, client: TestClient, tmp_path: Path
) -> None:
    channels = {
        "terminal": in_the_terminal(assistant, tmp_path),
        "web": on_the_web(client),
        "telegram": in_telegram(assistant, store),
    }
    for turn in conversation.turns:
        heard = {name: talk(turn.said) for name, talk in channels.items()}
        assert heard["web"] == heard["terminal"], turn.said[:80]
        assert heard["telegram"] == heard["terminal"], turn.said[:80]
