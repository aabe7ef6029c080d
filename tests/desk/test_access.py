"""Who of the staff sees a dossier, and in which role they act on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bot.casework import engagement as engagements
from bot.casework.engagement import Act
from bot.casework.refusal import Why
from bot.casework.standing import Move
from bot.casework.terms import Role
from bot.desk import booking, dossier_pages, hall_pages, messages, moves, staff
from bot.desk.access import halls_served, halls_shown, may_see, members_with, roles_on, serves
from bot.desk.desk import Desk
from bot.desk.dossier import Filed
from bot.desk.records import Scope
from tests.desk.scene import APPLICANT, CITY, HALL, HOTEL, INVESTOR, OTHER_HALL, STRANGER, TOBACCO, Scene, full, known

EVERYBODY = ("agent", "second", "clerk", "coordinator", "manager", "supervisor", "cashier", "elsewhere", "city")


@pytest.fixture
def crowd(scene: Scene) -> Scene:
    """More people: a second agent, a cashier, an agent of another hall, and a coordinator of the city's."""
    scene.member("second", Role.AGENT)
    scene.member("cashier", Role.CASHIER)
    scene.member("elsewhere", Role.AGENT, Role.COORDINATOR, hall=OTHER_HALL)
    scene.member("city", Role.COORDINATOR, hall=CITY)
    return scene


def _offered(scene: Scene) -> str:
    return str(scene.book().facts["number"])


def _taken(scene: Scene) -> str:
    number = _offered(scene)
    scene.act("agent", number, Act.TAKE)
    return number


def _handed_in(scene: Scene) -> str:
    number, (case,) = scene.handled()
    scene.move("agent", case, Move.SUBMIT, materials=())
    return number


def _offered_on(scene: Scene) -> str:
    number = _taken(scene)
    scene.act("agent", number, Act.OFFER_HAND_OVER, agent=scene.who("second").id, reason="出差")
    return number


OVERSEERS = {"coordinator", "manager", "supervisor", "city"}


@pytest.mark.parametrize(
    ("so_far", "sees"),
    [
        (_offered, OVERSEERS | {"agent", "second"}),
        (_taken, OVERSEERS | {"agent"}),
        (_handed_in, OVERSEERS | {"agent", "clerk"}),
        (_offered_on, OVERSEERS | {"agent", "second"}),
    ],
)
def test_who_sees_a_dossier(crowd: Scene, so_far: Callable[[Scene], str], sees: set[str]) -> None:
    number = so_far(crowd)

    def found(desk: Desk) -> set[str]:
        dossier = desk.records.dossier(number)
        assert dossier is not None
        return {name for name in EVERYBODY if may_see(desk, known(desk, name), dossier)}

    assert crowd.read(found) == sees


@pytest.mark.parametrize(
    ("who", "others"), [("city", {HALL, OTHER_HALL, "zone_trade_city"}), ("coordinator", set()), ("cashier", set())]
)
def test_a_hall_is_served_by_its_own_and_by_the_one_above(crowd: Scene, who: str, others: set[str]) -> None:
    member = crowd.who(who)
    served = crowd.read(lambda desk: halls_served(desk, member))
    assert served[0] == member.hall
    assert len(served) == len(set(served))
    assert others <= set(served[1:])
    assert bool(others) is bool(served[1:])
    assert crowd.read(lambda desk: all(serves(desk, member, one) for one in served))
    for chosen in ("", "371399", *served):
        shown = crowd.read(lambda desk, chosen=chosen: halls_shown(desk, member, chosen))
        assert shown == ((chosen,) if chosen in served else served)


@pytest.mark.parametrize(
    ("who", "hall", "halls"),
    [
        ("city", "", {HALL, OTHER_HALL}),
        ("city", OTHER_HALL, {OTHER_HALL}),
        ("city", CITY, set()),
        ("coordinator", "", {HALL}),
        ("coordinator", OTHER_HALL, {HALL}),
        ("elsewhere", HALL, {OTHER_HALL}),
    ],
)
def test_lists_show_the_halls_that_are_served_or_the_one_that_was_chosen(
    crowd: Scene, who: str, hall: str, halls: set[str]
) -> None:
    for place in (HALL, OTHER_HALL):
        crowd.book(TOBACCO, region=place)
    member, wanted = crowd.who(who), hall_pages.Wanted(Scope.HALL, hall)
    page = crowd.read(lambda desk: hall_pages.inbox(desk, member, wanted))
    assert {line["hall"] for line in page["lines"]} == halls
    assert page["total"] == len(halls) == {tab["scope"]: tab["total"] for tab in page["tabs"]}["hall"]
    search = crowd.read(lambda desk: hall_pages.search(desk, member, APPLICANT.name))
    assert {line["hall"] for line in search["lines"]} == ({HALL, OTHER_HALL} if who == "city" else halls)


