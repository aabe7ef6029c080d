"""The table of a case: every cell, every missing cell, and that it hangs together."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.casework import engagement
from bot.casework.case import OPENERS, ROWS, TABLE, Action, Case, Trial, attempt, moves, open_case
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import AWAITS, FINAL, Details, Event, Move, Standing, State
from bot.casework.table import BadTable, Demand, Row, Table, Whither
from bot.casework.terms import Role
from tests.casework.walks import OPENING, PLAN, PROOF, RULES, SITE, WHO, Walk, at, day, details

CLERK, APPLICANT, AGENT = Role.CLERK, Role.APPLICANT, Role.AGENT


def standing_in(state: State) -> Case:
    """A case that stands in `state`, and remembers enough to go on."""
    walk = Walk().received(PLAN)
    opened = walk.case.events[0]
    asked = Event(at("03-03"), WHO[CLERK], Move.REQUEST_SUPPLEMENT, State.SUPPLEMENT, day("03-03"),
                  details(day("03-03"), materials=(SITE,)))  # fmt: skip
    last = Event(at("03-04"), WHO[CLERK], Move.NOTE, state, day("03-04"), Details(note="…"))
    return Case.of([opened, asked, last])


MISSING = [(state, move) for state in State for move in Move if TABLE.cell(state, move) is None]


@pytest.mark.parametrize(("state", "move"), MISSING, ids=lambda one: one.value)
def test_a_move_the_table_does_not_have_is_refused(state: State, move: Move) -> None:
    case = standing_in(state)
    for role in Role:
        refusal = attempt(case, Action(move, WHO[role], details(day("03-05"))), at("03-05"), RULES)
        assert isinstance(refusal, Refusal) and refusal.why is Why.NOT_FROM_HERE


@pytest.mark.parametrize(("state", "row"), list(TABLE), ids=lambda one: getattr(one, "value", None) or one.move.value)
def test_a_move_is_only_its_roles(state: State, row: Row[State, Move, Trial]) -> None:
    case = standing_in(state)
    for role in set(Role) - row.by:
        refusal = attempt(case, Action(row.move, WHO[role], details(day("03-05"))), at("03-05"), RULES)
        assert refusal == Refusal(Why.NOT_YOURS, names=tuple(sorted(row.by)))


def test_every_state_can_be_reached_and_left() -> None:
    reached, todo = {State.DRAFT}, [State.DRAFT]
    while todo:
        state = todo.pop()
        for of, row in TABLE:
            if of is state and isinstance(row.to, State) and row.to not in reached:
                reached.add(row.to)
                todo.append(row.to)
    assert reached == set(State)
    left = {of for of, row in TABLE if row.to is not Whither.STAY}
    assert set(State) - left == FINAL


def test_every_move_is_in_the_table_but_the_opening() -> None:
    assert {row.move for row in ROWS} == set(Move) - {Move.OPEN}


def test_somebody_is_awaited_until_the_end() -> None:
    assert set(AWAITS) == set(State) - FINAL


def test_until_the_decision_the_applicant_can_always_withdraw() -> None:
    undecided = set(State) - FINAL - {State.APPROVED, State.REJECTED, State.COMPLETED}
    assert {of for of, row in TABLE if row.move is Move.WITHDRAW and APPLICANT in row.by} == undecided


def test_what_ends_badly_says_what_can_be_done_now() -> None:
    bad = {State.NOT_ACCEPTED, State.REJECTED, State.TERMINATED}
    assert all(Demand.REMEDY in row.demands for row in ROWS if row.to in bad)


def test_who_acts_for_the_applicant_never_decides_for_the_authority() -> None:
    decided = {State.ACCEPTED, State.NOT_ACCEPTED, State.APPROVED, State.REJECTED, State.COMPLETED}
    deciding = [row for row in ROWS if row.to in decided and row.move is not Move.SUPPLY]
    assert deciding and all(not row.by & {AGENT, APPLICANT} for row in deciding)


@pytest.mark.parametrize("role", list(Role))
def test_a_case_is_opened_by_those_who_may(role: Role) -> None:
    opened = open_case(OPENING, WHO[role], at("03-02"))
    if role in OPENERS:
        assert isinstance(opened, Case) and opened.state is State.DRAFT
    else:
        assert isinstance(opened, Refusal)


def test_a_whole_case() -> None:
    walk = Walk().do(Move.SUBMIT_PREVIEW, APPLICANT).do(Move.PASS_PREVIEW, AGENT).do(Move.SUBMIT, AGENT)
    walk.do(Move.RECEIVE, CLERK, materials=(PLAN, SITE, PROOF)).do(Move.CHECK_MATERIALS, CLERK, materials=(PLAN,))
    walk.do(Move.ACCEPT, CLERK).do(Move.APPROVE, CLERK).do(Move.COMPLETE, CLERK)
    assert not walk.case.closed
    walk.do(Move.DELIVER, AGENT)
    assert walk.case.closed and walk.standing.granted and walk.standing.closed_on == walk.today
    assert [event.to.zh for event in walk.case.events] == (
        ["未提交", "预审已提交", "预审通过", "待接件", "已接件", "已接件", "已受理", "审批通过", "正常办结", "送达"]
    )


def test_nothing_is_left_of_what_was_left_out() -> None:
    event = Walk().attempt(Move.RECORD_MATERIALS, APPLICANT, materials=(PLAN, PLAN, SITE))
    assert isinstance(event, Event) and event.details.materials == (PLAN, SITE)


@pytest.mark.parametrize(
    ("given", "names"),
    [({"note": "长" * 2001}, ("note",)), ({"materials": tuple(map(str, range(101)))}, ("materials",))],
)
def test_what_people_type_is_bounded(given: dict[str, object], names: tuple[str, ...]) -> None:
    refusal = Walk().refused(Move.NOTE, CLERK, **given)
    assert (refusal.why, refusal.names) == (Why.TOO_LONG, names)


@pytest.mark.parametrize("note", ["", "  ", "\n\u3000"])
def test_blanks_meet_no_demand(note: str) -> None:
    assert Walk().refused(Move.NOTE, CLERK, note=note) == Refusal(Why.LACKING, names=(Demand.NOTE,))


def test_a_blank_name_in_a_list_meets_no_demand() -> None:
    assert Walk().refused(Move.RECORD_MATERIALS, CLERK, materials=(PLAN, " ")).why is Why.LACKING


def test_a_clock_that_runs_behind_does_not_turn_history_round() -> None:
    walk = Walk("03-05").received()
    event = attempt(walk.case, Action(Move.ACCEPT, WHO[CLERK], details(day("03-02"))), at("03-02"), RULES)
    assert isinstance(event, Event) and event.at == at("03-05")


def test_a_moment_without_time_zone_is_a_programs_mistake() -> None:
    with pytest.raises(ValueError, match="time zone"):
        open_case(OPENING, WHO[CLERK], dt.datetime(2026, 3, 2))


def test_events_begin_with_an_opening() -> None:
    with pytest.raises(ValueError, match="opening"):
        Case.of(Walk().received().case.events[1:])


def test_a_table_that_says_two_things_is_refused_when_it_is_made() -> None:
    row = ROWS[0]
    with pytest.raises(BadTable, match="given twice"):
        Table((row, row), Details)
    with pytest.raises(BadTable, match="demands"):
        Table((Row(Move.NOTE, (State.DRAFT,), Whither.STAY, row.by, demands=(Demand.AGENT,)),), Details)


@pytest.mark.parametrize("role", list(Role))
def test_what_is_listed_is_what_may_be_tried(role: Role) -> None:
    walk = Walk().received()
    listed = {option.move: option.demands for option in moves(walk.case, role, walk.now, RULES)}
    for move in Move:
        refusal = walk.attempt(move, role)
        shut = isinstance(refusal, Refusal) and refusal.why in (Why.NOT_FROM_HERE, Why.NOT_YOURS, Why.TOO_EARLY)
        assert shut == (move not in listed), move


def test_applicants_are_not_asked_for_an_entrustment_by_themselves() -> None:
    walk = Walk()
    asked = {role: {o.move: o.demands for o in moves(walk.case, role, walk.now, RULES)} for role in Role}
    assert asked[APPLICANT][Move.SUBMIT] == ()
    assert asked[AGENT][Move.SUBMIT] == (Demand.ENTRUSTMENT,)


def test_both_tables_end() -> None:
    leaving = {of for of, row in engagement.TABLE if row.to is not Whither.STAY}
    assert set(engagement.Step) - leaving == {engagement.Step.FOLLOWED_UP}


def test_a_standing_can_be_compared() -> None:
    walk = Walk().received()
    assert Case.of(walk.case.events) == walk.case
    assert isinstance(walk.standing, Standing) and Case.of(walk.case.events).standing == walk.standing
