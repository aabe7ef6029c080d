"""Appointments: never more than there are places, whoever does what and when."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.casework.refusal import Refusal, Why
from bot.casework.slots import (
    Booking,
    CallBack,
    Change,
    Diary,
    Hours,
    Period,
    Request,
    Status,
    cancel,
    confirm,
    expire,
    free,
    hold,
    is_provisional,
    promote,
    remind_on,
    reminders,
    slots,
    wait,
)
from bot.casework.slots import opens as opens_next
from bot.casework.terms import CHINA
from tests.casework.walks import at, day

HOURS = Hours(usual=(Period(dt.time(9), dt.time(11)), Period(dt.time(14), dt.time(15, 15))))
NOW = at("03-02", 8)
SLOT = dt.datetime(2026, 3, 3, 9, 0, tzinfo=CHINA)
NEXT = SLOT + dt.timedelta(minutes=30)
MINUTES = dt.timedelta(minutes=1)


def held(diary: Diary, name: str, starts: dt.datetime = SLOT, hours: Hours = HOURS, replaces: str = "") -> Diary:
    found = hold(hours, diary, Request(f"{name}-{starts:%H%M}", name, starts, replaces), NOW)
    assert isinstance(found, Booking), found
    return diary.with_(found)


def confirmed(diary: Diary, name: str, starts: dt.datetime = SLOT, now: dt.datetime = NOW) -> Diary:
    change = confirm(HOURS, diary, f"{name}-{starts:%H%M}", name, now)
    assert isinstance(change, Change), change
    return diary.with_(*change.write)


def test_a_days_slots() -> None:
    assert [f"{one:%H:%M}" for one in slots(HOURS, SLOT.date())] == [
        "09:00",
        "09:30",
        "10:00",
        "10:30",
        "14:00",
        "14:30",
    ]


def test_weekdays_may_differ_and_days_may_be_closed() -> None:
    hours = replace(HOURS, by_weekday=((4, (Period(dt.time(9), dt.time(10)),)),), closed=frozenset({day("03-03")}))
    assert [f"{one:%H:%M}" for one in slots(hours, day("03-06"))] == ["09:00", "09:30"]
    assert list(slots(hours, day("03-03"))) == []


@pytest.mark.parametrize(("date", "is_open"), [("02-28", True), ("03-01", False), ("10-01", False), ("10-10", True)])
def test_slots_are_on_working_days_make_up_weekends_included(date: str, is_open: bool) -> None:
    assert any(slots(HOURS, day(date))) is is_open


def test_a_hall_whose_hours_are_not_known_offers_a_call_back() -> None:
    assert free(None, Diary(), NOW, 5) == CallBack(Why.NO_HOURS)
    assert hold(None, Diary(), Request("x", "li", SLOT), NOW) == Refusal(Why.NO_HOURS)


def test_free_slots_keep_the_lead_time_and_leave_out_what_is_full() -> None:
    found = free(HOURS, held(Diary(), "li", dt.datetime(2026, 3, 2, 10, 30, tzinfo=CHINA)), NOW, 3)
    assert isinstance(found, tuple)
    assert [f"{one:%d %H:%M}" for one in found] == ["02 10:00", "02 14:00", "02 14:30"]


def test_free_slots_end_at_the_horizon() -> None:
    found = free(replace(HOURS, horizon=1), Diary(), NOW, 100)
    assert isinstance(found, tuple) and {one.date() for one in found} == {day("03-02"), day("03-03")}


@pytest.mark.parametrize(
    ("starts", "why"),
    [
        (NOW + dt.timedelta(hours=1), Why.TOO_SOON),
        (NOW - dt.timedelta(days=1), Why.TOO_SOON),
        (SLOT + dt.timedelta(minutes=7), Why.NO_SUCH_SLOT),
        (SLOT + dt.timedelta(days=60), Why.NO_SUCH_SLOT),
    ],
)
def test_only_what_is_offered_can_be_held(starts: dt.datetime, why: Why) -> None:
    outcome = hold(HOURS, Diary(), Request("x", "li", starts), NOW)
    assert isinstance(outcome, Refusal) and outcome.why is why


def test_the_last_place_has_one_winner() -> None:
    diary = held(Diary(), "li")
    assert hold(HOURS, diary, Request("x", "sun", SLOT), NOW) == Refusal(Why.FULL)


def test_a_hold_lasts_fifteen_minutes() -> None:
    diary = held(Diary(), "li")
    before, after = NOW + 14 * MINUTES, NOW + 15 * MINUTES
    assert hold(HOURS, diary, Request("x", "sun", SLOT), before) == Refusal(Why.FULL)
    assert isinstance(hold(HOURS, diary, Request("x", "sun", SLOT), after), Booking)
    assert [one.status for one in expire(diary, after).write] == [Status.RELEASED]
    assert expire(diary, after).freed == (SLOT,) and expire(diary, before) == Change(())


@pytest.mark.parametrize("written_down", [True, False])
def test_a_hold_that_ran_out_will_do_while_there_is_room(written_down: bool) -> None:
    later = NOW + 20 * MINUTES
    diary = held(Diary(), "li")
    diary = diary.with_(*expire(diary, later).write) if written_down else diary
    assert confirmed(diary, "li", now=later).taken(SLOT, later) == 1
    other = hold(HOURS, diary, Request("sun-0900", "sun", SLOT), later)
    assert isinstance(other, Booking)
    assert confirm(HOURS, diary.with_(other), "li-0900", "li", later) == Refusal(Why.EXPIRED)


def test_the_old_slot_is_given_up_only_when_the_new_one_is_confirmed() -> None:
    diary = held(confirmed(held(Diary(), "li"), "li"), "li", NEXT, replaces="li-0900")
    assert diary.taken(SLOT, NOW) == diary.taken(NEXT, NOW) == 1
    change = confirm(HOURS, diary, "li-0930", "li", NOW)
    assert isinstance(change, Change) and change.freed == (SLOT,)
    diary = diary.with_(*change.write)
    assert (diary.taken(SLOT, NOW), diary.taken(NEXT, NOW)) == (0, 1)


def test_a_change_does_not_count_against_the_limit_but_a_third_appointment_does() -> None:
    diary = confirmed(held(confirmed(held(Diary(), "li"), "li"), "li", NEXT), "li", NEXT)
    third = SLOT + dt.timedelta(hours=1)
    assert hold(HOURS, diary, Request("x", "li", third), NOW) == Refusal(Why.TOO_MANY, number=2)
    assert isinstance(hold(HOURS, diary, Request("x", "li", third, "li-0930"), NOW), Booking)


def test_what_is_another_persons_is_not_there() -> None:
    diary = confirmed(held(Diary(), "li"), "li")
    assert cancel(diary, "li-0900", "sun", NOW) == Refusal(Why.NO_SUCH_BOOKING)
    assert confirm(HOURS, diary, "li-0900", "sun", NOW) == Refusal(Why.NO_SUCH_BOOKING)
    assert hold(HOURS, diary, Request("x", "sun", NEXT, "li-0900"), NOW) == Refusal(Why.NO_SUCH_BOOKING)


def test_pressed_twice_happens_once() -> None:
    diary = confirmed(held(Diary(), "li"), "li")
    assert confirm(HOURS, diary, "li-0900", "li", NOW) == Change(())
    change = cancel(diary, "li-0900", "li", NOW)
    assert isinstance(change, Change) and change.freed == (SLOT,)
    assert cancel(diary.with_(*change.write), "li-0900", "li", NOW) == Change(())
    assert confirm(HOURS, diary.with_(*change.write), "li-0900", "li", NOW) == Refusal(Why.NO_SUCH_BOOKING)


def test_the_first_who_waits_gets_the_place_that_came_free() -> None:
    diary = confirmed(held(Diary(), "li"), "li")
    for n, name in enumerate(["sun", "zhao"]):
        waiting = wait(HOURS, diary, Request(f"{name}-0900", name, SLOT), NOW + n * MINUTES)
        assert isinstance(waiting, Booking)
        diary = diary.with_(waiting)
    assert promote(HOURS, diary, SLOT, NOW) is None
    change = cancel(diary, "li-0900", "li", NOW)
    assert isinstance(change, Change)
    first = promote(HOURS, diary.with_(*change.write), SLOT, NOW + 5 * MINUTES)
    assert first and (first.applicant, first.status, first.held_until) == ("sun", Status.HELD, NOW + 20 * MINUTES)


def test_nobody_waits_for_a_slot_that_has_room_nor_twice() -> None:
    assert wait(HOURS, Diary(), Request("x", "sun", SLOT), NOW) == Refusal(Why.NOT_FULL)
    diary = held(Diary(), "li")
    waiting = wait(HOURS, diary, Request("x", "sun", SLOT), NOW)
    assert isinstance(waiting, Booking)
    assert wait(HOURS, diary.with_(waiting), Request("y", "sun", SLOT), NOW) == waiting


@pytest.mark.parametrize(
    ("slot", "reminder"), [("03-03", "03-02"), ("03-09", "03-06"), ("10-08", "09-30"), ("10-12", "10-10")]
)
def test_the_reminder_comes_the_working_day_before(slot: str, reminder: str) -> None:
    assert remind_on(at(slot)).day == day(reminder)


def test_a_reminder_is_for_those_who_booked_before_that_day() -> None:
    diary = confirmed(held(Diary(), "li", at("03-04", 9)), "li", at("03-04", 9))
    assert [one.applicant for one in reminders(diary, at("03-03", 9))] == ["li"]
    assert reminders(diary, at("03-02", 9)) == reminders(diary, at("03-04", 10)) == ()
    tomorrow = confirmed(held(Diary(), "li"), "li")
    assert reminders(tomorrow, NOW) == ()  # booked today for tomorrow


def test_a_slot_in_a_year_without_notice_is_provisional() -> None:
    assert is_provisional(dt.datetime(2099, 3, 3, 9, tzinfo=CHINA)) and not is_provisional(SLOT)


class Hall(RuleBasedStateMachine):
    """People hold, confirm, change, cancel and wait at random; the hall never has more people than places."""

    @initialize(capacity=some.integers(1, 2))
    def opened(self, capacity: int) -> None:
        self.hours = replace(HOURS, capacity=capacity)
        self.diary = Diary()
        self.now = NOW
        self.count = 0

    who = some.sampled_from(["li", "sun", "zhao"])
    when = some.sampled_from([SLOT, NEXT])

    def _write(self, outcome: Booking | Change | Refusal | None) -> None:
        match outcome:
            case Booking():
                self.diary = self.diary.with_(outcome)
            case Change():
                self.diary = self.diary.with_(*outcome.write)
                for starts in outcome.freed:
                    self._write(promote(self.hours, self.diary, starts, self.now))

    def _request(self, name: str, starts: dt.datetime, change: bool) -> Request:
        self.count += 1
        mine = [one.id for one in self.diary.of(name, self.now)]
        return Request(str(self.count), name, starts, mine[0] if change and mine else "")

    @rule(name=who, starts=when, change=some.booleans())
    def holds(self, name: str, starts: dt.datetime, change: bool) -> None:
        self._write(hold(self.hours, self.diary, self._request(name, starts, change), self.now))

    @rule(name=who, starts=when, change=some.booleans())
    def waits(self, name: str, starts: dt.datetime, change: bool) -> None:
        self._write(wait(self.hours, self.diary, self._request(name, starts, change), self.now))

    @rule(name=who, data=some.data(), cancels=some.booleans())
    def presses(self, name: str, data: some.DataObject, cancels: bool) -> None:
        if not self.diary.bookings:
            return
        booking = data.draw(some.sampled_from(self.diary.bookings)).id
        before = self.diary
        if cancels:
            self._write(cancel(self.diary, booking, name, self.now))
            return
        outcome = confirm(self.hours, self.diary, booking, name, self.now)
        self._write(outcome)
        given_up = [one for one in self.diary.bookings if one.status is Status.CHANGED]
        assert len(given_up) <= sum(one.status is Status.CHANGED for one in before.bookings) + 1

    @rule(minutes=some.integers(0, 40))
    def time_passes(self, minutes: int) -> None:
        self.now += minutes * MINUTES

    @rule()
    def holds_run_out(self) -> None:
        self._write(expire(self.diary, self.now))

    @invariant()
    def never_more_people_than_places(self) -> None:
        for starts in (SLOT, NEXT):
            assert self.diary.taken(starts, self.now) <= self.hours.capacity

    @invariant()
    def nobody_waits_twice_for_the_same(self) -> None:
        for starts in (SLOT, NEXT):
            names = [one.applicant for one in self.diary.waiting(starts)]
            assert len(names) == len(set(names))

    @invariant()
    def whoever_changed_has_the_new_appointment(self) -> None:
        for old in self.diary.bookings:
            if old.status is Status.CHANGED:
                assert any(one.replaces == old.id and one.status is not Status.WAITING for one in self.diary.bookings)


Hall.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestHall = Hall.TestCase


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-30 08:00", "2026-11-30 09:00"),  # Monday, before it opens
        ("2026-11-30 10:15", "2026-11-30 10:15"),  # somebody is there
        ("2026-11-30 12:00", "2026-11-30 14:00"),  # over noon
        ("2026-12-04 18:00", "2026-12-07 09:00"),  # Friday evening: over the weekend
        ("2026-09-30 18:00", "2026-10-08 09:00"),  # over the National Day holidays
    ],
)
def test_when_somebody_is_there_next(now: str, opens: str) -> None:
    noon = Hours((Period(dt.time(9), dt.time(12)), Period(dt.time(14), dt.time(17))))
    at, then = (dt.datetime.fromisoformat(one).replace(tzinfo=CHINA) for one in (now, opens))
    assert opens_next(noon, at) == then


def test_nobody_is_there_within_the_horizon() -> None:
    assert opens_next(Hours(()), dt.datetime(2026, 11, 30, 9, tzinfo=CHINA)) is None
