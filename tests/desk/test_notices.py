"""Who is told of what: everybody it concerns, once, and nobody of what they did themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

from bot.casework import engagement as engagements
from bot.casework.engagement import Act
from bot.casework.ratings import Level, Opinion, Reason
from bot.casework.standing import Delivery, Details, Move
from bot.casework.terms import Role
from bot.desk import afterwards, booking, messages, moves, staff, status
from bot.desk.dossier import Filed
from bot.events import Chat
from tests.desk.scene import HOTEL, INVESTOR, Scene, known

FOLLOWER = Chat("terminal", "follower")


def heard(scene: Scene) -> set[tuple[str, str]]:
    told = scene.told()
    assert len(told) == len(set(told)), told
    return set(told)


def test_a_booking_is_offered_to_the_halls_agents(scene: Scene) -> None:
    scene.member("second", Role.AGENT)
    scene.told()
    scene.book()
    assert heard(scene) == {("agent", "offer"), ("second", "offer")}


def test_expertise_comes_first_and_at_most_so_many_are_asked(scene: Scene) -> None:
    scene.member("expert", Role.AGENT, expertise=("tobacco_retail_licence",))
    scene.told()
    number = scene.book().facts["number"]
    offer = scene.dossier(number).offer
    assert offer is not None and offer.to[0] == scene.who("expert").id


ACTS: list[tuple[str, Act, set[tuple[str, str]]]] = [
    ("agent", Act.TAKE, {("investor", "dossier_news")}),
    ("agent", Act.ADMIT, {("investor", "dossier_news")}),
    ("investor", Act.ENTRUST, {("agent", "dossier_news")}),
    ("agent", Act.BEGIN, {("investor", "dossier_news")}),
    ("agent", Act.NOTE, set()),
    ("agent", Act.SUSPEND, {("investor", "dossier_news")}),
    ("investor", Act.RESUME, {("agent", "dossier_news")}),
    ("investor", Act.CANCEL, {("agent", "dossier_news")}),
]


def test_acts_are_told(scene: Scene) -> None:
    number = scene.book().facts["number"]
    scene.told()
    given = engagements.Details(reason="出差", entrustment="signed", note="已回电")
    for who, act, expected in ACTS:
        if who == "investor":
            scene.do(lambda desk, act=act: moves.act_own(desk, INVESTOR, number, act, given))
        else:
            scene.act(who, number, act, reason="出差", note="已回电")
        assert heard(scene) == expected, act


MOVES: list[tuple[str, Move, set[tuple[str, str]]]] = [
    ("agent", Move.SUBMIT_PREVIEW, {("investor", "news")}),
    ("agent", Move.NOTE, set()),
    ("coordinator", Move.INVITE, set()),
    ("agent", Move.RETURN_PREVIEW, {("investor", "news")}),
    ("agent", Move.SUBMIT_PREVIEW, {("investor", "news")}),
    ("agent", Move.PASS_PREVIEW, {("investor", "news")}),
    ("agent", Move.SUBMIT, {("investor", "news"), ("clerk", "news")}),
    ("clerk", Move.RECEIVE, {("investor", "news"), ("agent", "news")}),
    ("clerk", Move.CHECK_MATERIALS, set()),
    ("clerk", Move.ACCEPT, {("investor", "news"), ("agent", "news")}),
    ("manager", Move.EXTEND, {("investor", "news"), ("agent", "news")}),
    ("clerk", Move.APPROVE, {("investor", "news"), ("agent", "news")}),
    ("clerk", Move.COMPLETE, {("investor", "news"), ("investor", "rating_asked"), ("agent", "news")}),
    ("agent", Move.DELIVER, {("investor", "news")}),
]


def test_moves_are_told(scene: Scene) -> None:
    _, (case,) = scene.handled()
    scene.do(lambda desk: status.follow(desk, FOLLOWER, case))
    scene.told()
    for who, move, expected in MOVES:
        brings = scene.required(case) if move in (Move.RECEIVE, Move.CHECK_MATERIALS) else ()
        scene.move(who, case, move, materials=brings, delivery=Delivery.WINDOW)
        news = {("follower", "news")} if ("investor", "news") in expected else set()
        assert heard(scene) == expected | news, move
    scene.do(lambda desk: status.stop(desk, FOLLOWER))
    scene.told()


@pytest.mark.parametrize("acting", ["applicant", "agent"])
def test_a_supplement_is_told_to_whoever_waits_for_it(scene: Scene, acting: str) -> None:
    _, (case,) = scene.handled()
    scene.received(case, *scene.required(case)[:1])
    lacking = scene.required(case)[1:]
    scene.told()
    scene.move("clerk", case, Move.REQUEST_SUPPLEMENT, materials=lacking)
    assert heard(scene) == {("investor", "news"), ("agent", "news")}
    if acting == "applicant":
        scene.move_own(case, Move.SUPPLY, materials=lacking)
        assert heard(scene) == {("agent", "news"), ("clerk", "news")}
    else:
        scene.move("agent", case, Move.SUPPLY, materials=lacking)
        assert heard(scene) == {("investor", "news"), ("clerk", "news")}


def test_the_last_file_hands_the_supplement_in(scene: Scene) -> None:
    number, (case,) = scene.handled()
    scene.received(case, *scene.required(case)[:1])
    scene.move("clerk", case, Move.REQUEST_SUPPLEMENT, materials=scene.required(case)[1:])
    scene.told()
    for at, material in enumerate(scene.required(case)[1:], start=1):
        file = Filed(f"file{at}", "image/jpeg", 10, "0" * 64)
        done = scene.do(lambda d, m=material, f=file: messages.attach(d, INVESTOR, case, m, f))
        assert done.facts["missing"] == list(scene.required(case)[1 + at :])
    assert scene.dossier(number).cases[case].state == "received"
    assert {("agent", "news"), ("clerk", "news")} <= set(scene.told())


def _absent_agent(scene: Scene) -> str:
    number = scene.book().facts["number"]
    return str(number)


@pytest.mark.parametrize(
    ("so_far", "reader"),
    [(_absent_agent, "coordinator"), (lambda scene: scene.handled()[0], "agent")],
)
def test_what_the_applicant_writes_reaches_somebody(scene: Scene, so_far: Callable[[Scene], str], reader: str) -> None:
    number = so_far(scene)
    scene.told()
    assert scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "几点能来？")).facts["reached"]
    assert heard(scene) == {(reader, "message")}


def test_no_letter_carries_what_the_other_side_may_not_see(scene: Scene) -> None:
    """Neither the applicant's telephone nor anybody's chat goes along with a message."""
    number = scene.handled()[0]
    agent = scene.who("agent")
    for done in (
        scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "您好")),
        scene.do(lambda desk: messages.write(desk, agent, number, "您好")),
    ):
        said = repr([letter.say for letter in done.change.letters])
        assert done.change.letters and "13800000000" not in said and "terminal" not in said


def test_a_poor_rating_goes_to_whoever_has_to_put_it_right(scene: Scene) -> None:
    _, (case,) = scene.handled()
    scene.move_own(case, Move.WITHDRAW)
    scene.told()
    poor = Opinion(Level.DISSATISFIED, (Reason.DELAY,))
    scene.do(lambda desk: afterwards.rate_matter(desk, INVESTOR, case, poor))
    assert heard(scene) == {("agent", "poor_rating"), ("supervisor", "poor_rating")}


def test_an_own_withdrawal_is_not_news(scene: Scene) -> None:
    _, (case,) = scene.handled()
    scene.told()
    scene.do(lambda desk: moves.move_own(desk, INVESTOR, case, Move.WITHDRAW, Details(reason="不办了")))
    assert ("investor", "news") not in scene.told()


def test_an_added_item_is_told_once_to_the_applicant_and_to_the_agent_who_did_not_add_it(scene: Scene) -> None:
    number, _ = scene.handled()
    scene.told()
    scene.do(lambda d: booking.add_item(d, known(d, "agent"), scene.dossier(number), HOTEL))
    assert scene.told() == [("investor", "dossier_news")]
    scene.do(lambda d: booking.add_item(d, known(d, "coordinator"), scene.dossier(number), "labor_dispatch"))
    assert scene.told() == [("investor", "dossier_news"), ("agent", "dossier_news")]


def test_what_is_told_names_who_did_it_though_the_clock_went_back_meanwhile(scene: Scene) -> None:
    number = scene.book().facts["number"]
    scene.act("agent", number, Act.TAKE)
    scene.act("agent", number, Act.ADMIT)
    scene.now -= dt.timedelta(seconds=5)
    signed = engagements.Details(entrustment="signed")
    done = scene.do(lambda desk: moves.act_own(desk, INVESTOR, number, Act.ENTRUST, signed))
    (letter,) = done.change.letters
    assert letter.say.facts["event"]["role"] == "applicant"


def test_what_is_written_to_an_agent_who_has_left_reaches_the_coordinator(scene: Scene) -> None:
    number = scene.book().facts["number"]
    scene.act("agent", number, Act.TAKE)
    agent = scene.who("agent").id
    scene.do(lambda desk: staff.revoke(desk, agent))
    scene.told()
    done = scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "还在吗"))
    assert done.facts["reached"] and heard(scene) == {("coordinator", "message")}
