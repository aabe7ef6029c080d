"""What moves and acts demand, as questions: one field for each demand, whatever move asks for it.

A form's `about` says which are asked: `demands` and `optional` are demands' values separated by spaces. The answers
are named as the details they become, so `standing.Details` and `engagement.Details` are read off them as they are.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from bot.casework.case import Case
from bot.casework.materials import HERE, Status
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Credit, Delivery, Move, Opinion, Procedure
from bot.casework.table import LIST_LENGTH, TEXT_LENGTH, Demand
from bot.casework.terms import Term
from bot.desk.access import agents_for
from bot.desk.dossier import Dossier
from bot.desk.moves import Open
from bot.desk.records import Member
from bot.dialogue.dates import read_day
from bot.dialogue.forms import Field, Given, Heard, Partly, Rows
from bot.dialogue.state import Filling, Turn
from bot.events import Choice, Pressed, Said
from knowledge.working_days import add_working_days

TICKED_AT_MOST = 24  # materials with a button of their own; all of them can be typed
AGENTS = 20  # with a button of their own
DEADLINES = (5, 10, 20)  # working days from today
EXTENSIONS = (5, 10, 15)  # working days
ITEMS = 5  # that may be meant
NEAR = 0.03  # a probability below this is no likeness at all

MOVES = {move.value: move for move in Move}

Reading = Given | Partly | Refusal | None


# --- what is asked ------------------------------------------------------------------------------


def is_asked(demand: Demand) -> Callable[[Turn, Filling], bool]:
    def wanted(turn: Turn, filling: Filling) -> bool:
        asked = (filling.about.get("demands", "") + " " + filling.about.get("optional", "")).split()
        return demand.value in asked and not (demand is Demand.REASON and filling.answers.get("opinion") == "consent")

    return wanted


def is_optional(filling: Filling, demand: Demand) -> bool:
    """Whether it may be left out; an opinion that is no plain consent gives its reason."""
    reasoned = demand is Demand.REASON and "opinion" in filling.answers
    return demand.value in filling.about.get("optional", "").split() and not reasoned


def _no_answer(heard: Heard, demand: Demand) -> Refusal | None:
    """Words that are none of the answers: a question is answered and the form taken up again, else it is said."""
    return None if not isinstance(heard.event, Said) or heard.asks_something else Refusal(Why.LACKING, names=(demand,))


def _skip(filling: Filling, demand: Demand) -> tuple[Choice, ...]:
    return (Choice("none", term="form_skip"),) if is_optional(filling, demand) else ()


# --- texts --------------------------------------------------------------------------------------


def _text(demand: Demand) -> Field:
    """Whatever is written; a question as well, for a reason may sound like one."""

    def read(turn: Turn, filling: Filling, heard: Heard) -> Reading:
        match heard.event:
            case Pressed("none") if is_optional(filling, demand):
                return Given(None)
            case Said(text) if len(text.strip()) > TEXT_LENGTH:
                return Refusal(Why.TOO_LONG, names=(demand,), number=TEXT_LENGTH)
            case Said(text):
                return Given(text.strip())
        return None

    def choices(turn: Turn, filling: Filling) -> Rows:
        return (skip,) if (skip := _skip(filling, demand)) else ()

    return Field(demand.value, read, choices, is_asked(demand))


# --- one of a few terms -------------------------------------------------------------------------


def _term(demand: Demand, terms: tuple[Term, ...], decides: tuple[str, ...] = ()) -> Field:
    def read(turn: Turn, filling: Filling, heard: Heard) -> Reading:
        match heard.event:
            case Pressed(data):
                return Given(data) if data in terms else None
            case Said(text):
                named = next((one for one in terms if text.strip() in (one.value, one.zh)), None)
                return Given(named.value) if named else _no_answer(heard, demand)
        return None

    rows: Rows = tuple((Choice(one.value, term=f"{demand}.{one}"),) for one in terms)
    return Field(
        demand.value,
        read,
        lambda turn, filling: rows,
        is_asked(demand),
        show=lambda turn, value: {"term": [demand.value, value]},
        decides=decides,
    )


# --- days ---------------------------------------------------------------------------------------


def read_deadline(turn: Turn, filling: Filling, heard: Heard) -> Reading:
    match heard.event:
        case Pressed(data) if data in map(str, DEADLINES):
            return Given(add_working_days(turn.today, int(data)).day.isoformat())
        case Said(text):
            day = read_day(text, turn.today)
            return _deadline(turn, day) if day else _no_answer(heard, Demand.DEADLINE)
    return None


def _deadline(turn: Turn, day: dt.date) -> Given | Refusal:
    farthest = turn.today + dt.timedelta(days=turn.desk.office.rules.farthest_deadline)
    if day <= turn.today:
        return Refusal(Why.DEADLINE_PAST, day=day)
    return Given(day.isoformat()) if day <= farthest else Refusal(Why.DEADLINE_FAR, day=farthest)


_NUMBER = re.compile(r"(\d{1,3})\s*(?:个?工作日|天|日|(?:working )?days?)?")


def read_days(turn: Turn, filling: Filling, heard: Heard) -> Reading:
    said = heard.event.text if isinstance(heard.event, Said) else ""
    match heard.event:
        case Pressed(data) if data in map(str, EXTENSIONS):
            return Given(int(data))
        case Said():
            number = _NUMBER.fullmatch(unicodedata.normalize("NFKC", said).strip().casefold())
            if number:
                return Given(int(number[1]))
            return None if heard.asks_something else Refusal(Why.NOT_A_NUMBER_OF_DAYS)
    return None


def _working_days(numbers: tuple[int, ...], term: str) -> Callable[[Turn, Filling], Rows]:
    row = tuple(Choice(str(number), term=f"{term}_{number}") for number in numbers)
    return lambda turn, filling: (row,)


# --- materials ----------------------------------------------------------------------------------


def case_of(turn: Turn, filling: Filling) -> Case | None:
    number = filling.about.get("case", "")
    dossier = turn.desk.records.dossier_of(number)
    return dossier.cases.get(number) if dossier else None


def eligible(case: Case, move: Move) -> tuple[str, ...]:
    """The materials of the checklist that a move can be about."""
    checklist = case.standing.checklist
    every = tuple(entry.needed.name for entry in checklist.entries)
    absent = tuple(name for name in every if name not in checklist.having(*HERE))
    match move:
        case Move.CHECK_MATERIALS:
            return checklist.having(*HERE)
        case Move.ACCEPT_DEFERRED:
            main = checklist.main(absent)
            return tuple(name for name in absent if name not in main)
        case Move.ACCEPT_ON_COMMITMENT:
            return absent
    return every


def can_be_given(case: Case, able: Open) -> bool:
    """Whether there is any material that a move which demands some can be about."""
    free = not case.standing.checklist.recorded
    return Demand.MATERIALS not in able.demands or free or bool(eligible(case, MOVES[able.what]))


def suggested(case: Case, move: Move) -> tuple[str, ...]:
    """What is ticked before anybody ticks anything: what the move is nearly always about."""
    checklist = case.standing.checklist
    match move:
        case Move.REQUEST_SUPPLEMENT | Move.ACCEPT_ON_COMMITMENT | Move.ACCEPT_DEFERRED:
            can = eligible(case, move)
            return tuple(name for name in checklist.missing() if name in can)
        case Move.CHECK_MATERIALS:
            return checklist.having(Status.RECEIVED)
        case Move.SUPPLY:
            return checklist.having(Status.WANTED)
    return ()


def _materials(turn: Turn, filling: Filling) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The names there are, those that are ticked, and whether others may be written in."""
    case = case_of(turn, filling)
    if case is None:
        return (), (), False
    move = MOVES[filling.about["move"]]
    names, ticks = eligible(case, move), filling.draft
    ticked = suggested(case, move) if ticks is None else tuple(name for name in names if name in ticks)
    return names, ticked, not case.standing.checklist.recorded


