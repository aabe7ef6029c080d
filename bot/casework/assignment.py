"""Who handles a booking: offered by expertise and load, taken by exactly one, or assigned after a while."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.casework.refusal import Refusal, Why
from bot.casework.terms import day_of


@dataclass(frozen=True, slots=True)
class Absence:
    """An agent is away from `first` to `last`, both included; `deputy` looks after the agent's engagements."""

    agent: str
    first: dt.date
    last: dt.date
    deputy: str = ""

    def covers(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Agent:
    """A member of staff as assignment sees them."""

    id: str
    hall: str  # GB/T 2260 code
    expertise: frozenset[str] = frozenset()  # item codes, subjects, departments: whatever bookings are labelled with
    load: int = 0  # engagements under way
    capacity: int = 30  # engagements one agent carries


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an offer waits for a taker before the coordinator may assign it."""

    assign_after: dt.timedelta = dt.timedelta(hours=2)
    offered_to: int = 10  # agents at most


@dataclass(frozen=True, slots=True)
class Offer:
    """A booking that waits for its agent."""

    engagement: str
    hall: str
    labels: frozenset[str]  # what it is about
    made_at: dt.datetime
    to: tuple[str, ...] = ()  # best first
    taken_by: str = ""
    assigned: bool = False  # by the coordinator, not taken


def candidates(offer: Offer, agents: Iterable[Agent], absences: Iterable[Absence], today: dt.date) -> tuple[Agent, ...]:
    """The hall's agents who are there and have room: those who know more of it first, then those who carry less."""
    away = {absence.agent for absence in absences if absence.covers(today)}
    able = (one for one in agents if one.hall == offer.hall and one.id not in away and one.load < one.capacity)
    return tuple(sorted(able, key=lambda one: (-len(one.expertise & offer.labels), one.load / one.capacity, one.id)))


def offered(offer: Offer, found: Iterable[Agent], patience: Patience) -> Offer:
    """The offer made to the best of `found`."""
    return replace(offer, to=tuple(agent.id for agent in found)[: patience.offered_to])


def take(offer: Offer, agent: str) -> Offer | Refusal:
    """The offer as taken by `agent`. Whoever is committed first wins; the winner may press twice."""
    if offer.taken_by:
        return offer if offer.taken_by == agent else Refusal(Why.TAKEN)
    return replace(offer, taken_by=agent) if agent in offer.to else Refusal(Why.NOT_OFFERED)


def assign(
    offer: Offer, agent: Agent, absences: Iterable[Absence], now: dt.datetime, patience: Patience
) -> Offer | Refusal:
    """The offer as assigned by a coordinator: once it has waited long enough, or at once where nobody was asked.

    A full load doesn't keep a coordinator from assigning; being away or in another hall does.
    """
    due = offer.made_at + patience.assign_after
    if offer.taken_by:
        return Refusal(Why.TAKEN)
    if offer.to and now < due:
        return Refusal(Why.TOO_EARLY, moment=due)
    if agent.hall != offer.hall:
        return Refusal(Why.OTHER_HALL)
    if any(absence.agent == agent.id and absence.covers(day_of(now)) for absence in absences):
        return Refusal(Why.ABSENT)
    return replace(offer, taken_by=agent.id, assigned=True)


def is_waiting_too_long(offer: Offer, now: dt.datetime, patience: Patience) -> bool:
    """Whether the coordinator is to be told."""
    return not offer.taken_by and (not offer.to or now >= offer.made_at + patience.assign_after)


def acting_for(agent: str, absences: Iterable[Absence], today: dt.date) -> str:
    """Who looks after `agent`'s engagements today: the agent, a deputy who is there, or "" for the coordinator.

    Acting is not being responsible: that changes only with a hand-over that was taken.
    """
    deputies = {absence.agent: absence.deputy for absence in absences if absence.covers(today)}
    seen: set[str] = set()
    while agent in deputies and agent not in seen:
        seen.add(agent)
        agent = deputies[agent]
    return "" if agent in deputies else agent
