"""Dossiers: what is written comes back, lists say what the logs say, and nobody writes on an old reading."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.casework.clock import Light
from bot.casework.terms import Actor, Role
from bot.desk.change import Change
from bot.desk.dossier import KINDS, Dossier, Entry, Told, Wrote
from bot.desk.records import Filter, Scope
from bot.events import Chat
from bot.store import Conflict, Store
from bot.store.desk_schema import cases, dossiers, entries, followers
from tests.conftest import NOW
from tests.store.paperwork import (
    AGENT,
    CASE,
    CHAT,
    HALL,
    IDENTITY,
    ITEM,
    NAME,
    NUMBER,
    OTHER_CHAT,
    TELEPHONE,
    full,
    line,
    opened,
    take,
    written,
)


def read(store: Store, number: str = NUMBER) -> Dossier | None:
    with store.reading() as session:
        return session.dossier(number)


def test_an_entry_of_every_kind_comes_back_as_it_was(store: Store) -> None:
    dossier = full()
    assert {entry.kind for entry in dossier.entries} == set(KINDS)
    store.write(written(dossier), NOW)
    assert read(store) == dossier
    with store.reading() as session:
        assert session.dossier_of(CASE) == dossier
        assert session.dossier("DB0") is None and session.dossier_of("0") is None
        assert session.followed(OTHER_CHAT) == (NUMBER,)
        assert session.followed(CHAT) == ()
        [found] = session.own(CHAT, 5)
    assert found == line(dossier)


def test_only_what_is_new_is_written(store: Store) -> None:
    store.write(written(opened()), NOW)
    after = opened().with_([Entry(NOW, AGENT, Told("a"))])
    store.write(written(after, read=3), NOW)
    assert read(store) == after


@pytest.mark.parametrize("read_by_the_other", [0, 2, 3, 5])
def test_what_was_decided_on_an_old_reading_is_refused_as_a_whole(store: Store, read_by_the_other: int) -> None:
    now = take(opened(), "agent-1")
    store.write(written(opened()), NOW)
    store.write(written(now, read=3), NOW)
    late = take(take(opened(), "agent-2"), "agent-2")
    with pytest.raises(Conflict):
        store.write(written(late, read_by_the_other).and_(Change(serials={"a": (0, 1)})), NOW)
    assert read(store) == now
    with store.reading() as session:
        assert session.own(CHAT, 1) == (line(now),)
        assert session.serial("a") == 0


def test_a_line_that_changes_without_a_new_entry_needs_the_newest_reading_too(store: Store) -> None:
    store.write(written(opened()), NOW)
    store.write(written(opened(), read=3, light=Light.RED), NOW)
    store.write(written(take(opened(), "agent-1"), read=3), NOW)
    with pytest.raises(Conflict):
        store.write(written(opened(), read=3, light=Light.YELLOW), NOW)


def test_the_same_number_twice_is_refused(store: Store) -> None:
    store.write(written(opened()), NOW)
    for number, case in ((NUMBER, "1"), ("DB1", CASE)):
        with pytest.raises(Conflict):
            store.write(written(opened(number, case)), NOW)
    assert read(store, "DB1") is None


def test_no_entry_is_ever_changed(store: Store) -> None:
    store.write(written(opened()), NOW)
    with pytest.raises(sa.exc.DBAPIError, match="only added to"), store.engine.begin() as connection:
        connection.execute(entries.update().values(body="x"))
    assert read(store) == opened()


def test_lists_are_derived_from_the_logs(store: Store) -> None:
    store.write(written(full(), responsible="somebody else", offered_to=("x",)), NOW)
    store.write(written(opened("DB2", "2")), NOW)
    with store.engine.begin() as connection:
        connection.execute(cases.delete())
        connection.execute(followers.delete())
        connection.execute(dossiers.delete().where(dossiers.c.number == "DB2"))
    assert store.rebuild(line) == 2
    with store.reading() as session:
        assert set(session.own(CHAT, 5)) == {line(full()), line(opened("DB2", "2"))}
        assert session.followed(OTHER_CHAT) == (NUMBER,)


# --- inbox --------------------------------------------------------------------------------------

ME, NEXT_HALL = "agent-1", "371322"


def day(number: int) -> dt.date:
    return dt.date(2026, 12, number)


@pytest.fixture
def hall(store: Store) -> Store:
    """A hall with a few dossiers, each named for what it is."""
    for number, changed in {
        "MINE": {"responsible": ME, "due": day(3)},
        "DEPUTY": {"responsible": "away", "due": day(2)},
        "OFFERED": {"offered_to": ("agent-2", ME), "due": None},
        "HANDOVER": {"responsible": "agent-2", "hand_over_to": ME, "due": day(1), "light": Light.RED},
        "TAKEN": {
            "responsible": "agent-2",
            "offered_to": (ME,),
            "step": "handling",
            "due": day(4),
            "rectify_by": day(8),
        },
        "CLOSED": {"responsible": ME, "closed": True, "due": None, "rectify_by": day(9)},
        "ELSEWHERE": {"hall": NEXT_HALL, "responsible": ME},
    }.items():
        dossier = opened(number, f"{number}1")
        own = replace(line(dossier).cases[0], awaits="applicant" if number != "MINE" else "clerk")
        store.write(written(dossier, cases=(own,), **changed), NOW)
    return store


def numbers(store: Store, scope: Scope, halls: tuple[str, ...] = (HALL,), **more: object) -> list[str]:
    with store.reading() as session:
        page = session.inbox(Filter(halls, scope, **{"member": ME, **more}))  # type: ignore[arg-type]
    assert page.total >= len(page.lines)
    return [one.number for one in page.lines]


@pytest.mark.parametrize(
    ("scope", "more", "found"),
    [
        (Scope.MINE, {}, ["MINE"]),
        (Scope.MINE, {"acts_for": ("away",)}, ["DEPUTY", "MINE"]),
        (Scope.MINE, {"closed": True}, ["MINE", "CLOSED"]),
        (Scope.MINE, {"halls": (HALL, NEXT_HALL)}, ["ELSEWHERE", "MINE"]),
        (Scope.MINE, {"halls": (NEXT_HALL, "371323")}, ["ELSEWHERE"]),
        (Scope.MINE, {"halls": ()}, []),
        (Scope.OFFERED, {}, ["HANDOVER", "OFFERED"]),
        (Scope.UNASSIGNED, {}, ["OFFERED"]),
        (Scope.HALL, {}, ["HANDOVER", "DEPUTY", "MINE", "TAKEN", "OFFERED"]),
        (Scope.HALL, {"limit": 2, "offset": 1}, ["DEPUTY", "MINE"]),
        (Scope.HALL, {"light": Light.RED}, ["HANDOVER"]),
        (Scope.HALL, {"state": "handling"}, ["TAKEN"]),
        (Scope.HALL, {"state": "draft", "limit": 1}, ["HANDOVER"]),
        (Scope.WINDOW, {}, ["MINE"]),
        (Scope.POOR, {}, ["CLOSED"]),
        (Scope.POOR, {"acts_for": ("agent-2",)}, ["TAKEN", "CLOSED"]),
        (Scope.POOR, {"member": ""}, ["TAKEN", "CLOSED"]),
    ],
)
def test_an_inbox_shows_its_scope_by_what_is_due_first(
    hall: Store, scope: Scope, more: dict[str, object], found: list[str]
) -> None:
    assert numbers(hall, scope, **more) == found


@pytest.mark.parametrize("halls", [(HALL,), (HALL, NEXT_HALL), (HALL, *(f"37{number:04}" for number in range(20)))])
def test_lists_of_one_hall_and_of_many_are_read_by_index(hall: Store, halls: tuple[str, ...]) -> None:
    """As SQLite and PostgreSQL plan them where most dossiers are other halls'."""
    asked: list[tuple[str, Any]] = []

    def keep(connection: Any, cursor: Any, statement: str, values: Any, context: Any, many: bool) -> None:
        asked.append((statement, values))

    with hall.engine.begin() as connection:
        row = dict(connection.execute(sa.select(dossiers).where(dossiers.c.number == "MINE")).mappings().one())
        others = [row | {"number": f"OTHER{number}", "hall": "379999"} for number in range(3000)]
        connection.execute(dossiers.insert(), others)
        connection.exec_driver_sql("ANALYZE")
    sa.event.listen(hall.engine, "before_cursor_execute", keep)
    with hall.reading() as session:
        session.inbox(Filter(halls, Scope.HALL))
    sa.event.remove(hall.engine, "before_cursor_execute", keep)
    listed = [one for one in asked if "FROM dossiers" in one[0]]
    assert len(listed) == 2, "how many there are, and a page of them"
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}[hall.engine.dialect.name]
    with hall.engine.begin() as connection:
        plans = [str(connection.exec_driver_sql(f"{explain} {one}", values).all()) for one, values in listed]
    for plan in plans:
        assert "ix_dossiers_hall" in plan


