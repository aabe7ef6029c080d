"""Meeting an agent: slots with a capacity, held for fifteen minutes, confirmed, changed, cancelled, waited for.

Everything here decides over a diary, which is all bookings of one hall. The caller reads the diary, decides and writes
in one transaction, so two people can never get the last place. A hall whose hours are not known offers a call-back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.casework.refusal import Refusal, Why
from bot.casework.terms import CHINA, Term, day_of
from knowledge.working_days import Deadline, is_announced, is_working_day

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Opening hours of a working day, China time."""

    opens: dt.time
    closes: dt.time


@dataclass(frozen=True, slots=True)
class Hours:
    """A hall's hours and how it gives appointments: configuration. A hall without it has no slots."""

    usual: tuple[Period, ...]
    by_weekday: tuple[tuple[int, tuple[Period, ...]], ...] = ()  # 0 is Monday; also for working weekends
    closed: frozenset[dt.date] = frozenset()
    length: dt.timedelta = dt.timedelta(minutes=30)
    capacity: int = 1  # appointments at the same time
    lead: dt.timedelta = dt.timedelta(hours=2)  # no slot sooner than this
    horizon: int = 30  # days ahead
    per_applicant: int = 2  # appointments and holds of one applicant in the future
    hold: dt.timedelta = dt.timedelta(minutes=15)

    def on(self, day: dt.date) -> tuple[Period, ...]:
        """The periods open on `day`; none on a day off."""
        if day in self.closed or not is_working_day(day):
            return ()
        return dict(self.by_weekday).get(day.weekday(), self.usual)


@dataclass(frozen=True, slots=True)
class CallBack:
    """Instead of a slot: the agent rings. `reason` says why."""

    reason: Why = Why.NO_HOURS


class Status(Term):
    HELD = "held", "保留"
    CONFIRMED = "confirmed", "已预约"
    WAITING = "waiting", "候补"
    RELEASED = "released", "已释放"  # the hold ran out
    CHANGED = "changed", "已改约"
    CANCELLED = "cancelled", "已取消"


@dataclass(frozen=True, slots=True)
class Booking:
    """One appointment, hold or place in the waiting list."""

    id: str
    applicant: str  # an opaque key
    starts: dt.datetime
    status: Status
    made_at: dt.datetime
    held_until: dt.datetime | None = None
    replaces: str = ""  # the booking that is given up when this one is confirmed

    def occupies(self, now: dt.datetime) -> bool:
        """Whether it takes a place: confirmed, or held and the hold has not run out."""
        if self.status is Status.HELD:
            return self.held_until is not None and now < self.held_until
        return self.status is Status.CONFIRMED


@dataclass(frozen=True, slots=True)
class Diary:
    """All bookings of a hall. `version` grows with every write, so that nobody writes on an old reading."""

    bookings: tuple[Booking, ...] = ()
    version: int = 0

    def find(self, booking: str) -> Booking | None:
        return next((one for one in self.bookings if one.id == booking), None)

    def taken(self, starts: dt.datetime, now: dt.datetime) -> int:
        return sum(one.starts == starts and one.occupies(now) for one in self.bookings)

    def of(self, applicant: str, now: dt.datetime) -> tuple[Booking, ...]:
        """An applicant's bookings that are still to come."""
        mine = (one for one in self.bookings if one.applicant == applicant)
        return tuple(one for one in mine if one.occupies(now) and one.starts > now)

    def waiting(self, starts: dt.datetime) -> tuple[Booking, ...]:
        """The waiting list of a slot, first come first."""
        found = (one for one in self.bookings if one.starts == starts and one.status is Status.WAITING)
        return tuple(sorted(found, key=lambda one: (one.made_at, one.id)))

    def with_(self, *changed: Booking) -> Diary:
        """The diary with bookings added, or put in place of those with the same id."""
        new = {one.id: one for one in changed}
        kept = tuple(new.pop(one.id, one) for one in self.bookings)
        return Diary(kept + tuple(new.values()), self.version)


@dataclass(frozen=True, slots=True)
class Request:
    """Who wants which slot. `id` is the new booking's; `replaces` an own booking that is to be changed."""

    id: str
    applicant: str
    starts: dt.datetime
    replaces: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """What a decision does to the diary: bookings to write, and places that came free (ring the waiting list)."""

    write: tuple[Booking, ...]
    freed: tuple[dt.datetime, ...] = field(default=())


