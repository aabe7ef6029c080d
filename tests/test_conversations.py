"""The golden conversations, word for word through the terminal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.events import Chat, Outcome
from handlers.terminal import Terminal
from tests.conversations import Conversation, disagreements, read_conversations
from tests.stories import read_stories

FOLDER = Path(__file__).parent / "conversations"
STORIES = Path(__file__).parent / "stories"
ALL = [
    pytest.param(conversation, id=f"{path.stem}: {conversation.title}")
    for path in sorted(FOLDER.glob("*.md"))
    for conversation in read_conversations(path)
]


@pytest.mark.parametrize("conversation", ALL)
def test_conversation(conversation: Conversation, assistant: Assistant, tmp_path: Path) -> None:
    numbers = itertools.count()
    terminal = Terminal(assistant, Chat("terminal", "golden"), lambda: str(next(numbers)), lambda: tmp_path)
    for turn in conversation.turns:
        replies = [
            (reply.outcome.value, reply.text, [button.label for row in reply.buttons for button in row])
            for reply in terminal.answer(turn.said)
        ]
        faults = disagreements(turn, replies)
        assert not faults, (
            f"after {turn.said!r}: " + "; ".join(faults) + "\n\n" + "\n\n".join(text for _, text, _ in replies)
        )


def test_every_outcome_has_a_conversation_in_both_languages() -> None:
    """An outcome nobody has written down is not specified: in a conversation or in a story. BUSY needs a fault, and is
    tested where faults are made."""
    seen: dict[str, set[str]] = {"zh": set(), "en": set()}
    for path in (*FOLDER.glob("*.md"), *STORIES.glob("*.md")):
        seen["en" if path.stem.endswith("_en") else "zh"] |= set(_outcomes(path))
    wanted = {outcome.value for outcome in Outcome} - {"busy"}
    assert {language: sorted(wanted - found) for language, found in seen.items()} == {"zh": [], "en": []}


def _outcomes(path: Path) -> Iterator[str]:
    """The outcomes that are expected in a file."""
    if path.parent == FOLDER:
        turns = (turn for conversation in read_conversations(path) for turn in conversation.turns)
        yield from (reply.outcome for turn in turns for reply in turn.replies)
    else:
        beats = (beat for story in read_stories(path) for beat in story.beats)
        yield from (expected.outcome for beat in beats for _, expected in beat.heard)