def test_a_page_says_how_many_there_are(hall: Store) -> None:
    with hall.reading() as session:
        assert session.inbox(Filter((HALL,), Scope.HALL, limit=2, offset=4)).total == 5
        assert session.inbox(Filter((HALL,), Scope.HALL, limit=2, offset=40)).total == 5


def test_nobody_has_what_nobody_is_named_for(hall: Store) -> None:
    with hall.reading() as session:
        assert session.inbox(Filter((HALL,), Scope.MINE)).lines == ()


@pytest.mark.parametrize(
    "text",
    [NAME, f" {NAME} ", TELEPHONE, "138 0000 0000", "１３８００００００００", IDENTITY, IDENTITY.lower(), ITEM,
     NUMBER, NUMBER.lower(), NUMBER[:8], NUMBER[-6:], "20261123", CASE, CASE[:10], "371321 20261123"],
)  # fmt: skip
def test_a_dossier_is_found_by(store: Store, text: str) -> None:
    store.write(written(opened()), NOW)
    assert numbers(store, Scope.HALL, search=text) == [NUMBER]


@pytest.mark.parametrize(
    "text", ["欧阳", "13800000001", "11010519491231002", "food", "%", "_____", "9999", "\x00", "\ud800", "a'b", "--"]
)
def test_a_dossier_is_not_found_by(store: Store, text: str) -> None:
    store.write(written(opened()), NOW)
    found = numbers(store, Scope.HALL, search=text)
    assert found == ([NUMBER] if text in ("\x00", "\ud800") else []), "what nobody can type is no search at all"