def slots(hours: Hours, day: dt.date) -> Iterator[dt.datetime]:
    """The beginnings of a day's slots, China time."""
    for period in hours.on(day):
        start, end = (dt.datetime.combine(day, time, CHINA) for time in (period.opens, period.closes))
        while start + hours.length <= end:
            yield start
            start += hours.length


def free(hours: Hours | None, diary: Diary, now: dt.datetime, limit: int) -> tuple[dt.datetime, ...] | CallBack:
    """The next slots with a place, `limit` at most; a call-back where the hall's hours are not known."""
    if hours is None:
        return CallBack()
    found: list[dt.datetime] = []
    for day in (day_of(now) + n * _DAY for n in range(hours.horizon + 1)):
        for starts in slots(hours, day):
            if starts >= now + hours.lead and diary.taken(starts, now) < hours.capacity:
                found.append(starts)
            if len(found) == limit:
                return tuple(found)
    return tuple(found)


def opens(hours: Hours, now: dt.datetime) -> dt.datetime | None:
    """When somebody is there next: `now` itself during opening hours; None where none come within the horizon."""
    for day in (day_of(now) + n * _DAY for n in range(hours.horizon + 1)):
        for period in hours.on(day):
            start, end = (dt.datetime.combine(day, time, CHINA) for time in (period.opens, period.closes))
            if now < end:
                return max(now, start)
    return None


def is_provisional(starts: dt.datetime) -> bool:
    """Whether the slot lies in a year whose days off are not announced yet."""
    return not is_announced(day_of(starts).year)


def hold(hours: Hours | None, diary: Diary, wanted: Request, now: dt.datetime) -> Booking | Refusal:
    """Keep a place for `hours.hold`. What is to be changed keeps its own place until the new one is confirmed."""
    refused = _bookable(hours, wanted.starts, now) or _old_one_missing(diary, wanted, now)
    if refused:
        return refused
    assert hours is not None
    if no_room := _no_room(hours, diary, wanted, now):
        return no_room
    until = min(now + hours.hold, wanted.starts)
    return Booking(wanted.id, wanted.applicant, wanted.starts, Status.HELD, now, until, wanted.replaces)


def confirm(hours: Hours | None, diary: Diary, booking: str, applicant: str, now: dt.datetime) -> Change | Refusal:
    """Make a hold an appointment and give up the one it replaces. A hold that ran out will do while there is room."""
    found = diary.find(booking)
    if found is None or found.applicant != applicant:
        return Refusal(Why.NO_SUCH_BOOKING)
    if found.status is Status.CONFIRMED:
        return Change(())  # pressed twice
    if found.status not in (Status.HELD, Status.RELEASED):
        return Refusal(Why.NO_SUCH_BOOKING)
    if not found.occupies(now) and _gone(hours, diary, found, now):
        return Refusal(Why.EXPIRED)
    confirmed = replace(found, status=Status.CONFIRMED, held_until=None)
    old = diary.find(found.replaces) if found.replaces else None
    if old is None or not old.occupies(now):
        return Change((confirmed,))
    return Change((confirmed, replace(old, status=Status.CHANGED, held_until=None)), freed=(old.starts,))


def cancel(diary: Diary, booking: str, applicant: str, now: dt.datetime) -> Change | Refusal:
    """Give up an own appointment, hold or place in the waiting list."""
    found = diary.find(booking)
    if found is None or found.applicant != applicant or found.starts <= now:
        return Refusal(Why.NO_SUCH_BOOKING)
    if found.status is Status.CANCELLED:
        return Change(())  # pressed twice
    if found.status not in (Status.HELD, Status.CONFIRMED, Status.WAITING):
        return Refusal(Why.NO_SUCH_BOOKING)
    freed = (found.starts,) if found.occupies(now) else ()
    return Change((replace(found, status=Status.CANCELLED, held_until=None),), freed)


def cancel_all(diary: Diary, applicant: str, now: dt.datetime) -> Change:
    """Give up everything of an applicant that is still to come."""
    live = (Status.HELD, Status.CONFIRMED, Status.WAITING)
    over = [one for one in diary.bookings if one.applicant == applicant and one.starts > now and one.status in live]
    cancelled = tuple(replace(one, status=Status.CANCELLED, held_until=None) for one in over)
    return Change(cancelled, tuple(sorted({one.starts for one in over if one.occupies(now)})))


