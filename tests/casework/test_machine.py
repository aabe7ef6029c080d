"""Random people making random moves in random roles: no illegal state, no lost event, clocks that add up."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.casework.case import TABLE, Action, attempt, due_by_itself, moves
from bot.casework.clock import answer_by, explain, reckon
from bot.casework.materials import Status
from bot.casework.refusal import Refusal, Why
from bot.casework.rules import LimitKind
from bot.casework.standing import FINAL, Credit, Details, Event, Move, Opinion, State, fold
from bot.casework.storable import from_json, to_json
from bot.casework.table import Whither
from bot.casework.terms import Role
from tests.casework.walks import OPENING, PLAN, PROOF, RULES, SITE, WHO, Walk, details

NAMES = (PLAN, SITE, PROOF, "自愿提供的说明")
materials = some.lists(some.sampled_from((*NAMES, "不相干的")), max_size=4).map(tuple)
known = some.lists(some.sampled_from(NAMES), max_size=4, unique=True).map(tuple)
STARTS: some.SearchStrategy[Callable[[Walk], Walk]] = some.sampled_from(
    [lambda walk: walk, lambda walk: walk.received(PLAN), lambda walk: walk.received(PLAN, SITE), Walk.accepted]
)
ENDS = {State.WITHDRAWN, State.TERMINATED, State.NOT_ACCEPTED}
ENDING = {row.move for _, row in TABLE if row.to in ENDS}
GOING_ON = {row.move for _, row in TABLE} - ENDING - {Move.NOTE, Move.RECORD_MATERIALS, Move.CHECK_MATERIALS}
SHUT = {Why.NOT_FROM_HERE, Why.NOT_YOURS}


class Casework(RuleBasedStateMachine):
    @initialize(deferral=some.booleans(), commitment=some.booleans(), joint=some.booleans(), start=STARTS)
    def opened(self, deferral: bool, commitment: bool, joint: bool, start: Callable[[Walk], Walk]) -> None:
        walk = start(Walk(opening=replace(OPENING, deferral=deferral, commitment=commitment, joint=joint)))
        self.now, self.case = walk.now, walk.case
        self.history: list[Event] = list(walk.case.events)

    def _try(self, move: Move, role: Role, given: Details) -> Event | Refusal:
        before = self.case
        outcome = attempt(before, Action(move, WHO[role], given), self.now, RULES)
        assert self.case is before and list(before.events) == self.history
        if isinstance(outcome, Event):
            self._check(outcome)
            self.case = before.then(outcome)
            self.history.append(outcome)
        return outcome

    def _check(self, event: Event) -> None:
        """What happened is in the table: this role, from this state, to that one."""
        row = TABLE.cell(self.case.state, event.move)
        assert row is not None and event.by.role in row.by
        match row.to:
            case Whither.STAY:
                assert event.to is self.case.state
            case Whither.BACK:
                assert event.to is self.case.standing.suspended_from
            case _:
                assert event.to is row.to

    @rule(
        move=some.sampled_from(Move),
        role=some.sampled_from(Role),
        brought=materials,
        days=some.integers(-2, 40),
        opinion=some.sampled_from(Opinion),
        credit=some.sampled_from(Credit),
        empty=some.sampled_from(["", "reason", "document", "remedy", "deadline", "entrustment"]),
    )
    def anybody_tries_anything(
        self, move: Move, role: Role, brought: tuple[str, ...], days: int, opinion: Opinion, credit: Credit, empty: str
    ) -> None:
        given = details(self.now.date(), materials=brought, opinion=opinion, credit=credit, days=days)
        given = replace(given, deadline=self.now.date() + dt.timedelta(days=days))
        self._try(move, role, replace(given, **{empty: None if empty == "deadline" else ""}) if empty else given)

    @precondition(lambda self: self.case.state not in FINAL)
    @rule(data=some.data())
    def somebody_goes_on(self, data: some.DataObject) -> None:
        self._do_what_is_open(GOING_ON, data)

    @precondition(lambda self: len(self.history) > 8)
    @rule(data=some.data())
    def somebody_ends_it(self, data: some.DataObject) -> None:
        self._do_what_is_open(ENDING, data)

    def _do_what_is_open(self, wanted: set[Move], data: some.DataObject) -> None:
        open_now = [(role, option.move) for role in Role for option in moves(self.case, role, self.now, RULES)]
        found = sorted({move for _, move in open_now if move in wanted})
        if not found:
            return
        move = data.draw(some.sampled_from(found))
        role = data.draw(some.sampled_from([role for role, possible in open_now if possible is move]))
        missing = self.case.standing.checklist.missing()
        brought = {Move.SUBMIT: (), Move.RECEIVE: data.draw(known)}.get(move, missing or (SITE,))
        ahead = data.draw(some.integers(1, 15))
        given = details(self.now.date(), materials=brought, deadline=self.now.date() + dt.timedelta(days=ahead))
        outcome = self._try(move, role, replace(given, opinion=data.draw(some.sampled_from(Opinion))))
        assert isinstance(outcome, Event) or outcome.why not in SHUT

    @rule(data=some.data(), role=some.sampled_from([Role.APPLICANT, Role.AGENT, Role.CLERK]), brings=some.booleans())
    def materials_come_and_are_checked(self, data: some.DataObject, role: Role, brings: bool) -> None:
        checklist = self.case.standing.checklist
        some_here = data.draw(known) if brings else checklist.having(Status.RECEIVED)
        move = Move.RECORD_MATERIALS if brings else Move.CHECK_MATERIALS
        self._try(move, role, details(self.now.date(), materials=some_here))

    @precondition(lambda self: self.case.standing.checklist.missing())
    @rule()
    def the_applicant_brings_what_is_missing(self) -> None:
        missing = self.case.standing.checklist.missing()
        for move in (Move.RECORD_MATERIALS, Move.SUPPLY):
            self._try(move, Role.APPLICANT, details(self.now.date(), materials=missing))

    @rule(days=some.integers(0, 10), hours=some.integers(-1, 20))
    def time_passes(self, days: int, hours: int) -> None:
        self.now += dt.timedelta(days=days, hours=hours)

    @rule()
    def the_law_takes_its_course(self) -> None:
        for move in due_by_itself(self.case, self.now, RULES):
            assert isinstance(self._try(move, Role.SYSTEM, Details()), Event)

    @invariant()
    def no_event_is_lost_and_history_has_one_direction(self) -> None:
        assert list(self.case.events) == self.history
        moments = [event.at for event in self.history]
        assert moments == sorted(moments)

    @invariant()
    def the_standing_is_what_the_events_say(self) -> None:
        assert fold(self.history) == self.case.standing
        assert self.case.state is self.history[-1].to
        assert from_json(Event, to_json(self.history[-1])) == self.history[-1]

    @invariant()
    def the_end_is_the_end(self) -> None:
        closed = [n for n, event in enumerate(self.history) if event.to in FINAL]
        assert all(self.history[n].to is self.history[closed[0]].to for n in closed)
        assert closed in ([], list(range(closed[0] if closed else 0, len(self.history))))
        assert (self.case.standing.closed_on is not None) == self.case.closed

    @invariant()
    def dates_follow_one_another(self) -> None:
        standing = self.case.standing
        dates = [standing.accepted_on, standing.decided_on, standing.completed_on, standing.closed_on]
        known = [one for one in dates if one]
        assert known == sorted(known)
        assert not standing.decided_on or standing.accepted_on
        open_stops = [one for one in standing.stops if one.ended is None]
        paused = standing.underneath in (State.ACCEPTED_SUPPLEMENT, State.PROCEDURE)
        assert len(open_stops) == (1 if paused and not self.case.closed else 0)
        for one, following in zip(standing.stops, standing.stops[1:], strict=False):
            assert one.ended is not None and one.ended <= following.began

    @invariant()
    def what_is_granted_is_complete(self) -> None:
        standing = self.case.standing
        if standing.granted:
            assert not standing.checklist.missing() and not standing.checklist.having(Status.DEFERRED)

    @invariant()
    def clocks_add_up(self) -> None:
        standing, today = self.case.standing, self.now.date()
        for kind in LimitKind:
            found = reckon(standing, kind, today, RULES)
            assert (found is None) == (standing.accepted_on is None)
            if found is None or standing.accepted_on is None:
                continue
            days = explain(standing, kind, today, RULES)
            until = min(found.ended or today, today)
            assert len(days) == max((until - standing.accepted_on).days, 0)
            assert found.used == sum(one.counted for one in days) == found.total - found.left

    @invariant()
    def nobody_is_left_waiting_for_acceptance(self) -> None:
        last = answer_by(self.case.standing, RULES)
        if self.case.state is State.RECEIVED and last and self.now.date() > last.day:
            assert due_by_itself(self.case, self.now, RULES) == (Move.ACCEPT_BY_SILENCE,)

    @invariant()
    def an_open_case_can_always_go_on(self) -> None:
        if not self.case.closed:
            assert any(moves(self.case, role, self.now, RULES) for role in (Role.APPLICANT, Role.CLERK))


Casework.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestCasework = Casework.TestCase


def _walk(seed: int) -> list[Event]:
    """Fifty steps of somebody doing something that is open, seldom the last thing; all invariants after each."""
    chance = random.Random(seed)
    machine = Casework()
    machine.opened(chance.random() < 0.7, chance.random() < 0.5, chance.random() < 0.3, lambda walk: walk)
    for _ in range(50):
        machine.time_passes(chance.choice([0, 0, 1, 7]), chance.randrange(-1, 8))
        open_now = [(role, option.move) for role in Role for option in moves(machine.case, role, machine.now, RULES)]
        brings = {Move.RECORD_MATERIALS} if chance.random() < 0.3 else set()
        wanted = ENDING if chance.random() < 0.02 else GOING_ON | {Move.LAPSE} | brings
        found = [(role, move) for role, move in open_now if move in wanted]
        if not found:
            continue
        move = chance.choice(sorted({move for _, move in found}))
        role = chance.choice([role for role, possible in found if possible is move])
        missing = machine.case.standing.checklist.missing() or (SITE,)
        applying = move in (Move.SUBMIT_PREVIEW, Move.SUBMIT, Move.RECEIVE)
        brought = chance.choice([(PLAN, SITE), (PLAN,), ()]) if applying else missing
        deadline = machine.now.date() + dt.timedelta(days=chance.randrange(1, 12))
        opinion = chance.choice(list(Opinion))
        given = details(machine.now.date(), materials=brought, deadline=deadline, opinion=opinion)
        machine._try(move, role, given)
        for check in machine.invariants:
            check.function(machine)
    return machine.history


def test_random_cases_see_every_state_and_every_move() -> None:
    events = [event for seed in range(100) for event in _walk(seed)]
    assert {event.to for event in events} == set(State)
    assert {event.move for event in events} >= set(Move) - {Move.NOTE, Move.CHECK_MATERIALS}
