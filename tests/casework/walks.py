"""A case taken through its moves: what the tests of casework share."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from bot.casework.case import Action, Case, attempt, moves, open_case
from bot.casework.materials import Needed
from bot.casework.refusal import Refusal
from bot.casework.rules import Rules, Span
from bot.casework.standing import Credit, Delivery, Details, Event, Move, Opening, Opinion, Procedure, Standing, State
from bot.casework.terms import CHINA, Actor, Role
from knowledge.model import Handling

RULES = Rules()
WHO = {role: Actor(f"{role}-1", role) for role in Role}

PLAN, SITE, PROOF = "建设方案", "场地证明", "补充说明"  # two main materials, and one that may come later
OPENING = Opening(
    number="37130020260302000018",
    item="food_licence",
    catalogue="2026-1",
    region="371300",
    handling=Handling.PROMISED,
    promised=Span(10),
    statutory=Span(20),
    deferral=True,
    commitment=True,
    materials=(Needed(PLAN), Needed(SITE), Needed(PROOF, deferrable=True), Needed("自愿提供的说明", required=False)),
)


def day(text: str) -> dt.date:
    """2026, as month-day."""
    return dt.date.fromisoformat(f"2026-{text}")


def at(text: str, hour: int = 10) -> dt.datetime:
    return dt.datetime.combine(day(text), dt.time(hour), CHINA)


def details(today: dt.date, **given: Any) -> Details:
    """Details with which every demand is met, but for those given."""
    full = Details(
        reason="理由",
        basis="《条例》第一条",
        document="文书-1",
        entrustment="委托书-1",
        commitment="承诺书-1",
        remedy="可以申请行政复议",
        approval="批准-1",
        credit=Credit.CLEAR,
        deadline=today + dt.timedelta(days=10),
        days=5,
        procedure=Procedure.HEARING,
        departments=("住建", "消防"),
        department="住建",
        opinion=Opinion.CONSENT,
        delivery=Delivery.WINDOW,
        note="备注",
    )
    return replace(full, **given)


class Walk:
    """A case and its day. `do` expects the move to happen, `refused` expects a refusal."""

    def __init__(self, started: str = "03-02", opening: Opening = OPENING, rules: Rules = RULES) -> None:
        self.now = at(started)
        self.rules = rules
        opened = open_case(opening, WHO[Role.APPLICANT], self.now)
        assert isinstance(opened, Case)
        self.case = opened

    @property
    def today(self) -> dt.date:
        return self.now.date()

    @property
    def state(self) -> State:
        return self.case.state

    @property
    def standing(self) -> Standing:
        return self.case.standing

    def on(self, date: str) -> Walk:
        self.now = at(date)
        return self

    def attempt(self, move: Move, role: Role, **given: Any) -> Event | Refusal:
        return attempt(self.case, Action(move, WHO[role], details(self.today, **given)), self.now, self.rules)

    def do(self, move: Move, role: Role, **given: Any) -> Walk:
        event = self.attempt(move, role, **given)
        assert isinstance(event, Event), (move, event)
        self.case = self.case.then(event)
        return self

    def refused(self, move: Move, role: Role, **given: Any) -> Refusal:
        refusal = self.attempt(move, role, **given)
        assert isinstance(refusal, Refusal), f"{move} was not refused"
        return refusal

    def open_to(self, role: Role) -> set[Move]:
        return {option.move for option in moves(self.case, role, self.now, self.rules)}

    # the way most tests begin

    def received(self, *materials: str) -> Walk:
        """Applied for and received with these materials (default: all that are required)."""
        brought = materials or (PLAN, SITE, PROOF)
        return self.do(Move.SUBMIT, Role.APPLICANT).do(Move.RECEIVE, Role.CLERK, materials=brought)

    def accepted(self) -> Walk:
        return self.received().do(Move.ACCEPT, Role.CLERK)

    def approved(self) -> Walk:
        return self.accepted().do(Move.APPROVE, Role.CLERK)