def read_materials(turn: Turn, filling: Filling, heard: Heard) -> Reading:
    names, ticked, free = _materials(turn, filling)
    match heard.event:
        case Pressed("done"):
            return _chosen(filling, ticked)
        case Pressed("all"):
            return Partly(list(names))
        case Pressed("none"):
            return Partly([])
        case Pressed(data) if data.isdecimal() and 0 < int(data) <= len(names):
            name = names[int(data) - 1]
            return Partly(sorted({*ticked} ^ {name}))
        case Said(text):
            return _named(filling, heard, text, names, free)
    return None


def _chosen(filling: Filling, names: tuple[str, ...]) -> Given | Refusal:
    if names:
        return Given(list(names))
    optional = is_optional(filling, Demand.MATERIALS)
    return Given(None) if optional else Refusal(Why.LACKING, names=(Demand.MATERIALS,))


def _named(filling: Filling, heard: Heard, text: str, names: tuple[str, ...], free: bool) -> Reading:
    """Materials written out, or their numbers: 1、3, or a name, or a part of one that only one has."""
    parts = _parts(text, names)
    found = [_named_one(part, names, free) for part in parts]
    if unknown := tuple(part for part, name in zip(parts, found, strict=True) if name is None):
        return None if heard.asks_something else Refusal(Why.UNKNOWN_MATERIAL, names=unknown[:LIST_LENGTH])
    return _chosen(filling, tuple(dict.fromkeys(name for name in found if name)))


