"""Afterwards: ratings (好差评), putting poor ones right, and complaints to the supervisor."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.casework.ratings import Opinion, complain, rate
from bot.casework.refusal import Refusal, Why
from bot.casework.table import TEXT_LENGTH
from bot.casework.terms import Role, day_of
from bot.desk import notices
from bot.desk.access import OVERSEERS, acting, is_agent_of, roles_on, serves
from bot.desk.booking import serial_number
from bot.desk.change import Change, Done
from bot.desk.desk import Desk
from bot.desk.dossier import Dossier, Rated, Rectified, applicant_of
from bot.desk.halls import hall_of
from bot.desk.log import appended, noted
from bot.desk.records import ComplaintFile, Member
from bot.desk.status import dossier_with
from bot.events import Chat

LOOKED_THROUGH = 100  # complaints of a hall, to find those of one chat


def rate_matter(desk: Desk, chat: Chat, matter: str, opinion: Opinion) -> Done | Refusal:
    """The applicant rates a case or an engagement, once. `facts`: `matter`, `level`, `rectify_by`."""
    dossier = dossier_with(desk, matter)
    if dossier is None or dossier.opened.chat != chat:
        return Refusal(Why.NO_MATCH)
    rating = rate(matter, opinion, closed_on(dossier, matter), dossier.ratings.get(matter), desk.now)
    if isinstance(rating, Refusal):
        return rating
    after = noted(desk, dossier, applicant_of(chat), Rated(rating))
    by = rating.rectify_by.day.isoformat() if rating.rectify_by else None
    letters = notices.rated(desk, after, matter, opinion.level.value, by)
    facts = {"matter": matter, "level": opinion.level.value, "rectify_by": by}
    return Done(Change(appended=(appended(desk, dossier, after),), letters=letters), after, facts)


def closed_on(dossier: Dossier, matter: str) -> dt.date | None:
    """The day a case or the engagement itself came to its end; None while it has not."""
    if matter in dossier.cases:
        standing = dossier.cases[matter].standing
        return standing.completed_on or standing.closed_on
    closed = dossier.engagement.standing.closed_at
    return day_of(closed) if closed else None


def rectify(desk: Desk, member: Member, matter: str, text: str) -> Done | Refusal:
    """How a poor rating was put right; whoever handled it, or who oversees it, writes it down."""
    dossier = dossier_with(desk, matter)
    if dossier is None or not (roles := roles_on(desk, member, dossier)):
        return Refusal(Why.NO_MATCH)
    if not _awaits_rectification(dossier, matter):
        return Refusal(Why.NOT_FROM_HERE)
    if not may_rectify(desk, member, dossier, matter):
        return Refusal(Why.NOT_YOURS, names=(Role.AGENT.value,))
    if refused := _text(text):
        return refused
    after = noted(desk, dossier, acting(member, roles[0]), Rectified(matter, text.strip()))
    return Done(Change(appended=(appended(desk, dossier, after),)), after, {"matter": matter})


def may_rectify(desk: Desk, member: Member, dossier: Dossier, matter: str) -> bool:
    """Whether a poor rating waits for this member to write down how it was put right."""
    answers = is_agent_of(desk, member, dossier) or bool(member.roles & OVERSEERS)
    return answers and _awaits_rectification(dossier, matter)


def _awaits_rectification(dossier: Dossier, matter: str) -> bool:
    return any(one.matter == matter for one in dossier.to_rectify)


def complain_about(desk: Desk, chat: Chat, about: str, text: str, region: str) -> Done | Refusal:
    """A complaint to the supervisor. `facts`: `complaint`, `reached`: whether the hall has one who was told.

    `about` is a case's or an engagement's number, or empty for the hall as a whole. The hall is read off the number
    itself, so that nobody learns from the answer whether there is such a case.
    """
    hall = hall_of(desk, _region_in(desk, about) or region)
    waiting = [one for one in desk.records.complaints(hall, LOOKED_THROUGH) if one.answered_at is None]
    if sum(one.chat == chat for one in waiting) >= desk.office.complaints_at_most:
        return Refusal(Why.TOO_MANY, number=desk.office.complaints_at_most)
    number, serials = serial_number(desk, desk.office.complaint_number, hall)
    made = complain(number, about, text, desk.office.complaint_days, desk.now)
    if isinstance(made, Refusal):
        return made
    file = ComplaintFile(number, about, made.text, chat, hall, made.at, made.answer_by, made.provisional)
    letters = notices.complained(desk, file)
    change = Change(complaints=(file,), serials=serials, letters=letters)
    return Done(change, facts={"complaint": {**_plain(file)}, "reached": bool(letters)})


def _region_in(desk: Desk, number: str) -> str:
    """The region that a number says it was given out for; empty where it says none."""
    digits = number.removeprefix(desk.office.engagement_number.prefix)[: desk.office.case_number.region]
    return digits if desk.catalogue.regions.get(digits) else ""


def _plain(file: ComplaintFile) -> dict[str, object]:
    return {
        "number": file.number,
        "about": file.about,
        "answer_by": file.answer_by.isoformat(),
        "provisional": file.provisional,
    }


def answer_complaint(desk: Desk, member: Member, number: str, text: str) -> Done | Refusal:
    """The supervisor answers, once."""
    file = desk.records.complaint(number)
    if file is None or Role.SUPERVISOR not in member.roles or not serves(desk, member, file.hall):
        return Refusal(Why.NO_MATCH)
    if file.answered_at is not None:
        return Refusal(Why.NOT_FROM_HERE)
    if refused := _text(text):
        return refused
    answered = replace(file, answer=text.strip(), answered_by=member.id, answered_at=desk.now)
    change = Change(complaints=(answered,), letters=notices.complaint_answered(answered))
    return Done(change, facts={"complaint": _plain(answered)})


def _text(text: str) -> Refusal | None:
    if not text.strip():
        return Refusal(Why.EMPTY)
    return Refusal(Why.TOO_LONG, names=("text",), number=TEXT_LENGTH) if len(text) > TEXT_LENGTH else None
