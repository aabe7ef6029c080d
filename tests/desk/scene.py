"""A hall with its people, on a database: what the tests of the desk share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

from bot.assistant import Assistant
from bot.casework import engagement as engagements
from bot.casework.applicants import Identity, IdentityKind
from bot.casework.engagement import Act, Kind
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Credit, Delivery, Details, Move, Opinion, Procedure
from bot.casework.terms import CHINA, Role
from bot.desk import booking, moves, staff
from bot.desk.change import Change, Done
from bot.desk.desk import Desk
from bot.desk.dossier import Applicant, ApplicantKind, Dossier
from bot.desk.office import Office
from bot.desk.records import Member
from bot.desk.tick import tick
from bot.events import Chat, Outcome
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.conftest import chance

T = TypeVar("T")

HALL, OTHER_HALL, CITY = "371321", "371323", "371300"  # 沂南, 沂水, 临沂
TOBACCO, HOTEL = "tobacco_retail_licence", "hotel_special_trade"  # 20 working days by law; both take a commitment
MONDAY = dt.datetime(2026, 3, 2, 9, 30, tzinfo=CHINA)  # no holiday in that month
INVESTOR = Chat("terminal", "investor")
STRANGER = Chat("terminal", "stranger")
APPLICANT = Applicant(ApplicantKind.PERSON, "李明远", Identity(IdentityKind.OTHER, "E12345678"), "+8613800000000")


def request(*items: str, **given: Any) -> booking.Request:
    """A booking of `items` (default: a tobacco licence), in full, in 沂南."""
    wanted: dict[str, Any] = {"applicant": APPLICANT, "kind": Kind.FULL, "region": HALL, "items": items or (TOBACCO,)}
    return booking.Request(**(wanted | given))


class Scene:
    """The desk, its clock, and every letter that was written."""

    def __init__(self, catalogue: Catalogue, store: Store, renderer: Renderer, office: Office | None = None) -> None:
        self.now = MONDAY
        self.store = store
        self.assistant = Assistant(lambda: catalogue, store, renderer, lambda: self.now, chance(), office)
        self.letters: list[tuple[Chat, Outcome]] = []

    # --- doing ---

    def attempt(self, decide: Callable[[Desk], Done | Refusal]) -> Done | Refusal:
        result = self.assistant.perform(decide)
        if isinstance(result, Done):
            self.letters += [(letter.to, letter.say.outcome) for letter in result.change.letters]
        return result

    def do(self, decide: Callable[[Desk], Done | Refusal]) -> Done:
        result = self.attempt(decide)
        assert isinstance(result, Done), result
        return result

    def refused(self, decide: Callable[[Desk], Done | Refusal]) -> Why:
        result = self.attempt(decide)
        assert isinstance(result, Refusal), result
        return result.why

    def read(self, view: Callable[[Desk], T]) -> T:
        return self.assistant.read(view)

    def told(self) -> list[tuple[str, str]]:
        """Who was told what since this was asked last: (chat's id, outcome)."""
        new, self.letters = self.letters, []
        return [(chat.id, outcome.value) for chat, outcome in new]

    def on(self, date: str, hour: int = 9, minute: int = 30) -> Scene:
        """The clock at a moment of 2026, month-day; nothing happens by it."""
        self.now = dt.datetime.combine(dt.date.fromisoformat(f"2026-{date}"), dt.time(hour, minute), CHINA)
        return self

    def tick(self, number: str) -> Change:
        """What time has brought in a dossier."""
        return self.do(lambda desk: Done(tick(desk, number))).change

    # --- people ---

    def member(self, name: str, *roles: Role, hall: str = HALL, expertise: tuple[str, ...] = ()) -> Member:
        """Somebody who joins the hall's staff from a chat of that name."""
        code = self.do(lambda desk: staff.invite(desk, roles, hall, expertise)).facts["code"]
        self.do(lambda desk: staff.join(desk, Chat("terminal", name), code, f"{name}员"))
        return self.who(name)

    def who(self, name: str) -> Member:
        """A member as they are now."""
        return self.read(lambda desk: known(desk, name))

    # --- dossiers ---

    def book(self, *items: str, chat: Chat = INVESTOR, **given: Any) -> Done:
        return self.do(lambda desk: booking.book(desk, chat, "zh", request(*items, **given)))

    def dossier(self, number: str) -> Dossier:
        found = self.read(lambda desk: desk.records.dossier(number))
        assert found is not None
        return found

    def act(self, name: str, number: str, what: Act, **given: Any) -> Done:
        return self.do(lambda desk: moves.act(desk, known(desk, name), number, what, engagements.Details(**given)))

    def move(self, name: str, case: str, move: Move, **given: Any) -> Done:
        """A member of staff moves a case, with everything any move demands but for what is given."""
        return self.do(lambda desk: moves.move_case(desk, known(desk, name), case, move, full(desk, **given)))

    def move_own(self, case: str, move: Move, chat: Chat = INVESTOR, **given: Any) -> Done:
        return self.do(lambda desk: moves.move_own(desk, chat, case, move, Details(**given)))

    def handled(self, *items: str, by: str = "agent") -> tuple[str, tuple[str, ...]]:
        """An engagement an agent works on, entrusted and begun: its number and its cases'."""
        number = self.book(*items).facts["number"]
        self.act(by, number, Act.TAKE)
        self.act(by, number, Act.ADMIT)
        entrusted = engagements.Details(entrustment="signed")
        self.do(lambda desk: moves.act_own(desk, INVESTOR, number, Act.ENTRUST, entrusted))
        self.act(by, number, Act.BEGIN)
        return number, tuple(self.dossier(number).cases)

    def required(self, case: str) -> tuple[str, ...]:
        """The materials a case cannot do without."""
        dossier = self.read(lambda desk: desk.records.dossier_of(case))
        assert dossier is not None
        entries = dossier.cases[case].standing.checklist.entries
        return tuple(entry.needed.name for entry in entries if entry.needed.required)

    def received(self, case: str, *materials: str) -> None:
        """Handed in and received at the window, with everything that is required unless said otherwise."""
        self.move("agent", case, Move.SUBMIT, materials=())
        self.move("clerk", case, Move.RECEIVE, materials=materials or self.required(case))

    def accepted(self, case: str) -> None:
        self.received(case)
        self.move("clerk", case, Move.ACCEPT, materials=())


def known(desk: Desk, name: str) -> Member:
    """Who of the staff talks in the chat of that name."""
    found = desk.records.member(Chat("terminal", name))
    assert found is not None
    return found


def full(desk: Desk, **given: Any) -> Details:
    """Details with which every demand is met, but for those given; papers and entrustment are the desk's to bring."""
    met: dict[str, Any] = {
        "reason": "材料不全",
        "basis": "《行政许可法》第三十二条",
        "commitment": "letter",
        "remedy": "补齐后可以重新申请",
        "approval": "局长批准",
        "credit": Credit.CLEAR,
        "deadline": desk.today + dt.timedelta(days=10),
        "days": 5,
        "procedure": Procedure.EXPERT_REVIEW,
        "departments": ("住建局", "消防救援大队"),
        "department": "住建局",
        "opinion": Opinion.CONSENT,
        "delivery": Delivery.WINDOW,
        "note": "已电话说明",
    }
    return Details(**(met | given))
