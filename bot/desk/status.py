"""How far a case is: for whoever booked it at once, for anybody else by number and query password."""

from __future__ import annotations

from bot.casework.attempts import Failure, look_up, wait_until
from bot.casework.refusal import Refusal, Why
from bot.desk.change import Change, Done
from bot.desk.desk import Desk
from bot.desk.dossier import Dossier, Followed, applicant_of
from bot.desk.log import appended, noted
from bot.events import Chat

NUMBERS_AT_MOST = 5  # of one message


def numbers_in(desk: Desk, text: str) -> tuple[str, ...]:
    """Case and engagement numbers anywhere in a message: any spacing, full-width digits, lower case."""
    office = desk.office
    found = (*office.case_number.find(text), *office.engagement_number.find(text))
    return found[:NUMBERS_AT_MOST]


def dossier_with(desk: Desk, number: str) -> Dossier | None:
    """The dossier that a case's or an engagement's number belongs to."""
    return desk.records.dossier(number) if is_engagement(desk, number) else desk.records.dossier_of(number)


def is_engagement(desk: Desk, number: str) -> bool:
    return number.startswith(desk.office.engagement_number.prefix)


def is_own(dossier: Dossier, chat: Chat) -> bool:
    return dossier.opened.chat == chat


def look(desk: Desk, chat: Chat, number: str, password: str) -> Done | Refusal:
    """The dossier behind `number` for whoever has the password. Wrong and absent are one and the same refusal, take the
    same time and count alike; waiting times are the chat's own, so nobody is locked out by others."""
    opening = desk.records.opening(number)
    since = desk.now - desk.office.attempts.forgotten_after
    failures = desk.records.failures(str(chat), number, since)
    until = wait_until(failures, str(chat), number, desk.now, desk.office.attempts)
    refused = look_up(password, opening[1].password if opening else None, until, desk.now)
    if refused is None:
        return Done(dossier=dossier_with(desk, number))
    if refused.why is Why.WAIT:
        return refused
    failed = Failure(desk.now, str(chat), number)
    after = wait_until((*failures, failed), str(chat), number, desk.now, desk.office.attempts)
    moment = after if after > desk.now else None
    return Done(Change(failures=(failed,)), facts={"refusal": Refusal(Why.NO_MATCH, moment=moment)})


def follow(desk: Desk, chat: Chat, number: str, on: bool = True) -> Done | Refusal:
    """「办好了告诉我」, and its end. `facts`: `changed`."""
    dossier = dossier_with(desk, number)
    if dossier is None:
        return Refusal(Why.NO_MATCH)
    if is_own(dossier, chat) or (chat in dossier.followers) is on:  # applicants hear of everything anyway
        return Done(dossier=dossier, facts={"changed": False})
    if on and len(dossier.followers) >= desk.office.followers_at_most:
        return Refusal(Why.TOO_MANY, number=desk.office.followers_at_most)
    after = noted(desk, dossier, applicant_of(chat), Followed(chat, on))
    return Done(Change(appended=(appended(desk, dossier, after),)), after, {"changed": True})


def stop(desk: Desk, chat: Chat) -> Done:
    """`/stop`: no more news of anything this chat asked to be told about. `facts`: `numbers`."""
    change = Change()
    numbers: list[str] = []
    for number in desk.records.followed(chat):
        done = follow(desk, chat, number, on=False)
        if isinstance(done, Done) and done.facts["changed"]:
            change, numbers = change.and_(done.change), [*numbers, number]
    return Done(change, facts={"numbers": numbers})
