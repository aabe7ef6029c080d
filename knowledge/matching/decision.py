"""What matching says of a message: its kind, the needs in it, and for each need a decision.

`understand(text, index)` in `knowledge/matching/__init__.py` returns an `Understanding`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Aspect(StrEnum):
    """What of an item was asked for: it comes first in the answer."""

    MATERIALS = "materials"
    FEE = "fee"
    LIMIT = "limit"
    PLACE = "place"
    HOURS = "hours"
    CONDITIONS = "conditions"
    ONLINE = "online"
    AGENT = "agent"
    STEPS = "steps"
    RESULT = "result"
    VALIDITY = "validity"
    BASIS = "basis"
    COMPLAINT = "complaint"


class Kind(StrEnum):
    """What kind of message it is."""

    SERVICE = "service"  # asks for something a hall could do: see the needs
    FIRE = "fire"
    MEDICAL = "medical"
    POLICE = "police"
    TRAFFIC = "traffic"  # road accident
    DISTRESS = "distress"  # suicidal words
    ABUSE = "abuse"
    GREETING = "greeting"
    THANKS = "thanks"
    SMALL_TALK = "small_talk"
    INSTRUCTION = "instruction"  # orders to the bot itself
    COMPLAINT = "complaint"  # wants to complain about service, or report somebody
    PROGRESS = "progress"  # asks how far their own case is
    AGENT = "agent"  # wants a proxy agent (代办); the needs say what for, as far as that is clear
    NOISE = "noise"


class Verdict(StrEnum):
    ANSWER = "answer"
    CHOOSE = "choose"
    NONE = "none"


class Separator(StrEnum):
    """What tells the candidates of a `choose` apart."""

    ACTION = "action"  # same subject, other action: 新办, 变更, 补办 …
    SUBJECT = "subject"  # same action, other subject
    AUDIENCE = "audience"  # who applies


@dataclass(frozen=True, slots=True)
class Match:
    code: str
    name: str
    score: float  # calibrated probability that this item is the one meant, 0..1


@dataclass(frozen=True, slots=True)
class Need:
    """One thing somebody wants done."""

    text: str  # the part of the message that carries it
    verdict: Verdict
    matches: tuple[Match, ...]  # best first, at most ten; with CHOOSE the first four are offered
    aspect: Aspect | None = None
    separator: Separator | None = None


@dataclass(frozen=True, slots=True)
class Understanding:
    kind: Kind
    language: str  # zh or en: the language the message is written in
    needs: tuple[Need, ...] = ()  # one or two; empty unless kind is SERVICE or AGENT
    region: str | None = None  # GB/T 2260 code of a place named in the message