def test_who_does_not_see_it_can_do_nothing_with_it(crowd: Scene) -> None:
    number, (case,) = crowd.handled()
    dossier = crowd.dossier(number)
    for name in ("second", "cashier", "elsewhere", "clerk"):
        me = crowd.who(name)
        assert crowd.refused(lambda d, me=me: moves.move_case(d, me, case, Move.NOTE, full(d))) is Why.NO_MATCH
        assert crowd.refused(lambda d, me=me: messages.write(d, me, number, "您好")) is Why.NO_MATCH
        assert crowd.refused(lambda d, me=me: booking.add_item(d, me, dossier, HOTEL)) is Why.NOT_RESPONSIBLE
    assert crowd.refused(lambda d: messages.write_own(d, STRANGER, number, "您好")) is Why.NO_MATCH
    assert crowd.refused(lambda d: moves.move_own(d, STRANGER, case, Move.SUBMIT, full(d))) is Why.NO_MATCH


def test_an_agent_who_is_late_hears_that_somebody_was_faster(crowd: Scene) -> None:
    number = _taken(crowd)
    second = crowd.who("second")
    assert crowd.refused(lambda desk: moves.act(desk, second, number, Act.TAKE, _nothing())) is Why.TAKEN


def test_only_the_window_decides(crowd: Scene) -> None:
    """Who acts for the applicant never acts for the authority."""
    _, (case,) = crowd.handled()
    crowd.received(case)
    for name in ("agent", "coordinator", "manager"):
        me = crowd.who(name)
        assert crowd.refused(lambda d, me=me: moves.move_case(d, me, case, Move.ACCEPT, full(d))) is Why.NOT_YOURS


def test_whoever_handed_a_case_in_never_decides_on_it(crowd: Scene) -> None:
    """Neither where the same person is a clerk too, nor once the dossier is handed over."""
    both = crowd.member("both", Role.AGENT, Role.CLERK)
    number, (case,) = crowd.handled(by="both")
    crowd.told()
    crowd.move("both", case, Move.SUBMIT, materials=())
    assert {to for to, _ in crowd.told()} == {"investor", "clerk"}
    assert crowd.refused(lambda d: moves.move_case(d, both, case, Move.RECEIVE, full(d))) is Why.NOT_YOURS

    crowd.act("both", number, Act.OFFER_HAND_OVER, agent=crowd.who("agent").id, reason="出差")
    crowd.act("agent", number, Act.TAKE_OVER)
    assert crowd.refused(lambda d: moves.move_case(d, both, case, Move.RECEIVE, full(d))) is Why.NO_MATCH
    crowd.move("clerk", case, Move.RECEIVE, materials=crowd.required(case))


def test_where_the_only_clerk_is_its_agent_the_citys_window_has_it(scene: Scene) -> None:
    scene.do(lambda desk: staff.revoke(desk, known(desk, "clerk").id))
    scene.do(lambda desk: staff.revoke(desk, known(desk, "agent").id))
    scene.member("both", Role.AGENT, Role.CLERK)
    scene.member("city", Role.CLERK, hall=CITY)
    _, (case,) = scene.handled(by="both")
    scene.told()
    scene.move("both", case, Move.SUBMIT, materials=())
    assert ("city", "news") in scene.told()
    scene.move("city", case, Move.RECEIVE, materials=scene.required(case))


def test_a_deputy_acts_while_the_agent_is_away_and_no_longer(crowd: Scene) -> None:
    number, (case,) = crowd.handled()
    agent, second = crowd.who("agent"), crowd.who("second")
    crowd.do(lambda desk: staff.be_away(desk, agent, desk.today, desk.today + dt.timedelta(days=2), second.id))
    crowd.move("second", case, Move.SUBMIT_PREVIEW, materials=())
    assert crowd.dossier(number).responsible == agent.id
    crowd.on("03-05")
    assert crowd.refused(lambda d: moves.move_case(d, second, case, Move.PASS_PREVIEW, full(d))) is Why.NO_MATCH


