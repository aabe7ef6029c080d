"""The staff's inbox: tabs by role, what is due first on top, filters, and a search.

A list's button is `in:<scope>:<light>:<state>:<offset>:<sought>`; `-` stands for what is not filtered, and `sought` is
`s` where the list is what was looked for. What was looked for stays in the state: it may be somebody's name. So does
the hall that was chosen (`in:at:<code>:<scope>`; without a code all of them): the lists after it are that hall's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bot.casework.applicants import masked_name
from bot.casework.clock import Light
from bot.casework.engagement import Step
from bot.casework.standing import FINAL, State
from bot.casework.terms import Role
from bot.desk import views
from bot.desk.access import halls_served, halls_shown, knows_line, stands_in_for
from bot.desk.records import Filter, Line, Member, Scope
from bot.dialogue import duty, forms
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Outcome, Said, Say
from knowledge.working_days import is_announced

LINES = 8  # of one page
FARTHEST = 4000  # lines into a list; whoever is there should search instead
LONGEST = 60  # characters of what is looked for
LIGHTS = (Light.RED, Light.YELLOW, Light.GREEN, Light.PAUSED)
CHOOSE_STATE = "?"
STATES_A_ROW = HALLS_A_ROW = 2
# steps of an engagement that name no state of a case as well, and need something done
_STEPS = (Step.APPLIED, Step.ADMITTED, Step.ENTRUSTED, Step.HANDLING)
_STATES = frozenset({CHOOSE_STATE, *(one.value for one in (*State, *Step))})
_ENDED = (Step.CLOSED, Step.TERMINATED, Step.ARCHIVED)

_TABS: tuple[tuple[Scope, frozenset[Role]], ...] = (
    (Scope.MINE, frozenset({Role.AGENT})),
    (Scope.OFFERED, frozenset({Role.AGENT})),
    (Scope.UNASSIGNED, frozenset({Role.COORDINATOR})),
    (Scope.WINDOW, frozenset({Role.CLERK})),
    (Scope.HALL, frozenset({Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR})),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the inbox is looked at."""

    scope: Scope
    light: Light | None = None
    state: str = ""
    offset: int = 0
    sought: bool = False

    @property
    def data(self) -> str:
        light, sought = self.light.value if self.light else "-", "s" if self.sought else "-"
        return f"in:{self.scope}:{light}:{self.state or '-'}:{self.offset}:{sought}"


def tabs(found: Member) -> tuple[Scope, ...]:
    """The lists that a member's roles open."""
    return tuple(scope for scope, roles in _TABS if roles & found.roles)


@duty.for_staff
def inbox_asked(turn: Turn, found: Member, argument: str) -> Move:
    """/inbox, or /inbox and what is looked for: of all halls they serve."""
    if argument:
        return _sought(turn, found, argument)
    return _listed(_at(turn, ""), found, None)


@duty.for_staff
def inbox_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    if arguments[:1] == ("search",):
        return forms.begin(turn, FORM)
    if arguments[:1] == ("halls",):
        return _halls_shown(turn, found, _wanted(arguments[1:]))
    if arguments[:1] == ("at",):
        return _listed(_at(turn, "".join(arguments[1:2])), found, _wanted(arguments[2:]))
    wanted = _wanted(arguments)
    if wanted and wanted.state == CHOOSE_STATE:
        return _states_shown(turn, found, wanted)
    return _listed(turn, found, wanted)


def _at(turn: Turn, hall: str) -> Turn:
    return replace(turn, state=replace(turn.state, hall=hall))


def _wanted(arguments: tuple[str, ...]) -> Wanted | None:
    scope, light, state, offset, sought = (*arguments, *("-",) * 5)[:5]
    if scope not in set(Scope):
        return None
    return Wanted(
        Scope(scope),
        next((one for one in LIGHTS if one == light), None),
        state if state in _STATES else "",
        min(int(offset), FARTHEST) if offset.isdecimal() else 0,
        sought == "s",
    )


