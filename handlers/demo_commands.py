"""A database full of cases, for whoever wants to see a living hall: everybody in it is marked as a demonstration.

The cases are worked by the desk's own functions over half a year; the same seed gives the same half year.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from bot.casework import engagement as engagements
from bot.casework.applicants import Identity, IdentityKind
from bot.casework.engagement import Act, Kind
from bot.casework.ratings import Level, Opinion, Reason, rate
from bot.casework.refusal import Refusal
from bot.casework.standing import Credit, Delivery, Details, Move, Procedure, State
from bot.casework.terms import Actor, Role
from bot.desk import booking
from bot.desk.afterwards import closed_on
from bot.desk.change import Change, Done
from bot.desk.desk import Catalogue, Chance, Desk
from bot.desk.dossier import Applicant, ApplicantKind, Dossier, Rated, applicant_of
from bot.desk.log import appended, noted
from bot.desk.moves import acted, moved
from bot.desk.office import Office
from bot.desk.records import Member, Records
from bot.events import Chat
from bot.store import Store
from knowledge.model import Item
from knowledge.working_days import is_working_day

HALLS = ("371300", "371302", "371321", "371323", "371325", "371327")
BACK = 180  # days ago that the first booking was made
CHANNEL = "terminal"  # `bot.py chat --as NAME` is one of them
AGENT, COORDINATOR, CLERK = "演示代办员", "演示协调员", "演示窗口人员"
MANAGER, SUPERVISOR = "演示大厅管理", "演示监察"
_STAFF = {
    AGENT: Role.AGENT,
    f"{AGENT}乙": Role.AGENT,
    COORDINATOR: Role.COORDINATOR,
    CLERK: Role.CLERK,
    MANAGER: Role.MANAGER,
    SUPERVISOR: Role.SUPERVISOR,
}
_LEVELS = [Level.VERY_SATISFIED] * 6 + [Level.SATISFIED] * 3 + [Level.FAIRLY_SATISFIED, Level.DISSATISFIED]


def fill(store: Store, catalogue: Catalogue, office: Office, now: dt.datetime, cases: int, seed: int) -> Iterator[int]:
    """Write staff and at least so many cases; yields how many there are after each engagement."""
    demo = _Demo(store, catalogue, office, now, random.Random(seed))  # noqa: S311
    demo.hire()
    items = [item.code for item in demo.items()]
    made = number = 0
    while made < cases:
        number += 1
        made += demo.engagement(number, items, now - dt.timedelta(days=BACK) * (1 - made / cases))
        yield made


@dataclass
class _Demo:
    store: Store
    catalogue: Catalogue
    office: Office
    now: dt.datetime
    dice: random.Random

    def items(self) -> list[Item]:
        """Items that can be worked to their end: they have a list of materials."""
        codes: Sequence[str] = self.catalogue.codes()  # type: ignore[attr-defined]
        found = [item for item in map(self.catalogue.item, codes) if item]
        return [item for item in found if item.materials and not item.parts]

    def hire(self) -> None:
        begun = self.now - dt.timedelta(days=BACK + 1)
        members = tuple(
            Member(
                f"demo-{hall}-{role.value}-{at}",
                name if hall == HALLS[0] else f"{name}{hall}",
                frozenset({role}),
                hall,
                Chat(CHANNEL, name if hall == HALLS[0] else f"{name}{hall}"),
                capacity=1000,
            )
            for hall in HALLS
            for at, (name, role) in enumerate(_STAFF.items())
        )
        self.store.write(Change(members=members), begun)

    def engagement(self, number: int, items: list[str], opened: dt.datetime) -> int:
        """One engagement from booking to wherever it has come by now; how many cases it has."""
        with self.store.reading() as records:
            desk = Desk(_SameStaff(records), self.catalogue, self.office, self._in_hours(opened), self._chance())
            done = booking.book(desk, Chat("demo", f"{number:05}"), "zh", self._request(number, items))
            if isinstance(done, Refusal) or done.dossier is None:
                return 0
            worked = _Work(desk, done.dossier, self.dice, self.now).through()
            line = appended(replace(desk, now=self.now), None, worked)
        self.store.write(Change(appended=(line,), serials=done.change.serials), self.now)
        return len(worked.cases)

    def _request(self, number: int, items: list[str]) -> booking.Request:
        organisation = self.dice.random() < 0.7
        applicant = Applicant(
            ApplicantKind.ORGANISATION if organisation else ApplicantKind.PERSON,
            f"演示公司{number:04}" if organisation else f"演示申请人{number:04}",
            Identity(IdentityKind.OTHER, f"DEMO{number:06}"),  # nobody's: no authority gives such a number
            f"+8610000{number:05}",  # nobody's: no Chinese number begins like this
            f"演示联系人{number:04}" if organisation else "",
        )
        kind = self.dice.choice([Kind.FULL, Kind.FULL, Kind.PARTIAL])
        wanted = tuple(self.dice.sample(items, self.dice.choice([2, 3, 5, 8])))
        return booking.Request(applicant, kind, self.dice.choice(HALLS), wanted)

    def _in_hours(self, moment: dt.datetime) -> dt.datetime:
        """A working moment near `moment`, never after now."""
        while not is_working_day(moment.date()):
            moment -= dt.timedelta(days=1)
        moment = moment.replace(hour=self.dice.randrange(9, 17), minute=self.dice.randrange(60), second=0)
        return min(moment.replace(microsecond=0), self.now)

    def _chance(self) -> Chance:
        return Chance(
            self.dice.randrange, lambda: f"{self.dice.getrandbits(160):040x}", lambda: self.dice.randbytes(16)
        )


class _SameStaff:
    """The records, with the staff read once: nobody joins or leaves while an engagement is made up."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.members, self.colleague = cache(records.members), cache(records.colleague)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._records, name)


