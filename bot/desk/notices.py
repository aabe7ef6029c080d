"""Whom to tell of what happened. Nobody is told of what they did themselves, and nobody twice.

Every letter carries plain facts; its words are the templates'. The applicant hears of everything that concerns them,
those who asked to be told (办好了告诉我) of the steps of a case; staff of what waits for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from bot.casework import engagement as engagements
from bot.casework import standing as standings
from bot.casework.engagement import Act, Step
from bot.casework.ratings import rate_until
from bot.casework.standing import FINAL, Move, State
from bot.casework.storable import to_json
from bot.casework.terms import Actor, Role, day_of
from bot.desk import views
from bot.desk.access import acting_agent, at_the_window, members_with
from bot.desk.change import Tell
from bot.desk.desk import Desk
from bot.desk.dossier import Acted, Dossier, Filed
from bot.desk.papers import sent_paper
from bot.desk.records import ComplaintFile, Member
from bot.events import Chat, Choice, Outcome, Say

TOLD_AT_MOST = 20  # members of staff of one happening

# what only the hall needs to know
_SILENT = frozenset({Move.OPEN, Move.NOTE, Move.CHECK_MATERIALS, Move.INVITE, Move.GIVE_OPINION})
_SILENT_ACTS = frozenset(
    {Act.OPEN, Act.APPLY, Act.NOTE, Act.ADD_CASE, Act.ARCHIVE, Act.OFFER_HAND_OVER, Act.DECLINE_HAND_OVER}
)
_FOR_THE_WINDOW = frozenset({State.AWAITING_RECEIPT})


def booked(desk: Desk, dossier: Dossier) -> tuple[Tell, ...]:
    """The offer, to whom it is made; where there is no agent to offer it to, to the coordinators."""
    offered = dossier.offer.to if dossier.offer else ()
    members = [one for one in map(desk.records.colleague, offered) if one]
    facts = {"dossier": views.engagement_facts(desk, dossier), "offered": True}
    if not members:
        return unassigned(desk, dossier)
    take = (Choice(f"t:{dossier.number}:take", term="take"), Choice(f"e:{dossier.number}", term="open_dossier"))
    return tuple(_to_staff(members, Say(Outcome.OFFER, facts, (take,))))


def unassigned(desk: Desk, dossier: Dossier) -> tuple[Tell, ...]:
    """Nobody took it in time, or there is nobody to take it: the coordinators are asked to assign it."""
    facts = {"dossier": views.engagement_facts(desk, dossier), "offered": False}
    say = Say(Outcome.OFFER, facts, _open(dossier))
    return tuple(_to_staff(members_with(desk, dossier.hall, Role.COORDINATOR), say))


def moved(desk: Desk, dossier: Dossier, case: str, event: standings.Event) -> tuple[Tell, ...]:
    """A case moved on."""
    if event.move in _SILENT:
        return ()
    facts = {
        "case": case,
        "item": dossier.cases[case].standing.opening.item,
        "move": event.move.value,
        "to": event.to.value,
        "on": event.on.isoformat(),
        "role": event.by.role.value,
        "details": to_json(event.details),
        "standing": views.short_case(desk, case, dossier),
        "dossier": dossier.number,
    }
    letters = list(_outside(dossier, case, Say(Outcome.NEWS, facts, _for_applicant(case, event))))
    staff = list(_agent(desk, dossier))
    if event.to in _FOR_THE_WINDOW or (event.move is Move.SUPPLY and event.by.role is not Role.CLERK):
        staff += at_the_window(desk, dossier)
    letters += _to_staff(staff, Say(Outcome.NEWS, facts | {"staff": True, "own": False}, _open_case(case)))
    letters = _to_others(desk, dossier, event.by, letters)
    if event.move is Move.COMPLETE or event.to in FINAL - {State.DELIVERED}:
        letters += _ask_rating(dossier, case, event)
    return tuple(letters)


def acted(desk: Desk, dossier: Dossier, event: engagements.Event) -> tuple[Tell, ...]:
    """Something was done with the engagement."""
    facts = {"dossier": views.engagement_facts(desk, dossier), "event": _event(desk, dossier, event)}
    letters: list[Tell] = []
    if event.act not in _SILENT_ACTS and event.by.role is not Role.APPLICANT:
        letters.append(Tell(dossier.opened.chat, Say(Outcome.DOSSIER_NEWS, facts, _about(dossier, event.act))))
    waited = dossier.engagement.standing.hand_over_to
    if event.act in (Act.OFFER_HAND_OVER, Act.ASSIGN):
        heir = desk.records.colleague(event.details.agent)
        choices = _take_over(dossier) if waited else _open(dossier)
        letters += _to_staff([heir] if heir else [], Say(Outcome.HAND_OVER, facts, choices))
    elif event.by.role is Role.APPLICANT or event.act in (Act.TAKE_OVER, Act.DECLINE_HAND_OVER):
        letters += _to_staff(
            _others(desk, dossier, event), Say(Outcome.DOSSIER_NEWS, facts | {"staff": True}, _open(dossier))
        )
    letters = _to_others(desk, dossier, event.by, letters)
    if event.to is Step.CLOSED and event.act is Act.CLOSE:
        letters += _ask_rating(dossier, dossier.number, event)
    return tuple(letters)


def added(desk: Desk, dossier: Dossier, cases: tuple[str, ...], by: Actor) -> tuple[Tell, ...]:
    """Items turned out to be needed: the applicant is told once, of all, and who acts on it if another did it."""
    event = dossier.engagement.events[-1]
    facts = {
        "dossier": views.engagement_facts(desk, dossier),
        "event": _event(desk, dossier, event),
        "added": [views.short_case(desk, case, dossier) for case in cases],
    }
    letters = [Tell(dossier.opened.chat, Say(Outcome.DOSSIER_NEWS, facts, _about(dossier, Act.ADD_CASE)))]
    letters += _to_staff(_agent(desk, dossier), Say(Outcome.DOSSIER_NEWS, facts | {"staff": True}, _open(dossier)))
    return tuple(_to_others(desk, dossier, by, letters))


def wrote(desk: Desk, dossier: Dossier, text: str, by: Role, file: Filed | None = None) -> tuple[Tell, ...]:
    """A message goes to the other side; neither side's telephone number or user name goes with it. A channel may show
    a picture smaller than it is, so a button fetches it as it was sent."""
    about = {"media_type": file.media_type, "size": file.size} if file else None
    papers = (sent_paper(dossier.number, file),) if file else ()
    facts: dict[str, Any] = {"number": dossier.number, "text": text, "file": about}
    answer = (_answers(dossier, file),)
    if by is Role.APPLICANT:
        members = _in_charge(desk, dossier)
        facts |= {"from": "applicant", "name": dossier.opened.applicant.name}
        return tuple(_to_staff(members, Say(Outcome.MESSAGE, facts, answer, papers)))
    agent = desk.records.colleague(dossier.responsible)
    facts |= {"from": by.value, "name": agent.name if agent and by is Role.AGENT else ""}
    return (Tell(dossier.opened.chat, Say(Outcome.MESSAGE, facts, answer, papers)),)


def _answers(dossier: Dossier, file: Filed | None) -> tuple[Choice, ...]:
    answer = Choice(f"j:{dossier.number}", term="answer")
    if file is None or not file.media_type.startswith("image/"):
        return (answer,)
    return (answer, Choice(f"fi:{dossier.number}:{list(dossier.files).index(file.id)}", term="full_picture"))


def warned(desk: Desk, dossier: Dossier, case: str, warning: str) -> tuple[Tell, ...]:
    """A limit or deadline is near or has passed: whoever has to act is told, and the applicant of their own ones."""
    facts = {"case": case, "warning": warning, "standing": views.case_facts(desk, dossier, case)}
    if warning.startswith("supplement"):
        letters = [Tell(dossier.opened.chat, Say(Outcome.WARNING, facts, _for_case(case)))]
    else:
        letters = []
    staff = [*_agent(desk, dossier), *at_the_window(desk, dossier)]
    if warning.endswith("overdue"):
        staff += list(members_with(desk, dossier.hall, Role.SUPERVISOR))
    return (*letters, *_to_staff(staff, Say(Outcome.WARNING, facts | {"staff": True}, _open_case(case))))


def rated(desk: Desk, dossier: Dossier, matter: str, level: str, rectify_by: str | None) -> tuple[Tell, ...]:
    """A poor rating is to be put right by whoever handled it, under the supervisor's eyes."""
    if rectify_by is None:
        return ()
    facts = {"matter": matter, "level": level, "rectify_by": rectify_by, "number": dossier.number}
    staff = [*_agent(desk, dossier), *members_with(desk, dossier.hall, Role.SUPERVISOR)]
    rectify = (Choice(f"xr:{matter}", term="rectify"), *_open(dossier)[0])
    return tuple(_to_staff(staff, Say(Outcome.POOR_RATING, facts | {"rectified": False}, (rectify,))))


