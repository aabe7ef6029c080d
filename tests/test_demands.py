"""What moves demand, as questions: each reader by table, and every open move of every state through its form."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.casework.case import Case
from bot.casework.materials import Needed
from bot.casework.refusal import Refusal
from bot.casework.standing import Delivery, Details, Event, Opening, Procedure, State
from bot.casework.standing import Move as CaseMove
from bot.casework.terms import STAFF, Actor, Role
from bot.desk import booking, moves, staff
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.dialogue import demands
from bot.dialogue.forms import Given, Heard, Partly
from bot.dialogue.state import Filling, Turn
from bot.dialogue.state import State as Talk
from bot.events import Chat, Incoming, Outcome, Pressed, Reply, Said
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.conftest import NOW, chance
from tests.deskwork import applicant

ITEM, HALL = "labor_dispatch", "371321"
STAFFER, WINDOW = Chat("terminal", "staff"), Chat("terminal", "window")
NAMES = (
    "劳务派遣经营许可申请书",
    "营业执照",
    "公司章程及验资报告或财务审计报告",
    "经营场所使用证明、设施设备清单",
    "劳务派遣管理制度",
)
ROLES = {STAFFER: frozenset({Role.AGENT, Role.COORDINATOR, Role.MANAGER}), WINDOW: frozenset({Role.CLERK})}


@dataclass
class Hall:
    """A hall with two members of staff who have every role that handles cases between them, and a case of theirs."""

    assistant: Assistant
    now: dt.datetime
    number: str = ""
    case: str = ""
    who: Chat = STAFFER  # presses and writes

    def do(self, decide) -> Done:  # type: ignore[no-untyped-def]
        done = self.assistant.perform(decide)
        assert isinstance(done, Done), done
        return done

    def opened(self) -> Hall:
        """A fresh dossier, taken on and entrusted."""
        from bot.casework.engagement import Act, Kind
        from bot.casework.engagement import Details as ActDetails

        request = booking.Request(applicant("投资人"), Kind.FULL, HALL, (ITEM,))
        chat = Chat("terminal", f"investor {self.now.isoformat()} {next(_COUNT)}")
        done = self.do(lambda desk: booking.book(desk, chat, "zh", request))
        hall = replace(self, number=done.facts["number"], case=done.facts["cases"][0]["number"])
        mine = self.assistant.read(lambda desk: self.member(desk).id)
        for act, details in ((Act.ASSIGN, ActDetails(agent=mine, reason="测试")), (Act.ADMIT, ActDetails())):
            hall.do(
                lambda desk, act=act, details=details: moves.act(desk, hall.member(desk), hall.number, act, details)
            )
        hall.do(lambda desk: moves.act_own(desk, chat, hall.number, Act.ENTRUST, ActDetails(entrustment="委托书")))
        hall.do(lambda desk: moves.act(desk, hall.member(desk), hall.number, Act.BEGIN, ActDetails()))
        return hall

    def member(self, desk: Desk, chat: Chat = STAFFER):  # type: ignore[no-untyped-def]
        found = desk.records.member(chat)
        assert found
        return found

    def move(self, move: CaseMove, details: Details) -> None:
        """Whose move it is makes it."""

        def made(desk: Desk) -> Done | Refusal:
            tried = [moves.move_case(desk, self.member(desk, chat), self.case, move, details) for chat in ROLES]
            return next((one for one in tried if isinstance(one, Done)), tried[-1])

        self.do(made)

    def state(self) -> State:
        found = self.assistant.read(lambda desk: desk.records.dossier_of(self.case))
        assert found
        return found.cases[self.case].state

    def press(self, data: str) -> tuple[Reply, ...]:
        return self.assistant.respond(Incoming(self.who, f"u{next(_COUNT)}", Pressed(data), "zh"))

    def say(self, text: str) -> tuple[Reply, ...]:
        return self.assistant.respond(Incoming(self.who, f"u{next(_COUNT)}", Said(text), "zh"))

    def buttons(self) -> list[tuple[Chat, str]]:
        """The moves that the case's page offers, and to whom."""
        offered: list[tuple[Chat, str]] = []
        for who in ROLES:
            page, *_ = replace(self, who=who).press(f"k:{self.case}")  # a form that is under way asks again after it
            offered += [(who, one.data) for row in page.buttons for one in row if one.data.startswith("m:")]
        return offered


_COUNT = itertools.count()


@pytest.fixture
def hall(catalogue: Catalogue, store: Store, renderer: Renderer) -> Hall:
    clock = [NOW]
    assistant = Assistant(lambda: catalogue, store, renderer, lambda: clock[0], chance())
    found = Hall(assistant, NOW)
    for chat, roles in ROLES.items():
        code = found.do(lambda desk, roles=roles: staff.invite(desk, roles, HALL)).facts["code"]
        found.do(lambda desk, chat=chat, code=code: staff.join(desk, chat, code, "王小明"))
    return found


