"""What is remembered of a conversation, and what the dialogue needs to know of the world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

from bot.desk.change import Change
from bot.desk.desk import Catalogue, Desk
from bot.events import Chat, Choice, KeepQuestion, Language, Say
from knowledge.matching.decision import Aspect, Match, Understanding

QUESTION_KEPT = 500  # characters of a question kept for the catalogue's keepers


class Step(StrEnum):
    """Where a conversation stands. A few steps for all items, never one per item."""

    IDLE = "idle"
    CHOOSING = "choosing"  # candidates were offered
    SITUATION = "situation"  # a situation was asked
    REGION = "region"  # a place was asked
    FORM = "form"  # a form is being filled in
    TALK = "talk"  # what is written goes to a person, not to the bot


@dataclass(frozen=True, slots=True)
class Filling:
    """A form that is being filled in. Answers are plain JSON data, by field."""

    form: str  # its name in table.FORMS
    asking: str  # the field that is being asked; empty: the summary is shown
    answers: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, str] = field(default_factory=dict)  # what it is for: a case's number, an item …
    asked: int = 0  # which asking this is: a button of an earlier one is stale
    before: Mapping[str, Any] | None = None  # while one answer is being changed: all of them as they were
    draft: Any = None  # what is there so far of an answer that has several parts
    outer: Filling | None = None  # the form that waits until this one is done or left


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
    sought: str = ""  # what a member of staff looks for in the inbox
    hall: str = ""  # the one whose inbox a member of staff looks at; empty: all they serve
    offered: tuple[Choice, ...] = ()  # the buttons shown last: their labels may be typed instead
    form: Filling | None = None
    asked: int = 0  # how often a form has asked something
    talking: str = ""  # the dossier whose other side is being talked to
    talked: bool = False  # whether something of this talk was sent on already
    opened: tuple[str, ...] = ()  # dossiers this chat has shown the password of
    supplying: Mapping[str, Any] | None = None  # {case, material, file}: what is being handed in, as far as it is known

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> State:
        known = {name: value for name, value in kept.items() if name in cls.__slots__}
        known["step"] = Step(known.get("step", Step.IDLE))
        known["aspect"] = Aspect(known["aspect"]) if known.get("aspect") else None
        known["offered"] = tuple(Choice(**choice) for choice in known.get("offered", ()))
        known["form"] = _filling(known.get("form"))
        known["opened"] = tuple(known.get("opened", ()))
        return cls(**known)

    def idle(self) -> State:
        """The same person with nothing under way but a form or a talk, which are taken up again."""
        step = Step.FORM if self.form else Step.TALK if self.talking else Step.IDLE
        return replace(self, step=step, asking=None, question="")


def _filling(kept: Mapping[str, Any] | None) -> Filling | None:
    return Filling(**{**kept, "outer": _filling(kept.get("outer"))}) if kept else None


Effect = Say | KeepQuestion | Change
Move = tuple[State, tuple[Effect, ...]]


class Knowledge(Catalogue, Protocol):
    """What the dialogue asks of the catalogue besides."""

    def understand(self, text: str, region: str | None = None) -> Understanding: ...
    def search(self, text: str, limit: int) -> tuple[Match, ...]: ...


@dataclass(frozen=True, slots=True)
class Turn:
    """Everything a rule may look at besides the event."""

    state: State
    language: Language
    knowledge: Knowledge
    desk: Desk
    chat: Chat
    today: dt.date
