"""Working days: the notice of 2025-11-04 for 2026, the law's way of counting, and honesty about later years."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from knowledge.model import Limit
from knowledge.working_days import add_working_days, is_announced, is_working_day, last_day

# 国务院办公厅关于2026年部分节假日安排的通知 (2025-11-04)
OFF = ["01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07"]
MADE_UP = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
DAYS_OF_2026 = some.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize("span", OFF)
def test_days_off_in_2026(span: str) -> None:
    first, last = map(day, span.split("/"))
    while first <= last:
        assert not is_working_day(first), first
        first += dt.timedelta(days=1)


@pytest.mark.parametrize("made_up", MADE_UP)
def test_weekends_worked_in_2026(made_up: str) -> None:
    assert day(made_up).weekday() >= 5
    assert is_working_day(day(made_up))


@pytest.mark.parametrize(
    ("accepted", "days", "last"),
    [
        ("11-23", 1, "11-24"),
        ("11-20", 1, "11-23"),  # Friday to Monday
        ("09-24", 1, "09-28"),  # Mid-Autumn: off 25 to 27
        ("09-18", 1, "09-20"),  # Sunday the 20th is worked
        ("09-30", 1, "10-08"),
        ("11-23", 0, "11-23"),
    ],
)
def test_the_day_of_acceptance_is_not_counted(accepted: str, days: int, last: str) -> None:
    deadline = add_working_days(day(accepted), days)
    assert (deadline.day, deadline.provisional) == (day(last), False)


def test_a_limit_that_runs_into_an_unannounced_year_is_provisional() -> None:
    assert is_announced(2026)
    assert not is_announced(2099)
    assert add_working_days(dt.date(2098, 12, 30), 20).provisional


@given(DAYS_OF_2026, some.integers(0, 60), some.integers(0, 60))
def test_adding_in_two_steps_is_adding_at_once(start: dt.date, one: int, two: int) -> None:
    assert add_working_days(add_working_days(start, one).day, two).day == add_working_days(start, one + two).day


@given(DAYS_OF_2026, some.integers(1, 60))
def test_a_limit_ends_on_a_working_day_and_counts_them_all(start: dt.date, days: int) -> None:
    last = add_working_days(start, days).day
    worked = [start + dt.timedelta(days=n) for n in range(1, (last - start).days + 1)]
    assert is_working_day(last)
    assert sum(map(is_working_day, worked)) == days


@pytest.mark.parametrize(
    ("days", "unit", "last"),
    [
        (20, "工作日", "2026-02-25"),
        (60, "日", "2026-03-22"),
        (1, "个月", "2026-02-21"),
        (0, "工作日", None),
        (None, "工作日", None),
    ],
)
def test_each_unit_is_counted_its_own_way(days: int | None, unit: str, last: str | None) -> None:
    limit = Limit.model_validate({"days": days, "unit": unit, "evidence": "law"})
    deadline = last_day(limit, dt.date(2026, 1, 21))
    assert (deadline.day.isoformat() if deadline else None) == last


def test_a_month_from_the_31st_ends_with_the_shorter_month() -> None:
    limit = Limit.model_validate({"days": 1, "unit": "个月", "evidence": "law"})
    deadline = last_day(limit, dt.date(2026, 1, 31))
    assert deadline and deadline.day == dt.date(2026, 2, 28)