# --- readers ------------------------------------------------------------------------------------


def filling(**about: str) -> Filling:
    return Filling("move", "", about=about)


def read(field: str, hall: Hall, catalogue: Catalogue, about: Filling, event: Said | Pressed):  # type: ignore[no-untyped-def]
    """What a field makes of what came in."""
    found = next(one for one in (*demands.MOVE_FIELDS, *demands.ACT_FIELDS) if one.name == field)

    def ask(desk: Desk):  # type: ignore[no-untyped-def]
        understood = catalogue.understand(event.text) if isinstance(event, Said) else None
        turn = Turn(Talk(), "zh", catalogue, desk, STAFFER, desk.today)
        return found.read(turn, about, Heard(event, understood))

    return hall.assistant.read(ask)


@pytest.mark.parametrize(
    ("field", "event", "meant"),
    [
        ("deadline", Said("12月15日"), "2026-12-15"),
        ("deadline", Pressed("10"), "2026-12-07"),
        ("deadline", Said("2026-11-20"), "deadline_past"),
        ("deadline", Said("今天"), "deadline_past"),
        ("deadline", Said("2030-01-01"), "deadline_far"),
        ("deadline", Said("尽快"), "lacking"),
        ("deadline", Said("补办身份证要多少钱"), None),  # a question: answered, and the form taken up again
        ("deadline", Pressed("7"), None),
        ("days", Said("10"), 10),
        ("days", Said("１０个工作日"), 10),
        ("days", Said("5 working days"), 5),
        ("days", Pressed("15"), 15),
        ("days", Said("十天"), "not_a_number_of_days"),
        ("procedure", Pressed("hearing"), "hearing"),
        ("procedure", Said("专家评审"), "expert_review"),
        ("procedure", Said("喝茶"), "lacking"),
        ("procedure", Pressed("tea"), None),
        ("opinion", Said("同意"), "consent"),
        ("opinion", Pressed("silent"), None),  # nobody's to give
        ("delivery", Said("邮寄"), "post"),
        ("credit", Pressed("barred"), "barred"),
        (
            "reason",
            Said("少了两样，怎么办都在清单上"),
            "少了两样，怎么办都在清单上",
        ),  # no question, whatever it sounds like
        ("reason", Said("字" * 2001), "too_long"),
        ("reason", Pressed("none"), None),  # this reason is demanded
        ("departments", Said("市场局、人社局，消防\n市场局"), ["市场局", "人社局", "消防"]),
        ("departments", Said("、，"), "lacking"),
        ("item", Said("tobacco_retail_licence"), "tobacco_retail_licence"),
        ("item", Pressed("no_such_item"), None),
    ],
)
def test_an_answer_is_read(hall: Hall, catalogue: Catalogue, field: str, event: Said | Pressed, meant: object) -> None:
    about = filling(demands="reason deadline days procedure opinion delivery credit departments")
    given = read(field, hall, catalogue, about, event)
    assert _value(given) == meant


def _value(given: Given | Partly | Refusal | None) -> object:
    match given:
        case Given(value):
            return value
        case Partly(draft):
            return ("partly", draft)
        case Refusal(why):
            return why.value
    return None


@pytest.mark.parametrize(
    ("move", "event", "meant"),
    [
        ("record_materials", Said("1、3"), [NAMES[0], NAMES[2]]),
        ("record_materials", Said("1,2 3"), list(NAMES[:3])),
        ("record_materials", Said("营业执照"), ["营业执照"]),
        ("record_materials", Said("经营场所使用证明、设施设备清单"), [NAMES[3]]),  # a name with a separator in it
        ("record_materials", Said("执照；管理制度"), ["营业执照", NAMES[4]]),  # parts that only one name has
        ("record_materials", Said("证明"), [NAMES[3]]),
        ("record_materials", Said("营"), "unknown_material"),  # three names have it
        ("record_materials", Said("团员证"), "unknown_material"),  # 行政许可法 Art. 31: not on the list
        ("record_materials", Said("9"), "unknown_material"),
        ("record_materials", Pressed("2"), ("partly", ["营业执照"])),
        ("record_materials", Pressed("all"), ("partly", list(NAMES))),
        ("record_materials", Pressed("9"), None),
        ("record_materials", Pressed("done"), "lacking"),
        ("check_materials", Said("1"), "unknown_material"),  # nothing is here yet that could be checked
        ("request_supplement", Pressed("done"), list(NAMES)),  # everything that is missing, at once
        ("request_supplement", Pressed("5"), ("partly", sorted(NAMES[:4]))),
    ],
)
def test_materials_are_read(hall: Hall, catalogue: Catalogue, move: str, event: Said | Pressed, meant: object) -> None:
    opened = hall.opened()
    about = filling(case=opened.case, move=move, demands="materials")
    assert _value(read("materials", hall, catalogue, about, event)) == meant