def expire(diary: Diary, now: dt.datetime) -> Change:
    """Holds that ran out, to be written down as released; their places have been free since then."""
    over = [one for one in diary.bookings if one.status is Status.HELD and not one.occupies(now)]
    released = tuple(replace(one, status=Status.RELEASED, held_until=None) for one in over)
    return Change(released, tuple(sorted({one.starts for one in over if one.starts > now})))


def wait(hours: Hours | None, diary: Diary, wanted: Request, now: dt.datetime) -> Booking | Refusal:
    """A place in the waiting list of a slot that is full."""
    refused = _bookable(hours, wanted.starts, now) or _old_one_missing(diary, wanted, now)
    if refused:
        return refused
    assert hours is not None
    if diary.taken(wanted.starts, now) < hours.capacity:
        return Refusal(Why.NOT_FULL)
    waits = [one for one in diary.bookings if one.applicant == wanted.applicant and one.status is Status.WAITING]
    same = next((one for one in waits if one.starts == wanted.starts), None)
    if same:
        return same
    if len([one for one in waits if one.starts > now]) >= hours.per_applicant:
        return Refusal(Why.TOO_MANY, number=hours.per_applicant)
    return Booking(wanted.id, wanted.applicant, wanted.starts, Status.WAITING, now, replaces=wanted.replaces)


def promote(hours: Hours | None, diary: Diary, starts: dt.datetime, now: dt.datetime) -> Booking | None:
    """The first of a slot's waiting list, holding the place that came free: to be told, and to confirm in time."""
    if _bookable(hours, starts, now) is not None:
        return None
    assert hours is not None
    if diary.taken(starts, now) >= hours.capacity:
        return None
    first = next(iter(diary.waiting(starts)), None)
    return replace(first, status=Status.HELD, held_until=min(now + hours.hold, starts)) if first else None


def remind_on(starts: dt.datetime) -> Deadline:
    """The working day before an appointment."""
    day = day_of(starts) - _DAY
    while not is_working_day(day):
        day -= _DAY
    return Deadline(day, not (is_announced(day.year) and is_announced(day_of(starts).year)))


def reminders(diary: Diary, now: dt.datetime) -> tuple[Booking, ...]:
    """Appointments of which their applicants are to be reminded by now; who was told already is the caller's to know.

    Nobody is reminded of an appointment made on the reminder's own day or after it.
    """
    today = day_of(now)
    coming = (one for one in diary.bookings if one.status is Status.CONFIRMED and one.starts > now)
    return tuple(one for one in coming if day_of(one.made_at) < remind_on(one.starts).day <= today)


def _bookable(hours: Hours | None, starts: dt.datetime, now: dt.datetime) -> Refusal | None:
    if hours is None:
        return Refusal(Why.NO_HOURS)
    if starts < now + hours.lead:
        return Refusal(Why.TOO_SOON, moment=now + hours.lead)
    day = day_of(starts)
    if day > day_of(now) + hours.horizon * _DAY or starts not in slots(hours, day):
        return Refusal(Why.NO_SUCH_SLOT)
    return None


def _no_room(hours: Hours, diary: Diary, wanted: Request, now: dt.datetime) -> Refusal | None:
    if diary.taken(wanted.starts, now) >= hours.capacity:
        return Refusal(Why.FULL)
    others = [one for one in diary.of(wanted.applicant, now) if one.id not in (wanted.replaces, wanted.id)]
    return Refusal(Why.TOO_MANY, number=hours.per_applicant) if len(others) >= hours.per_applicant else None


def _gone(hours: Hours | None, diary: Diary, found: Booking, now: dt.datetime) -> bool:
    """Whether the place of a hold that ran out can no longer be had."""
    if hours is None or _bookable(hours, found.starts, now):
        return True
    wanted = Request(found.id, found.applicant, found.starts, found.replaces)
    return _no_room(hours, diary, wanted, now) is not None


def _old_one_missing(diary: Diary, wanted: Request, now: dt.datetime) -> Refusal | None:
    if not wanted.replaces:
        return None
    old = diary.find(wanted.replaces)
    mine = old is not None and old.applicant == wanted.applicant and old.occupies(now) and old.starts > now
    return None if mine else Refusal(Why.NO_SUCH_BOOKING)
