"""Telegram's sending limits, second by second."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.telegram.pace import Bucket, Limits, Pace, Window

LIMITS = Limits()


def sent_at(bucket: Bucket, wanted: list[float]) -> list[float]:
    """When messages go that are wanted at the given times, one after the other."""
    now, times = 0.0, []
    for want in wanted:
        now = max(now, want)
        now += bucket.wait(now)
        bucket.took(now)
        times.append(now)
    return times


def most_within(times: list[float], seconds: float) -> int:
    rounding = 1e-6
    return max(sum(1 for time in times if start <= time < start + seconds - rounding) for start in times)


def test_a_person_gets_a_short_burst_and_then_one_a_second() -> None:
    assert sent_at(Bucket(LIMITS.person_burst, LIMITS.person_every), [0.0] * 6) == [0, 0, 0, 1, 2, 3]


@given(st.lists(st.floats(0, 120), min_size=1, max_size=80).map(sorted))
@settings(deadline=None)
def test_a_group_never_gets_more_than_twenty_a_minute(wanted: list[float]) -> None:
    assert most_within(sent_at(Bucket(LIMITS.group_burst, LIMITS.group_every), wanted), 60) <= 20


@given(st.lists(st.floats(0, 20), min_size=1, max_size=60).map(sorted))
@settings(deadline=None)
def test_a_person_never_gets_more_than_three_in_a_second(wanted: list[float]) -> None:
    assert most_within(sent_at(Bucket(LIMITS.person_burst, LIMITS.person_every), wanted), 1) <= 3


def test_chats_do_not_wait_for_one_another() -> None:
    pace = Pace(LIMITS)
    for _ in range(5):
        pace.took("1", 10.0)
        pace.took("-1", 10.0)
    assert pace.wait("1", 10.0) == 3 and pace.wait("-1", 10.0) == 4
    assert pace.wait("2", 10.0) == 0


def test_all_together_are_thirty_a_second_with_those_under_way() -> None:
    window = Window(30)
    assert [window.wait(0.0) for _ in range(30)] == [0.0] * 30
    assert window.wait(0.5) > 0, "thirty are under way"
    for _ in range(30):
        window.finished(0.5)
    assert window.wait(1.2) > 0, "Telegram may have counted them at 0.5"
    assert window.wait(1.6) == 0
