"""Working days in China, and the last day of a limit.

行政许可法 Art. 82: limits are working days, statutory holidays excluded. The State Council announces each year's days
off and make-up working weekends (全国年节及纪念日放假办法, 国务院办公厅's notice); the package `holidays` has them.
A year whose notice is not out has only the statutory holidays: a day reckoned across it is provisional.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cache

import holidays

from knowledge.model import Limit, Unit

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day of a limit."""

    day: dt.date
    provisional: bool = False  # reckoned across a year whose days off are not announced yet


def is_working_day(day: dt.date) -> bool:
    """Whether offices work on `day`, make-up weekends included."""
    return _calendar(day.year).is_working_day(day)


def is_announced(year: int) -> bool:
    """Whether the State Council's notice for `year` is known here."""
    return year in _calendar(year).special_public_holidays


def add_working_days(start: dt.date, days: int) -> Deadline:
    """The `days`-th working day after `start` (0 or more); the day of acceptance itself is not counted."""
    day = start
    for _ in range(days):
        day += _DAY
        while not is_working_day(day):
            day += _DAY
    return Deadline(day, not all(is_announced(year) for year in range(start.year, day.year + 1)))


def last_day(limit: Limit, accepted: dt.date) -> Deadline | None:
    """The last day of a limit for an application accepted on `accepted`; None where the limit has no number of days."""
    if limit.days is None or limit.days == 0:
        return None
    match limit.unit:
        case Unit.WORKING_DAY:
            return add_working_days(accepted, limit.days)
        case Unit.DAY:
            return Deadline(accepted + limit.days * _DAY)
        case Unit.MONTH:
            return Deadline(_months_later(accepted, limit.days))


def _months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last day (民法典 Art. 202)."""
    year, month = divmod(day.month - 1 + months, 12)
    first = dt.date(day.year + year, month + 1, 1)
    following = dt.date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return min(first.replace(day=1) + (day.day - 1) * _DAY, following - _DAY)


@cache
def _calendar(year: int) -> holidays.HolidayBase:
    return holidays.country_holidays("CN", years=[year])
