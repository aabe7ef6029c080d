"""Look-ups: whoever fails waits, nobody waits for another's failures, and wrong is not told from absent."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.casework.attempts import Failure, Limits, look_up, wait_until
from bot.casework.numbers import hash_password
from bot.casework.refusal import Refusal, Why
from tests.casework.walks import at

LIMITS = Limits()
NOW = at("03-02")
SECOND = dt.timedelta(seconds=1)
STORED = hash_password("ABCD2345", bytes(16))

failures = some.lists(
    some.builds(
        Failure,
        some.integers(0, 90_000).map(lambda ago: NOW - ago * SECOND),
        some.sampled_from(["mine", "b", "c"]),
        some.sampled_from(["C1", "C2"]),
    ),
    max_size=40,
)


@pytest.mark.parametrize(
    ("count", "seconds"), [(0, 0), (1, 0), (3, 0), (4, 30), (5, 60), (6, 120), (9, 960), (11, 3600), (500, 3600)]
)
def test_waiting_times_grow_with_a_chats_own_failures(count: int, seconds: int) -> None:
    mine = [Failure(NOW, "mine", f"C{n}") for n in range(count)]
    assert wait_until(mine, "mine", "C1", NOW, LIMITS) == NOW + seconds * SECOND


@given(failures)
def test_nobody_can_make_another_chat_wait(others: list[Failure]) -> None:
    assert wait_until([one for one in others if one.chat != "mine"], "mine", "C1", NOW, LIMITS) <= NOW


@given(failures)
def test_no_wait_is_longer_than_the_longest(many: list[Failure]) -> None:
    assert wait_until(many, "mine", "C1", NOW, LIMITS) <= NOW + LIMITS.longest_wait


@given(failures)
def test_another_failure_never_shortens_the_wait(many: list[Failure]) -> None:
    more = [*many, Failure(NOW, "mine", "C1")]
    assert wait_until(more, "mine", "C1", NOW, LIMITS) >= min(wait_until(many, "mine", "C1", NOW, LIMITS), NOW)
    assert wait_until(more, "mine", "C1", NOW, LIMITS) >= NOW


@given(failures)
def test_failures_are_forgotten(many: list[Failure]) -> None:
    later = NOW + LIMITS.forgotten_after
    assert wait_until(many, "mine", "C1", later, LIMITS) <= later


def test_on_a_case_that_many_try_a_chat_that_failed_has_no_free_tries() -> None:
    others = [Failure(NOW, f"x{n}", "C1") for n in range(10)]
    mine = Failure(NOW, "mine", "C1")
    assert wait_until([*others, mine], "mine", "C1", NOW, LIMITS) == NOW + LIMITS.first_wait
    assert wait_until([*others, mine], "mine", "C2", NOW, LIMITS) == NOW
    assert wait_until([*others, mine], "fresh", "C1", NOW, LIMITS) == NOW


@pytest.mark.parametrize("wrong", ["ABCD2346", "", " ", "ABCD234", "密码", "A" * 10_000])
def test_wrong_and_absent_get_the_same_answer(wrong: str) -> None:
    assert look_up(wrong, STORED, NOW, NOW) == look_up(wrong, None, NOW, NOW) == Refusal(Why.NO_MATCH)
    assert look_up("ABCD2345", None, NOW, NOW) == Refusal(Why.NO_MATCH)


def test_the_right_password_opens_but_not_while_waiting() -> None:
    assert look_up("abcd 2345", STORED, NOW, NOW) is None
    later = NOW + SECOND
    waiting = Refusal(Why.WAIT, moment=later)
    assert look_up("ABCD2345", STORED, later, NOW) == look_up("wrong", STORED, later, NOW) == waiting