def _listed(turn: Turn, found: Member, wanted: Wanted | None) -> Move:
    open_to = tabs(found)
    if not open_to:
        return turn.state.idle(), (Say(Outcome.INBOX, _nothing_here(turn)),)
    if wanted is None or wanted.scope not in open_to:
        wanted = replace(wanted or Wanted(open_to[0]), scope=open_to[0], offset=0)
    away, halls = stands_in_for(turn.desk, found), halls_served(turn.desk, found)
    hall = turn.state.hall if turn.state.hall in halls else ""
    shown = halls_shown(turn.desk, found, hall)
    page = turn.desk.records.inbox(_filter(turn, found, wanted, away, shown))
    if not page.lines and page.total:
        wanted = replace(wanted, offset=0)  # the list has become shorter than the page that was turned to
        page = turn.desk.records.inbox(_filter(turn, found, wanted, away, shown))
    lines = [_masked(line, found, away) for line in page.lines]
    totals = {one: _total(turn, found, replace(wanted, scope=one), away, shown) for one in open_to}
    facts = {
        **_nothing_here(turn),
        "scope": wanted.scope.value,
        "tabs": [{"scope": scope.value, "total": total} for scope, total in totals.items()],
        "lines": [_line_facts(turn, line) for line in lines],
        "total": page.total,
        "first": wanted.offset + 1,
        "hall": hall,
        "halls": len(halls),
        "light": wanted.light.value if wanted.light else None,
        "state": wanted.state,
        "sought": turn.state.sought if wanted.sought else "",
        "stands_in_for": [one.name for one in away],
    }
    rows = _rows(wanted, lines, page.total, open_to, _hall_tools(wanted, halls, hall))
    return turn.state.idle(), (Say(Outcome.INBOX, facts, tuple(filter(None, rows))),)


def _nothing_here(turn: Turn) -> dict[str, Any]:
    """The facts of an inbox with nothing in it."""
    empty = {"scope": "", "tabs": [], "lines": [], "total": 0, "first": 1, "light": None, "state": "", "sought": ""}
    return {**empty, "hall": "", "halls": 0, "stands_in_for": [], "choosing": "", "roles": duty.roles(turn)}


def _filter(turn: Turn, found: Member, wanted: Wanted, away: tuple[Member, ...], halls: tuple[str, ...]) -> Filter:
    return Filter(
        halls=halls,
        scope=wanted.scope,
        member=found.id,
        acts_for=tuple(one.id for one in away),
        search=turn.state.sought if wanted.sought else "",
        state=wanted.state,
        light=wanted.light,
        closed=wanted.sought or wanted.state in {*_ENDED, *FINAL},
        offset=wanted.offset,
        limit=LINES,
    )


def _total(turn: Turn, found: Member, wanted: Wanted, away: tuple[Member, ...], halls: tuple[str, ...]) -> int:
    """How many there are in a list: the totals of tabs a list has no page of cost no page."""
    return turn.desk.records.inbox(replace(_filter(turn, found, wanted, away, halls), offset=0, limit=0)).total


def _masked(line: Line, found: Member, away: tuple[Member, ...]) -> Line:
    """To whom it is merely offered, no applicant's name is shown."""
    known = knows_line(found, line, [one.id for one in away])
    return line if known else replace(line, applicant=masked_name(line.applicant))


def _line_facts(turn: Turn, line: Line) -> dict[str, Any]:
    agent = turn.desk.records.colleague(line.responsible) if line.responsible else None
    more = {
        "agent": agent.name if agent else None,
        "hall": line.hall,
        "provisional": bool(line.due and not is_announced(line.due.year)),
    }
    return views.line_facts(line) | more


# --- buttons ------------------------------------------------------------------------------------


def _rows(
    wanted: Wanted, lines: list[Line], total: int, open_to: tuple[Scope, ...], hall_tools: tuple[Choice, ...]
) -> Iterator[tuple[Choice, ...]]:
    for place, line in enumerate(lines, wanted.offset + 1):
        yield (Choice(f"e:{line.number}", label=f"{place} · {line.applicant}"),)
    yield tuple(_turns(wanted, total))
    fresh = replace(wanted, offset=0)
    yield tuple(
        Choice(replace(fresh, scope=one).data, term=f"scope_{one}") for one in open_to if one is not fresh.scope
    )
    lights = LIGHTS if total or wanted.light else ()
    yield tuple(Choice(replace(fresh, light=one).data, term=f"light_{one}") for one in lights if one is not fresh.light)
    yield hall_tools
    yield tuple(_tools(fresh))