def test_own_dossiers_come_open_first_then_newest_first(store: Store) -> None:
    for number, days, closed in (("A", 0, False), ("B", 1, False), ("C", 2, True), ("D", 3, True)):
        moment = NOW + dt.timedelta(days=days)
        store.write(written(opened(number, f"{number}1"), opened_at=moment, closed=closed), NOW)
    store.write(written(opened("E", "E1", OTHER_CHAT)), NOW)
    with store.reading() as session:
        assert [one.number for one in session.own(CHAT, 3)] == ["B", "A", "D"]
        assert session.own(Chat("terminal", CHAT.id), 3) == ()


def test_what_time_changes_is_due_the_longest_first(store: Store) -> None:
    for number, hours in (("A", 2), ("B", 1), ("C", 3)):
        store.write(written(opened(number, f"{number}1"), wake_at=NOW + dt.timedelta(hours=hours)), NOW)
    store.write(written(opened("D", "D1"), wake_at=None), NOW)
    assert store.due(NOW, 10) == ()
    assert store.due(NOW + dt.timedelta(hours=2), 10) == ("B", "A")
    assert store.due(NOW + dt.timedelta(hours=9), 2) == ("B", "A")


def test_a_snapshot_does_not_move(store: Store) -> None:
    store.write(written(opened()), NOW)
    with store.reading() as session:
        before = session.dossier(NUMBER)
        store.write(written(take(opened(), ME), read=3), NOW)
        assert session.dossier(NUMBER) == before
        assert session.own(CHAT, 1)[0].responsible == ""


def test_a_conflict_that_is_caught_leaves_nothing(store: Store) -> None:
    store.write(written(opened()), NOW)
    with store.alone() as session:
        twice = Change(serials={"a": (0, 1)}).and_(written(opened(), read=9))
        with pytest.raises(Conflict):
            session.write(twice, NOW)
        session.write(Change(serials={"b": (0, 1)}), NOW)
        assert (session.serial("a"), session.serial("b")) == (0, 1)


def test_what_a_decision_alone_leaves_undone_is_undone(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.alone() as session:
        session.write(written(opened()), NOW)
        raise ZeroDivisionError
    assert read(store) is None


def test_a_message_is_kept_with_who_wrote_it(store: Store) -> None:
    clerk = Actor("clerk-1", Role.CLERK)
    store.write(written(opened().with_([Entry(NOW, clerk, Wrote("请补一张照片"))])), NOW)
    dossier = read(store)
    assert dossier and dossier.messages[0].by == clerk and dossier.messages[0].at == NOW
