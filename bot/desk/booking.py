"""Booking an agent (申请代办): the dossier, its cases, the offer to the hall's agents, and who is told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.casework import case as cases
from bot.casework import engagement as engagements
from bot.casework.assignment import Absence, Agent, Offer, candidates, offered
from bot.casework.engagement import Act, Booking, Kind
from bot.casework.materials import Needed
from bot.casework.numbers import NumberFormat, hash_password, make_password
from bot.casework.refusal import Refusal, Why
from bot.casework.rules import Span
from bot.casework.standing import Opening
from bot.casework.terms import Actor, Role
from bot.desk import notices
from bot.desk.access import acting_agent, agents_for, roles_on
from bot.desk.change import Change, Done
from bot.desk.desk import Desk
from bot.desk.dossier import (
    Acted,
    Applicant,
    Dossier,
    Entry,
    Issued,
    Moved,
    Offered,
    Opened,
    applicant_of,
)
from bot.desk.halls import hall_of
from bot.desk.log import appended, noted
from bot.desk.papers import PaperKind, paper_id
from bot.desk.records import Member
from bot.events import Chat, Language
from knowledge.model import Item, Limit


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody books."""

    applicant: Applicant
    kind: Kind
    region: str  # GB/T 2260, township or higher
    items: tuple[str, ...] = ()  # codes; a 一件事 stands for its parts
    project: str = ""  # 24-character project code
    call_at: str = ""


def book(desk: Desk, chat: Chat, language: Language, request: Request) -> Done | Refusal:
    """Open the dossier. `facts`: `number`, `cases` [{number, item}], `password` (shown once), `assign_by`, `offered`.

    `offered` False: the hall has no agent yet.
    """
    items = single_items(desk, request.items)
    refused = _refused(desk, chat, request, items)
    if refused:
        return refused
    serials = _Serials(desk)
    hall = hall_of(desk, request.region)
    number = serials.next(desk.office.engagement_number, hall)
    password = make_password(desk.chance.below)
    opened = Opened(
        request.applicant,
        chat,
        language,
        hash_password(password, desk.chance.salt()),
        region=request.region,
        call_at=request.call_at,
    )
    booking = Booking(number, hall, request.kind, str(chat), request.items, request.project)
    dossier = _begun(desk, opened, booking, serials.cases(request.region, items), items)
    if isinstance(dossier, Refusal):
        return dossier
    dossier = offer(desk, dossier)
    change = Change(
        appended=(appended(desk, None, dossier),), letters=notices.booked(desk, dossier), serials=serials.given
    )
    facts = {
        "number": number,
        "cases": [{"number": one, "item": case.standing.opening.item} for one, case in dossier.cases.items()],
        "password": password,
        "offered": bool(dossier.offer and dossier.offer.to),
        "assign_by": (desk.now + desk.office.patience.assign_after).isoformat(),
    }
    return Done(change, dossier, facts)


def _refused(desk: Desk, chat: Chat, request: Request, items: tuple[Item, ...]) -> Refusal | None:
    open_ones = [one for one in desk.records.own(chat, desk.office.open_at_most + 20) if not one.closed]
    if len(open_ones) >= desk.office.open_at_most:
        return Refusal(Why.TOO_MANY, number=desk.office.open_at_most)
    if len(items) > desk.office.items_at_most:
        return Refusal(Why.TOO_MANY, number=desk.office.items_at_most)
    if not items and not request.project:
        return Refusal(Why.LACKING, names=("items",))
    return None


def _begun(
    desk: Desk, opened: Opened, booking: Booking, numbers: tuple[str, ...], items: tuple[Item, ...]
) -> Dossier | Refusal:
    """The dossier up to 申请, with a case for each item."""
    by = applicant_of(opened.chat)
    engagement = engagements.open_engagement(booking, by, desk.now)
    dossier = Dossier.of(
        booking.number, (Entry(desk.now, by, opened), Entry(desk.now, by, Acted(engagement.events[0])))
    )
    applied = engagements.attempt(engagement, engagements.Action(Act.APPLY, by), desk.now, engagements.Around())
    if isinstance(applied, Refusal):
        return applied
    dossier = noted(desk, dossier, by, Acted(applied))
    for number, item in zip(numbers, items, strict=True):
        dossier = include(desk, dossier, by, opening(desk, number, item, dossier))
    for kind in (PaperKind.RECEIPT, PaperKind.ENTRUSTMENT):
        dossier = noted(desk, dossier, by, Issued(paper_id(kind, dossier.number, dossier.length), kind))
    return dossier


def include(desk: Desk, dossier: Dossier, by: Actor, found: Opening) -> Dossier:
    """The dossier with one more case (纳入办件)."""
    case = cases.open_case(found, by, desk.now)
    action = engagements.Action(Act.ADD_CASE, by, engagements.Details(case=found.number))
    added = engagements.attempt(dossier.engagement, action, desk.now, engagements.Around(acting=by.id))
    if isinstance(case, Refusal) or isinstance(added, Refusal):
        raise ValueError(f"case {found.number} cannot be opened")
    return noted(desk, dossier, by, Moved(found.number, case.events[0]), Acted(added))


