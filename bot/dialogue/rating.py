"""好差评: five levels, reasons for the two lowest, words of one's own, and whether one may be called back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.casework.ratings import Level, Opinion, Reason
from bot.casework.refusal import Refusal, Why
from bot.casework.table import TEXT_LENGTH
from bot.desk.afterwards import rate_matter
from bot.dialogue import forms, hearing, showing
from bot.dialogue.applying import pressed
from bot.dialogue.forms import Field, Given, Heard, Partly, Rows
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Outcome, Say

DONE, YES, NO = "done", "yes", "no"


def rate_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """A matter that cannot be rated is said to be so before anything is asked."""
    matter = arguments[0] if arguments else ""
    tried = rate_matter(turn.desk, turn.chat, matter, Opinion(Level.SATISFIED))
    if isinstance(tried, Refusal):
        return showing.said_no(turn, tried)
    return forms.begin(turn, FORM, about={"matter": matter})


def _poor(turn: Turn, filling: Filling) -> bool:
    level = filling.answers.get("level")
    return level is not None and Level.of(level).is_poor


def read_level(turn: Turn, filling: Filling, heard: Heard) -> Given | None:
    data = pressed(heard)
    return Given(data) if data in set(Level) else None


def read_reasons(turn: Turn, filling: Filling, heard: Heard) -> Given | Partly | None:
    """Ticked one after the other; a second press takes the tick away."""
    ticked, data = list(filling.draft or ()), pressed(heard)
    if data == DONE and ticked:
        return Given(ticked)
    if data not in set(Reason):
        return None
    return Partly([one for one in ticked if one != data] if data in ticked else [*ticked, data])


def read_text(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    """Any words: what somebody complains of may well be a question."""
    text = hearing.said(heard)
    if not text:
        return None
    too_long = Refusal(Why.TOO_LONG, names=("text",), number=TEXT_LENGTH)
    return Given(text) if len(text) <= TEXT_LENGTH else too_long


def read_named(turn: Turn, filling: Filling, heard: Heard) -> Given | None:
    data = pressed(heard)
    return Given(data == YES) if data in (YES, NO) else None


def _levels(turn: Turn, filling: Filling) -> Rows:
    return tuple((Choice(level.value, term=f"rating_level.{level}"),) for level in Level)


def _reasons(turn: Turn, filling: Filling) -> Rows:
    ticked = set(filling.draft or ())
    open_ones = [(Choice(one.value, term=f"rating_reason.{one}"),) for one in Reason if one.value not in ticked]
    return (*([(Choice(DONE, term="reasons_done"),)] if ticked else []), *open_ones)


def _named(turn: Turn, filling: Filling) -> Rows:
    return ((Choice(YES, term="rate_named"), Choice(NO, term="rate_unnamed")),)


def _finish(turn: Turn, filling: Filling) -> Move:
    answers: Mapping[str, Any] = filling.answers
    opinion = Opinion(
        Level.of(answers["level"]),
        tuple(Reason.of(one) for one in answers.get("reasons") or ()),
        answers.get("text") or "",
        bool(answers.get("named")),
    )
    done = rate_matter(turn.desk, turn.chat, filling.about["matter"], opinion)
    if isinstance(done, Refusal):
        asking = "text" if done.why is Why.REASON_NEEDED else ""
        return forms.refused(turn, filling, done, asking) if asking else showing.said_no(turn, done)
    facts = {**done.facts, "named": opinion.named}
    rows = ((Choice("co", term="complain"),),) if opinion.level.is_poor else ()
    return turn.state, (Say(Outcome.RATED, facts, rows), done.change)


FORM = forms.Form(
    "rate",
    (
        Field("level", read_level, _levels, show=lambda turn, value: {"term": ["rating_level", value]},
              decides=("reasons", "named")),
        Field("reasons", read_reasons, _reasons, wanted=_poor,
              facts=lambda turn, filling: {"ticked": list(filling.draft or ())},
              show=lambda turn, value: {"terms": ["rating_reason", value]}),
        Field("text", read_text, optional=True),
        Field("named", read_named, _named, wanted=_poor, show=lambda turn, value: {"yes": value}),
    ),
    _finish,
)  # fmt: skip
