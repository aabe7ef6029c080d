"""Being away: who looks after one's dossiers meanwhile, and being back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from bot.casework.refusal import Refusal, Why
from bot.casework.table import Demand
from bot.casework.terms import Role
from bot.desk import staff
from bot.desk.records import Member
from bot.dialogue import duty, forms
from bot.dialogue.dates import read_day
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Outcome, Pressed, Said, Say

COLLEAGUES = 20  # with a button of their own


@duty.for_staff
def away_asked(turn: Turn, found: Member, argument: str) -> Move:
    """/away FROM TO [DEPUTY]; what is not given is asked."""
    return forms.begin(turn, FORM, answers=_read(turn, found, argument))


def _read(turn: Turn, found: Member, argument: str) -> dict[str, Any]:
    words = argument.split(maxsplit=2)
    days = [read_day(word, turn.today) for word in words[:2]]
    if len(words) < 2 or None in days:
        return {}
    given: dict[str, Any] = {"first": days[0].isoformat(), "last": days[1].isoformat()}  # type: ignore[union-attr]
    named = [one.id for one in _deputies(turn, found) if one.name == words[2].strip()] if words[2:] else []
    return given | ({"deputy": named[0]} if len(named) == 1 else {})


def _deputies(turn: Turn, found: Member) -> tuple[Member, ...]:
    team = turn.desk.records.members(found.hall)
    return tuple(one for one in team if Role.AGENT in one.roles and one.id != found.id)


def _first(turn: Turn, filling: Filling, heard: forms.Heard) -> forms.Given | Refusal | None:
    return _day(turn, heard)


def _last(turn: Turn, filling: Filling, heard: forms.Heard) -> forms.Given | Refusal | None:
    given = _day(turn, heard)
    if isinstance(given, forms.Given) and given.value < filling.answers["first"]:
        return Refusal(Why.DEADLINE_PAST, day=dt.date.fromisoformat(given.value))
    return given


def _day(turn: Turn, heard: forms.Heard) -> forms.Given | Refusal | None:
    match heard.event:
        case Pressed("today"):
            return forms.Given(turn.today.isoformat())
        case Said(text):
            day = read_day(re.sub(r"[起到止]", "", text), turn.today)
            if day is None:
                return None if heard.asks_something else Refusal(Why.LACKING, names=(Demand.DEADLINE,))
            return forms.Given(day.isoformat()) if day >= turn.today else Refusal(Why.DEADLINE_PAST, day=day)
    return None


def _deputy(turn: Turn, filling: Filling, heard: forms.Heard) -> forms.Given | Refusal | None:
    found = duty.member(turn)
    able = _deputies(turn, found) if found else ()
    match heard.event:
        case Pressed(data):
            return forms.Given(data) if data in {one.id for one in able} else None
        case Said(text):
            named = [one.id for one in able if one.name == text.strip()]
            if len(named) == 1:
                return forms.Given(named[0])
            return None if heard.asks_something else Refusal(Why.LACKING, names=(Demand.AGENT,))
    return None


def _deputy_choices(turn: Turn, filling: Filling) -> forms.Rows:
    found = duty.member(turn)
    able = _deputies(turn, found)[:COLLEAGUES] if found else ()
    return tuple((Choice(one.id, label=f"{one.name} · {one.load}/{one.capacity}"),) for one in able)


def _shown_day(turn: Turn, value: Any) -> Mapping[str, Any]:
    return {"day": value}


def _shown_deputy(turn: Turn, value: Any) -> Mapping[str, Any]:
    found = turn.desk.records.colleague(value)
    return {"text": found.name if found else ""}


def _gone(turn: Turn, filling: Filling) -> Move:
    found = duty.member(turn)
    if found is None:
        return duty.not_staff(turn)
    first, last = (dt.date.fromisoformat(filling.answers[name]) for name in ("first", "last"))
    deputy = filling.answers.get("deputy") or ""
    done = staff.be_away(turn.desk, found, first, last, deputy)
    if isinstance(done, Refusal):
        state, asked = forms.begin(turn, FORM)
        return state, (Say(Outcome.REFUSED, {"refusal": forms.refusal_facts(done)}), *asked)
    return turn.state, (Say(Outcome.AWAY, {**done.facts, "of": None}, ((Choice("in", term="inbox"),),)), done.change)


@duty.for_staff
def back_asked(turn: Turn, found: Member, argument: str) -> Move:
    done = staff.be_back(turn.desk, found)
    facts = {"first": None, "last": None, "back": True, "deputy": None, "load": found.load, "of": None}
    return turn.state, (Say(Outcome.AWAY, facts, ((Choice("in", term="inbox"),),)), done.change)


FORM = forms.Form(
    "away",
    (
        forms.Field("first", _first, lambda turn, filling: ((Choice("today", term="today"),),), show=_shown_day),
        forms.Field("last", _last, show=_shown_day),
        forms.Field("deputy", _deputy, _deputy_choices, show=_shown_deputy, optional=True),
    ),
    _gone,
)
