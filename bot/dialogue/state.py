"""What is remembered of a conversation, and what the dialogue needs to know of the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from bot.events import Choice, Language
from knowledge.hall import Hall
from knowledge.matching.decision import Aspect, Match, Understanding
from knowledge.model import Item
from knowledge.regions import Regions

QUESTION_KEPT = 500  # characters of a question kept for the catalogue's keepers


class Step(StrEnum):
    """Where a conversation stands. A few steps for all items, never one per item."""

    IDLE = "idle"
    CHOOSING = "choosing"  # candidates were offered
    SITUATION = "situation"  # a situation was asked
    REGION = "region"  # a place was asked


@dataclass(frozen=True, slots=True)
class State:
    step: Step = Step.IDLE
    language: Language | None = None  # chosen with /lang
    spoken: Language | None = None  # the language last written in
    simple: bool = False
    region: str | None = None  # GB/T 2260 code
    item: str | None = None  # the item the talk is about
    chosen: Mapping[str, str] = field(default_factory=dict)  # its situations, {situation: option}
    aspect: Aspect | None = None
    asking: str | None = None  # the situation that was asked
    question: str = ""  # the question candidates were offered for
    offered: tuple[Choice, ...] = ()  # the buttons shown last: their labels may be typed instead

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> State:
        known = {name: value for name, value in kept.items() if name in cls.__slots__}
        known["step"] = Step(known.get("step", Step.IDLE))
        known["aspect"] = Aspect(known["aspect"]) if known.get("aspect") else None
        known["offered"] = tuple(Choice(**choice) for choice in known.get("offered", ()))
        return cls(**known)

    def idle(self) -> State:
        """The same person with nothing under way."""
        return replace(self, step=Step.IDLE, asking=None, question="")


class Knowledge(Protocol):
    """What the dialogue asks of the catalogue."""

    @property
    def hall(self) -> Hall: ...
    @property
    def regions(self) -> Regions: ...
    def item(self, code: str) -> Item | None: ...
    def understand(self, text: str, region: str | None = None) -> Understanding: ...
    def search(self, text: str, limit: int) -> tuple[Match, ...]: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything a rule may look at besides the event."""

    state: State
    language: Language
    knowledge: Knowledge
    today: dt.date
