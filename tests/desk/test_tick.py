"""What time alone brings, when, and only once."""

from __future__ import annotations

import pytest

from bot.casework.engagement import Act
from bot.casework.standing import Move
from bot.desk.dossier import Told
from tests.desk.scene import Scene

NOTHING: list[tuple[str, str]] = []


def ticked(scene: Scene, number: str, date: str, hour: int = 10) -> list[tuple[str, str]]:
    """Who is told what at a moment; looking twice tells nobody twice."""
    scene.told()
    scene.on(date, hour).tick(number)
    first = scene.told()
    scene.tick(number)
    assert scene.told() == NOTHING
    return sorted(first)


@pytest.mark.parametrize(("date", "state"), [("03-09", "received"), ("03-10", "accepted"), ("03-20", "accepted")])
def test_silence_is_acceptance_on_the_sixth_working_day(scene: Scene, date: str, state: str) -> None:
    """Received on Monday the 2nd: the window may answer until Monday the 9th; on the 10th it has been accepted."""
    number, (case,) = scene.handled()
    scene.received(case, *scene.required(case)[:1])
    ticked(scene, number, date)
    standing = scene.dossier(number).cases[case].standing
    assert standing.state == state
    if state == "accepted":
        assert standing.accepted_on is not None and standing.accepted_on.isoformat() == "2026-03-02"


def test_the_window_is_warned_before_silence_speaks(scene: Scene) -> None:
    number, (case,) = scene.handled()
    scene.received(case)
    assert ticked(scene, number, "03-06") == NOTHING
    assert ticked(scene, number, "03-09") == [("agent", "warning"), ("clerk", "warning")]
    told = ticked(scene, number, "03-10")
    assert ("investor", "news") in told and ("agent", "news") in told


def test_a_limit_comes_near_and_passes(scene: Scene) -> None:
    """20 working days from Monday 2 March: the last one is Monday 30 March."""
    number, (case,) = scene.handled()
    scene.accepted(case)
    assert ticked(scene, number, "03-26") == NOTHING
    assert ticked(scene, number, "03-27", hour=8) == NOTHING, "nobody is woken before nine"
    assert ticked(scene, number, "03-27") == [("agent", "warning"), ("clerk", "warning")]
    assert ticked(scene, number, "03-30") == NOTHING, "told already"
    assert ticked(scene, number, "03-31") == [("agent", "warning"), ("clerk", "warning"), ("supervisor", "warning")]
    assert ticked(scene, number, "04-20") == NOTHING


def test_a_supplement_is_waited_for(scene: Scene) -> None:
    number, (case,) = scene.handled()
    scene.received(case, *scene.required(case)[:1])
    scene.move("clerk", case, Move.REQUEST_SUPPLEMENT, materials=scene.required(case)[1:])  # until the 12th
    assert ticked(scene, number, "03-10") == NOTHING
    assert ("investor", "warning") in ticked(scene, number, "03-11")
    assert ("investor", "warning") in ticked(scene, number, "03-13")
    assert ticked(scene, number, "03-14") == NOTHING
    assert scene.dossier(number).cases[case].state == "supplement", "nothing ends by itself"


def test_nobody_took_it(scene: Scene) -> None:
    number = scene.book().facts["number"]
    assert ticked(scene, number, "03-02", hour=10) == NOTHING
    assert ticked(scene, number, "03-02", hour=11) == [("coordinator", "offer")]
    assert [one.body.notice for one in scene.dossier(number).entries if isinstance(one.body, Told)] == ["unassigned"]


def test_what_was_taken_is_not_unassigned(scene: Scene) -> None:
    number = scene.book().facts["number"]
    scene.act("agent", number, Act.TAKE)
    assert ticked(scene, number, "03-03") == NOTHING


@pytest.mark.parametrize("dates", [("03-10", "03-27", "03-31"), ("04-10",)])
def test_the_clock_finds_what_is_due(scene: Scene, dates: tuple[str, ...]) -> None:
    """Whether it looks every day or was away for weeks: afterwards nothing waits to be looked at."""
    number, (case,) = scene.handled()
    scene.received(case)
    for date in dates:
        scene.on(date, 10)
        while scene.assistant.tick():
            pass
    assert scene.dossier(number).cases[case].state == "accepted"
    told = {one.body.notice.split(":")[0] for one in scene.dossier(number).entries if isinstance(one.body, Told)}
    assert "statutory_overdue" in told