def test_who_left_sees_nothing(crowd: Scene) -> None:
    number = _taken(crowd)
    agent = crowd.who("agent")
    crowd.do(lambda desk: staff.revoke(desk, agent.id))

    def roles(desk: Desk) -> tuple[Role, ...]:
        dossier, gone = desk.records.dossier(number), desk.records.colleague(agent.id)
        assert dossier is not None and gone is not None
        return roles_on(desk, gone, dossier)

    assert crowd.read(roles) == ()
    assert crowd.read(lambda desk: desk.records.member(agent.chat)) is None  # type: ignore[arg-type]


def test_a_hall_without_its_own_coordinator_is_the_citys(crowd: Scene) -> None:
    found = crowd.read(lambda desk: [one.name for one in members_with(desk, "371325", Role.COORDINATOR)])
    assert found == ["city员"]
    booked = crowd.book(TOBACCO, region="371325", chat=INVESTOR)
    assert not booked.facts["offered"]
    assert ("city", "offer") in crowd.told()


def test_an_offer_alone_tells_nothing_of_the_applicant_and_opens_no_move(crowd: Scene) -> None:
    """In the console, in lists and in papers; it is known once it is taken."""
    number = _offered(crowd)
    (case,) = crowd.dossier(number).cases
    crowd.do(lambda desk: messages.write_own(desk, INVESTOR, number, "我叫李明远，住沂河路"))
    crowd.do(lambda desk: messages.send_file(desk, INVESTOR, None, number, Filed("f" * 20, "image/png", 9, "0" * 64)))
    agent = crowd.who("agent")

    def shown(desk: Desk) -> str:
        lists = (
            hall_pages.inbox(desk, agent, hall_pages.Wanted(Scope.OFFERED)),
            hall_pages.search(desk, agent, number),
        )
        one = (dossier_pages.dossier_page(desk, agent, number), dossier_pages.case_page(desk, agent, case))
        return repr((lists, one, dossier_pages.file_of(desk, agent, number, "f" * 20)))

    for secret in ("李明远", "沂河路", "13800000000", "E12345678", "ffff", "-receipt"):
        assert secret not in crowd.read(shown)
    assert crowd.refused(lambda d: moves.move_case(d, agent, case, Move.NOTE, full(d))) is Why.NOT_RESPONSIBLE
    assert crowd.refused(lambda d: messages.write(d, agent, number, "您好")) is Why.NO_MATCH
    crowd.act("agent", number, Act.TAKE)
    for known_now in ("李明远", "沂河路", "+8613800000000", "ffff", "-receipt"):
        assert known_now in crowd.read(lambda desk: repr(dossier_pages.dossier_page(desk, agent, number)))


def test_nobody_handles_what_they_applied_for_themselves(crowd: Scene) -> None:
    me = crowd.who("agent")
    assert me.chat is not None
    booked = crowd.book(chat=me.chat)
    number = booked.facts["number"]
    assert {chat for chat, _ in crowd.told()} == {"second"}
    assert crowd.refused(lambda desk: moves.act(desk, me, number, Act.TAKE, _nothing())) is Why.NO_MATCH
    assert me.name not in crowd.read(
        lambda desk: repr(dossier_pages.dossier_page(desk, known(desk, "coordinator"), number))
    )


def test_a_picture_sent_in_a_talk_is_no_entrustment(crowd: Scene) -> None:
    """行政许可法 Art. 29: an agent applies on an entrustment; taking on and admitting bring none."""
    number = _offered(crowd)
    (case,) = crowd.dossier(number).cases
    crowd.do(lambda desk: messages.send_file(desk, INVESTOR, None, number, Filed("f" * 20, "image/png", 9, "0" * 64)))
    for act in (Act.TAKE, Act.ADMIT, Act.NOTE):
        crowd.act("agent", number, act, note="已回电")
        assert crowd.dossier(number).entrustment == ""
    agent = crowd.who("agent")
    assert crowd.refused(lambda d: moves.move_case(d, agent, case, Move.SUBMIT, full(d))) is Why.LACKING


def test_an_entrustment_ends_with_the_engagement(crowd: Scene) -> None:
    number, (case,) = crowd.handled()
    crowd.do(lambda desk: moves.act_own(desk, INVESTOR, number, Act.CANCEL, _nothing()))
    agent = crowd.who("agent")
    assert crowd.refused(lambda d: moves.move_case(d, agent, case, Move.SUBMIT, full(d))) is Why.LACKING
    crowd.move_own(case, Move.SUBMIT)


def _nothing() -> engagements.Details:
    return engagements.Details()
