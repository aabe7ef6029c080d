"""A dossier with an entry of every kind, and what is written of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.casework import engagement
from bot.casework.applicants import Identity, IdentityKind
from bot.casework.case import open_case
from bot.casework.clock import Light
from bot.casework.engagement import Act, Booking, Kind
from bot.casework.ratings import Level, Opinion, Rating
from bot.casework.standing import Opening
from bot.casework.terms import Actor, Role
from bot.desk.change import Appended, Change
from bot.desk.dossier import (
    Acted,
    Applicant,
    ApplicantKind,
    Body,
    Dossier,
    Entry,
    Filed,
    Followed,
    Issued,
    Moved,
    Offered,
    Opened,
    Rated,
    Rectified,
    Told,
    Wrote,
    applicant_of,
)
from bot.desk.records import CaseLine, Line
from bot.events import Chat
from tests.conftest import NOW

HALL, ITEM = "371321", "food_licence"
CHAT, OTHER_CHAT = Chat("web", "applicant"), Chat("telegram", "4711")
NUMBER, CASE = "DB37132120261123000011", "37132120261123000016"
NAME, TELEPHONE, IDENTITY = "欧阳测试", "+8613800000000", "11010519491231002X"
WORDS = "电镀车间想搬到开发区"  # what the applicant writes
AGENT = Actor("agent-1", Role.AGENT)
APPLICANT = applicant_of(CHAT)


def opened(number: str = NUMBER, case: str = CASE, chat: Chat = CHAT, **applicant: str) -> Dossier:
    """A new dossier of one case."""
    given = {"name": NAME, "telephone": TELEPHONE, "identity": IDENTITY, **applicant}
    person = Applicant(
        ApplicantKind.PERSON,
        given["name"],
        Identity(IdentityKind.RESIDENT_ID, given["identity"]),
        given["telephone"],
    )
    booking = Booking(number, HALL, Kind.FULL, "key", (ITEM,))
    engaged = engagement.open_engagement(booking, applicant_of(chat), NOW)
    opening = Opening(case, ITEM, "2026-1", HALL, engagement=number)
    moved = open_case(opening, applicant_of(chat), NOW)
    return Dossier.of(
        number,
        [
            Entry(NOW, applicant_of(chat), body)
            for body in (
                Opened(person, chat, "en", "salt$hash", region=HALL, call_at="明天上午"),
                Acted(engaged.events[0]),
                Moved(case, moved.events[0]),
            )
        ],
    )


def full() -> Dossier:
    """With an entry of every kind."""
    taken = engagement.Event(NOW, AGENT, Act.TAKE, engagement.Step.CONSULTED)
    rating = Rating(CASE, Opinion(Level.DISSATISFIED, text="等得太久", named=True), NOW)
    by_applicant: tuple[Body, ...] = (
        Offered(("agent-1", "agent-2")),
        Wrote(WORDS),
        Filed("file-1", "image/png", 1024, "0" * 64, CASE, "身份证"),
        Rated(rating),
        Followed(CHAT, True),
        Followed(OTHER_CHAT, True),
        Followed(CHAT, False),
    )
    by_agent: tuple[Body, ...] = (
        Acted(taken),
        Issued("paper-1", "receipt", CASE),
        Rectified(CASE, "已当面道歉"),
        Told("due:2026-11-30"),
    )
    dossier = opened().with_(Entry(NOW, APPLICANT, body) for body in by_applicant)
    return dossier.with_(Entry(NOW + dt.timedelta(hours=1), AGENT, body) for body in by_agent)


def line(dossier: Dossier, **changed: object) -> Line:
    """What a list shows of a dossier."""
    person, standing = dossier.opened.applicant, dossier.engagement.standing
    its_cases = tuple(
        CaseLine(number, case.standing.opening.item, case.state, Role.CLERK, dt.date(2026, 12, 1), Light.GREEN)
        for number, case in dossier.cases.items()
    )
    plain = Line(
        number=dossier.number,
        hall=dossier.hall,
        region=dossier.opened.region,
        step=standing.step,
        responsible=dossier.responsible,
        offered_to=dossier.offer.to if dossier.offer and not dossier.responsible else (),
        hand_over_to=standing.hand_over_to,
        chat=dossier.opened.chat,
        applicant=person.name,
        telephone=person.telephone,
        identity=person.identity.number,
        cases=its_cases,
        due=dt.date(2026, 12, 1),
        light=Light.GREEN,
        unread=False,
        opened_at=dossier.entries[0].at,
        changed_at=dossier.entries[-1].at,
        closed=dossier.closed,
        rectify_by=None,
        wake_at=None,
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def written(dossier: Dossier, read: int = 0, **changed: object) -> Change:
    """The change that writes what a dossier has beyond `read` entries."""
    return Change(appended=(Appended(dossier, read, line(dossier, **changed)),))


def take(dossier: Dossier, agent: str) -> Dossier:
    """The dossier as taken by an agent."""
    event = engagement.Event(NOW, Actor(agent, Role.AGENT), Act.TAKE, engagement.Step.CONSULTED)
    return dossier.with_([Entry(NOW, event.by, Acted(event))])
