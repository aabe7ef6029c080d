"""Cases and engagements as applicants see them, each with the buttons for what can be done with it now."""

from __future__ import annotations

from collections.abc import Iterator

from bot.casework.case import Case
from bot.casework.engagement import Act, Kind
from bot.casework.ratings import rate_until
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Move as CaseMove
from bot.casework.standing import State as CaseState
from bot.desk import views
from bot.desk.afterwards import closed_on
from bot.desk.dossier import Dossier
from bot.desk.moves import own_acts, own_moves
from bot.desk.papers import PaperKind, paper_facts
from bot.desk.records import Line
from bot.desk.status import dossier_with, is_own
from bot.dialogue.forms import refusal_facts
from bot.dialogue.state import Move, Turn
from bot.events import Choice, Outcome, Paper, Say

LISTED = 10  # own engagements at a time
ASKED = frozenset({CaseState.SUPPLEMENT, CaseState.ACCEPTED_SUPPLEMENT})
_ACTS = (Act.SUSPEND, Act.RESUME, Act.CANCEL)
_MOVES = (CaseMove.RESUME, CaseMove.WITHDRAW)
PAPERS_AT_MOST = 6  # of one message, the newest

Rows = tuple[tuple[Choice, ...], ...]
_WAYS: Rows = ((Choice("q", term="my_cases"), Choice("h", term="help")),)


def no_match(turn: Turn) -> Move:
    """The one reply to whatever somebody may not see, whether it exists or not."""
    return said_no(turn, Refusal(Why.NO_MATCH))


def said_no(turn: Turn, refusal: Refusal, choices: Rows = _WAYS) -> Move:
    return turn.state.idle(), (Say(Outcome.REFUSED, {"refusal": refusal_facts(refusal)}, choices),)


def seen(turn: Turn, number: str) -> Dossier | None:
    """The dossier behind a number, if it is the chat's own or its password was shown here."""
    opening = turn.desk.records.opening(number)  # and not its whole log: how long that is must not show
    if opening is None or not (opening[1].chat == turn.chat or opening[0] in turn.state.opened):
        return None
    return dossier_with(turn.desk, number)


def own(turn: Turn, number: str) -> Dossier | None:
    dossier = dossier_with(turn.desk, number)
    return dossier if dossier and is_own(dossier, turn.chat) else None


def show(turn: Turn, dossier: Dossier, number: str) -> Say:
    """A case, or the engagement where the number is its own."""
    return show_case(turn, dossier, number) if number in dossier.cases else show_dossier(turn, dossier)


# --- a case -------------------------------------------------------------------------------------


def show_case(turn: Turn, dossier: Dossier, number: str) -> Say:
    case = views.case_facts(turn.desk, dossier, number)
    facts = {
        "case": case,
        "own": is_own(dossier, turn.chat),
        "following": _is_told(turn, dossier),
        "closed_on": _iso_end(dossier, number),
        "rated": number in dossier.ratings,
    }
    return Say(Outcome.STATUS, facts, tuple(_case_rows(turn, dossier, number, bool(case["limits"]))))


def _is_told(turn: Turn, dossier: Dossier) -> bool:
    return turn.chat in dossier.followers


def _iso_end(dossier: Dossier, matter: str) -> str | None:
    day = closed_on(dossier, matter)
    return day.isoformat() if day else None


def _case_rows(turn: Turn, dossier: Dossier, number: str, counted: bool) -> Iterator[tuple[Choice, ...]]:
    case, mine = dossier.cases[number], is_own(dossier, turn.chat)
    if mine and can_supply(turn, dossier, number):
        yield (Choice(f"u:{number}", term="supply"),)
    looks = [Choice(f"y:{number}", term="day_by_day")] if counted else []
    looks += _follow(turn, dossier, number, case)
    yield from [tuple(looks)] if looks else []
    if mine:
        yield (Choice(f"w:{dossier.number}", term="see_dossier"), Choice(f"j:{dossier.number}", term="talk_to_agent"))
        yield from _acts_on_case(turn, dossier, number)
        if can_rate(turn, dossier, number):
            yield (Choice(f"g:{number}", term="rate"),)


def _follow(turn: Turn, dossier: Dossier, number: str, case: Case) -> list[Choice]:
    """Applicants hear of everything anyway; anybody else who has the password may ask to."""
    if is_own(dossier, turn.chat):
        return []
    if _is_told(turn, dossier):
        return [Choice(f"v:{number}:off", term="unfollow")]
    return [] if case.closed else [Choice(f"v:{number}:on", term="follow")]


