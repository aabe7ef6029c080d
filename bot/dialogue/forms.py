"""Filling in a form, one question at a time: answered, changed, gone back on, left for a week and taken up again.

A form is data: its fields in order, and what is done with the answers. The engine asks what is still open, reads what
comes in with the field's own reader, and shows a summary to confirm where the form has one. Whatever is no answer is
treated like any other message, and the form's question is put again after it (`table.step` sees to that).

A button of a form is `f:<asked>:<verb>[:<argument>]`; one of an earlier asking is stale.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.casework.refusal import Refusal
from bot.dialogue import notices
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Event, Outcome, Pressed, Say
from knowledge.matching.decision import Understanding, Verdict

Answers = Mapping[str, Any]
Rows = tuple[tuple[Choice, ...], ...]
EDITS_A_ROW = 2


@dataclass(frozen=True, slots=True)
class Heard:
    """What came in while a field was asked: the event, and what was understood of it if it was words.

    The choice of a button comes as `Pressed(data)` with the data that the field gave it.
    """

    event: Event
    understood: Understanding | None = None

    @property
    def asks_something(self) -> bool:
        """Whether it is a question that the catalogue answers, rather than an answer to the form."""
        needs = self.understood.needs if self.understood else ()
        return any(need.verdict is Verdict.ANSWER for need in needs)


@dataclass(frozen=True, slots=True)
class Given:
    """A field's answer; plain JSON data."""

    value: Any


