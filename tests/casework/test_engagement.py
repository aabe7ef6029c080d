"""An engagement: its steps, who is responsible, and what no agent may take on."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.casework.engagement import (
    TABLE,
    Act,
    Action,
    Around,
    Booking,
    Details,
    Engagement,
    Event,
    Kind,
    Step,
    acts,
    attempt,
    fold,
    open_engagement,
)
from bot.casework.refusal import Refusal, Why
from bot.casework.storable import from_json, to_json
from bot.casework.table import Demand
from bot.casework.terms import STAFF, Actor, Role
from tests.casework.walks import at

BOOKING = Booking("D1", hall="371321", kind=Kind.FULL, applicant="a1", items=("food_licence",))
APPLICANT = Actor("a1", Role.APPLICANT)
LI, SUN, BOSS = Actor("li", Role.AGENT), Actor("sun", Role.AGENT), Actor("boss", Role.COORDINATOR)
FULL = Details(reason="理由", document="单-1", entrustment="委托书-1", case="C1", agent="sun", note="备注")


class Story:
    def __init__(self, booking: Booking = BOOKING, by: Actor = APPLICANT) -> None:
        self.engagement = open_engagement(booking, by, at("03-02"))
        self.around = Around()

    def attempt(self, act: Act, by: Actor, **given: Any) -> Event | Refusal:
        return attempt(self.engagement, Action(act, by, replace(FULL, **given)), at("03-03"), self.around)

    def do(self, act: Act, by: Actor, **given: Any) -> Story:
        event = self.attempt(act, by, **given)
        assert isinstance(event, Event), (act, event)
        self.engagement = self.engagement.then(event)
        return self

    def refused(self, act: Act, by: Actor, **given: Any) -> Refusal:
        refusal = self.attempt(act, by, **given)
        assert isinstance(refusal, Refusal), act
        return refusal

    @property
    def responsible(self) -> str:
        return self.engagement.standing.responsible

    def handling(self) -> Story:
        return (
            self.do(Act.APPLY, APPLICANT)
            .do(Act.TAKE, LI)
            .do(Act.ADMIT, LI)
            .do(Act.ENTRUST, APPLICANT)
            .do(Act.BEGIN, LI)
        )


def test_the_steps_of_an_engagement() -> None:
    story = Story().handling().do(Act.SUSPEND, LI).do(Act.RESUME, LI).do(Act.CLOSE, LI).do(Act.ARCHIVE, LI)
    story.do(Act.FOLLOW_UP, BOSS)
    steps = dict.fromkeys(event.to.zh for event in story.engagement.events)
    assert list(steps) == ["咨询", "申请", "受理", "委托", "承办", "中止", "办结", "归档", "回访"]
    assert story.engagement.standing.closed_at == at("03-03")


def test_an_agent_acts_for_somebody_only_on_an_entrustment() -> None:
    story = Story().do(Act.APPLY, APPLICANT).do(Act.TAKE, LI).do(Act.ADMIT, LI)
    assert story.refused(Act.BEGIN, LI).names == (Demand.ENTRUSTMENT,)
    assert story.refused(Act.ENTRUST, LI, entrustment="").names == (Demand.ENTRUSTMENT,)


@pytest.mark.parametrize("kind", [Kind.PARTIAL, Kind.ON_SITE])
def test_help_and_company_need_no_entrustment(kind: Kind) -> None:
    story = Story(replace(BOOKING, kind=kind)).do(Act.APPLY, APPLICANT).do(Act.TAKE, LI).do(Act.ADMIT, LI)
    assert story.do(Act.BEGIN, LI).engagement.step is Step.HANDLING


@pytest.mark.parametrize(
    ("booking", "excluded"),
    [
        (replace(BOOKING, secret=True), ("secret",)),
        (replace(BOOKING, secret=True, kind=Kind.ON_SITE), ("secret",)),
        (replace(BOOKING, in_person=True), ("in_person",)),
        (replace(BOOKING, in_person=True, kind=Kind.ON_SITE), None),
    ],
)
def test_what_no_agent_may_take_on(booking: Booking, excluded: tuple[str, ...] | None) -> None:
    outcome = Story(booking).attempt(Act.APPLY, APPLICANT)
    assert (outcome.names if isinstance(outcome, Refusal) else None) == excluded


@pytest.mark.parametrize("step", [Step.CONSULTED, Step.APPLIED, Step.ADMITTED, Step.ENTRUSTED, Step.HANDLING])
def test_it_is_voluntary_the_applicant_may_cancel_at_every_step(step: Step) -> None:
    story = Story()
    path = [(Act.APPLY, APPLICANT), (Act.TAKE, LI), (Act.ADMIT, LI), (Act.ENTRUST, LI), (Act.BEGIN, LI)]
    for act, by in path:
        if story.engagement.step is not step:
            story.do(act, by)
    assert story.do(Act.CANCEL, APPLICANT).engagement.step is Step.TERMINATED
    assert story.engagement.events[-1].by.role is Role.APPLICANT


def test_one_engagement_covers_several_cases_and_closes_after_all_of_them() -> None:
    story = Story().handling().do(Act.ADD_CASE, LI, case="C1").do(Act.ADD_CASE, LI, case="C2")
    assert story.engagement.standing.cases == ("C1", "C2")
    assert story.refused(Act.ADD_CASE, LI, case="C2").why is Why.ALREADY_INCLUDED
    story.around = Around(open_cases=("C2",))
    assert story.refused(Act.CLOSE, LI).names == ("C2",)
    story.around = Around()
    assert story.do(Act.CLOSE, LI).engagement.step is Step.CLOSED


# --- 首问负责 ------------------------------------------------------------------------------------


def test_a_member_of_staff_who_is_asked_first_is_responsible() -> None:
    assert Story(by=Actor("window", Role.CLERK)).responsible == "window"
    assert Story(by=APPLICANT).responsible == ""


def test_one_takes_it_and_nobody_after() -> None:
    story = Story().do(Act.APPLY, APPLICANT).do(Act.TAKE, LI)
    assert story.refused(Act.TAKE, SUN).why is Why.TAKEN
    assert story.responsible == "li"


def test_the_first_stays_responsible_until_another_has_taken_over() -> None:
    story = Story().handling().do(Act.OFFER_HAND_OVER, LI, agent="sun")
    assert story.responsible == "li"
    assert story.do(Act.TAKE_OVER, SUN).responsible == "sun"
    assert story.refused(Act.CLOSE, LI).why is Why.NOT_RESPONSIBLE


def test_a_declined_hand_over_leaves_everything_as_it_was() -> None:
    story = Story().handling().do(Act.OFFER_HAND_OVER, LI, agent="sun").do(Act.DECLINE_HAND_OVER, SUN)
    assert story.responsible == "li"
    assert story.refused(Act.TAKE_OVER, SUN).why is Why.NO_HAND_OVER


def test_a_hand_over_has_a_reason_and_somebody_else_to_go_to() -> None:
    story = Story().handling()
    assert story.refused(Act.OFFER_HAND_OVER, LI, reason="").names == (Demand.REASON,)
    assert story.refused(Act.OFFER_HAND_OVER, LI, agent="li").why is Why.SAME_PERSON
    assert story.refused(Act.OFFER_HAND_OVER, SUN).why is Why.NOT_RESPONSIBLE


def test_nobody_takes_over_what_was_offered_to_another() -> None:
    story = Story().handling().do(Act.OFFER_HAND_OVER, LI, agent="sun")
    assert story.refused(Act.TAKE_OVER, Actor("zhao", Role.AGENT)).why is Why.NO_HAND_OVER


def test_the_coordinator_assigns_what_nobody_has_and_otherwise_asks_for_a_hand_over() -> None:
    story = Story().do(Act.APPLY, APPLICANT).do(Act.ASSIGN, BOSS, agent="li")
    assert story.responsible == "li"
    story.do(Act.ASSIGN, BOSS, agent="sun")
    assert (story.responsible, story.engagement.standing.hand_over_to) == ("li", "sun")


def test_a_deputy_acts_for_an_absent_agent_without_being_responsible() -> None:
    story = Story().handling()
    assert story.refused(Act.CLOSE, SUN).why is Why.NOT_RESPONSIBLE
    story.around = Around(acting="sun")
    assert story.do(Act.CLOSE, SUN).responsible == "li"


# --- whatever happens ---------------------------------------------------------------------------

PEOPLE = [APPLICANT, LI, SUN, BOSS, Actor("window", Role.CLERK), Actor("till", Role.CASHIER)]


@given(
    some.sampled_from(PEOPLE),
    some.lists(
        some.tuples(
            some.sampled_from(Act), some.sampled_from(PEOPLE), some.sampled_from(["li", "sun"]),
            some.sampled_from(["C1", "C2"]),
        ),
        max_size=25,
    ),
)  # fmt: skip
def test_whatever_people_do(first: Actor, tries: list[tuple[Act, Actor, str, str]]) -> None:
    story = Story(by=first)
    for act, by, agent, case in tries:
        before = story.engagement
        open_now = {option.act for option in acts(before, by, story.around)}
        outcome = story.attempt(act, by, agent=agent, case=case)
        if isinstance(outcome, Refusal):
            continue
        row = TABLE.cell(before.step, act)
        assert row is not None and by.role in row.by and act in open_now
        story.engagement = before.then(outcome)
        changed = story.responsible != before.standing.responsible
        assert not changed or act in (Act.TAKE, Act.TAKE_OVER, Act.ASSIGN)
        assert story.responsible or not before.standing.responsible  # never nobody again
        assert len(set(story.engagement.standing.cases)) == len(story.engagement.standing.cases)
    events = story.engagement.events
    assert fold(events) == story.engagement.standing
    assert tuple(from_json(Event, to_json(event)) for event in events) == events


def test_notes_are_for_staff_at_every_step() -> None:
    assert {of for of, row in TABLE if row.move is Act.NOTE and row.by == STAFF} == set(Step)


def test_a_clock_that_runs_behind_does_not_turn_history_round() -> None:
    story = Story()
    event = attempt(story.engagement, Action(Act.NOTE, LI, FULL), at("03-02") - dt.timedelta(hours=1), story.around)
    assert isinstance(event, Event) and event.at == at("03-02")


def test_events_begin_with_an_opening() -> None:
    with pytest.raises(ValueError, match="opening"):
        Engagement.of(Story().handling().engagement.events[1:])
