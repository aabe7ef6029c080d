"""A dossier and a case as the staff see them: everything there is to know, and a button for everything open to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from bot.casework.engagement import Act
from bot.casework.standing import Move as CaseMove
from bot.casework.terms import Role
from bot.desk import views
from bot.desk.access import acting_agent, knows, may_see, open_to, roles_on
from bot.desk.dossier import Acted, Dossier, Entry, Moved, Wrote
from bot.desk.log import line
from bot.desk.moves import Open, may_add_item, open_acts, open_moves
from bot.desk.papers import paper_facts, sent_paper
from bot.desk.records import Member
from bot.desk.status import dossier_with, is_own
from bot.dialogue import duty, notices
from bot.dialogue.demands import can_be_given
from bot.dialogue.state import Move, Turn
from bot.events import Choice, Outcome, Paper, Say

NOTES = 5  # the newest that are shown
FILES = 10
MESSAGES = 3  # the newest that are shown
TIMELINE = 15  # events, the newest
PAPERS = 12  # buttons of papers, the newest
A_ROW = 2
Rows = tuple[tuple[Choice, ...], ...]


@duty.for_staff
def dossier_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    dossier = turn.desk.records.dossier(arguments[0]) if arguments else None
    if dossier is None or not may_see(turn.desk, found, dossier):
        return gone(turn, found, dossier)
    return turn.state.idle(), (dossier_shown(turn, found, dossier),)


@duty.for_staff
def case_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    number = arguments[0] if arguments else ""
    dossier = turn.desk.records.dossier_of(number)
    if dossier is None or not may_see(turn.desk, found, dossier):
        return gone(turn, found, dossier)
    return turn.state.idle(), (case_shown(turn, found, dossier, number),)


def gone(turn: Turn, found: Member, dossier: Dossier | None) -> Move:
    """Not there, or not theirs to see; what was offered to them says who took it."""
    if dossier and dossier.offer and found.id in dossier.offer.to and dossier.responsible:
        return turn.state.idle(), (taken(turn, dossier),)
    return duty.hidden(turn)


def taken(turn: Turn, dossier: Dossier) -> Say:
    """Somebody else was first."""
    agent = turn.desk.records.colleague(dossier.responsible)
    facts = {"number": dossier.number, "taken_by": agent.name if agent else ""}
    return Say(Outcome.OFFER, facts, ((Choice("in:offered", term="scope_offered"), Choice("in", term="inbox")),))


def numbers_told(turn: Turn, numbers: tuple[str, ...]) -> Move | None:
    """A number in a message of a member of staff opens what they may see; None for everything else."""
    found = duty.member(turn)
    says = [_behind(turn, found, number) for number in numbers] if found else []
    shown = tuple(say for say in says if say)
    return (turn.state.idle(), shown) if shown else None


def _behind(turn: Turn, found: Member, number: str) -> Say | None:
    dossier = dossier_with(turn.desk, number)
    if dossier is None or is_own(dossier, turn.chat) or not may_see(turn.desk, found, dossier):
        return None
    if number in dossier.cases:
        return case_shown(turn, found, dossier, number)
    return dossier_shown(turn, found, dossier)


# --- a dossier ----------------------------------------------------------------------------------


def dossier_shown(turn: Turn, found: Member, dossier: Dossier) -> Say:
    """`dossier` as in views.engagement_facts, in full but for whom it is merely offered to; `acting` who looks after it
    today, where it is not who is responsible; `unreached`: since when letters do not reach the applicant, or None;
    `messages` {count, unread, newest}; `notes` and `files`, the newest; `poor` ratings to put right."""
    acting = acting_agent(turn.desk, dossier)
    deputy = turn.desk.records.colleague(acting) if acting and acting != dossier.responsible else None
    full = knows(turn.desk, found, dossier)
    facts: dict[str, Any] = {
        "dossier": views.engagement_facts(turn.desk, dossier, staff=full),
        "acting": deputy.name if deputy else None,
        "away": bool(dossier.responsible) and acting != dossier.responsible,
        "unreached": views.unreached(turn.desk, dossier) if full else None,
        "messages": {
            "count": len(dossier.messages),
            "unread": line(turn.desk, dossier).unread,
            "newest": [_message(turn, one) for one in dossier.messages[-MESSAGES:]] if full else [],
        },
        "notes": _notes(turn, dossier) if full else [],
        "files": _files(dossier) if full else [],
        "timeline": TIMELINE,
        "poor": poor_ratings(dossier),
    }
    rows = (
        *open_acts_rows(turn, found, dossier),
        *_cases(turn, dossier),
        *_ratings(turn, found, dossier),
        _dossier_tools(turn, found, dossier),
        *_file_buttons(dossier, facts["files"]),
        *_papers(dossier, _own_papers(dossier) if full else ()),
    )
    return Say(Outcome.DESK_DOSSIER, facts, rows)


def _own_papers(dossier: Dossier) -> tuple[str, ...]:
    """Those of the engagement; those of its cases too where there is but one: of several they would look the same."""
    papers = views.current_papers(dossier)
    return tuple(paper.id for paper in papers if not paper.case or len(dossier.cases) == 1)


def open_acts_rows(turn: Turn, found: Member, dossier: Dossier) -> Rows:
    return _in_rows(
        Choice(f"t:{dossier.number}:{one.what}", term=f"act.{one.what}") for one in open_acts(turn.desk, found, dossier)
    )


def _cases(turn: Turn, dossier: Dossier) -> Iterator[tuple[Choice, ...]]:
    for number, case in dossier.cases.items():
        item = turn.knowledge.item(case.standing.opening.item)
        yield (Choice(f"k:{number}", label=item.title(turn.language) if item else number),)


def _dossier_tools(turn: Turn, found: Member, dossier: Dossier) -> tuple[Choice, ...]:
    tools = [Choice(f"j:{dossier.number}", term="talk_to_applicant")] if knows(turn.desk, found, dossier) else []
    if may_add_item(turn.desk, found, dossier):
        tools.insert(0, Choice(f"ia:{dossier.number}", term="add_item"))
    return (*tools, Choice("in", term="inbox"))


def poor_ratings(dossier: Dossier) -> list[dict[str, Any]]:
    """Poor ratings that nobody has put right yet."""
    return [
        {
            "matter": rating.matter,
            "level": rating.opinion.level.value,
            "reasons": [reason.value for reason in rating.opinion.reasons],
            "text": rating.opinion.text,
            "rectify_by": rating.rectify_by.day.isoformat() if rating.rectify_by else None,
        }
        for rating in dossier.to_rectify
    ]


def _ratings(turn: Turn, found: Member, dossier: Dossier) -> Iterator[tuple[Choice, ...]]:
    if set(roles_on(turn.desk, found, dossier)) & {Role.AGENT, Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR}:
        yield from ((Choice(f"xr:{one['matter']}", term="rectify"),) for one in poor_ratings(dossier))


# --- a case -------------------------------------------------------------------------------------


def case_shown(turn: Turn, found: Member, dossier: Dossier, number: str) -> Say:
    """`case` as in views.case_facts, in full but for whom it is merely offered to; `unreached` as in `dossier_shown`;
    `notes`; `files`, the newest; `timeline`: how many events are shown."""
    full = knows(turn.desk, found, dossier)
    facts: dict[str, Any] = {
        "case": views.case_facts(turn.desk, dossier, number, staff=full),
        "unreached": views.unreached(turn.desk, dossier) if full else None,
        "notes": _notes(turn, dossier, number) if full else [],
        "files": _files(dossier, number) if full else [],
        "timeline": TIMELINE,
    }
    open_it, talk = (
        Choice(f"e:{dossier.number}", term="open_dossier"),
        Choice(f"j:{dossier.number}", term="talk_to_applicant"),
    )
    tools = (open_it, talk) if full else (open_it,)
    own = tuple(name for name, paper in dossier.papers.items() if full and paper.case == number)
    return Say(
        Outcome.DESK_CASE,
        facts,
        (
            *open_moves_rows(turn, found, dossier, number),
            tools,
            *_file_buttons(dossier, facts["files"]),
            *_papers(dossier, own),
        ),
    )


def open_moves_rows(turn: Turn, found: Member, dossier: Dossier, number: str) -> Rows:
    """What may be done, a note last: it is always open."""
    return _in_rows(
        Choice(f"m:{number}:{one.what}", term=f"move.{one.what}") for one in doable(turn, found, dossier, number)
    )


def doable(turn: Turn, found: Member, dossier: Dossier, number: str) -> tuple[Open, ...]:
    """The moves that are open to a member, but for those about materials where there is none they can be about."""
    case = dossier.cases[number]
    return tuple(one for one in open_moves(turn.desk, found, dossier, number) if can_be_given(case, one))


# --- papers and files ---------------------------------------------------------------------------


def paper_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """`pp:<engagement>:<place>`: a paper of a dossier."""
    return _handed_out(turn, arguments, lambda dossier: list(dossier.papers), issued)


def file_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """`fi:<engagement>:<place>`: a file of a dossier, as it was sent."""
    return _handed_out(turn, arguments, lambda dossier: list(dossier.files), sent)


def _handed_out(
    turn: Turn,
    arguments: tuple[str, ...],
    names_in: Callable[[Dossier], list[str]],
    say: Callable[[Turn, Dossier, str], Say],
) -> Move:
    """What lies at a place of a dossier, for the staff who may see it now, and for whoever booked it."""
    number, place = (*arguments, "", "")[:2]
    dossier = turn.desk.records.dossier(number)
    if dossier is None or not open_to(turn.desk, turn.chat, dossier):
        return duty.hidden(turn) if duty.member(turn) else notices.stale(turn)
    names = names_in(dossier)
    if not place.isdecimal() or int(place) >= len(names):
        return notices.stale(turn)
    return turn.state.idle(), (say(turn, dossier, names[int(place)]),)


def sent(turn: Turn, dossier: Dossier, name: str) -> Say:
    """The file itself."""
    file = dossier.files[name]
    facts = {"number": dossier.number, "case": file.case, "material": file.material, "media_type": file.media_type}
    back = (
        Choice(f"k:{file.case}", term="open_case") if file.case else Choice(f"e:{dossier.number}", term="open_dossier")
    )
    choices = ((back,),) if duty.member(turn) else ()
    return Say(Outcome.FILE, facts | {"size": file.size}, choices, (sent_paper(dossier.number, file),))


def issued(turn: Turn, dossier: Dossier, name: str) -> Say:
    """The paper itself."""
    paper = dossier.papers[name]
    facts = {"kind": paper.kind, "id": name, "number": dossier.number, "case": paper.case}
    return Say(Outcome.ISSUED, facts, papers=as_papers(turn, dossier, name))


def as_papers(turn: Turn, dossier: Dossier, name: str | None) -> tuple[Paper, ...]:
    """A paper to be sent along; nothing for a move that issues none."""
    facts = paper_facts(turn.desk, dossier, name) if name else None
    return (Paper(facts["kind"], facts=facts),) if facts else ()


def _papers(dossier: Dossier, names: tuple[str, ...]) -> Rows:
    places = {name: place for place, name in enumerate(dossier.papers)}
    return _in_rows(
        Choice(f"pp:{dossier.number}:{places[name]}", term=f"papers.{dossier.papers[name].kind}")
        for name in names[-PAPERS:]
    )


# --- what both show -----------------------------------------------------------------------------


def _notes(turn: Turn, dossier: Dossier, case: str = "") -> list[dict[str, Any]]:
    found = [entry for entry in dossier.entries if _is_note(entry, case)]
    return [views.event_facts(turn.desk, entry) for entry in found[-NOTES:]]


def _is_note(entry: Entry, case: str) -> bool:
    match entry.body:
        case Moved(number, event):
            return event.move is CaseMove.NOTE and case in ("", number)
        case Acted(event):
            return event.act is Act.NOTE and not case
    return False


def _message(turn: Turn, entry: Entry) -> dict[str, Any]:
    """`at`, `role`, `who` (a member's name or None), `text`; empty where a file was sent."""
    assert isinstance(entry.body, Wrote)
    who = None if entry.by.role is Role.APPLICANT else turn.desk.records.colleague(entry.by.id)
    said = {"role": entry.by.role.value, "who": who.name if who else None, "text": entry.body.text}
    return {"at": entry.at.isoformat(), **said}


def _files(dossier: Dossier, case: str = "") -> list[dict[str, Any]]:
    """The newest files that came in, of a case or of all: `place` in the dossier, from 0. Those of a talk belong to no
    case."""
    relayed = {entry.body.file for entry in dossier.messages if isinstance(entry.body, Wrote)}
    found = [
        {"place": place, "case": one.case, "material": one.material, "size": one.size, "in_talk": one.id in relayed}
        for place, one in enumerate(dossier.files.values())
        if case in ("", one.case)
    ]
    return found[-FILES:]


def _file_buttons(dossier: Dossier, files: list[dict[str, Any]]) -> Rows:
    return _in_rows(
        Choice(f"fi:{dossier.number}:{one['place']}", label=f"📎 {one['place'] + 1} {one['material']}".strip())
        for one in files
    )


def _in_rows(choices: Iterable[Choice]) -> Rows:
    found = list(choices)
    return tuple(tuple(found[at : at + A_ROW]) for at in range(0, len(found), A_ROW))
