"""What the console shows of one dossier and its cases, and what is done there: plain data for one member of staff, and
nothing they may not see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.casework import engagement as engagements
from bot.casework.engagement import Act
from bot.casework.materials import HERE, Status
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Credit, Delivery, Details, Move, Opinion, Procedure, Standing
from bot.casework.table import Demand
from bot.casework.terms import Role, Term
from bot.desk import booking, messages, moves, views
from bot.desk.access import agents_for, knows, may_see
from bot.desk.afterwards import may_rectify
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.dossier import Dossier, Entry, Filed, Wrote
from bot.desk.hall_pages import people
from bot.desk.moves import Open, may_add_item, open_acts, open_moves
from bot.desk.records import Member

MESSAGES = 100  # of one dossier, the newest


# --- a dossier ----------------------------------------------------------------------------------


def dossier_page(desk: Desk, member: Member, number: str) -> dict[str, Any] | None:
    """As views.engagement_facts, and `acts` [form], `takes_items`: whether the member may add one, `unreached`: since
    when letters do not reach the applicant, `messages`, `files`, `ratings`, `seen`, `written`; None for a dossier that
    is not there or not the member's to see. To whom it is merely offered the applicant is `masked`, and what they wrote
    and sent is not shown."""
    dossier = desk.records.dossier(number)
    if dossier is None or not may_see(desk, member, dossier):
        return None
    full = knows(desk, member, dossier)
    facts = views.engagement_facts(desk, dossier, staff=full)
    return {
        **facts,
        "papers": facts["papers"] if full else [],
        "masked": not full,
        "unreached": views.unreached(desk, dossier) if full else None,
        "acts": [_act_form(desk, dossier, one) for one in open_acts(desk, member, dossier)],
        "takes_items": may_add_item(desk, member, dossier),
        "messages": [_message(desk, dossier, one) for one in dossier.messages[-MESSAGES:] if full],
        "files": [file_facts(one) for one in dossier.files.values() if full],
        "ratings": _ratings(desk, member, dossier),
        "seen": len(dossier.engagement.events),
        "written": len(dossier.messages),
    }


def record(desk: Desk, member: Member, number: str) -> dict[str, Any] | None:
    """Everything that happened in a dossier, oldest first: `dossier` as in `dossier_page`, and `events`, of which each
    has `at`, `role`, `who`, `kind` (dossier.KINDS) and what views.event_facts says of that kind. None as there; those
    to whom it is merely offered do not read it either."""
    dossier = desk.records.dossier(number)
    page = dossier_page(desk, member, number)
    if dossier is None or page is None or page["masked"]:
        return None
    told = (one for one in dossier.entries if one.kind not in _UNTOLD)
    return {"dossier": page, "events": [views.event_facts(desk, one) for one in told], "at": desk.now.isoformat()}


_UNTOLD = frozenset({"told", "followed"})  # who was sent what is the outbox's


def file_facts(file: Filed) -> dict[str, Any]:
    return {
        "id": file.id,
        "media_type": file.media_type,
        "size": file.size,
        "case": file.case,
        "material": file.material,
    }


def file_of(desk: Desk, member: Member, number: str, file: str) -> dict[str, Any] | None:
    """A file of a dossier; None where it is not there or not the member's to see."""
    dossier = desk.records.dossier(number)
    if dossier is None or not knows(desk, member, dossier) or file not in dossier.files:
        return None
    return file_facts(dossier.files[file])


def _message(desk: Desk, dossier: Dossier, entry: Entry) -> dict[str, Any]:
    assert isinstance(entry.body, Wrote)
    who = None if entry.by.role is Role.APPLICANT else desk.records.colleague(entry.by.id)
    file = dossier.files.get(entry.body.file)
    return {
        "at": entry.at.isoformat(),
        "role": entry.by.role.value,
        "name": who.name if who else None,
        "text": entry.body.text,
        "file": file_facts(file) if file else None,
    }


def _ratings(desk: Desk, member: Member, dossier: Dossier) -> list[dict[str, Any]]:
    return [
        {
            "matter": rating.matter,
            "level": rating.opinion.level.value,
            "poor": rating.opinion.level.is_poor,
            "reasons": [one.value for one in rating.opinion.reasons],
            "text": rating.opinion.text,
            "at": rating.at.isoformat(),
            "rectify_by": rating.rectify_by.day.isoformat() if rating.rectify_by else None,
            "rectified": rating.matter in dossier.rectified,
            "rectifiable": may_rectify(desk, member, dossier, rating.matter),
        }
        for rating in dossier.ratings.values()
    ]


# --- a case -------------------------------------------------------------------------------------


def case_page(desk: Desk, member: Member, number: str) -> dict[str, Any] | None:
    """As views.case_facts, and `moves` [form], `days`, `seen`, `unreached` as in `dossier_page`; None for a case that
    is not the member's to see."""
    dossier = desk.records.dossier_of(number)
    if dossier is None or not may_see(desk, member, dossier):
        return None
    standing, full = dossier.cases[number].standing, knows(desk, member, dossier)
    facts = views.case_facts(desk, dossier, number, staff=full)
    return {
        **facts,
        **({} if full else {"papers": [], "files": []}),
        "unreached": views.unreached(desk, dossier) if full else None,
        "moves": [_move_form(standing, one) for one in open_moves(desk, member, dossier, number)],
        "days": views.days_facts(desk, dossier, number),
        "seen": len(dossier.cases[number].events),
    }


# --- what a form asks for -----------------------------------------------------------------------


