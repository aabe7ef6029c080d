"""How this hall works: its numbers, hours, limits and patience. Configuration, not law."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.casework.assignment import Patience
from bot.casework.attempts import Limits
from bot.casework.numbers import NumberFormat
from bot.casework.ratings import RECTIFY_WITHIN
from bot.casework.rules import Rules
from bot.casework.slots import Hours, Period
from knowledge.hall import Hall, Opening
from knowledge.hall import Hours as OpenHours


@dataclass(frozen=True, slots=True)
class Office:
    """What a hall sets. `hours`: by hall (GB/T 2260); a hall that is not in it has no slots and offers a call-back."""

    hours: Mapping[str, Hours] = field(default_factory=dict)
    rules: Rules = Rules()
    patience: Patience = Patience()
    attempts: Limits = Limits()
    case_number: NumberFormat = NumberFormat()
    engagement_number: NumberFormat = NumberFormat(prefix="DB")  # 代办
    complaint_number: NumberFormat = NumberFormat(prefix="TS")  # 投诉
    # No rule was found for complaints as such: the hall goes by the limit of rectification (鲁政办发〔2020〕10号).
    complaint_days: int = RECTIFY_WITHIN  # working days
    complaints_at_most: int = 5  # of one chat that wait for an answer
    followers_at_most: int = 20  # chats besides the applicant's that are told of one dossier
    items_at_most: int = 20  # of one booking
    open_at_most: int = 5  # bookings of one chat that are not closed
    files_at_most: int = 30  # of one dossier
    file_bytes: int = 10 * 1024 * 1024
    messages_a_day: int = 100  # relayed, of one dossier
    login_minutes: int = 10  # that a one-time link to the console is good for
    session_hours: int = 8  # that a console session lasts
    invitation_days: int = 7


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def office_of(hall: Hall) -> Office:
    """The office with the hours that the hall has published; everything else as by default."""
    return Office(hours={code: _hours(opening) for code, opening in hall.opening.items()})


def _hours(opening: Opening) -> Hours:
    return Hours(
        usual=_periods(opening.usual),
        by_weekday=tuple((_WEEKDAYS.index(day), _periods(hours)) for day, hours in opening.by_weekday.items()),
        closed=frozenset(opening.closed),
        length=dt.timedelta(minutes=opening.minutes),
        capacity=opening.capacity,
        lead=dt.timedelta(hours=opening.lead_hours),
        horizon=opening.horizon,
    )


def _periods(hours: Iterable[OpenHours]) -> tuple[Period, ...]:
    return tuple(Period(dt.time.fromisoformat(one.opens), dt.time.fromisoformat(one.closes)) for one in hours)
