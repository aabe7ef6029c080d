"""Reading stories: golden conversations of several people over days, on one database.

    # Title
    **时钟** or **Clock**: 2026-11-30 09:00          the moment from here on
    **邀请** or **Invite**: agent,clerk 371321 «code»  an invitation is made; «code» stands for it from here on
    **办理** or **Staff**: 王代办 join agent 371321    somebody becomes a member of staff
                      王代办 move «case» receive deadline=2026-12-04 materials=甲|乙
                      王代办 act «number» take reason=…    done at once, by the desk itself
                      王代办 write «number» words          a message to the applicant
                      赵监察 answer «complaint» words
    **办事** or **Desk**: 投资人 book labor_dispatch 371321 full «number» «case»
                      投资人 move «case» submit            the same for applicants: see tests/deskwork.py
    **失联** or **Lost**: 投资人                     nothing that is sent reaches them until they say something again
    **投资人**: what somebody says in the terminal (any name is a person; the first line they say makes them known)
                      `@name` sends a file, `旧[label]` or `old [label]` presses a button of an earlier message
    **→投资人** (outcome): any remark                a reply to whoever spoke, or a letter to anybody
    - words, ~~words that must not be there~~, [buttons] as in tests/conversations.py
    - «number=20\\d{17}[0-9X]»                        takes what matches; «number» stands for it from here on

After every line that somebody says, everything that anybody gets is listed: silence and double answers fail.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.conversations import Expected, Turn, disagreements, expect

_LINE = re.compile(r"\*\*(→?)([^*]+)\*\*\s*[：:（(]\s*(.*)")
_TAKEN = re.compile(r"«(\w+)=([^»]+)»")
CLOCK, INVITE = {"时钟", "Clock"}, {"邀请", "Invite"}
LOST = {"失联", "Lost"}
STAFF_DOES, DESK = {"办理", "Staff"}, {"办事", "Desk"}


@dataclass
class Beat:
    """One thing that is done, and what everybody gets for it, in order for each of them."""

    who: str
    said: str
    heard: list[tuple[str, Expected]] = field(default_factory=list)
    line: int = 0


@dataclass
class Story:
    title: str
    beats: list[Beat] = field(default_factory=list)


def read_stories(path: Path) -> list[Story]:
    """The stories of a file, one a heading; ValueError names a line that is none of the above."""
    found: list[Story] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = _LINE.match(line)
        if line.startswith("# "):
            found.append(Story(line[2:].strip()))
        elif match and match[1]:
            outcome = re.match(r"\w+", match[3])
            found[-1].beats[-1].heard.append((match[2], Expected(outcome[0] if outcome else "")))
        elif match:
            found[-1].beats.append(Beat(match[2], match[3].strip(), line=number))
        elif line.startswith("- "):
            expect(found[-1].beats[-1].heard[-1][1], line[2:].strip())
        elif line.strip() and not line.startswith((">", "<!--", "## ")):
            raise ValueError(f"{path.name}:{number}: {line}")
    return found


def filled(text: str, known: Mapping[str, str]) -> str:
    """The text with what «names» stand for; a name that stands for nothing yet stays."""
    return re.sub(r"«(\w+)»", lambda match: known.get(match[1], match[0]), text)


def take(expected: Expected, text: str, known: dict[str, str]) -> list[str]:
    """Take what a reply's patterns match out of its text; what of them is missing."""
    missing = []
    for words in expected.words:
        for name, pattern in _TAKEN.findall(words):
            match = re.search(pattern, text)
            if match is None:
                missing.append(f"nothing like {pattern!r}")
            else:
                known[name] = match[1] if match.re.groups else match[0]
    return missing


def faults(expected: Expected, outcome: str, text: str, labels: list[str], known: Mapping[str, str]) -> list[str]:
    """How one reply differs from what is expected of it."""
    words = [filled(one, known) for one in expected.words if not _TAKEN.search(one)]
    never = [filled(one, known) for one in expected.never]
    meant = Expected(expected.outcome, words, never, expected.buttons)
    return disagreements(Turn("", [meant]), [(outcome, text, labels)])
