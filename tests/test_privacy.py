"""What people say stays between them and the hall: not in a log, and not readable in the database's file."""

from __future__ import annotations

import itertools
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.assistant import Assistant
from bot.events import Chat
from bot.render import Renderer
from bot.store import Store
from handlers.terminal import Terminal
from knowledge.catalogue import Catalogue
from tests import test_conversations, test_stories
from tests.conftest import NOW, SEAL, chance
from tests.conversations import Conversation
from tests.stories import CLOCK, LOST, Story

# mobile numbers, identity and credit codes wherever they stand in what somebody says
_PERSONAL = re.compile(r"(?<![0-9A-Z])(?:1[3-9]\d{9}|\d{17}[\dX]|[0-9A-Z]{18})(?![0-9A-Z])")
SHORTEST = 4  # characters of a free text that is looked for; a shorter one is found everywhere
FEWEST = 8  # bytes of it; fewer are found by chance in what is sealed


def _lines(conversation: Conversation | Story) -> Iterator[str]:
    if isinstance(conversation, Conversation):
        yield from (turn.said for turn in conversation.turns)
    else:
        spoken = (beat for beat in conversation.beats if beat.who not in CLOCK | LOST)
        yield from (beat.said for beat in spoken)


def personal(said: str) -> Iterator[str]:
    """What nobody else may find of a line: the line itself unless it is a command or button, and the numbers in it."""
    long = len(said) >= SHORTEST and len(said.encode()) >= FEWEST
    if long and said[0] not in "/[#@:«" and "«" not in said and not said.isdecimal():
        yield said
    yield from _PERSONAL.findall(said)


def _written(folder: Path) -> bytes:
    """Every byte of the database: its file, and what has not been moved there yet."""
    return b"".join(path.read_bytes() for path in sorted(folder.glob("bangban.db*")))


def _forms(text: str) -> tuple[bytes, ...]:
    return text.encode(), json.dumps(text)[1:-1].encode()


CONVERSATIONS = [one.values[0] for one in test_conversations.ALL]
STORIES = [one.values[0] for one in test_stories.ALL]


def _play(conversation: Conversation, assistant: Assistant, folder: Path) -> None:
    numbers = itertools.count()
    terminal = Terminal(assistant, Chat("terminal", "golden"), lambda: str(next(numbers)), lambda: folder)
    for turn in conversation.turns:
        terminal.answer(turn.said)


def test_nothing_anybody_said_is_found_in_a_log_or_a_file(
    catalogue: Catalogue, renderer: Renderer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    said: set[str] = set()
    caplog.set_level(logging.DEBUG)
    kept = b""
    with capture_logs() as logs:
        for at, conversation in enumerate([*CONVERSATIONS, *STORIES]):
            folder = tmp_path / str(at)
            folder.mkdir()
            store = Store(f"sqlite:///{folder / 'bangban.db'}", SEAL)
            if isinstance(conversation, Conversation):
                assistant = Assistant(lambda: catalogue, store, renderer, lambda: NOW, chance())
                _play(conversation, assistant, folder)
            else:
                test_stories.test_story(conversation, catalogue, store, renderer, folder)
            kept += _written(folder)
            # questions without an answer are kept for the catalogue's keepers, and nothing says who asked
            asked = {str(row["question"]) for row in store.unanswered(1000)}
            said |= {one for line in _lines(conversation) for one in personal(line)} - asked
            store.close()
    told = (repr(logs) + caplog.text).encode()
    assert len(said) > 30
    found = [one for one in sorted(said) if any(form in kept or form in told for form in _forms(one))]
    assert found == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("李明远", []),
        ("我叫李明远，13800000000", ["我叫李明远，13800000000", "13800000000"]),
        ("/status", []),
        ("11010519491231002X", ["11010519491231002X", "11010519491231002X"]),
    ],
)
def test_what_is_looked_for(line: str, expected: list[str]) -> None:
    assert list(personal(line)) == expected
