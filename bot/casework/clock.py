"""Promised and statutory limits, day by day.

One rule decides every day: **a day belongs to what held when it began.** So the day of acceptance is not counted, the
day a special procedure starts still is, the day it ends is not, and the decision's own day is.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.casework.rules import LimitKind, Rules, Span, Stop, Thresholds
from bot.casework.standing import Standing, StandStill
from bot.casework.terms import Term
from knowledge.model import Grade, Handling, Limit, Unit
from knowledge.working_days import Deadline, add_working_days, is_announced, is_working_day, last_day

_DAY = dt.timedelta(days=1)


class Reason(Term):
    """Why a day is counted or not."""

    WORKING_DAY = "working_day", "工作日"
    CALENDAR_DAY = "calendar_day", "自然日"  # limits in days or months
    DAY_OFF = "day_off", "休息日或法定节假日"
    SUPPLEMENT = "supplement", "等待补正"
    PROCEDURE = "procedure", "特别程序"
    OVERRAN = "overran", "特别程序超过书面告知的时间"  # counted: only what was told in writing is taken out


class Light(Term):
    GREEN = "green", "正常"
    YELLOW = "yellow", "预警"
    RED = "red", "超期"
    PAUSED = "paused", "暂停计时"
    DONE = "done", "按期"
    LATE = "late", "超期办结"


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the explanation."""

    date: dt.date
    counted: bool
    reason: Reason
    provisional: bool  # the year's days off are not announced yet


@dataclass(frozen=True, slots=True)
class Reckoning:
    """How a limit stands."""

    kind: LimitKind
    unit: Unit  # of `total`, `used` and `left`: working days, or calendar days (months are turned into days)
    total: int
    used: int
    left: int  # below 0: overdue by as many
    due: dt.date  # the last day, if the clock stands still no more than it has
    provisional: bool  # `due` lies in, or was reckoned across, a year whose days off are not announced
    overdue: bool
    stopped: Stop | None  # why the clock stands still today
    ended: dt.date | None  # when it stopped for good
    light: Light


def reckon(standing: Standing, kind: LimitKind, today: dt.date, rules: Rules) -> Reckoning | None:
    """How a limit stands on `today`; None before acceptance, where no limit is recorded, and for 即办件."""
    span, accepted = standing.opening.limit(kind), standing.accepted_on
    if span is None or accepted is None or standing.opening.handling is Handling.ON_THE_SPOT:
        return None
    ended = standing.ended_on(kind)
    until = min(ended, today) if ended else today
    total = _total(standing, kind, span, accepted)
    used = sum(day.counted for day in explain(standing, kind, until, rules))
    due = _due(standing, kind, total, until, rules)
    overdue = until > due
    stopped = None if ended else _stopped(standing, kind, today, rules)
    left = total - used
    return Reckoning(
        kind=kind,
        unit=Unit.WORKING_DAY if span.unit is Unit.WORKING_DAY else Unit.DAY,
        total=total,
        used=used,
        left=left,
        due=due,
        provisional=_provisional(accepted, due, span.unit),
        overdue=overdue,
        stopped=stopped,
        ended=ended,
        light=_light(left, overdue, stopped, ended, rules.thresholds),
    )


def explain(standing: Standing, kind: LimitKind, until: dt.date, rules: Rules) -> tuple[Day, ...]:
    """Every day after acceptance up to and including `until` (or the clock's end): counted or not, and why."""
    span, accepted = standing.opening.limit(kind), standing.accepted_on
    if span is None or accepted is None:
        return ()
    ended = standing.ended_on(kind)
    last = min(ended, until) if ended else until
    return tuple(_day(standing, kind, day, rules) for day in _days(accepted + _DAY, last))


def answer_by(standing: Standing, rules: Rules) -> Deadline | None:
    """Until when the applicant must be told what is missing (行政许可法 Art. 32 (4)); None before 接件."""
    return add_working_days(standing.received_on, rules.notify_within) if standing.received_on else None


def deliver_by(standing: Standing, rules: Rules) -> Deadline | None:
    """Until when a licence that was granted must be delivered (Art. 44)."""
    if not standing.granted or standing.decided_on is None:
        return None
    return add_working_days(standing.decided_on, rules.deliver_within)


def _total(standing: Standing, kind: LimitKind, span: Span, accepted: dt.date) -> int:
    # Art. 42 prolongs the statutory limit; what the hall promised stays what it promised
    extended = standing.extended if kind is LimitKind.STATUTORY else 0
    if span.unit is Unit.MONTH:
        end = last_day(Limit(days=span.days, unit=Unit.MONTH, evidence=Grade.LAW), accepted)
        return (end.day - accepted).days + extended if end else extended
    return span.days + extended


def _due(standing: Standing, kind: LimitKind, total: int, today: dt.date, rules: Rules) -> dt.date:
    """The day on which the last unit is used up: as if a standstill without a known end ended today."""
    assert standing.accepted_on is not None
    known = replace(standing, stops=tuple(_known(one, today) for one in standing.stops))
    day, left = standing.accepted_on, total
    while left > 0:
        day += _DAY
        left -= _day(known, kind, day, rules).counted
    return day


def _known(still: StandStill, today: dt.date) -> StandStill:
    return still if still.ended or still.told_until else replace(still, ended=max(today, still.began))


def _day(standing: Standing, kind: LimitKind, day: dt.date, rules: Rules) -> Day:
    reason = _reason(standing, kind, day, rules)
    return Day(day, reason in _COUNTED, reason, not is_announced(day.year))


_COUNTED = frozenset({Reason.WORKING_DAY, Reason.CALENDAR_DAY, Reason.OVERRAN})
_STANDS_STILL = {Stop.SUPPLEMENT: Reason.SUPPLEMENT, Stop.PROCEDURE: Reason.PROCEDURE}


def _reason(standing: Standing, kind: LimitKind, day: dt.date, rules: Rules) -> Reason:
    span = standing.opening.limit(kind)
    assert span is not None
    if span.unit is Unit.WORKING_DAY and not is_working_day(day):
        return Reason.DAY_OFF
    stops = [one for one in standing.stops if one.stop in rules.stops(kind)]
    for still in stops:
        if still.covers(day):
            return _STANDS_STILL[still.stop]
    if any(still.overran(day) for still in stops):
        return Reason.OVERRAN
    return Reason.WORKING_DAY if span.unit is Unit.WORKING_DAY else Reason.CALENDAR_DAY


def _stopped(standing: Standing, kind: LimitKind, today: dt.date, rules: Rules) -> Stop | None:
    """Why the clock stands still: from the day the standstill began, although that day itself is counted."""
    for still in standing.stops:
        if still.ended is None and still.stop in rules.stops(kind) and not still.overran(today):
            return still.stop
    return None


def _light(left: int, overdue: bool, stopped: Stop | None, ended: dt.date | None, thresholds: Thresholds) -> Light:
    if ended:
        return Light.LATE if overdue else Light.DONE
    if stopped and not overdue:
        return Light.PAUSED
    left = min(left, -1) if overdue else left  # a weekend after the last day is late, though no working day has passed
    if left <= thresholds.red:
        return Light.RED
    return Light.YELLOW if thresholds.yellow is not None and left <= thresholds.yellow else Light.GREEN


def _provisional(first: dt.date, last: dt.date, unit: Unit) -> bool:
    """Whether days off that are not announced yet could move `last`; a limit in calendar days knows no days off."""
    return unit is Unit.WORKING_DAY and not all(is_announced(year) for year in range(first.year, last.year + 1))


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + n * _DAY for n in range((last - first).days + 1))
