"""What templates and pages are told of a dossier: plain data (JSON), no words.

Names of the field stay values (`accepted`, `agent`); the templates have their words in both languages. Dates and
moments are ISO text. What is personal is masked unless `full` is asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from bot.casework import clock
from bot.casework import engagement as engagements
from bot.casework import standing as standings
from bot.casework.applicants import masked_name, masked_number, masked_telephone
from bot.casework.rules import LimitKind
from bot.casework.standing import AWAITS, Move, State
from bot.casework.storable import to_json
from bot.casework.terms import Role
from bot.desk.desk import Desk
from bot.desk.dossier import Acted, Applicant, Dossier, Entry, Filed, Issued, Moved, Offered, Rated, Rectified, Wrote
from bot.desk.records import ComplaintFile, Line

HISTORY = 60  # events of a case that are listed, the newest
QUIET = frozenset({Move.NOTE, Move.CHECK_MATERIALS})  # what only the hall sees


def applicant_facts(applicant: Applicant, full: bool = False) -> dict[str, Any]:
    """`kind`, `name`, `identity` {kind, number}, `telephone`, `contact`."""
    name, number, telephone = applicant.name, applicant.identity.number, applicant.telephone
    return {
        "kind": applicant.kind.value,
        "name": name if full else masked_name(name),
        "identity": {
            "kind": applicant.identity.kind.value,
            "number": number if full else masked_number(number),
        },
        "telephone": telephone if full else masked_telephone(telephone),
        "contact": applicant.contact if full or not applicant.contact else masked_name(applicant.contact),
    }


def engagement_facts(desk: Desk, dossier: Dossier, staff: bool = False) -> dict[str, Any]:
    """An engagement: `number`, `step`, `kind`, `hall`, `region`, `items`, `project`, `agent` (name or None),
    `hand_over_to`, `call_at`, `cases` [short], `opened_at`, `closed`, `entrusted`, `ratable` [matters], `history`."""
    standing = dossier.engagement.standing
    agent = desk.records.colleague(standing.responsible) if standing.responsible else None
    heir = desk.records.colleague(standing.hand_over_to) if standing.hand_over_to else None
    return {
        "number": dossier.number,
        "step": standing.step.value,
        "kind": standing.booking.kind.value,
        "hall": dossier.hall,
        "region": dossier.opened.region,
        "items": list(standing.booking.items),
        "project": standing.booking.project,
        "agent": agent.name if agent else None,
        "hand_over_to": heir.name if heir else None,
        "call_at": dossier.opened.call_at,
        "applicant": applicant_facts(dossier.opened.applicant, full=staff),
        "cases": [short_case(desk, number, dossier) for number in dossier.cases],
        "opened_at": dossier.entries[0].at.isoformat(),
        "closed": dossier.closed,
        "entrusted": bool(dossier.entrustment),
        "offered": bool(dossier.offer and dossier.offer.to),
        "papers": [{"id": one.id, "kind": one.kind, "case": one.case} for one in current_papers(dossier)],
        "history": events_facts(desk, (one for one in dossier.entries if isinstance(one.body, Acted)), staff),
    }


def current_papers(dossier: Dossier) -> list[Issued]:
    """The papers; of the engagement's own only the newest of a kind: the receipt is made anew once it has an agent."""
    newest = {one.kind: one.id for one in dossier.papers.values() if not one.case}
    return [one for one in dossier.papers.values() if one.case or newest[one.kind] == one.id]


# how many of the five stages on the way to delivery a case has behind it: 提交、受理、审批、办结、送达
_STAGES_DONE: Mapping[State, int] = {
    **dict.fromkeys((State.DRAFT, State.PREVIEW_SUBMITTED, State.PREVIEW_RETURNED, State.PREVIEW_PASSED), 0),
    **dict.fromkeys((State.AWAITING_RECEIPT, State.RECEIVED, State.SUPPLEMENT), 1),
    **dict.fromkeys((State.ACCEPTED, State.ACCEPTED_SUPPLEMENT, State.PROCEDURE), 2),
    **dict.fromkeys((State.APPROVED, State.REJECTED), 3),
    State.COMPLETED: 4,
    State.DELIVERED: 5,
}


def unreached(desk: Desk, dossier: Dossier) -> str | None:
    """Since when letters do not reach the applicant; None while they do."""
    since = desk.records.lost(dossier.opened.chat)
    return since.isoformat() if since else None


