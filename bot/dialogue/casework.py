"""Doing something with a case or an engagement: asked for what it demands, told what it will bring, done, told what is
next. What is not open to somebody has no button, and a button that was left over shows how things stand now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.casework import engagement as engagements
from bot.casework import standing as standings
from bot.casework.engagement import Act
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Move as CaseMove
from bot.casework.storable import from_json
from bot.casework.table import Demand
from bot.casework.terms import Role
from bot.desk import booking, moves, views
from bot.desk.access import may_see
from bot.desk.change import Done, Tell
from bot.desk.dossier import Dossier
from bot.desk.moves import Open
from bot.desk.records import Member
from bot.dialogue import demands, duty, forms, viewing
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Outcome, Say

# done as soon as pressed: whoever is second must not have to read a question first
AT_ONCE = frozenset({Act.TAKE, Act.TAKE_OVER})

_ACTS = {act.value: act for act in Act}

# which answer a refusal is about, where it is not named in the refusal
_CULPRITS: Mapping[Why, str] = {
    Why.UNKNOWN_MATERIAL: "materials",
    Why.MATERIALS_MISSING: "materials",
    Why.NOT_RECEIVED: "materials",
    Why.ALREADY_HERE: "materials",
    Why.NOT_DEFERRABLE: "materials",
    Why.ASKED_ONCE: "materials",
    Why.DEADLINE_PAST: "deadline",
    Why.DEADLINE_FAR: "deadline",
    Why.NOT_A_NUMBER_OF_DAYS: "days",
    Why.EXTENSION_TOO_LONG: "days",
    Why.REASON_NEEDED: "reason",
    Why.NOT_INVITED: "department",
    Why.SAME_PERSON: "agent",
    Why.ABSENT: "agent",
    Why.OTHER_HALL: "agent",
    Why.ALREADY_INCLUDED: "item",
}


# --- a case -------------------------------------------------------------------------------------


@duty.for_staff
def move_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    """A move of a case was chosen."""
    number, name = (*arguments, "", "")[:2]
    dossier = turn.desk.records.dossier_of(number)
    if dossier is None or name not in demands.MOVES or not may_see(turn.desk, found, dossier):
        return viewing.gone(turn, found, dossier)
    able = [one for one in viewing.doable(turn, found, dossier, number) if one.what == name]
    if not able:
        return _move_closed(turn, found, number, demands.MOVES[name])
    return forms.begin(turn, MOVE_FORM, about={"case": number, "move": name, **_asked(able[0])})


def _move_closed(turn: Turn, found: Member, number: str, move: CaseMove) -> Move:
    result = moves.move_case(turn.desk, found, number, move, standings.Details())
    return _refused(turn, found, result if isinstance(result, Refusal) else Refusal(Why.NOT_FROM_HERE), case=number)


def _asked(able: Open) -> dict[str, str]:
    return {"demands": " ".join(able.demands), "optional": " ".join(able.optional)}


def _move(turn: Turn, found: Member, filling: Filling) -> Done | Refusal:
    details = from_json(standings.Details, _given(filling))
    return moves.move_case(turn.desk, found, filling.about["case"], demands.MOVES[filling.about["move"]], details)


def _given(filling: Filling) -> dict[str, Any]:
    return {name: value for name, value in filling.answers.items() if value is not None}


# --- an engagement ------------------------------------------------------------------------------


@duty.for_staff
def act_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    """Something to do with an engagement was chosen."""
    number, name = (*arguments, "", "")[:2]
    dossier = turn.desk.records.dossier(number)
    if dossier is None or name not in _ACTS or not may_see(turn.desk, found, dossier):
        return viewing.gone(turn, found, dossier)
    able = [one for one in moves.open_acts(turn.desk, found, dossier) if one.what == name]
    if not able or _ACTS[name] in AT_ONCE:
        return _acted(turn, found, number, _ACTS[name])
    state, asked = forms.begin(turn, ACT_FORM, about={"dossier": number, "act": name, **_asked(able[0])})
    if Demand.AGENT not in able[0].demands:
        return state, asked
    if not demands.available(turn, dossier):
        return turn.state.idle(), (team_shown(turn, dossier),)
    return state, (team_shown(turn, dossier), *asked)


def _acted(turn: Turn, found: Member, number: str, act: Act) -> Move:
    result = moves.act(turn.desk, found, number, act, engagements.Details())
    if isinstance(result, Refusal):
        return _refused(turn, found, result, dossier=number)
    return _told(turn, found, result)


@duty.for_staff
def add_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    """One more item turned out to be needed."""
    dossier = turn.desk.records.dossier(arguments[0]) if arguments else None
    if dossier is None or not may_see(turn.desk, found, dossier):
        return viewing.gone(turn, found, dossier)
    if not moves.may_add_item(turn.desk, found, dossier):
        return _refused(turn, found, Refusal(Why.NOT_RESPONSIBLE), dossier=dossier.number)
    return forms.begin(turn, ACT_FORM, about={"dossier": dossier.number, "act": Act.ADD_CASE.value})


def _act(turn: Turn, found: Member, filling: Filling) -> Done | Refusal:
    act, number = _ACTS[filling.about["act"]], filling.about["dossier"]
    if act is Act.ADD_CASE:
        dossier = turn.desk.records.dossier(number)
        if dossier is None or not moves.may_add_item(turn.desk, found, dossier):
            return Refusal(Why.NOT_RESPONSIBLE)
        return booking.add_item(turn.desk, found, dossier, filling.answers["item"])
    return moves.act(turn.desk, found, number, act, from_json(engagements.Details, _given(filling)))


def team_shown(turn: Turn, dossier: Dossier) -> Say:
    """The hall's agents with what they carry and know; those who are away say until when."""
    agents = [one for one in turn.desk.records.members(dossier.hall) if Role.AGENT in one.roles]
    team = [
        {
            "name": one.name,
            "load": one.load,
            "capacity": one.capacity,
            "expertise": sorted(one.expertise),
            "away_until": one.absence.last.isoformat() if one.absence and one.absence.covers(turn.today) else None,
            "responsible": one.id == dossier.responsible,
        }
        for one in agents[: demands.AGENTS]
    ]
    back = ((Choice(f"e:{dossier.number}", term="open_dossier"),),)
    return Say(Outcome.TEAM, {"number": dossier.number, "hall": dossier.hall, "team": team}, back)


