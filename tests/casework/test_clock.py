"""The clock: what is counted, by tables and by arithmetic."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.casework.clock import Light, Reason, Reckoning, explain, reckon
from bot.casework.rules import LimitKind, Rules, Span, Stop, Thresholds
from bot.casework.standing import Move, Standing, StandStill
from bot.casework.terms import Role
from knowledge.model import Handling, Unit
from knowledge.working_days import add_working_days, is_working_day
from tests.casework.walks import OPENING, PLAN, PROOF, RULES, SITE, Walk, day

CLERK, APPLICANT = Role.CLERK, Role.APPLICANT
PROMISED, STATUTORY = LimitKind.PROMISED, LimitKind.STATUTORY
_DAY = dt.timedelta(days=1)


def promised(walk: Walk, date: str, rules: Rules = RULES) -> Reckoning:
    reckoning = reckon(walk.standing, PROMISED, day(date), rules)
    assert reckoning is not None
    return reckoning


@pytest.mark.parametrize(
    ("accepted", "today", "used", "left", "due", "light"),
    [
        ("03-02", "03-02", 0, 10, "03-16", Light.GREEN),  # the day of acceptance is not counted
        ("03-02", "03-03", 1, 9, "03-16", Light.GREEN),
        ("03-02", "03-12", 8, 2, "03-16", Light.GREEN),
        ("03-02", "03-13", 9, 1, "03-16", Light.YELLOW),  # one working day before the last
        ("03-02", "03-16", 10, 0, "03-16", Light.YELLOW),  # the last day is still on time
        ("03-02", "03-17", 11, -1, "03-16", Light.RED),
        ("03-06", "03-20", 10, 0, "03-20", Light.YELLOW),
        ("03-06", "03-21", 10, 0, "03-20", Light.RED),  # a Saturday after the last day: late all the same
        ("09-17", "09-20", 2, 8, "10-08", Light.GREEN),  # Sunday the 20th is worked; 25 to 27 and 1 to 7 are off
    ],
)
def test_a_promise_of_ten_working_days(accepted: str, today: str, used: int, left: int, due: str, light: Light) -> None:
    found = promised(Walk(accepted).accepted(), today)
    assert (found.used, found.left, found.due, found.light) == (used, left, day(due), light)
    assert (found.overdue, found.provisional) == (light is Light.RED, False)


@pytest.mark.parametrize(
    ("today", "light"), [("03-13", Light.GREEN), ("03-16", Light.GREEN), ("03-17", Light.YELLOW), ("03-19", Light.RED)]
)
def test_thresholds_are_configuration(today: str, light: Light) -> None:
    rules = replace(RULES, thresholds=Thresholds(yellow=-1, red=-3))
    assert promised(Walk("03-02").accepted(), today, rules).light is light


def test_without_yellow_green_turns_red() -> None:
    rules = replace(RULES, thresholds=Thresholds(yellow=None))
    assert promised(Walk("03-02").accepted(), "03-16", rules).light is Light.GREEN
    assert promised(Walk("03-02").accepted(), "03-17", rules).light is Light.RED


def test_nothing_is_reckoned_before_acceptance_without_limit_or_for_what_is_done_on_the_spot() -> None:
    assert reckon(Walk().received().standing, PROMISED, day("03-03"), RULES) is None
    assert explain(Walk().received().standing, PROMISED, day("03-03"), RULES) == ()
    unknown = Walk(opening=replace(OPENING, promised=None)).accepted()
    assert reckon(unknown.standing, PROMISED, day("03-03"), RULES) is None
    on_the_spot = Walk(opening=replace(OPENING, handling=Handling.ON_THE_SPOT)).accepted()
    assert reckon(on_the_spot.standing, PROMISED, day("03-03"), RULES) is None


def test_the_statutory_clock_ends_with_the_decision_and_the_promise_with_completion() -> None:
    walk = Walk("03-02").accepted().on("03-10").do(Move.APPROVE, CLERK).on("03-17").do(Move.COMPLETE, CLERK)
    statutory = reckon(walk.standing, STATUTORY, day("04-20"), RULES)
    assert statutory and (statutory.ended, statutory.used, statutory.light) == (day("03-10"), 6, Light.DONE)
    late = promised(walk, "04-20")
    assert (late.ended, late.used, late.light) == (day("03-17"), 11, Light.LATE)


def test_a_withdrawn_case_has_no_running_clock() -> None:
    walk = Walk("03-02").accepted().on("03-04").do(Move.WITHDRAW, APPLICANT)
    assert promised(walk, "06-01").used == 2


def test_the_explanation_says_of_each_day_why() -> None:
    walk = Walk("03-05").accepted().on("03-09").do(Move.START_PROCEDURE, CLERK, deadline=day("03-11"))
    told = explain(walk.standing, STATUTORY, day("03-13"), RULES)
    assert [(one.date.isoformat()[5:], one.counted, one.reason) for one in told] == [
        ("03-06", True, Reason.WORKING_DAY),
        ("03-07", False, Reason.DAY_OFF),
        ("03-08", False, Reason.DAY_OFF),
        ("03-09", True, Reason.WORKING_DAY),  # the day it starts
        ("03-10", False, Reason.PROCEDURE),
        ("03-11", False, Reason.PROCEDURE),
        ("03-12", True, Reason.OVERRAN),
        ("03-13", True, Reason.OVERRAN),
    ]


def supplementing(*, until: str = "") -> Walk:
    walk = Walk("03-02").accepted().on("03-04").do(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE,))
    return walk.on(until).do(Move.SUPPLY, APPLICANT, materials=(SITE,)) if until else walk


def test_a_supplement_after_acceptance_stops_the_clock() -> None:
    waiting = promised(supplementing(), "03-10")
    assert (waiting.used, waiting.left, waiting.light, waiting.stopped) == (2, 8, Light.PAUSED, Stop.SUPPLEMENT)
    assert waiting.due == day("03-20")  # as if it ended today
    assert promised(supplementing(until="03-10"), "03-11").used == 3


def test_whoever_reads_article_45_strictly_counts_the_supplement() -> None:
    strict = replace(RULES, statutory_stops=frozenset({Stop.PROCEDURE}))
    walk = supplementing(until="03-10")
    statutory = reckon(walk.standing, STATUTORY, day("03-11"), strict)
    assert statutory and statutory.used == 7
    assert promised(walk, "03-11", strict).used == 3


def test_a_procedure_that_began_and_ended_in_a_day_takes_nothing() -> None:
    walk = Walk("03-02").accepted().on("03-04").do(Move.START_PROCEDURE, CLERK).do(Move.END_PROCEDURE, CLERK)
    assert promised(walk, "03-05").used == 3


@pytest.mark.parametrize(
    ("span", "due", "total"),
    [
        (Span(20, Unit.DAY), "03-22", 20),
        (Span(1, Unit.MONTH), "04-02", 31),
        (Span(20, Unit.WORKING_DAY), "03-30", 20),
    ],
)
def test_limits_in_days_and_months_count_calendar_days(span: Span, due: str, total: int) -> None:
    found = promised(Walk("03-02", replace(OPENING, promised=span)).accepted(), "03-03")
    assert (found.due, found.total, found.used) == (day(due), total, 1)


def test_a_limit_into_a_year_without_notice_is_provisional() -> None:
    standing = replace(Walk().accepted().standing, accepted_on=dt.date(2098, 12, 30))
    found = reckon(standing, PROMISED, dt.date(2098, 12, 31), RULES)
    assert found and found.provisional
    assert all(one.provisional for one in explain(standing, PROMISED, dt.date(2099, 1, 5), RULES))
    calendar = replace(standing, opening=replace(OPENING, promised=Span(10, Unit.DAY)))
    found = reckon(calendar, PROMISED, dt.date(2098, 12, 31), RULES)
    assert found and not found.provisional  # calendar days know no days off


def test_an_acceptance_by_silence_counts_from_the_materials() -> None:
    walk = Walk("03-02").received(PLAN).on("03-11").do(Move.ACCEPT_BY_SILENCE, Role.SYSTEM)
    assert promised(walk, "03-11").used == 7
    walk.do(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE, PROOF))
    assert promised(walk, "03-20").used == 7


# --- arithmetic ---------------------------------------------------------------------------------

DAYS = some.dates(dt.date(2026, 1, 1), dt.date(2026, 8, 31))


@some.composite
def standings(draw: some.DrawFn) -> Standing:
    """An accepted case with stretches of standing still, one after the other."""
    accepted = draw(DAYS)
    opening = replace(OPENING, promised=Span(draw(some.integers(1, 45)), draw(some.sampled_from([*Unit][:2]))))
    stops: list[StandStill] = []
    began = accepted
    for _ in range(draw(some.integers(0, 4))):
        began += draw(some.integers(0, 12)) * _DAY
        ended = began + draw(some.integers(0, 12)) * _DAY
        told = draw(some.none() | some.integers(1, 12).map(lambda n, began=began: began + n * _DAY))
        stops.append(StandStill(draw(some.sampled_from(Stop)), began, ended, told))
        began = ended
    return replace(Walk().accepted().standing, opening=opening, accepted_on=accepted, stops=tuple(stops))


@given(standings(), some.integers(0, 120))
def test_every_day_is_counted_or_not_and_none_is_lost(standing: Standing, later: int) -> None:
    assert standing.accepted_on
    today = standing.accepted_on + later * _DAY
    days = explain(standing, PROMISED, today, RULES)
    assert [one.date for one in days] == [standing.accepted_on + n * _DAY for n in range(1, later + 1)]
    found = reckon(standing, PROMISED, today, RULES)
    assert found and found.used + found.left == found.total
    assert found.used == sum(one.counted for one in days)
    uncounted = sum(one.reason in (Reason.DAY_OFF, Reason.SUPPLEMENT, Reason.PROCEDURE) for one in days)
    assert found.used + uncounted == later


@given(standings(), some.integers(0, 120))
def test_the_last_day_is_the_day_on_which_nothing_is_left(standing: Standing, later: int) -> None:
    assert standing.accepted_on
    found = reckon(standing, PROMISED, standing.accepted_on + later * _DAY, RULES)
    assert found
    on_due = reckon(standing, PROMISED, found.due, RULES)
    assert on_due and (on_due.left, on_due.overdue) == (0, False)
    day_before = reckon(standing, PROMISED, found.due - _DAY, RULES)
    assert day_before and day_before.left == 1
    day_after = reckon(standing, PROMISED, found.due + _DAY, RULES)
    assert day_after and day_after.overdue and day_after.left <= 0


@given(DAYS, some.integers(1, 45))
def test_without_standing_still_it_is_plain_working_days(accepted: dt.date, days: int) -> None:
    standing = replace(Walk().accepted().standing, accepted_on=accepted, opening=replace(OPENING, promised=Span(days)))
    found = reckon(standing, PROMISED, accepted, RULES)
    assert found and found.due == add_working_days(accepted, days).day


@given(standings(), some.integers(0, 60), some.integers(0, 60))
def test_a_clock_never_runs_back_nor_faster_than_the_calendar(standing: Standing, one: int, more: int) -> None:
    assert standing.accepted_on
    first = reckon(standing, PROMISED, standing.accepted_on + one * _DAY, RULES)
    then = reckon(standing, PROMISED, standing.accepted_on + (one + more) * _DAY, RULES)
    assert first and then and 0 <= then.used - first.used <= more
    assert first.due == then.due  # nothing is standing still today


@given(standings(), some.integers(0, 60))
def test_standing_still_never_brings_the_last_day_nearer(standing: Standing, later: int) -> None:
    assert standing.accepted_on
    today = standing.accepted_on + later * _DAY
    stopped = reckon(standing, PROMISED, today, RULES)
    running = reckon(replace(standing, stops=()), PROMISED, today, RULES)
    assert stopped and running and stopped.due >= running.due and stopped.used <= running.used


@given(standings())
def test_working_day_limits_end_on_working_days(standing: Standing) -> None:
    assert standing.accepted_on and standing.opening.promised
    found = reckon(standing, PROMISED, standing.accepted_on, RULES)
    assert found and (standing.opening.promised.unit is Unit.DAY or is_working_day(found.due))