def short_case(desk: Desk, number: str, dossier: Dossier) -> dict[str, Any]:
    """A case in a list: `number`, `item`, `state`, `stages_done` (None: it ended before its time), `awaits`, `due`,
    `light`."""
    case = dossier.cases[number]
    awaits = AWAITS.get(case.state)
    found = _reckonings(desk, case.standing)
    return {
        "number": number,
        "item": case.standing.opening.item,
        "state": case.state.value,
        "stages_done": _STAGES_DONE.get(case.standing.underneath),
        "awaits": awaits.value if awaits else None,
        "closed": case.closed,
        "due": found[0]["due"] if found else None,
        "light": found[0]["light"] if found else None,
    }


def case_facts(desk: Desk, dossier: Dossier, number: str, staff: bool = False) -> dict[str, Any]:
    """A case in full: `short_case`, and `limits` (shown between 受理 and 办结), `checklist`, `asked`, `answer_by`,
    `deliver_by`, `invitation`, `history`, `agent`, `dossier`."""
    case = dossier.cases[number]
    standing, rules = case.standing, desk.office.rules
    agent = desk.records.colleague(dossier.responsible) if dossier.responsible else None
    answer = clock.answer_by(standing, rules) if case.state is State.RECEIVED else None
    deliver = clock.deliver_by(standing, rules) if case.state in (State.APPROVED, State.COMPLETED) else None
    return {
        **short_case(desk, number, dossier),
        "dossier": dossier.number,
        "region": standing.opening.region,
        "agent": agent.name if agent else None,
        "applicant": applicant_facts(dossier.opened.applicant, full=staff),
        "limits": _reckonings(desk, standing),
        "listed": standing.checklist.recorded,
        "checklist": [
            {
                "name": entry.needed.name,
                "required": entry.needed.required,
                "deferrable": entry.needed.deferrable,
                "status": entry.status.value,
                "deadline": _iso(entry.deadline),
            }
            for entry in standing.checklist.entries
        ],
        "asked": _asked(standing),
        "answer_by": _iso(answer.day) if answer else None,
        "deliver_by": _iso(deliver.day) if deliver else None,
        "invitation": _invitation(desk, standing),
        "accepted_on": _iso(standing.accepted_on),
        "decided_on": _iso(standing.decided_on),
        "granted": standing.granted if standing.decided_on else None,
        "extended": standing.extended,
        "suspended": standing.suspended_from.value if standing.suspended_from else None,
        "papers": [{"id": one.id, "kind": one.kind} for one in dossier.papers.values() if one.case == number],
        "files": [
            {"id": one.id, "material": one.material, "media_type": one.media_type, "size": one.size}
            for one in dossier.files.values()
            if one.case == number
        ],
        "history": events_facts(
            desk, (one for one in dossier.entries if isinstance(one.body, Moved) and one.body.case == number), staff
        ),
    }


def days_facts(desk: Desk, dossier: Dossier, number: str) -> list[dict[str, Any]]:
    """Day by day, why the limits stand as they do: for each limit its reckoning and `days` [{date, counted, reason,
    provisional}]."""
    standing = dossier.cases[number].standing
    return [
        {
            **_reckoning(found),
            "days": [
                {
                    "date": day.date.isoformat(),
                    "counted": day.counted,
                    "reason": day.reason.value,
                    "provisional": day.provisional,
                }
                for day in clock.explain(standing, found.kind, desk.today, desk.office.rules)
            ],
        }
        for found in _found(desk, standing)
    ]


def events_facts(desk: Desk, entries: Iterable[Entry], staff: bool) -> list[dict[str, Any]]:
    """The newest events, oldest first; what only the hall may see is left out unless `staff`."""
    shown = [one for one in entries if staff or not _quiet(one)]
    return [event_facts(desk, one) for one in shown[-HISTORY:]]