@dataclass(frozen=True, slots=True)
class Partly:
    """A part of a field's answer: kept as the filling's `draft`, and the field is asked on."""

    draft: Any


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form. Its words are in the templates' forms.yaml under `<form>.<name>`.

    `read` gives the answer, a refusal that says what is wrong with it, or None for something that is no answer at all.
    """

    name: str
    read: Callable[[Turn, Filling, Heard], Given | Partly | Refusal | None]
    choices: Callable[[Turn, Filling], Rows] = lambda turn, filling: ()  # data without `:` is the field's own
    wanted: Callable[[Turn, Filling], bool] = lambda turn, filling: True
    facts: Callable[[Turn, Filling], Mapping[str, Any]] = lambda turn, filling: {}  # what its wording needs
    show: Callable[[Turn, Any], Mapping[str, Any]] = lambda turn, value: {"text": value}  # its line in the summary
    optional: bool = False
    is_number: Callable[[str], bool] = lambda text: False  # whether words with a case's number in them are its answer
    decides: tuple[str, ...] = ()  # fields whose answers mean nothing any more once this one is changed


@dataclass(frozen=True, slots=True)
class Form:
    name: str
    fields: tuple[Field, ...]
    finish: Callable[[Turn, Filling], Move]  # its turn's state has no form any more but the one that waits for it
    confirmed: bool = True  # a summary is shown and confirmed before `finish`
    facts: Callable[[Turn, Filling], Mapping[str, Any]] = lambda turn, filling: {}  # what the summary needs besides

    def field(self, name: str) -> Field | None:
        return next((one for one in self.fields if one.name == name), None)


def begin(
    turn: Turn,
    form: Form,
    about: Mapping[str, str] | None = None,
    answers: Answers | None = None,
    outer: Filling | None = None,
) -> Move:
    """Start a form, with what is known already. One that is under way gives way to it, unless it is the `outer` one:
    that waits, and is taken up again when this one is done or left."""
    return _next(turn, form, Filling(form.name, "", dict(answers or {}), dict(about or {}), outer=outer))


def hear(turn: Turn, form: Form, filling: Filling, heard: Heard) -> Move | None:
    """What comes in while a field is asked; None: it is no answer."""
    field = form.field(filling.asking)
    given = field.read(turn, filling, heard) if field else None
    if field is None or given is None:
        return None
    if isinstance(given, Refusal):
        return _ask(turn, form, filling, given)
    if isinstance(given, Partly):
        return _ask(turn, form, replace(filling, draft=given.draft))
    return _answered(turn, form, filling, field, given.value)


def press(turn: Turn, form: Form, filling: Filling, arguments: tuple[str, ...]) -> Move:
    """A button of the form."""
    asked, verb, *more = (*arguments, "", "")
    field = form.field(filling.asking)
    if asked != str(filling.asked):
        return resume(turn, form, filling)
    match verb:
        case "v":
            chosen = hear(turn, form, filling, Heard(Pressed(more[0])))
            return chosen or resume(turn, form, filling)
        case "skip" if field and field.optional:
            return _answered(turn, form, filling, field, None)
        case "back":
            return _back(turn, form, filling)
        case "edit" if more[0] in filling.answers:
            return _edit(turn, form, filling, more[0])
        case "ok" if field is None:
            return form.finish(_with(turn, filling.outer), filling)
        case "quit":
            return quit_(turn, filling)
    return notices.stale(turn)


def resume(turn: Turn, form: Form, filling: Filling) -> Move:
    """Put the question again that is still open."""
    return _ask(turn, form, filling)


def quit_(turn: Turn, filling: Filling) -> Move:
    """Leave the form; nothing of it is kept."""
    left = _with(turn, filling.outer).state
    facts = {"form": filling.form, "outer": _waiting(filling)}
    return left, (Say(Outcome.FORM_LEFT, facts, ((Choice("h", term="help"),),)),)


def _waiting(filling: Filling) -> str:
    """The name of the form that is taken up again afterwards; empty for none."""
    return filling.outer.form if filling.outer else ""


def refused(turn: Turn, filling: Filling, refusal: Refusal, asking: str = "") -> Move:
    """What was answered could not be done: said, and the form stays as it is, at `asking` or at its summary."""
    kept = {name: value for name, value in filling.answers.items() if name != asking}
    again = replace(filling, asking=asking, answers=kept)
    return _with(turn, again).state, (Say(Outcome.REFUSED, {"refusal": refusal_facts(refusal)}),)


# --- steps --------------------------------------------------------------------------------------


def _next(turn: Turn, form: Form, filling: Filling) -> Move:
    """Ask the first field that is wanted and open; else show the summary; else finish."""
    filling = replace(filling, draft=None)
    for field in form.fields:
        if field.name not in filling.answers and field.wanted(turn, filling):
            return _ask(turn, form, replace(filling, asking=field.name))
    if form.confirmed:
        return _ask(turn, form, replace(filling, asking="", before=None))
    return form.finish(_with(turn, filling.outer), filling)


def _answered(turn: Turn, form: Form, filling: Filling, field: Field, value: Any) -> Move:
    kept = filling.answers
    if filling.before is not None and filling.before.get(field.name) != value:
        kept = {name: answer for name, answer in kept.items() if name not in field.decides}
    return _next(turn, form, replace(filling, answers={**kept, field.name: value}))


def _ask(turn: Turn, form: Form, filling: Filling, refusal: Refusal | None = None) -> Move:
    asked = turn.state.asked + 1
    filling = replace(filling, asked=asked)
    asking = _with(turn, filling)
    field = form.field(filling.asking)
    say = _question(asking, form, filling, field, refusal) if field else _summary(asking, form, filling)
    return replace(asking.state, asked=asked), (say,)


def _question(turn: Turn, form: Form, filling: Filling, field: Field, refusal: Refusal | None) -> Say:
    facts = {
        "form": form.name,
        "field": field.name,
        "about": dict(filling.about),
        "outer": _waiting(filling),
        "optional": field.optional,
        "refusal": refusal_facts(refusal) if refusal else None,
        **field.facts(turn, filling),
    }
    rows = tuple(tuple(_own(filling, choice) for choice in row) for row in field.choices(turn, filling))
    return Say(Outcome.FORM, facts, (*rows, _ways(form, filling, field)))


def _own(filling: Filling, choice: Choice) -> Choice:
    return choice if ":" in choice.data else replace(choice, data=f"f:{filling.asked}:v:{choice.data}")


def _ways(form: Form, filling: Filling, field: Field) -> tuple[Choice, ...]:
    """Skip, back, out, or on with the form that waits."""
    begun = filling.before is not None or any(one.name in filling.answers for one in form.fields)
    verbs = ["skip"] * field.optional + ["back"] * begun
    ways = [Choice(f"f:{filling.asked}:{verb}", term=f"form_{verb}") for verb in verbs]
    return (*ways, Choice(f"f:{filling.asked}:quit", term="form_return" if filling.outer else "form_quit"))


def _summary(turn: Turn, form: Form, filling: Filling) -> Say:
    shown = [one for one in form.fields if one.name in filling.answers and one.wanted(turn, filling)]
    lines = [{"field": one.name, **_shown(turn, one, filling.answers[one.name])} for one in shown]
    facts = {"form": form.name, "about": dict(filling.about), "lines": lines, **form.facts(turn, filling)}
    edits = [Choice(f"f:{filling.asked}:edit:{one.name}", term=f"edit_{one.name}") for one in shown]
    rows = tuple(tuple(edits[at : at + EDITS_A_ROW]) for at in range(0, len(edits), EDITS_A_ROW))
    ok, out = (Choice(f"f:{filling.asked}:{verb}", term=f"form_{verb}") for verb in ("ok", "quit"))
    return Say(Outcome.SUMMARY, facts, ((ok,), *rows, (out,)))


def _shown(turn: Turn, field: Field, value: Any) -> Mapping[str, Any]:
    return {"skipped": True} if value is None else field.show(turn, value)


def _back(turn: Turn, form: Form, filling: Filling) -> Move:
    """To the question before this one; from a change, to the summary with everything as it was."""
    if filling.before is not None:
        return _next(turn, form, replace(filling, answers=filling.before))
    answered = [one.name for one in form.fields if one.name in filling.answers and one.wanted(turn, filling)]
    kept = {name: value for name, value in filling.answers.items() if name not in answered[-1:]}
    return _next(turn, form, replace(filling, answers=kept))


def _edit(turn: Turn, form: Form, filling: Filling, name: str) -> Move:
    kept = {one: value for one, value in filling.answers.items() if one != name}
    return _next(turn, form, replace(filling, answers=kept, before=filling.answers))


def _with(turn: Turn, filling: Filling | None) -> Turn:
    return replace(turn, state=replace(turn.state, form=filling).idle())


def refusal_facts(refusal: Refusal) -> dict[str, Any]:
    """A refusal as a template reads it: `why`, `names`, `day` and `moment` in ISO form, `number`."""
    return {
        "why": refusal.why.value,
        "names": list(refusal.names),
        "day": refusal.day.isoformat() if refusal.day else None,
        "moment": _whole_minute(refusal.moment).isoformat() if refusal.moment else None,
        "number": refusal.number,
    }


def _whole_minute(moment: dt.datetime) -> dt.datetime:
    """Not before `moment`, in the minutes that people are told."""
    early = moment.replace(second=0, microsecond=0)
    return early if early == moment else early + dt.timedelta(minutes=1)