# --- what it will bring, and what it brought ------------------------------------------------------


def _result(turn: Turn, found: Member, filling: Filling) -> Done | Refusal:
    """What the form asks for, a move of a case or an act, decided."""
    return _move(turn, found, filling) if "case" in filling.about else _act(turn, found, filling)


def _done(turn: Turn, filling: Filling) -> Move:
    found = duty.member(turn)
    if found is None:
        return duty.not_staff(turn)
    result, about = _result(turn, found, filling), filling.about
    if isinstance(result, Done):
        return _told(turn, found, result)
    again = _again(turn, filling, result)
    return again or _refused(turn, found, result, about.get("dossier", ""), about.get("case", ""))


def _foreseen_result(turn: Turn, filling: Filling) -> Mapping[str, Any]:
    found = duty.member(turn)
    return _foreseen(turn, found, _result(turn, found, filling)) if found else {"foreseen": None, "refusal": None}


def _foreseen(turn: Turn, found: Member, result: Done | Refusal) -> Mapping[str, Any]:
    """What would happen if it were done now: deciding writes nothing, so it is decided once to be shown.

    `foreseen`: `to` (state or step, None where it stays), `paper` (its kind or None), `applicant` and `followers`
    told, `unreached` where letters do not reach the applicant, `staff` told by name.
    """
    if isinstance(result, Refusal):
        return {"foreseen": None, "refusal": forms.refusal_facts(result)}
    assert result.dossier is not None
    paper = result.facts.get("paper")
    chats = {letter.to for letter in result.change.letters}
    foreseen = {
        "to": _leads_to(result.dossier, result.facts),
        "paper": result.dossier.papers[paper].kind if paper else None,
        "applicant": result.dossier.opened.chat in chats,
        "unreached": views.unreached(turn.desk, result.dossier),
        "followers": len(chats & result.dossier.followers),
        "staff": _names(turn, found, result.change.letters),
    }
    return {"foreseen": foreseen, "refusal": None}