def event_facts(desk: Desk, entry: Entry) -> dict[str, Any]:
    """One event: `at`, `role`, `who` (a member's name or None), `kind` (dossier.KINDS), and by kind `move` or `act`,
    `to`, `on`, `details`; `paper`; `agents` (names); `text`; `material`; `matter` and `level`."""
    who = desk.records.colleague(entry.by.id) if entry.by.role not in (Role.APPLICANT, Role.SYSTEM) else None
    facts: dict[str, Any] = {"at": entry.at.isoformat(), "role": entry.by.role.value, "who": who.name if who else None}
    facts["kind"] = entry.kind
    match entry.body:
        case Moved(case, event):
            facts |= {"case": case, "move": event.move.value, "to": event.to.value, "on": event.on.isoformat()}
            facts |= {"details": to_json(event.details)}
        case Acted(event):
            facts |= {"act": event.act.value, "to": event.to.value, "details": _named(desk, event.details)}
        case Issued(name, kind):
            facts |= {"paper": name, "paper_kind": kind}
        case Offered(to):
            facts |= {"agents": [found.name for one in to if (found := desk.records.colleague(one))]}
        case Wrote(text, file):
            facts |= {"text": text, "file": file}
        case Filed() as file:
            facts |= {"case": file.case, "material": file.material, "media_type": file.media_type}
        case Rated(rating):
            facts |= {"matter": rating.matter, "level": rating.opinion.level.value, "text": rating.opinion.text}
            facts |= {"reasons": [one.value for one in rating.opinion.reasons]}
        case Rectified(matter, text):
            facts |= {"matter": matter, "text": text}
    return facts


def line_facts(line: Line, full: bool = True) -> dict[str, Any]:
    """A dossier in a list."""
    return {
        "number": line.number,
        "step": line.step,
        "region": line.region,
        "applicant": line.applicant if full else masked_name(line.applicant),
        "responsible": line.responsible,
        "cases": [to_json(one) for one in line.cases],
        "due": _iso(line.due),
        "light": line.light.value if line.light else None,
        "rectify_by": _iso(line.rectify_by),
        "unread": line.unread,
        "opened_at": line.opened_at.isoformat(),
        "closed": line.closed,
    }


def complaint_facts(complaint: ComplaintFile) -> dict[str, Any]:
    return {
        "number": complaint.number,
        "about": complaint.about,
        "text": complaint.text,
        "at": complaint.at.isoformat(),
        "answer_by": complaint.answer_by.isoformat(),
        "provisional": complaint.provisional,
        "answer": complaint.answer,
        "answered_at": complaint.answered_at.isoformat() if complaint.answered_at else None,
    }


def _quiet(entry: Entry) -> bool:
    match entry.body:
        case Moved(_, event):
            return event.move in QUIET
        case Acted(event):
            return event.act is engagements.Act.NOTE
    return False


def _named(desk: Desk, details: engagements.Details) -> dict[str, Any]:
    """An act's details with the agent's name in place of the id."""
    facts: dict[str, Any] = to_json(details)
    if details.agent:
        agent = desk.records.colleague(details.agent)
        facts["agent"] = agent.name if agent else ""
    return facts


def _found(desk: Desk, standing: standings.Standing) -> list[clock.Reckoning]:
    found = (clock.reckon(standing, kind, desk.today, desk.office.rules) for kind in LimitKind)
    return [one for one in found if one is not None]


def _reckonings(desk: Desk, standing: standings.Standing) -> list[dict[str, Any]]:
    return [_reckoning(one) for one in _found(desk, standing)]


def _reckoning(found: clock.Reckoning) -> dict[str, Any]:
    return {
        "kind": found.kind.value,
        "unit": found.unit.value,
        "total": found.total,
        "used": found.used,
        "left": found.left,
        "due": found.due.isoformat(),
        "provisional": found.provisional,
        "overdue": found.overdue,
        "stopped": found.stopped.value if found.stopped else None,
        "ended": _iso(found.ended),
        "light": found.light.value,
    }


def _asked(standing: standings.Standing) -> dict[str, Any] | None:
    """The supplement that is awaited now."""
    if standing.underneath not in (State.SUPPLEMENT, State.ACCEPTED_SUPPLEMENT):
        return None
    asked = standing.asked[-1]
    return {"materials": list(asked.materials), "deadline": asked.deadline.isoformat()}


def _invitation(desk: Desk, standing: standings.Standing) -> dict[str, Any] | None:
    if standing.invitation is None:
        return None
    opinions = standing.invitation.opinions(desk.today)
    return {
        "deadline": standing.invitation.deadline.isoformat(),
        "departments": [
            {"name": name, "opinion": opinion.value if opinion else None} for name, opinion in opinions.items()
        ],
    }


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None
