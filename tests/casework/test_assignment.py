"""Who gets a booking: by expertise, load and absence; one taker; the coordinator after a while."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as some

from bot.casework.assignment import (
    Absence,
    Agent,
    Offer,
    Patience,
    acting_for,
    assign,
    candidates,
    is_waiting_too_long,
    offered,
    take,
)
from bot.casework.refusal import Refusal, Why
from tests.casework.walks import at, day

PATIENCE = Patience()
OFFER = Offer("D1", hall="371321", labels=frozenset({"food_licence", "餐饮"}), made_at=at("03-02", 10))
TODAY = day("03-02")
KNOWS = Agent("knows", "371321", frozenset({"food_licence", "餐饮"}), load=9)
IDLE = Agent("idle", "371321")
SOME = Agent("some", "371321", frozenset({"餐饮"}))


def order(*agents: Agent, away: tuple[Absence, ...] = ()) -> list[str]:
    return [agent.id for agent in candidates(OFFER, agents, away, TODAY)]


def test_who_knows_more_comes_first_then_who_carries_less() -> None:
    assert order(IDLE, SOME, KNOWS) == ["knows", "some", "idle"]
    assert order(replace(SOME, id="b", load=3), replace(SOME, id="a", load=4)) == ["b", "a"]


def test_another_halls_and_full_and_absent_agents_are_not_asked() -> None:
    away = Absence("idle", day("03-01"), day("03-02"))
    assert order(replace(KNOWS, hall="371300"), replace(SOME, load=30), IDLE, away=(away,)) == []
    assert order(IDLE, away=(replace(away, last=day("03-01")),)) == ["idle"]


def test_a_booking_is_offered_to_so_many_at_most() -> None:
    many = [replace(IDLE, id=f"{n:02}") for n in range(30)]
    assert offered(OFFER, many, PATIENCE).to == tuple(f"{n:02}" for n in range(10))


@given(some.lists(some.sampled_from([f"agent{n}" for n in range(50)]), min_size=1, max_size=50))
def test_of_fifty_who_take_it_exactly_one_wins(takers: list[str]) -> None:
    offer = replace(OFFER, to=tuple(f"agent{n}" for n in range(50)))
    for taker in takers:
        outcome = take(offer, taker)
        if isinstance(outcome, Refusal):
            assert outcome.why is Why.TAKEN and taker != takers[0]
        else:
            offer = outcome
    assert offer.taken_by == takers[0]


def test_who_was_not_asked_does_not_take() -> None:
    assert take(replace(OFFER, to=("idle",)), "knows") == Refusal(Why.NOT_OFFERED)


def test_the_coordinator_assigns_after_the_set_time() -> None:
    offer = replace(OFFER, to=("knows",))
    early, due = at("03-02", 11), at("03-02", 12)
    assert assign(offer, IDLE, (), early, PATIENCE) == Refusal(Why.TOO_EARLY, moment=due)
    assert not is_waiting_too_long(offer, early, PATIENCE) and is_waiting_too_long(offer, due, PATIENCE)
    assigned = assign(offer, IDLE, (), due, PATIENCE)
    assert isinstance(assigned, Offer) and (assigned.taken_by, assigned.assigned) == ("idle", True)
    assert take(assigned, "knows") == Refusal(Why.TAKEN)
    assert not is_waiting_too_long(assigned, due, PATIENCE)


def test_where_nobody_could_be_asked_the_coordinator_assigns_at_once() -> None:
    assert is_waiting_too_long(OFFER, OFFER.made_at, PATIENCE)
    assert isinstance(assign(OFFER, replace(IDLE, load=99), (), OFFER.made_at, PATIENCE), Offer)


def test_nobody_absent_elsewhere_or_late_is_assigned() -> None:
    away = Absence("idle", TODAY, TODAY)
    assert assign(OFFER, IDLE, (away,), OFFER.made_at, PATIENCE) == Refusal(Why.ABSENT)
    assert assign(OFFER, replace(IDLE, hall="371300"), (), OFFER.made_at, PATIENCE) == Refusal(Why.OTHER_HALL)
    assert assign(replace(OFFER, taken_by="x"), IDLE, (), OFFER.made_at, PATIENCE) == Refusal(Why.TAKEN)


@pytest.mark.parametrize(
    ("deputies", "acting"),
    [({}, "li"), ({"li": "sun"}, "sun"), ({"li": "sun", "sun": "zhao"}, "zhao"), ({"li": ""}, ""),
     ({"li": "sun", "sun": "li"}, ""), ({"li": "sun", "sun": ""}, "")],
)  # fmt: skip
def test_who_looks_after_an_absent_agents_work(deputies: dict[str, str], acting: str) -> None:
    absences = [Absence(agent, TODAY, TODAY, deputy) for agent, deputy in deputies.items()]
    assert acting_for("li", absences, TODAY) == acting
    assert acting_for("li", absences, TODAY + dt.timedelta(days=1)) == "li"
