"""Reading golden conversations: Markdown that is documentation and specification at once.

    # Title
    **市民** or **Citizen**: what is said; `[label]` presses a button, `/name` is a command, a number in braces at the
    end says it over and over up to that length
    **帮办** or **Bangban** (outcome): any remark
    - words that must stand in the reply, in this order
    - ~~words that must not~~
    - [label] [label] buttons that must be there

Every reply is listed: silence and double answers fail.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

_SAID = re.compile(r"\*\*(?:市民|Citizen)\*\*\s*[：:]\s*(.*)")
_REPLY = re.compile(r"\*\*(?:帮办|Bangban)\*\*\s*[（(](\w+)[)）]")
_BUTTON = re.compile(r"\[([^\]]+)\]")


@dataclass
class Expected:
    """One reply as a conversation has it."""

    outcome: str
    words: list[str] = field(default_factory=list)
    never: list[str] = field(default_factory=list)
    buttons: list[str] = field(default_factory=list)


@dataclass
class Turn:
    said: str
    replies: list[Expected] = field(default_factory=list)


@dataclass
class Conversation:
    title: str
    turns: list[Turn] = field(default_factory=list)


def read_conversations(path: Path) -> list[Conversation]:
    """The conversations of a file, one a heading; ValueError names a line that is none of the above."""
    found: list[Conversation] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("# "):
            found.append(Conversation(line[2:].strip()))
        elif said := _SAID.match(line):
            found[-1].turns.append(Turn(_lengthened(said[1].strip())))
        elif reply := _REPLY.match(line):
            found[-1].turns[-1].replies.append(Expected(reply[1]))
        elif line.startswith("- "):
            expect(found[-1].turns[-1].replies[-1], line[2:].strip())
        elif line.strip() and not line.startswith((">", "<!--", "## ")):
            raise ValueError(f"{path.name}:{number}: {line}")
    return found


def _lengthened(said: str) -> str:
    length = re.search(r"\s*\{(\d+)\}$", said)
    if length is None:
        return said
    unit = said[: length.start()]
    return (unit * (int(length[1]) // len(unit) + 1))[: int(length[1])]


def expect(reply: Expected, line: str) -> None:
    """Add what a list entry of a conversation or story says of a reply."""
    if line.startswith("["):
        reply.buttons += _BUTTON.findall(line)
    elif line.startswith("~~"):
        reply.never.append(line.strip("~"))
    else:
        reply.words.append(line)


def disagreements(turn: Turn, replies: list[tuple[str, str, list[str]]]) -> list[str]:
    """How replies, each (outcome, text, button labels), differ from what a turn expects."""
    if len(replies) != len(turn.replies):
        return [f"{len(turn.replies)} replies expected, {len(replies)} given: {[outcome for outcome, _, _ in replies]}"]
    faults: list[str] = []
    for expected, (outcome, text, labels) in zip(turn.replies, replies, strict=True):
        if outcome != expected.outcome:
            faults.append(f"outcome {expected.outcome} expected, {outcome} given")
        at = 0
        for words in expected.words:
            found = text.find(words, at)
            faults += [f"{words!r} is missing (after position {at})"] if found < 0 else []
            at = max(at, found + len(words))
        faults += [f"{words!r} must not be there" for words in expected.never if words in text]
        faults += [f"no button {label!r} among {labels}" for label in expected.buttons if label not in labels]
    return faults