def complained(desk: Desk, complaint: ComplaintFile) -> tuple[Tell, ...]:
    facts = {"complaint": views.complaint_facts(complaint), "staff": True}
    choices = ((Choice(f"x:{complaint.number}", term="answer_complaint"),),)
    supervisors = members_with(desk, complaint.hall, Role.SUPERVISOR)
    return tuple(_to_staff(supervisors, Say(Outcome.COMPLAINT_MADE, facts, choices)))


def complaint_answered(complaint: ComplaintFile) -> tuple[Tell, ...]:
    return (Tell(complaint.chat, Say(Outcome.COMPLAINT_ANSWERED, {"complaint": views.complaint_facts(complaint)})),)


def unreached(desk: Desk, dossier: Dossier, lost: Say, since: dt.datetime) -> tuple[Tell, ...]:
    """Letters do not reach the applicant any more: whoever has it is to take another way."""
    facts = {
        "number": dossier.number,
        "cases": [views.short_case(desk, case, dossier) for case in dossier.cases],
        "lost": _lost(dossier, lost),
        "since": since.isoformat(),
    }
    told = _to_staff(_in_charge(desk, dossier), Say(Outcome.UNREACHED, facts, _open(dossier)))
    return tuple(letter for letter in told if letter.to != dossier.opened.chat)


