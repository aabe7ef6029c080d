"""Complaints: where to complain, and one to the supervisor here, with a number and a deadline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.casework.refusal import Refusal
from bot.desk.afterwards import complain_about
from bot.desk.halls import hall_of
from bot.desk.status import numbers_in
from bot.dialogue import forms, hearing, showing
from bot.dialogue.applying import pressed
from bot.dialogue.forms import Field, Given, Heard, Rows
from bot.dialogue.rating import read_text
from bot.dialogue.state import QUESTION_KEPT, Filling, Move, Turn
from bot.events import Choice, Outcome, Say
from knowledge.matching.decision import Understanding

OWN_OFFERED = 4
TELLING = 10  # characters from which what was said may be the complaint itself, not only the wish to make one


def complain_asked(turn: Turn, argument: str) -> Move:
    """/complain, with or without what it is."""
    return _begun(turn, argument)


def complain_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """What was said already when the button was offered is not asked again."""
    return _begun(turn, turn.state.question)


def complaint_told(turn: Turn, text: str, understood: Understanding) -> Move:
    """「我要投诉」: the hotline and the law, and a complaint here."""
    state = replace(turn.state.idle(), question=text[:QUESTION_KEPT])
    return state, (Say(Outcome.COMPLAINT, choices=((Choice("co", term="complain"), Choice("h", term="help")),)),)


def _begun(turn: Turn, text: str) -> Move:
    answers: dict[str, Any] = {"text": text} if len(text) >= TELLING else {}
    numbers = numbers_in(turn.desk, text)
    if numbers:
        answers["about"] = numbers[0]
    elif not turn.desk.records.own(turn.chat, 1):
        answers["about"] = None
    return forms.begin(turn, FORM, answers=answers)


def read_about(turn: Turn, filling: Filling, heard: Heard) -> Given | None:
    """A number, pressed or typed; whether there is such a case is not said."""
    text = pressed(heard) or hearing.said(heard) or ""
    numbers = numbers_in(turn.desk, text)
    return Given(numbers[0]) if numbers else None


def _own(turn: Turn, filling: Filling) -> Rows:
    shown = showing.show_list(turn, turn.desk.records.own(turn.chat, OWN_OFFERED))
    return tuple((replace(row[0], data=row[0].data.removeprefix("w:")),) for row in shown.choices[:-1])


def _finish(turn: Turn, filling: Filling) -> Move:
    hall = hall_of(turn.desk, turn.state.region or turn.knowledge.hall.region)
    done = complain_about(turn.desk, turn.chat, filling.answers["about"] or "", filling.answers["text"], hall)
    if isinstance(done, Refusal):
        return forms.refused(turn, filling, done, asking="text")
    return turn.state, (Say(Outcome.COMPLAINT_MADE, {**done.facts, "staff": False}), done.change)


FORM = forms.Form(
    "complain",
    (
        Field("text", read_text, is_number=lambda text: True),  # of what the complaint is about
        Field("about", read_about, _own, optional=True, is_number=lambda text: True),
    ),
    _finish,
)