def _leads_to(dossier: Dossier, facts: Mapping[str, Any]) -> str | None:
    """The state or step that something changed to; None where it stays."""
    history = dossier.cases[facts["case"]].events if "case" in facts else dossier.engagement.events
    return history[-1].to.value if history[-1].to is not history[-2].to else None


def _names(turn: Turn, found: Member, letters: tuple[Tell, ...]) -> list[str]:
    told = (turn.desk.records.member(chat) for chat in dict.fromkeys(letter.to for letter in letters))
    return [one.name for one in told if one and one.id != found.id]


def _told(turn: Turn, found: Member, done: Done) -> Move:
    """What was done, its paper, and what is open next."""
    dossier = done.dossier
    assert dossier is not None
    case = done.facts.get("case")
    facts = {
        "number": dossier.number,
        "case": "",
        "move": "",
        "act": "" if case else Act.ADD_CASE.value,
        "to": dossier.engagement.step.value,
        "paper": None,
        **done.facts,
        "staff": True,
        "standing": views.short_case(turn.desk, case, dossier) if case else None,
        "names": _names(turn, found, done.change.letters),
        "applicant_told": dossier.opened.chat in {letter.to for letter in done.change.letters},
        "unreached": views.unreached(turn.desk, dossier),
    }
    papers = viewing.as_papers(turn, dossier, done.facts.get("paper"))
    return turn.state, (Say(Outcome.MOVED, facts, _next(turn, found, dossier, case), papers), done.change)


def _next(turn: Turn, found: Member, dossier: Dossier, case: str | None) -> viewing.Rows:
    if not may_see(turn.desk, found, dossier):
        return ((Choice("in", term="inbox"),),)
    own = (Choice(f"e:{dossier.number}", term="open_dossier"), Choice("in", term="inbox"))
    if case is None:
        return (*viewing.open_acts_rows(turn, found, dossier), own)
    return (*viewing.open_moves_rows(turn, found, dossier, case), (Choice(f"k:{case}", term="open_case"), *own))


# --- what could not be done -----------------------------------------------------------------------


def _again(turn: Turn, filling: Filling, refusal: Refusal) -> Move | None:
    """Ask again for the answer a refusal is about, with all others kept; None where it is about none of them."""
    names = (_CULPRITS.get(refusal.why, ""), *refusal.names)
    culprit = next((name for name in names if name in filling.answers), "")
    return forms.refused(turn, filling, refusal, culprit) if culprit else None


def _refusal(refusal: Refusal) -> Say:
    return Say(Outcome.REFUSED, {"refusal": forms.refusal_facts(refusal)})


def _refused(turn: Turn, found: Member, refusal: Refusal, dossier: str = "", case: str = "") -> Move:
    """Why not, and how things stand now."""
    records = turn.desk.records
    stands = records.dossier_of(case) if case else records.dossier(dossier)
    if stands is None or not may_see(turn.desk, found, stands):
        return viewing.gone(turn, found, stands)
    if refusal.why is Why.TAKEN and stands.responsible != found.id:
        return turn.state.idle(), (viewing.taken(turn, stands),)
    if refusal.why is Why.TAKEN:
        return turn.state.idle(), (viewing.dossier_shown(turn, found, stands),)  # pressed twice: it is theirs
    shown = viewing.case_shown(turn, found, stands, case) if case else viewing.dossier_shown(turn, found, stands)
    return turn.state.idle(), (_refusal(refusal), shown)


MOVE_FORM = forms.Form("move", demands.MOVE_FIELDS, _done, facts=_foreseen_result)
ACT_FORM = forms.Form("act", demands.ACT_FIELDS, _done, facts=_foreseen_result)
