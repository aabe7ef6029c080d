"""Days as people write them: 12月15日, 2026-12-15, 15 December, 明天, 10个工作日."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata

from knowledge.working_days import add_working_days

FARTHEST = 400  # days or working days ahead that are reckoned
JUST_PAST = dt.timedelta(days=60)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<year>\d{4})\s*[-/.年]\s*(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<month>\d{1,2})\s*[-/.月]\s*(?P<day>\d{1,2})\s*[日号]?",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s*{_MONTH}(?:,?\s*(?P<year>\d{{4}}))?",
        rf"{_MONTH}\s*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s*(?P<year>\d{{4}}))?",
    )
)
_WORKING_DAYS = re.compile(r"(?P<number>\d{1,3})\s*(?:个?工作日|working days?)(?:内|后|之内|之后)?")
_DAYS = re.compile(r"(?P<number>\d{1,3})\s*(?:天|日|days?)(?:内|后|之内|之后)?")
_SAID = {"今天": 0, "明天": 1, "后天": 2, "大后天": 3, "today": 0, "tomorrow": 1}


def read_day(text: str, today: dt.date) -> dt.date | None:
    """The day that `text` names; None for anything else. One without a year is the next that comes, but for a day of
    the last weeks: that is taken for what it is, past, and not for one in a year."""
    said = unicodedata.normalize("NFKC", text).strip().casefold()
    if said in _SAID:
        return today + dt.timedelta(days=_SAID[said])
    if match := _WORKING_DAYS.fullmatch(said):
        return add_working_days(today, min(int(match["number"]), FARTHEST)).day
    if match := _DAYS.fullmatch(said):
        return today + dt.timedelta(days=min(int(match["number"]), FARTHEST))
    found = next(filter(None, (pattern.fullmatch(said) for pattern in _DATES)), None)
    return _day(found.groupdict(), today) if found else None


def _day(parts: dict[str, str | None], today: dt.date) -> dt.date | None:
    name = parts.get("name")
    month = _MONTHS.index(name) + 1 if name else int(parts["month"] or 0)
    day = int(parts["day"] or 0)
    if year := parts.get("year"):
        return _date(int(year), month, day)
    since = today - JUST_PAST
    years = range(since.year, since.year + 6)  # 29 February comes in four years
    return next((one for year in years if (one := _date(year, month, day)) and one >= since), None)


def _date(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None
