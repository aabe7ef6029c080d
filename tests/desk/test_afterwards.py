"""Ratings: once, in time, with reasons where they are poor. Complaints: a number, a day, an answer."""

from __future__ import annotations

import pytest

from bot.casework.numbers import NumberFormat
from bot.casework.ratings import Level, Opinion, Reason
from bot.casework.refusal import Why
from bot.casework.standing import Move
from bot.desk import afterwards
from bot.desk.change import Done
from bot.desk.desk import Desk
from tests.desk.scene import INVESTOR, STRANGER, Scene

GOOD, POOR = Opinion(Level.SATISFIED), Opinion(Level.DISSATISFIED, (Reason.DELAY,))


def withdrawn(scene: Scene) -> str:
    """A case that came to its end on Monday 2 March."""
    _, (case,) = scene.handled()
    scene.move_own(case, Move.WITHDRAW)
    return case


@pytest.mark.parametrize(
    ("date", "opinion", "why"),
    [
        ("03-02", GOOD, None),
        ("03-09", GOOD, None),
        ("03-10", GOOD, Why.TOO_LATE),
        ("03-03", Opinion(Level.VERY_DISSATISFIED), Why.REASON_NEEDED),
        ("03-03", Opinion(Level.VERY_DISSATISFIED, (Reason.OTHER,)), Why.REASON_NEEDED),
        ("03-03", Opinion(Level.VERY_DISSATISFIED, (Reason.OTHER,), "窗口没人"), None),
        ("03-03", Opinion(Level.SATISFIED, (), "好" * 2001), Why.TOO_LONG),
    ],
)
def test_when_and_how_a_matter_is_rated(scene: Scene, date: str, opinion: Opinion, why: Why | None) -> None:
    case = withdrawn(scene)
    scene.on(date)
    result = scene.attempt(lambda desk: afterwards.rate_matter(desk, INVESTOR, case, opinion))
    assert (None if isinstance(result, Done) else result.why) == why


def test_a_matter_is_rated_once_by_its_applicant_and_when_it_is_over(scene: Scene) -> None:
    case = withdrawn(scene)
    number = scene.read(lambda desk: desk.records.dossier_of(case)).number  # type: ignore[union-attr]
    assert scene.refused(lambda desk: afterwards.rate_matter(desk, STRANGER, case, GOOD)) is Why.NO_MATCH
    assert scene.refused(lambda desk: afterwards.rate_matter(desk, INVESTOR, number, GOOD)) is Why.NOT_CLOSED
    scene.do(lambda desk: afterwards.rate_matter(desk, INVESTOR, case, GOOD))
    assert scene.refused(lambda desk: afterwards.rate_matter(desk, INVESTOR, case, POOR)) is Why.ALREADY_RATED


def test_a_poor_rating_is_put_right_once(scene: Scene) -> None:
    case = withdrawn(scene)
    rated = scene.do(lambda desk: afterwards.rate_matter(desk, INVESTOR, case, POOR))
    assert rated.facts["rectify_by"] == "2026-03-09"
    agent, clerk = scene.who("agent"), scene.who("clerk")
    assert scene.refused(lambda desk: afterwards.rectify(desk, clerk, case, "改了")) is Why.NOT_YOURS
    assert scene.refused(lambda desk: afterwards.rectify(desk, agent, case, " ")) is Why.EMPTY
    scene.do(lambda desk: afterwards.rectify(desk, agent, case, "已致歉并补办"))
    assert scene.refused(lambda desk: afterwards.rectify(desk, agent, case, "再改")) is Why.NOT_FROM_HERE


def test_a_good_rating_needs_nothing(scene: Scene) -> None:
    case = withdrawn(scene)
    scene.do(lambda desk: afterwards.rate_matter(desk, INVESTOR, case, GOOD))
    agent = scene.who("agent")
    assert scene.refused(lambda desk: afterwards.rectify(desk, agent, case, "改了")) is Why.NOT_FROM_HERE


def complained(scene: Scene, about: str = "", region: str = "371321") -> Done:
    return scene.do(lambda desk: afterwards.complain_about(desk, STRANGER, about, "排队两小时", region))


def test_a_complaint_has_a_number_and_a_day(scene: Scene) -> None:
    done = complained(scene)
    file = done.facts["complaint"]
    assert file["number"].startswith("TS3713212026030200001") and file["answer_by"] == "2026-03-09"
    assert done.facts["reached"] and scene.told() == [("supervisor", "complaint_made")]


def test_a_complaint_is_answered_once_by_the_supervisor_of_the_hall(scene: Scene) -> None:
    number = complained(scene).facts["complaint"]["number"]
    supervisor, manager = scene.who("supervisor"), scene.who("manager")
    scene.told()
    assert scene.refused(lambda desk: afterwards.answer_complaint(desk, manager, number, "已处理")) is Why.NO_MATCH
    scene.do(lambda desk: afterwards.answer_complaint(desk, supervisor, number, "已增开窗口"))
    assert scene.told() == [("stranger", "complaint_answered")]
    assert scene.refused(lambda desk: afterwards.answer_complaint(desk, supervisor, number, "又")) is Why.NOT_FROM_HERE


def test_an_empty_complaint_takes_no_number(scene: Scene) -> None:
    def empty(desk: Desk) -> object:
        return afterwards.complain_about(desk, STRANGER, "", " ", "371321")

    assert scene.refused(empty) is Why.EMPTY  # type: ignore[arg-type]
    assert complained(scene).facts["complaint"]["number"].startswith("TS3713212026030200001")


def test_a_hall_without_a_supervisor_says_so(scene: Scene) -> None:
    assert complained(scene, region="371323").facts["reached"] is False


@pytest.mark.parametrize("real", [True, False])
def test_the_answer_does_not_tell_whether_there_is_such_a_case(scene: Scene, real: bool) -> None:
    """The complaint's number is of the hall that the number names, whether or not a case has it."""
    (case,) = scene.dossier(scene.book().facts["number"]).cases
    about = case if real else NumberFormat().make("371321", scene.now.date(), 777)
    assert complained(scene, about, region="371323").facts["complaint"]["number"].startswith("TS371321")


def test_one_chat_has_so_many_complaints_open_and_no_more(scene: Scene) -> None:
    for _ in range(5):
        complained(scene)
    again = lambda desk: afterwards.complain_about(desk, STRANGER, "", "还有", "371321")  # noqa: E731
    assert scene.refused(again) is Why.TOO_MANY
    assert scene.attempt(lambda desk: afterwards.complain_about(desk, INVESTOR, "", "我也排队", "371321"))
