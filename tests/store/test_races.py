"""Many at once: exactly one of them wins, and nothing of the others is left."""

from __future__ import annotations

import datetime as dt

from bot.casework.refusal import Refusal, Why
from bot.casework.slots import Booking, Hours, Period, Request, Status, confirm, hold
from bot.casework.terms import CHINA
from bot.desk.change import Appointments, Change
from bot.store import Conflict, Store
from bot.store.store import Alone
from tests.conftest import NOW
from tests.store.paperwork import HALL, NUMBER, opened, take, written
from tests.store.racing import at_once

HOURS = Hours(usual=(Period(dt.time(9), dt.time(12)),), capacity=1)
SLOT = dt.datetime(2026, 11, 25, 9, tzinfo=CHINA)


def test_fifty_take_one_booking_and_one_has_it(store: Store) -> None:
    """As the assistant does it: a decision that lost a race is made again, alone."""
    store.write(written(opened()), NOW)

    def take_it(person: int) -> str:
        with store.reading() as session:
            dossier = session.dossier(NUMBER)
        assert dossier
        if dossier.responsible:
            return "taken"
        try:
            store.write(written(take(dossier, f"agent-{person}"), dossier.length), NOW)
        except Conflict:
            with store.alone() as session:
                return take_alone(session, person)
        return "mine"

    def take_alone(session: Alone, person: int) -> str:
        dossier = session.dossier(NUMBER)
        assert dossier
        if dossier.responsible:
            return "taken"
        session.write(written(take(dossier, f"agent-{person}"), dossier.length), NOW)
        return "mine"

    outcomes = at_once(50, take_it)
    assert outcomes.count("mine") == 1 and outcomes.count("taken") == 49
    with store.reading() as session:
        dossier = session.dossier(NUMBER)
    assert dossier and dossier.length == opened().length + 1
    assert dossier.responsible == f"agent-{outcomes.index('mine')}"


def test_fifty_write_into_one_dossier_alone_and_nothing_is_lost(store: Store) -> None:
    store.write(written(opened()), NOW)

    def append(person: int) -> str:
        with store.alone() as session:
            dossier = session.dossier(NUMBER)
            assert dossier
            session.write(written(take(dossier, f"agent-{person}"), dossier.length), NOW)
        return "written"

    assert at_once(50, append) == ["written"] * 50
    with store.reading() as session:
        dossier = session.dossier(NUMBER)
    assert dossier
    assert {entry.by.id for entry in dossier.entries[3:]} == {f"agent-{person}" for person in range(50)}


def test_two_hundred_confirm_the_last_place_and_one_has_it(store: Store) -> None:
    """Two hundred holds that all ran out: whoever confirms first while there is room has the place."""
    later = NOW + dt.timedelta(hours=1)
    holds = tuple(
        Booking(f"b{person}", f"key-{person}", SLOT, Status.HELD, NOW, NOW + dt.timedelta(minutes=15))
        for person in range(200)
    )
    store.write(Change(appointments=(Appointments(HALL, 0, holds),)), NOW)

    def confirm_it(person: int) -> str:
        with store.alone() as session:
            diary = session.diary(HALL, NOW)
            decided = confirm(HOURS, diary, f"b{person}", f"key-{person}", later)
            if isinstance(decided, Refusal):
                return decided.why
            session.write(Change(appointments=(Appointments(HALL, diary.version, decided.write),)), later)
            return "confirmed"

    outcomes = at_once(200, confirm_it)
    assert outcomes.count("confirmed") == 1 and outcomes.count(Why.EXPIRED) == 199
    with store.reading() as session:
        diary = session.diary(HALL, NOW)
    assert [one.id for one in diary.bookings if one.status is Status.CONFIRMED] == [f"b{outcomes.index('confirmed')}"]


def test_two_hundred_hold_the_last_place_optimistically_and_one_has_it(store: Store) -> None:
    def hold_it(person: int) -> str:
        for _ in range(200):  # every time somebody else wrote, there is one who has written
            with store.reading() as session:
                diary = session.diary(HALL, NOW)
            decided = hold(HOURS, diary, Request(f"b{person}", f"key-{person}", SLOT), NOW)
            if isinstance(decided, Refusal):
                return decided.why
            try:
                store.write(Change(appointments=(Appointments(HALL, diary.version, (decided,)),)), NOW)
            except Conflict:
                continue
            return "held"
        return "never"

    outcomes = at_once(200, hold_it)
    assert outcomes.count("held") == 1 and outcomes.count(Why.FULL) == 199
