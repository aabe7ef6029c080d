"""When time alone may change something in a dossier: the days that `tick` has to look at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from bot.casework.case import Case
from bot.casework.clock import answer_by, reckon
from bot.casework.materials import Status
from bot.casework.rules import LimitKind
from bot.casework.standing import State
from bot.casework.terms import CHINA
from bot.desk.dossier import Dossier
from bot.desk.office import Office

_DAY = dt.timedelta(days=1)
MORNING = dt.time(9)  # when people are told things that a day brings


def wake_at(dossier: Dossier, office: Office, now: dt.datetime) -> dt.datetime | None:
    """The next moment after `now`; None where nothing is awaited."""
    return min((moment for moment in _moments(dossier, office, now) if moment > now), default=None)


def _moments(dossier: Dossier, office: Office, now: dt.datetime) -> Iterator[dt.datetime]:
    if dossier.offered_at and not dossier.responsible and not dossier.closed:
        yield dossier.offered_at + office.patience.assign_after
    for case in dossier.cases.values():
        if not case.closed:
            yield from (morning(day) for day in _days(case, office, now))


def _days(case: Case, office: Office, now: dt.datetime) -> Iterator[dt.date]:
    """The days on which a limit, a deadline or the answer window of a case comes near or has passed."""
    standing, rules = case.standing, office.rules
    today = now.astimezone(CHINA).date()
    if case.state is State.RECEIVED and (answer := answer_by(standing, rules)):
        yield from (answer.day, answer.day + _DAY)
    for kind in LimitKind:
        reckoning = reckon(standing, kind, today, rules)
        if reckoning and not reckoning.ended:
            yield from (reckoning.due - _DAY, reckoning.due, reckoning.due + _DAY)
            yield today + _DAY  # lights change with working days, and a weekend may lie between
    if standing.underneath in (State.SUPPLEMENT, State.ACCEPTED_SUPPLEMENT):
        yield from (standing.asked[-1].deadline + days * _DAY for days in (-1, 0, 1))
    if (deferred := standing.checklist.deferred_until()) and standing.checklist.having(Status.DEFERRED):
        yield from (deferred, deferred + _DAY)


def morning(day: dt.date) -> dt.datetime:
    """The moment of a day at which its notices go out."""
    return dt.datetime.combine(day, MORNING, CHINA)