def colleague_unreached(desk: Desk, colleague: Member, since: dt.datetime) -> tuple[Tell, ...]:
    """Letters do not reach a member of staff any more: the other coordinators are to see to it."""
    facts = {"colleague": colleague.name, "load": colleague.load, "since": since.isoformat()}
    others = members_with(desk, colleague.hall, Role.COORDINATOR, but=(colleague.id,))
    return tuple(_to_staff(others, Say(Outcome.UNREACHED, facts, ((Choice("in", term="inbox"),),))))


# which of a letter's facts names what it is about; letters that are not in here say it to nobody but their reader
_ABOUT = {
    Outcome.NEWS: "case",
    Outcome.WARNING: "case",
    Outcome.RATING_ASKED: "matter",
    Outcome.MESSAGE: "number",
    Outcome.REMINDER: "number",
    Outcome.PLACE_FREE: "number",
    Outcome.DOSSIER_NEWS: "dossier",
}


def _lost(dossier: Dossier, say: Say) -> dict[str, Any]:
    """What did not arrive: `outcome`, `case`, `move`, `act`, each may be empty. All are, where it is not about this
    dossier: it is not for its agent to know."""
    facts = say.facts
    about = facts.get(_ABOUT.get(say.outcome, ""), "")
    about = about["number"] if say.outcome is Outcome.DOSSIER_NEWS else about
    if about != dossier.number and about not in dossier.cases:
        return {"outcome": "", "case": "", "move": "", "act": ""}
    case = about if about in dossier.cases else ""
    act = facts["event"]["act"] if say.outcome is Outcome.DOSSIER_NEWS else ""
    return {"outcome": say.outcome.value, "case": case, "move": facts.get("move", ""), "act": act}


# --- who they are -------------------------------------------------------------------------------


def _outside(dossier: Dossier, case: str, say: Say) -> Iterator[Tell]:
    """The applicant, and whoever wants to be told: they can look at it, and nothing else."""
    applicant = dossier.opened.chat
    yield Tell(applicant, replace(say, facts={**say.facts, "own": True}))
    looking = replace(say, facts={**say.facts, "own": False}, choices=_for_case(case))
    for chat in sorted(dossier.followers - {applicant}, key=str):
        yield Tell(chat, looking)


def _to_others(desk: Desk, dossier: Dossier, by: Actor, letters: Iterable[Tell]) -> list[Tell]:
    """The letters but those to whoever did it."""
    member = desk.records.colleague(by.id)
    own = dossier.opened.chat if by.role is Role.APPLICANT else member.chat if member else None
    return [letter for letter in letters if letter.to != own]


def to_agent(desk: Desk, dossier: Dossier, say: Say) -> tuple[Tell, ...]:
    return tuple(_to_staff(_agent(desk, dossier), say))


