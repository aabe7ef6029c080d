"""Appointments that come to pass: who is told of them, once, and what becomes of them when the engagement ends."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.casework.slots import Hours, Period
from bot.casework.terms import Role
from bot.desk import appointments
from bot.desk.office import Office
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.desk.scene import HALL, INVESTOR, MONDAY, Scene

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