def case_with(*needed: Needed, events: tuple[tuple[CaseMove, State, Details], ...] = ()) -> Case:
    by, day = Actor("w", Role.CLERK), NOW.date()
    opening = Opening("1", ITEM, "", HALL, materials=needed, deferral=True, commitment=True)
    first = Event(NOW, by, CaseMove.OPEN, State.DRAFT, day, opening=opening)
    return Case.of([first, *(Event(NOW, by, move, to, day, details) for move, to, details in events)])


@pytest.mark.parametrize(
    ("move", "eligible", "suggested"),
    [
        (CaseMove.RECORD_MATERIALS, "甲乙丙丁", ""),
        (CaseMove.CHECK_MATERIALS, "甲", "甲"),
        (CaseMove.REQUEST_SUPPLEMENT, "甲乙丙丁", "乙丙"),
        (CaseMove.ACCEPT_DEFERRED, "丙", "丙"),  # main materials are never deferred
        (CaseMove.ACCEPT_ON_COMMITMENT, "乙丙丁", "乙丙"),
        (CaseMove.RECEIVE, "甲乙丙丁", ""),
    ],
)
def test_what_a_move_is_nearly_always_about_is_ticked(move: CaseMove, eligible: str, suggested: str) -> None:
    needed = (Needed("甲"), Needed("乙"), Needed("丙", deferrable=True), Needed("丁", required=False))
    case = case_with(*needed, events=((CaseMove.RECEIVE, State.RECEIVED, Details(materials=("甲",))),))
    assert "".join(demands.eligible(case, move)) == eligible
    assert "".join(demands.suggested(case, move)) == suggested


# --- every open move of every state, by buttons and words alone ------------------------------------

_TEXT = "《行政许可法》第三十二条"
_LATER = (NOW + dt.timedelta(days=20)).date()
_SOME, _ALL = Details(materials=NAMES[:3]), Details(materials=NAMES)
_NO = Details(reason="理由", basis=_TEXT, remedy="可以补齐后再申请")
_ASK = Details(materials=NAMES[3:], reason="缺两样", deadline=_LATER)
_ASK_AGAIN = Details(materials=NAMES[4:], reason="没有盖章", deadline=_LATER)
_PAUSE = Details(procedure=Procedure.HEARING, basis=_TEXT, deadline=_LATER)
_M = CaseMove

Path = tuple[tuple[CaseMove, Details], ...]
_PREVIEW: Path = ((_M.SUBMIT_PREVIEW, Details()),)
_HANDED_IN: Path = ((_M.SUBMIT, Details()),)
_RECEIVED: Path = (*_HANDED_IN, (_M.RECEIVE, _SOME))
_COMPLETE: Path = (*_HANDED_IN, (_M.RECEIVE, _ALL))
_ACCEPTED: Path = (*_COMPLETE, (_M.ACCEPT, Details()))
_APPROVED: Path = (*_ACCEPTED, (_M.APPROVE, Details()))
_DONE: Path = (*_APPROVED, (_M.COMPLETE, Details()))
_INVITED: Path = (*_PREVIEW, (_M.INVITE, Details(departments=("市场局", "人社局"), deadline=_LATER)))

PATHS: dict[str, tuple[State, Path]] = {
    "draft": (State.DRAFT, ()),
    "preview": (State.PREVIEW_SUBMITTED, _PREVIEW),
    "departments invited": (State.PREVIEW_SUBMITTED, _INVITED),
    "returned": (State.PREVIEW_RETURNED, (*_PREVIEW, (_M.RETURN_PREVIEW, Details(reason="不全")))),
    "passed": (State.PREVIEW_PASSED, (*_PREVIEW, (_M.PASS_PREVIEW, Details()))),
    "handed in": (State.AWAITING_RECEIPT, _HANDED_IN),
    "received in part": (State.RECEIVED, _RECEIVED),
    "received": (State.RECEIVED, _COMPLETE),
    "supplement": (State.SUPPLEMENT, (*_RECEIVED, (_M.REQUEST_SUPPLEMENT, _ASK))),
    "accepted": (State.ACCEPTED, _ACCEPTED),
    "supplement after acceptance": (
        State.ACCEPTED_SUPPLEMENT,
        (*_ACCEPTED, (_M.REQUEST_SUPPLEMENT, _ASK_AGAIN)),
    ),
    "procedure": (State.PROCEDURE, (*_ACCEPTED, (_M.START_PROCEDURE, _PAUSE))),
    "approved": (State.APPROVED, _APPROVED),
    "rejected": (State.REJECTED, (*_ACCEPTED, (_M.REJECT, _NO))),
    "completed": (State.COMPLETED, _DONE),
    "delivered": (State.DELIVERED, (*_DONE, (_M.DELIVER, Details(delivery=Delivery.POST)))),
    "not accepted": (State.NOT_ACCEPTED, (*_RECEIVED, (_M.REFUSE_ACCEPTANCE, _NO))),
    "suspended": (State.SUSPENDED, (*_ACCEPTED, (_M.SUSPEND, Details(reason="申请人要求")))),
    "withdrawn": (State.WITHDRAWN, (*_HANDED_IN, (_M.WITHDRAW, Details()))),
    "terminated": (State.TERMINATED, (*_HANDED_IN, (_M.TERMINATE, _NO))),
}