def _turns(wanted: Wanted, total: int) -> Iterator[Choice]:
    if wanted.offset:
        yield Choice(replace(wanted, offset=max(0, wanted.offset - LINES)).data, term="page_before")
    if wanted.offset + LINES < min(total, FARTHEST):
        yield Choice(replace(wanted, offset=wanted.offset + LINES).data, term="page_after")


def _hall_tools(wanted: Wanted, halls: tuple[str, ...], hall: str) -> tuple[Choice, ...]:
    """Another hall, and all of them again; nothing for whoever serves one."""
    choose = Choice(f"in:halls:{wanted.scope}", term="choose_hall")
    every = Choice(f"in:at::{wanted.scope}", term="all_halls")
    return ((choose, every) if hall else (choose,)) if len(halls) > 1 else ()


def _tools(wanted: Wanted) -> Iterator[Choice]:
    yield Choice(replace(wanted, state=CHOOSE_STATE).data, term="choose_state")
    yield Choice("in:search", term="search")
    if wanted.light or wanted.state or wanted.sought:
        yield Choice(Wanted(wanted.scope).data, term="show_all")


def _states_shown(turn: Turn, found: Member, wanted: Wanted) -> Move:
    cases = [(one.value, f"case_state.{one}") for one in State if one not in FINAL]
    steps = [(one.value, f"step.{one}") for one in (*_STEPS, *_ENDED)]
    named = [(value, term) for value, term in dict([*steps, *cases]).items()]
    choices = [Choice(replace(wanted, state=value).data, term=term) for value, term in named]
    rows = tuple(tuple(choices[at : at + STATES_A_ROW]) for at in range(0, len(choices), STATES_A_ROW))
    facts = _nothing_here(turn) | {"choosing": "state", "scope": wanted.scope.value}
    return turn.state.idle(), (Say(Outcome.INBOX, facts, rows),)


def _halls_shown(turn: Turn, found: Member, wanted: Wanted | None) -> Move:
    """The halls a member serves, to choose one or all."""
    scope = wanted.scope if wanted else ""
    named = [(code, turn.knowledge.regions.get(code)) for code in halls_served(turn.desk, found)]
    choices = [Choice(f"in:at:{code}:{scope}", label=place.name.say(turn.language)) for code, place in named if place]
    rows = tuple(tuple(choices[at : at + HALLS_A_ROW]) for at in range(0, len(choices), HALLS_A_ROW))
    facts = _nothing_here(turn) | {"choosing": "hall"}
    return turn.state.idle(), (Say(Outcome.INBOX, facts, ((Choice(f"in:at::{scope}", term="all_halls"),), *rows)),)


# --- looking for one ----------------------------------------------------------------------------


def _sought(turn: Turn, found: Member, text: str) -> Move:
    """In all lists of all halls, what is closed as well; the first that has it is opened."""
    looking = replace(turn, state=replace(turn.state, sought=text[:LONGEST], hall=""))
    away, halls = stands_in_for(turn.desk, found), halls_served(turn.desk, found)
    wanted = [Wanted(scope, sought=True) for scope in tabs(found)]
    having = (one for one in wanted if _total(looking, found, one, away, halls))
    return _listed(looking, found, next(having, next(iter(wanted), None)))


def _text(turn: Turn, filling: Filling, heard: forms.Heard) -> forms.Given | None:
    return forms.Given(heard.event.text.strip()) if isinstance(heard.event, Said) else None


def _searched(turn: Turn, filling: Filling) -> Move:
    found = duty.member(turn)
    return _sought(turn, found, filling.answers["sought"]) if found else duty.not_staff(turn)


FORM = forms.Form("search", (forms.Field("sought", _text, is_number=lambda text: True),), _searched, confirmed=False)