def _parts(text: str, names: tuple[str, ...]) -> list[str]:
    if _plain(text) in map(_plain, names):
        return [text]  # a name may hold the signs that separate names
    split = r"[\s,，、;；]+" if re.fullmatch(r"[\d\s,，、;；]+", text) else r"[\n,，、;；]+"
    return [part.strip() for part in re.split(split, text) if part.strip()]


def _named_one(part: str, names: tuple[str, ...], free: bool) -> str | None:
    if part.isdecimal() and 0 < int(part) <= len(names):
        return names[int(part) - 1]
    same = [name for name in names if _plain(name) == _plain(part)]
    like = same or [name for name in names if _plain(part) in _plain(name)]
    return like[0] if len(like) == 1 else part if free and not like else None


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


def _material_choices(turn: Turn, filling: Filling) -> Rows:
    names, ticked, _ = _materials(turn, filling)
    boxes = tuple(
        (Choice(str(place), label=f"{'☑' if name in ticked else '☐'} {place} {name}"),)
        for place, name in enumerate(names[:TICKED_AT_MOST], 1)
    )
    tools = [Choice("all", term="tick_all"), Choice("none", term="tick_none")] if len(names) > 1 else []
    return (
        (*boxes, (*tools, Choice("done", term="tick_done"))) if names or is_optional(filling, Demand.MATERIALS) else ()
    )


def _material_facts(turn: Turn, filling: Filling) -> Mapping[str, Any]:
    names, ticked, free = _materials(turn, filling)
    return {"materials": list(names), "ticked": list(ticked), "free": free}


# --- departments --------------------------------------------------------------------------------


def read_departments(turn: Turn, filling: Filling, heard: Heard) -> Reading:
    """One a line, or separated by commas."""
    if not isinstance(heard.event, Said):
        return None
    named = [part.strip() for part in re.split(r"[\n,，、;；]+", heard.event.text) if part.strip()]
    if len(named) > LIST_LENGTH or any(len(one) > TEXT_LENGTH for one in named):
        return Refusal(Why.TOO_LONG, names=(Demand.DEPARTMENTS,), number=LIST_LENGTH)
    return Given(list(dict.fromkeys(named))) if named else _no_answer(heard, Demand.DEPARTMENTS)


def _invited(turn: Turn, filling: Filling) -> tuple[str, ...]:
    case = case_of(turn, filling)
    return case.standing.invitation.departments if case and case.standing.invitation else ()


def read_department(turn: Turn, filling: Filling, heard: Heard) -> Reading:
    invited = _invited(turn, filling)
    match heard.event:
        case Pressed(data) if data.isdecimal() and 0 < int(data) <= len(invited):
            return Given(invited[int(data) - 1])
        case Said(text):
            named = _named_one(text, invited, free=False)
            return Given(named) if named else _not_invited(heard, text)
    return None


def _not_invited(heard: Heard, text: str) -> Refusal | None:
    return None if heard.asks_something else Refusal(Why.NOT_INVITED, names=(text[:TEXT_LENGTH],))


def _department_choices(turn: Turn, filling: Filling) -> Rows:
    invited = _invited(turn, filling)[:TICKED_AT_MOST]
    return tuple((Choice(str(place), label=name),) for place, name in enumerate(invited, 1))


# --- an agent -----------------------------------------------------------------------------------


