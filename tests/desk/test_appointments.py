"""Appointments that come to pass: who is told of them, once, and what becomes of them when the engagement ends."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.casework.engagement import Act, Details
from bot.casework.slots import Hours, Period
from bot.casework.terms import Role
from bot.desk import appointments, moves
from bot.desk.office import Office
from bot.render import Renderer
from bot.store import Store
from bot.store.desk_schema import entries
from knowledge.catalogue import Catalogue
from tests.desk.scene import HALL, INVESTOR, MONDAY, STRANGER, Scene

HOURS = Hours(usual=(Period(dt.time(9), dt.time(11)),))
NINE, HALF_PAST = MONDAY.replace(day=4, hour=9, minute=0), MONDAY.replace(day=4, hour=9, minute=30)  # a Wednesday


@pytest.fixture
def scene(catalogue: Catalogue, store: Store, renderer: Renderer) -> Scene:
    scene = Scene(catalogue, store, renderer, Office(hours={HALL: HOURS}))
    scene.member("agent", Role.AGENT)
    scene.member("coordinator", Role.COORDINATOR)
    return scene


def confirmed(scene: Scene, number: str, starts: dt.datetime) -> str:
    booking = str(scene.do(lambda desk: appointments.hold(desk, INVESTOR, number, starts)).facts["booking"])
    scene.do(lambda desk: appointments.confirm(desk, INVESTOR, number, booking))
    return booking


def posted(scene: Scene) -> list[str]:
    """The letters that wait for the investor."""
    return [reply.outcome.value for reply in scene.assistant.letters(INVESTOR, 20)]


def test_two_appointments_on_one_day_are_reminded_of_once_each(scene: Scene) -> None:
    number = scene.book().facts["number"]
    for starts in (NINE, HALF_PAST):
        confirmed(scene, number, starts)
    scene.on("03-03")
    for _ in range(2):
        scene.assistant.tick()
    assert posted(scene) == ["reminder", "reminder"]


def test_the_agent_is_told_once_however_often_it_is_pressed_and_of_no_mere_hold(scene: Scene) -> None:
    number = scene.book().facts["number"]
    scene.act("agent", number, Act.TAKE)
    held = str(scene.do(lambda desk: appointments.hold(desk, INVESTOR, number, HALF_PAST)).facts["booking"])
    scene.told()
    scene.do(lambda desk: appointments.cancel(desk, INVESTOR, number, held))
    assert scene.told() == []
    booking = confirmed(scene, number, NINE)
    for do in (appointments.confirm, appointments.cancel, appointments.cancel):
        scene.do(lambda desk, do=do: do(desk, INVESTOR, number, booking))  # type: ignore[misc]
    assert scene.told() == [("agent", "appointment")] * 2


def test_an_engagement_that_ends_gives_up_its_appointments(scene: Scene) -> None:
    """Its places are free, whoever waits for one is rung, and nobody is reminded."""
    number, other = scene.book().facts["number"], scene.book(chat=STRANGER).facts["number"]
    confirmed(scene, number, NINE)
    scene.do(lambda desk: appointments.wait(desk, STRANGER, other, NINE))
    scene.told()
    scene.do(lambda desk: moves.act_own(desk, INVESTOR, number, Act.CANCEL, Details()))
    assert ("stranger", "place_free") in scene.told()
    scene.on("03-03").assistant.tick()
    assert "reminder" not in posted(scene)


def test_a_dossier_that_cannot_be_looked_at_keeps_no_other_waiting(scene: Scene) -> None:
    """One was booked with two hours to be taken in, and its log is damaged; the other is unassigned all the same."""
    broken, whole = (str(scene.book().facts["number"]) for _ in range(2))
    with scene.store.engine.connect() as connection:
        connection.execute(entries.delete().where(entries.c.stream == broken, entries.c.seq == 0))
        connection.commit()
    scene.on("03-02", 12)
    with pytest.raises(ExceptionGroup):
        scene.assistant.tick()
    assert "unassigned" in scene.dossier(whole).told