def add_item(desk: Desk, member: Member, dossier: Dossier, code: str) -> Done | Refusal:
    """An agent adds an item that turned out to be needed."""
    items = single_items(desk, (code,))
    if not items:
        return Refusal(Why.LACKING, names=("items",))
    if len(dossier.cases) + len(items) > desk.office.items_at_most:
        return Refusal(Why.TOO_MANY, number=desk.office.items_at_most)
    under_way = {case.standing.opening.item for case in dossier.cases.values() if not case.closed}
    if any(one.code in under_way for one in items):
        return Refusal(Why.ALREADY_INCLUDED)
    handling = (role for role in roles_on(desk, member, dossier) if role in (Role.AGENT, Role.COORDINATOR))
    by, serials, after = Actor(member.id, next(handling, Role.AGENT)), _Serials(desk), dossier
    probe = engagements.Action(Act.ADD_CASE, by, engagements.Details(case="-"))
    around = engagements.Around(acting=acting_agent(desk, dossier))
    allowed = engagements.attempt(dossier.engagement, probe, desk.now, around)
    if isinstance(allowed, Refusal):
        return allowed
    for number, item in zip(serials.cases(dossier.opened.region, items), items, strict=True):
        after = include(desk, after, by, opening(desk, number, item, dossier))
    added = tuple(number for number in after.cases if number not in dossier.cases)
    letters = notices.added(desk, after, added, by)
    return Done(Change(appended=(appended(desk, dossier, after),), serials=serials.given, letters=letters), after)


# --- what it is made of -------------------------------------------------------------------------


def single_items(desk: Desk, codes: tuple[str, ...]) -> tuple[Item, ...]:
    """The single items behind codes: a 一件事 is its parts, those that only some need left to
    the agent; each once; unknown codes are left out."""
    found: dict[str, Item] = {}
    for item in filter(None, map(desk.catalogue.item, codes)):
        sure = [one for one in item.parts if not one.when] or item.parts
        parts = [part for one in sure if (part := desk.catalogue.item(one.item))]
        found.update({one.code: one for one in parts or [item]})
    return tuple(found.values())


def opening(desk: Desk, number: str, item: Item, dossier: Dossier) -> Opening:
    """What a case is about: a snapshot of the catalogue as it is today."""
    return Opening(
        number=number,
        item=item.code,
        catalogue=desk.catalogue.version,
        region=dossier.opened.region,
        engagement=dossier.number,
        handling=item.handling,
        promised=_span(item.promised),
        statutory=_span(item.statutory),
        deferral=item.deferral is not None,
        commitment=item.commitment is not None,
        materials=_needed(item),
    )


def _span(limits: tuple[Limit, ...]) -> Span | None:
    """The limit that holds whatever the situation; None where it depends on one, or is not known in days."""
    sure = [one for one in limits if not one.when and one.days]
    return Span(sure[0].days or 0, sure[0].unit) if len(sure) == 1 else None


def _needed(item: Item) -> tuple[Needed, ...] | None:
    """The checklist. What is needed in some situations only is not demanded; the agent asks for it where it applies."""
    if item.materials is None:
        return None
    needed: dict[str, Needed] = {}
    for one in item.materials:
        always = one.required and not one.when and one.condition is None
        known = needed.get(one.name.zh)
        needed[one.name.zh] = Needed(one.name.zh, always or bool(known and known.required), one.deferrable)
    return tuple(needed.values())


class _Serials:
    """Numbers given out by one decision; whoever else gives out the same one meanwhile makes the decision void."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.given: dict[str, tuple[int, int]] = {}

    def next(self, form: NumberFormat, region: str) -> str:
        place = f"{region:0<{form.region}}"[: form.region]
        key = f"{form.prefix}:{place}:{self._desk.today.strftime(form.date)}"
        before, last = self.given.get(key) or (self._desk.records.serial(key),) * 2
        self.given[key] = (before, last + 1)
        return form.make(place, self._desk.today, last + 1)

    def cases(self, region: str, items: tuple[Item, ...]) -> tuple[str, ...]:
        return tuple(self.next(self._desk.office.case_number, region) for _ in items)


def serial_number(desk: Desk, form: NumberFormat, region: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """A number by itself, and the serial to be written down with it."""
    serials = _Serials(desk)
    return serials.next(form, region), serials.given


# --- offering it to agents ----------------------------------------------------------------------


def offer(desk: Desk, dossier: Dossier) -> Dossier:
    """The dossier offered to the hall's agents by expertise and load; to nobody where there is none."""
    found = candidates(_offer(desk, dossier), _agents(desk, dossier), _absences(desk, dossier.hall), desk.today)
    made = offered(_offer(desk, dossier), found, desk.office.patience)
    return noted(desk, dossier, applicant_of(dossier.opened.chat), Offered(made.to))


def _offer(desk: Desk, dossier: Dossier) -> Offer:
    return Offer(dossier.number, dossier.hall, frozenset(labels(desk, dossier)), desk.now)


def labels(desk: Desk, dossier: Dossier) -> Iterator[str]:
    """What a booking is about, in the words that agents' expertise is given in: items, subjects, departments."""
    for case in dossier.cases.values():
        code = case.standing.opening.item
        yield code
        if item := desk.catalogue.item(code):
            yield from (word for word in (item.subject, item.department and item.department.zh) if word)


def _agents(desk: Desk, dossier: Dossier) -> Iterator[Agent]:
    for one in agents_for(desk, dossier):
        yield Agent(one.id, one.hall, one.expertise, one.load, one.capacity)


def _absences(desk: Desk, hall: str) -> tuple[Absence, ...]:
    return tuple(one.absence for one in desk.records.members(hall) if one.absence)
