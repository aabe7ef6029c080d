"""Many at once: one takes a booking, one gets the last place, and every other is told so."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from bot.casework.assignment import Patience
from bot.casework.engagement import Act, Details
from bot.casework.refusal import Refusal
from bot.casework.slots import Booking, Hours, Period, Status
from bot.casework.terms import Role
from bot.desk import appointments, moves
from bot.desk.change import Appointments, Change, Done
from bot.desk.office import Office
from bot.events import Chat
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.conftest import DATABASES
from tests.desk.scene import HALL, MONDAY, Scene
from tests.store.racing import at_once

pytestmark = pytest.mark.parametrize("database_url", DATABASES, indirect=True)
AGENTS, PEOPLE, HOLDS = 50, 20, 10  # 20 people with 10 lapsed holds each: 200 confirmations
SLOT = MONDAY + dt.timedelta(days=1)
OFFICE = Office(hours={HALL: Hours(usual=(Period(dt.time(9, 30), dt.time(10)),), capacity=1)})


def _outcome(result: Done | Refusal) -> str:
    return result.why.value if isinstance(result, Refusal) else "done"


def test_fifty_take_one_booking(catalogue: Catalogue, store: Store, renderer: Renderer) -> None:
    scene = Scene(catalogue, store, renderer, Office(patience=Patience(offered_to=AGENTS)))
    agents = [scene.member(f"agent{n}", Role.AGENT) for n in range(AGENTS)]
    number = scene.book().facts["number"]

    def take(person: int) -> str:
        me = agents[person]
        return _outcome(scene.assistant.perform(lambda desk: moves.act(desk, me, number, Act.TAKE, Details())))

    outcomes = Counter(at_once(AGENTS, take))
    assert outcomes == {"done": 1, "taken": AGENTS - 1}
    takes = [event for event in scene.dossier(number).engagement.events if event.act is Act.TAKE]
    assert len(takes) == 1 and scene.dossier(number).responsible == takes[0].by.id


def test_two_hundred_confirm_the_last_place(catalogue: Catalogue, store: Store, renderer: Renderer) -> None:
    scene = Scene(catalogue, store, renderer, OFFICE)
    people = [Chat("terminal", f"investor{n}") for n in range(PEOPLE)]
    numbers = [scene.book(chat=chat).facts["number"] for chat in people]
    lapsed = tuple(
        Booking(f"hold{n}", numbers[n % PEOPLE], SLOT, Status.RELEASED, MONDAY) for n in range(PEOPLE * HOLDS)
    )
    scene.do(lambda desk: Done(Change(appointments=(Appointments(HALL, 0, lapsed),))))

    def confirm(person: int) -> str:
        chat, number = people[person % PEOPLE], numbers[person % PEOPLE]
        place = f"hold{person}"
        return _outcome(scene.assistant.perform(lambda desk: appointments.confirm(desk, chat, number, place)))

    outcomes = Counter(at_once(PEOPLE * HOLDS, confirm))
    assert outcomes == {"done": 1, "expired": PEOPLE * HOLDS - 1}
    diary = scene.read(lambda desk: desk.records.diary(HALL, MONDAY))
    assert [one.starts for one in diary.bookings if one.status is Status.CONFIRMED] == [SLOT]