def available(turn: Turn, dossier: Dossier) -> tuple[Member, ...]:
    """The hall's agents who are there, but for the one who has it: those who carry less first."""
    able = (one for one in agents_for(turn.desk, dossier) if one.id != dossier.responsible)
    present = (one for one in able if not (one.absence and one.absence.covers(turn.today)))
    return tuple(sorted(present, key=lambda one: (one.load / max(one.capacity, 1), one.name)))


def _available(turn: Turn, filling: Filling) -> tuple[Member, ...]:
    dossier = turn.desk.records.dossier(filling.about.get("dossier", ""))
    return available(turn, dossier) if dossier else ()


def read_agent(turn: Turn, filling: Filling, heard: Heard) -> Reading:
    there = _available(turn, filling)
    match heard.event:
        case Pressed(data):
            return Given(data) if data in {one.id for one in there} else None
        case Said(text):
            named = [one.id for one in there if _plain(one.name) == _plain(text)]
            return Given(named[0]) if len(named) == 1 else _no_answer(heard, Demand.AGENT)
    return None


def _agent_choices(turn: Turn, filling: Filling) -> Rows:
    return tuple(
        (Choice(one.id, label=f"{one.name} · {one.load}/{one.capacity}"),) for one in _available(turn, filling)[:AGENTS]
    )


def _agent_shown(turn: Turn, value: Any) -> Mapping[str, Any]:
    agent = turn.desk.records.colleague(value)
    return {"text": agent.name if agent else ""}


# --- an item to add -----------------------------------------------------------------------------


def read_item(turn: Turn, filling: Filling, heard: Heard) -> Reading:
    """An item's code, or what people call it: what may be meant is offered."""
    match heard.event:
        case Pressed(data):
            return Given(data) if turn.knowledge.item(data) else None
        case Said(text) if turn.knowledge.item(text.strip()):
            return Given(text.strip())
        case Said(text):
            near = [match.code for match in turn.knowledge.search(text, ITEMS) if match.score >= NEAR]
            return Partly(near) if near else Refusal(Why.LACKING, names=("items",))
    return None


def _item_choices(turn: Turn, filling: Filling) -> Rows:
    found = filter(None, map(turn.knowledge.item, filling.draft or ()))
    return tuple((Choice(item.code, label=item.name.say(turn.language)),) for item in found)


def _item_shown(turn: Turn, value: Any) -> Mapping[str, Any]:
    item = turn.knowledge.item(value)
    return {"text": item.name.say(turn.language) if item else value}


def _adds_an_item(turn: Turn, filling: Filling) -> bool:
    return filling.about.get("act") == "add_case"


# --- all of them, in the order they are asked in -------------------------------------------------

_D = Demand

MOVE_FIELDS: tuple[Field, ...] = (
    Field("materials", read_materials, _material_choices, is_asked(_D.MATERIALS), _material_facts,
          show=lambda turn, value: {"list": value}),
    _term(_D.PROCEDURE, tuple(Procedure)),
    Field("departments", read_departments, wanted=is_asked(_D.DEPARTMENTS), show=lambda turn, value: {"list": value}),
    Field("department", read_department, _department_choices, is_asked(_D.DEPARTMENT)),
    _term(_D.OPINION, tuple(one for one in Opinion if one is not Opinion.SILENT), decides=("reason",)),
    _term(_D.CREDIT, tuple(Credit)),
    _text(_D.COMMITMENT),
    _text(_D.REASON),
    _text(_D.BASIS),
    _text(_D.REMEDY),
    Field("days", read_days, _working_days(EXTENSIONS, "days"), is_asked(_D.DAYS)),
    _text(_D.APPROVAL),
    Field("deadline", read_deadline, _working_days(DEADLINES, "deadline"), is_asked(_D.DEADLINE),
          show=lambda turn, value: {"day": value}),
    _term(_D.DELIVERY, tuple(Delivery)),
    _text(_D.NOTE),
)  # fmt: skip

ACT_FIELDS: tuple[Field, ...] = (
    Field("item", read_item, _item_choices, _adds_an_item, show=_item_shown),
    Field("agent", read_agent, _agent_choices, is_asked(_D.AGENT), show=_agent_shown),
    _text(_D.REASON),
    _text(_D.NOTE),
)