def _agent(desk: Desk, dossier: Dossier) -> Iterator[Member]:
    """Who acts on the dossier today; the coordinators where its agent is away without a deputy, or has left."""
    acting = desk.records.colleague(acting_agent(desk, dossier)) if dossier.responsible else None
    if acting and not acting.revoked:
        yield acting
    elif dossier.responsible:
        yield from members_with(desk, dossier.hall, Role.COORDINATOR)


def _in_charge(desk: Desk, dossier: Dossier) -> list[Member]:
    """Who acts on the dossier today, or the coordinators where nobody has it."""
    return list(_agent(desk, dossier)) or list(members_with(desk, dossier.hall, Role.COORDINATOR))


def _others(desk: Desk, dossier: Dossier, event: engagements.Event) -> Iterator[Member]:
    """Who has to know of what the applicant or an heir did: who had it before, who has it now, who was offered it."""
    ids = [earlier.by.id for earlier in dossier.engagement.events if earlier.act in (Act.TAKE, Act.TAKE_OVER)]
    ids += [earlier.details.agent for earlier in dossier.engagement.events if earlier.act is Act.ASSIGN]
    if not dossier.responsible and dossier.offer:
        ids += dossier.offer.to
    for one in dict.fromkeys(ids):
        if member := desk.records.colleague(one):
            yield member


def _to_staff(members: Iterable[Member], say: Say) -> Iterator[Tell]:
    chats: dict[Chat, None] = {}
    for member in members:
        if member.chat and not member.revoked:
            chats[member.chat] = None
    for chat in list(chats)[:TOLD_AT_MOST]:
        yield Tell(chat, say)


# --- what they are offered to do ----------------------------------------------------------------


def _open(dossier: Dossier) -> tuple[tuple[Choice, ...], ...]:
    return ((Choice(f"e:{dossier.number}", term="open_dossier"),),)


def _take_over(dossier: Dossier) -> tuple[tuple[Choice, ...], ...]:
    take = Choice(f"t:{dossier.number}:take_over", term="take_over")
    decline = Choice(f"t:{dossier.number}:decline_hand_over", term="decline_hand_over")
    return ((take, decline), *_open(dossier))


def _open_case(case: str) -> tuple[tuple[Choice, ...], ...]:
    return ((Choice(f"k:{case}", term="open_case"),),)


def _for_case(case: str) -> tuple[tuple[Choice, ...], ...]:
    return ((Choice(f"q:{case}", term="see_status"),),)


def _for_applicant(case: str, event: standings.Event) -> tuple[tuple[Choice, ...], ...]:
    if event.to in (State.SUPPLEMENT, State.ACCEPTED_SUPPLEMENT):
        return ((Choice(f"u:{case}", term="supply"), Choice(f"q:{case}", term="see_status")),)
    return _for_case(case)


def _about(dossier: Dossier, act: Act) -> tuple[tuple[Choice, ...], ...]:
    """Once it is admitted, an agent who handles everything waits for the 委托书."""
    number = dossier.number
    rows = ((Choice(f"w:{number}", term="see_dossier"), Choice(f"j:{number}", term="talk_to_agent")),)
    asked = act is Act.ADMIT and dossier.engagement.standing.booking.kind is engagements.Kind.FULL
    return ((Choice(f"ca:{Act.ENTRUST}:{number}", term="entrust"),), *rows) if asked else rows


def _event(desk: Desk, dossier: Dossier, event: engagements.Event) -> dict[str, Any]:
    entry = next(one for one in reversed(dossier.entries) if isinstance(one.body, Acted) and one.body.event is event)
    facts = views.event_facts(desk, entry)
    agent = desk.records.colleague(event.details.agent) if event.details.agent else None
    return facts | {
        "act": event.act.value,
        "to": event.to.value,
        "details": {**to_json(event.details), "agent": agent.name if agent else ""},
    }


def _ask_rating(dossier: Dossier, matter: str, event: standings.Event | engagements.Event) -> Iterator[Tell]:
    if matter not in dossier.ratings:
        until = rate_until(day_of(event.at))
        item = dossier.cases[matter].standing.opening.item if matter in dossier.cases else ""
        facts = {"matter": matter, "item": item, "until": until.day.isoformat(), "provisional": until.provisional}
        yield Tell(dossier.opened.chat, Say(Outcome.RATING_ASKED, facts, ((Choice(f"g:{matter}", term="rate"),),)))
