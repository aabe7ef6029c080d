"""The golden conversations, word for word through the terminal."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.events import Chat, Outcome
from handlers.terminal import Terminal
from tests.conversations import Conversation, disagreements, read_conversations

FOLDER = Path(__file__).parent / "conversations"
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
    """An outcome nobody has written down is not specified. BUSY needs a fault, and is tested where faults are made."""
    seen = {"zh": set(), "en": set()}
    for path in FOLDER.glob("*.md"):
        language = "en" if path.stem.endswith("_en") else "zh"
        for conversation in read_conversations(path):
            seen[language] |= {reply.outcome for turn in conversation.turns for reply in turn.replies}
    wanted = {outcome.value for outcome in Outcome} - {"busy"}
    assert {language: sorted(wanted - found) for language, found in seen.items()} == {"zh": [], "en": []}
