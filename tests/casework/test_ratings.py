"""好差评 and complaints, sentence by sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.casework.ratings import Complaint, Level, Opinion, Rating, Reason, complain, rate
from bot.casework.refusal import Refusal, Why
from tests.casework.walks import at, day

CLOSED = day("03-02")


def rated(opinion: Opinion, closed_on: dt.date | None = CLOSED, earlier: Rating | None = None, on: str = "03-03"):
    return rate("C1", opinion, closed_on, earlier, at(on))


def test_there_are_five_levels_and_the_last_two_are_poor() -> None:
    assert [level.zh for level in Level] == ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]
    assert [level.is_poor for level in Level] == [False, False, False, True, True]


@pytest.mark.parametrize("level", list(Level))
def test_the_two_lowest_need_a_reason(level: Level) -> None:
    silent = rated(Opinion(level))
    assert silent == (Refusal(Why.REASON_NEEDED) if level.is_poor else Rating("C1", Opinion(level), at("03-03")))
    assert isinstance(rated(Opinion(level, (Reason.DELAY,))), Rating)
    assert isinstance(rated(Opinion(level, text="等了三个小时")), Rating)


def test_other_alone_is_no_reason() -> None:
    assert rated(Opinion(Level.DISSATISFIED, (Reason.OTHER,), "  ")) == Refusal(Why.REASON_NEEDED)
    assert isinstance(rated(Opinion(Level.DISSATISFIED, (Reason.OTHER,), "材料丢了")), Rating)


def test_a_matter_is_rated_once() -> None:
    first = rated(Opinion(Level.SATISFIED))
    assert isinstance(first, Rating)
    assert rated(Opinion(Level.SATISFIED), earlier=first) == Refusal(Why.ALREADY_RATED)


def test_a_rating_may_be_given_within_five_working_days_of_the_end() -> None:
    assert isinstance(rated(Opinion(Level.SATISFIED), on="03-09"), Rating)
    assert rated(Opinion(Level.SATISFIED), on="03-10") == Refusal(Why.TOO_LATE, day=day("03-09"))
    assert rated(Opinion(Level.SATISFIED), closed_on=None) == Refusal(Why.NOT_CLOSED)


def test_a_poor_rating_is_rectified_within_five_working_days() -> None:
    poor = rated(Opinion(Level.DISSATISFIED, (Reason.DELAY,)), on="03-05")
    assert isinstance(poor, Rating) and poor.rectify_by and poor.rectify_by.day == day("03-12")
    good = rated(Opinion(Level.SATISFIED))
    assert isinstance(good, Rating) and good.rectify_by is None


@pytest.mark.parametrize("named", [True, False])
def test_every_poor_rating_with_a_name_is_called_back(named: bool) -> None:
    poor = rated(Opinion(Level.DISSATISFIED, (Reason.DELAY,), named=named))
    good = rated(Opinion(Level.SATISFIED, named=named))
    assert isinstance(poor, Rating) and poor.call_back is named
    assert isinstance(good, Rating) and not good.call_back


def test_what_people_write_is_bounded() -> None:
    assert rated(Opinion(Level.SATISFIED, text="长" * 2001)) == Refusal(Why.TOO_LONG, names=("text",))
    assert complain("TS1", "C1", "长" * 2001, 5, at("03-02")) == Refusal(Why.TOO_LONG, names=("text",))


def test_a_complaint_has_its_own_number_and_deadline() -> None:
    complaint = complain("TS1", "C1", " 收了不该收的钱 ", 5, at("03-02"))
    assert complaint == Complaint("TS1", "C1", "收了不该收的钱", at("03-02"), day("03-09"), provisional=False)
    assert complain("TS1", "C1", " ", 5, at("03-02")) == Refusal(Why.EMPTY)