def _acts_on_case(turn: Turn, dossier: Dossier, number: str) -> Iterator[tuple[Choice, ...]]:
    able = own_moves(turn.desk, dossier, number)
    row = tuple(Choice(f"ca:{move}:{number}", term=f"own_{move}") for move in _MOVES if move in able)
    yield from [row] if row else []


def can_supply(turn: Turn, dossier: Dossier, number: str) -> bool:
    """Whether the applicant may hand in something that is still missing."""
    able = CaseMove.RECORD_MATERIALS in own_moves(turn.desk, dossier, number)
    return able and bool(dossier.cases[number].standing.checklist.missing())


def can_rate(turn: Turn, dossier: Dossier, matter: str) -> bool:
    closed = closed_on(dossier, matter)
    return closed is not None and matter not in dossier.ratings and turn.today <= rate_until(closed).day


def show_days(turn: Turn, dossier: Dossier, number: str) -> Say:
    facts = {
        "number": number,
        "item": dossier.cases[number].standing.opening.item,
        "limits": views.days_facts(turn.desk, dossier, number),
    }
    return Say(Outcome.DAYS, facts, ((Choice(f"q:{number}", term="see_status"),),))


# --- an engagement ------------------------------------------------------------------------------


def show_dossier(turn: Turn, dossier: Dossier, ask: str = "") -> Say:
    """`ask`: an act whose doing is asked about once more."""
    mine = is_own(dossier, turn.chat)
    facts = {
        "dossier": views.engagement_facts(turn.desk, dossier),
        "own": mine,
        "following": _is_told(turn, dossier),
        "ask": ask,
        "hours_known": dossier.hall in turn.desk.office.hours,
    }
    return Say(Outcome.DOSSIER, facts, tuple(_dossier_rows(turn, dossier) if mine else _cases_of(turn, dossier)))


def _cases_of(turn: Turn, dossier: Dossier) -> Iterator[tuple[Choice, ...]]:
    for number, case in dossier.cases.items():
        item = turn.knowledge.item(case.standing.opening.item)
        yield (Choice(f"q:{number}", label=item.title(turn.language) if item else number),)


def _dossier_rows(turn: Turn, dossier: Dossier) -> Iterator[tuple[Choice, ...]]:
    number = dossier.number
    if awaits_entrustment(turn, dossier):
        yield (Choice(f"ca:{Act.ENTRUST}:{number}", term="entrust"),)
    yield from _cases_of(turn, dossier)
    if not dossier.closed:
        yield (Choice(f"j:{number}", term="talk_to_agent"), Choice(f"b:{number}", term="appointments"))
    yield (Choice(f"w:{number}:papers", term="papers"),)
    able = own_acts(turn.desk, dossier)
    row = tuple(Choice(f"ca:{act}:{number}", term=f"own_{act}_all") for act in _ACTS if act in able)
    yield from [row] if row else []
    if can_rate(turn, dossier, number):
        yield (Choice(f"g:{number}", term="rate"),)


def awaits_entrustment(turn: Turn, dossier: Dossier) -> bool:
    """Whether the agent may act only once the applicant has signed the 委托书."""
    full = dossier.engagement.standing.booking.kind is Kind.FULL
    return full and Act.ENTRUST in own_acts(turn.desk, dossier)


def entrustment_of(dossier: Dossier) -> str:
    """The id of the 委托书 that was made for the dossier."""
    return next((one.id for one in dossier.papers.values() if one.kind == PaperKind.ENTRUSTMENT), "")


def show_papers(turn: Turn, dossier: Dossier) -> Say:
    newest = list(dossier.papers.values())[-PAPERS_AT_MOST:]
    made = [(one.kind, paper_facts(turn.desk, dossier, one.id)) for one in newest]
    papers = tuple(Paper(kind, facts=facts) for kind, facts in made if facts)
    shown = show_dossier(turn, dossier)
    return Say(shown.outcome, shown.facts, shown.choices, papers)


# --- what there is ------------------------------------------------------------------------------


def show_list(turn: Turn, lines: tuple[Line, ...], verb: str = "w") -> Say:
    """Own engagements with their cases; `verb`: what a press on one does."""
    rows = tuple((Choice(f"{verb}:{one.number}", label=_line_label(turn, one)),) for one in lines)
    facts = {"lines": [views.line_facts(one) for one in lines], "choosing": verb != "w"}
    other = ((Choice("q:other", term="other_number"),),) if verb == "w" else ()
    return Say(Outcome.STATUS_LIST, facts, (*rows, *other))


def _line_label(turn: Turn, line: Line) -> str:
    items = (turn.knowledge.item(one.item) for one in line.cases)
    titles = [item.title(turn.language) for item in items if item]
    return f"{titles[0]} …{line.number[-6:]}" if titles else line.number