def arrived(hall: Hall, path: Path) -> Hall:
    opened = hall.opened()
    for move, details in path:
        opened.move(move, details)
    return opened


def answered(hall: Hall, reply: Reply) -> tuple[Reply, ...]:
    """A sensible answer to a form's question: what is ticked (all, where nothing is), the first choice, or words."""
    own = [one.data for row in reply.buttons for one in row if ":v:" in one.data]
    done = [data for data in own if data.endswith(":done")]
    boxes = [data for data in own if data.rsplit(":", 1)[1].isdecimal()]
    if done and boxes and not any(one.label.startswith("☑") for row in reply.buttons for one in row):
        (reply,) = hall.press(boxes[0])
        done = [one.data for row in reply.buttons for one in row if one.data.endswith(":done")]
    if done:
        return hall.press(done[0])
    return hall.press(own[0]) if own else hall.say("市场监督管理局")


@pytest.mark.parametrize("name", PATHS)
def test_every_open_move_can_be_made_by_buttons_and_words(hall: Hall, name: str) -> None:
    state, path = PATHS[name]
    offered = arrived(hall, path).buttons()
    assert offered, "a note at least"
    for who, button in offered:
        here = replace(arrived(hall, path), who=who)
        assert here.state() is state
        move = button.split(":")[2]
        *_, reply = here.press(f"m:{here.case}:{move}")
        for _ in range(12):
            if reply.outcome is not Outcome.FORM:
                break
            *_, reply = answered(here, reply)
        assert reply.outcome is Outcome.SUMMARY, move
        *_, made = here.press(_ok(reply))
        if made.outcome is Outcome.FORM:  # a procedure is prolonged beyond what was told before
            (reply,) = here.say("2027年3月1日")
            (made,) = here.press(_ok(reply))
        assert made.outcome is Outcome.MOVED, f"{move}: {made.text}"
        happened = here.assistant.read(lambda desk, here=here: desk.records.dossier_of(here.case))
        assert happened and happened.cases[here.case].events[-1].move.value == move


def _ok(summary: Reply) -> str:
    return next(one.data for row in summary.buttons for one in row if one.data.endswith(":ok"))


def test_no_state_is_left_out() -> None:
    assert {state for state, _ in PATHS.values()} == set(State)


_ANYTHING = st.one_of(
    st.sampled_from(
        ["1、3", "营业执照", "12月15日", "2026-11-20", "5", "十天", "教育局", "同意", "补办身份证要多少钱", "/", "。"]
    ),
    st.text(min_size=1, max_size=20),
)
_STEPS = st.lists(st.one_of(st.integers(0, 30), _ANYTHING), max_size=14)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(PATHS)), choice=st.integers(0, 30), steps=_STEPS)
def test_whatever_is_pressed_and_written_the_case_stays_lawful(
    hall: Hall, name: str, choice: int, steps: list[int | str]
) -> None:
    """Numbers press a button of what was shown last, words are written; each is answered, and nothing but what the
    table lets happen has happened."""
    here = arrived(hall, PATHS[name][1])
    offered = here.buttons()
    who, button = offered[choice % len(offered)]
    here = replace(here, who=who)
    replies = here.press(button)
    for step in steps:
        shown = [one.data for reply in replies for row in reply.buttons for one in row if one.data]
        replies = here.press(shown[step % len(shown)]) if isinstance(step, int) and shown else here.say(str(step))
        assert replies
    dossier = here.assistant.read(lambda desk: desk.records.dossier_of(here.case))
    assert dossier and Case.of(dossier.cases[here.case].events).state is dossier.cases[here.case].state
    assert {event.by.role for event in dossier.cases[here.case].events} <= STAFF | {Role.APPLICANT}