@dataclass
class _Work:
    """An engagement at work: the desk's clock moves on with every step, until now."""

    desk: Desk
    dossier: Dossier
    dice: random.Random
    until: dt.datetime

    def through(self) -> Dossier:
        agent = self._somebody(Role.AGENT)
        steps: list[Callable[[], bool]] = [
            lambda: self._act(agent, Act.TAKE, 0),
            lambda: self._act(agent, Act.ADMIT, 1),
            lambda: self._act(applicant_of(self.dossier.opened.chat), Act.ENTRUST, 2),
            lambda: self._act(agent, Act.BEGIN, 1),
            *(lambda case=case: self._case(agent, case) for case in self.dossier.cases),
            lambda: self._act(agent, Act.CLOSE, 2),
            self._rated,
        ]
        for step in steps:
            if not step():
                break
        return self.dossier

    def _case(self, agent: Actor, case: str) -> bool:
        clerk, applicant = self._somebody(Role.CLERK), applicant_of(self.dossier.opened.chat)
        checklist = self.dossier.cases[case].standing.checklist
        required = tuple(one.needed.name for one in checklist.entries if one.needed.required)
        if self.dice.random() < 0.05:
            return self._move(applicant, case, Move.WITHDRAW, 1)
        self._move(agent, case, Move.SUBMIT_PREVIEW, 1) and self._move(agent, case, Move.PASS_PREVIEW, 1)
        brought = required if self.dice.random() < 0.7 else required[:-1]
        done = self._move(agent, case, Move.SUBMIT, 1) and self._move(clerk, case, Move.RECEIVE, 1, materials=brought)
        lacking = self.dossier.cases[case].standing.checklist.missing()
        if done and lacking:
            done = self._move(clerk, case, Move.REQUEST_SUPPLEMENT, 1, materials=lacking)
            done = done and self._move(applicant, case, Move.SUPPLY, 5, materials=lacking)
        done = done and self._move(clerk, case, Move.ACCEPT, 1)
        if done and self.dice.random() < 0.1:
            done = self._move(clerk, case, Move.START_PROCEDURE, 1) and self._move(clerk, case, Move.END_PROCEDURE, 6)
        decision = Move.REJECT if self.dice.random() < 0.04 else Move.APPROVE
        done = done and self._move(clerk, case, decision, 6) and self._move(clerk, case, Move.COMPLETE, 1)
        return done and self._move(clerk, case, Move.DELIVER, 3)

    def _rated(self) -> bool:
        number = self.dossier.number
        level = self.dice.choice(_LEVELS)
        said = Opinion(level, (Reason.DELAY,) if level.is_poor else ())
        rating = rate(number, said, closed_on(self.dossier, number), None, self.desk.now)
        if not isinstance(rating, Refusal) and self.dice.random() < 0.6:
            self.dossier = noted(self.desk, self.dossier, applicant_of(self.dossier.opened.chat), Rated(rating))
        return False

    def _move(self, by: Actor, case: str, move: Move, days: int, materials: tuple[str, ...] = ()) -> bool:
        return self._later(days) and self._is_done(
            moved(self.desk, self.dossier, case, by, move, self._details(materials)), case
        )

    def _act(self, by: Actor, what: Act, days: int) -> bool:
        signed = engagements.Details(entrustment="demo") if what is Act.ENTRUST else engagements.Details()
        return self._later(days) and self._is_done(acted(self.desk, self.dossier, by, what, signed))

    def _is_done(self, result: Done | Refusal, case: str = "") -> bool:
        if isinstance(result, Refusal) or result.dossier is None:
            return False
        self.dossier = result.dossier
        return not case or self.dossier.cases[case].state is not State.SUSPENDED

    def _later(self, days: int) -> bool:
        """The clock some working hours on, or days; False once that is in the future."""
        now = self.desk.now + dt.timedelta(days=self.dice.randint(0, days), minutes=self.dice.randint(5, 300))
        if now.hour >= 17 or not is_working_day(now.date()):
            now = (now + dt.timedelta(days=1)).replace(hour=9, minute=self.dice.randrange(60))
        while not is_working_day(now.date()):
            now += dt.timedelta(days=1)
        if now > self.until:
            return False
        self.desk = replace(self.desk, now=now)
        return True

    def _somebody(self, role: Role) -> Actor:
        here = [one for one in self.desk.records.members(self.dossier.hall) if role in one.roles]
        return Actor(self.dice.choice(here).id, role)

    def _details(self, materials: tuple[str, ...]) -> Details:
        return Details(
            reason="演示：材料须补齐",
            basis="演示：依据略",
            remedy="演示：补齐后可以重新申请",
            credit=Credit.CLEAR,
            deadline=self.desk.today + dt.timedelta(days=15),
            materials=materials,
            procedure=Procedure.EXPERT_REVIEW,
            delivery=Delivery.WINDOW,
        )