def _move_form(standing: Standing, option: Open) -> dict[str, Any]:
    """`what`, `group`, `role`, `fields` [{demand, needed, options}]."""
    assert isinstance(option.what, Move)
    fields = [_field(demand, True, _move_options(standing, option.what, demand)) for demand in option.demands]
    extra = [_field(demand, False, _move_options(standing, option.what, demand)) for demand in option.optional]
    group = "record" if option.what in _RECORDS else "rare" if option.what in _RARE else "onward"
    return {"what": option.what.value, "group": group, "role": option.role.value, "fields": fields + extra}


def _act_form(desk: Desk, dossier: Dossier, option: Open) -> dict[str, Any]:
    fields = [_field(demand, True, _agents(desk, dossier, demand)) for demand in option.demands]
    return {"what": option.what.value, "role": option.role.value, "fields": fields}


def _field(demand: Demand, needed: bool, options: list[dict[str, Any]]) -> dict[str, Any]:
    return {"demand": demand.value, "needed": needed, "options": options}


# what a choice of one is made from; silence is nobody's to give
_CHOICES: Mapping[Demand, tuple[Term, ...]] = {
    Demand.PROCEDURE: tuple(Procedure),
    Demand.OPINION: tuple(one for one in Opinion if one is not Opinion.SILENT),
    Demand.DELIVERY: tuple(Delivery),
    Demand.CREDIT: tuple(Credit),
}
# what leads nowhere, and what ends a case before its time: listed after what leads on
_RECORDS = frozenset({Move.RECORD_MATERIALS, Move.CHECK_MATERIALS, Move.NOTE})
_RARE = frozenset({Move.WITHDRAW, Move.SUSPEND, Move.TERMINATE, Move.REFUSE_ACCEPTANCE, Move.REJECT, Move.LAPSE})
_PRESET: Mapping[Move, str] = {
    Move.REQUEST_SUPPLEMENT: "missing",  # Art. 32 (4): everything that is missing, at once
    Move.ACCEPT_DEFERRED: "missing",
    Move.ACCEPT_ON_COMMITMENT: "missing",
    Move.SUPPLY: "wanted",
}


def _move_options(standing: Standing, move: Move, demand: Demand) -> list[dict[str, Any]]:
    """What can be chosen: `value`, and for materials `status`, `required`, `chosen`."""
    match demand:
        case Demand.MATERIALS:
            return _materials(standing, move)
        case Demand.DEPARTMENT if standing.invitation:
            return [{"value": name} for name in standing.invitation.departments]
    return [{"value": one.value} for one in _CHOICES.get(demand, ())]


def _materials(standing: Standing, move: Move) -> list[dict[str, Any]]:
    checklist = standing.checklist
    wanted = checklist.having(Status.WANTED)
    preset = {"missing": checklist.missing(), "wanted": wanted}.get(_PRESET.get(move, ""), ())
    here_only = move is Move.CHECK_MATERIALS
    return [
        {
            "value": entry.needed.name,
            "status": entry.status.value,
            "required": entry.needed.required,
            "chosen": entry.needed.name in preset,
        }
        for entry in checklist.entries
        if entry.status in HERE or not here_only
    ]


def _agents(desk: Desk, dossier: Dossier, demand: Demand) -> list[dict[str, Any]]:
    """The hall's agents to choose from: `value` (id), `name`, `load`, `capacity`, `away`."""
    if demand is not Demand.AGENT:
        return []
    return [
        one | {"value": one["id"]}
        for one in people(desk, agents_for(desk, dossier))
        if one["id"] != dossier.responsible
    ]


# --- doing what a form asked for ----------------------------------------------------------------


class Changed(Exception):
    """Somebody did something since the page was made: whoever sent the form is to look again."""


def move_case(desk: Desk, member: Member, case: str, move: Move, details: Details, seen: int) -> Done | Refusal:
    """As moves.move_case, on the case as it was `seen`: how many events it had. Raises Changed."""
    dossier = desk.records.dossier_of(case)
    if dossier is not None and len(dossier.cases[case].events) != seen:
        raise Changed
    return moves.move_case(desk, member, case, move, details)


def act(desk: Desk, member: Member, number: str, what: Act, details: engagements.Details, seen: int) -> Done | Refusal:
    """As moves.act, on the engagement as it was `seen`. Raises Changed."""
    dossier = desk.records.dossier(number)
    if dossier is not None and len(dossier.engagement.events) != seen:
        raise Changed
    return moves.act(desk, member, number, what, details)


def add_item(desk: Desk, member: Member, number: str, code: str, seen: int) -> Done | Refusal:
    """As booking.add_item, for those who may, on the engagement as it was `seen`. Raises Changed."""
    dossier = desk.records.dossier(number)
    if dossier is None or not may_see(desk, member, dossier):
        return Refusal(Why.NO_MATCH)
    if not may_add_item(desk, member, dossier):
        return Refusal(Why.NOT_RESPONSIBLE)
    if len(dossier.engagement.events) != seen:
        raise Changed
    return booking.add_item(desk, member, dossier, code)


def write(desk: Desk, member: Member, number: str, text: str, written: int) -> Done | Refusal:
    """As messages.write, after the `written` messages that the writer has read. Raises Changed."""
    dossier = desk.records.dossier(number)
    if dossier is not None and len(dossier.messages) != written:
        raise Changed
    return messages.write(desk, member, number, text)


def send_file(desk: Desk, member: Member, number: str, file: Filed) -> Done | Refusal:
    """As messages.send_file, from the console."""
    dossier = desk.records.dossier(number)
    return messages.send_file(desk, dossier.opened.chat, member, number, file) if dossier else Refusal(Why.NO_MATCH)
