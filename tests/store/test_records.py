"""Staff, appointments, tickets, numbers, look-ups, complaints: what is written comes back, and races are lost once."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bot.casework.assignment import Absence
from bot.casework.attempts import Failure
from bot.casework.slots import Booking, Diary, Status
from bot.casework.terms import Role
from bot.desk.change import Appointments, Change
from bot.desk.records import ComplaintFile, Member, Ticket, TicketKind
from bot.events import Chat
from bot.store import Conflict, Store
from tests.conftest import NOW
from tests.store.paperwork import CHAT, HALL, line, opened, take, written

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
LI = Member(
    "li",
    "李测试",
    frozenset({Role.AGENT, Role.COORDINATOR}),
    HALL,
    Chat("telegram", "1"),
    frozenset({"food_licence", "住建"}),
    capacity=3,
    absence=Absence("li", NOW.date(), NOW.date() + DAY, "wu"),
)
WU = Member("wu", "吴测试", frozenset({Role.CLERK}), HALL)
SUN = Member("sun", "孙测试", frozenset({Role.AGENT}), "371322", Chat("web", "1"))


# --- staff ---


def test_staff_come_back_with_their_loads(store: Store) -> None:
    store.write(Change(members=(LI, WU, SUN)), NOW)
    for number, who in (("A", "li"), ("B", "li"), ("C", "sun")):
        store.write(written(take(opened(number, f"{number}1"), who)), NOW)
    store.write(written(take(opened("D", "D1"), "li"), closed=True), NOW)
    with store.reading() as session:
        assert session.member(Chat("telegram", "1")) == replace(LI, load=2)
        assert session.member(Chat("web", "telegram")) is None
        assert session.colleague("wu") == WU
        assert session.members(HALL) == (replace(LI, load=2), WU)
        assert session.members("") == (replace(LI, load=2), replace(SUN, load=1), WU)
        assert session.members("371300") == ()


def test_whoever_is_revoked_is_known_by_id_only(store: Store) -> None:
    store.write(Change(members=(LI,)), NOW)
    store.write(Change(members=(replace(LI, revoked=True), replace(SUN, chat=LI.chat))), NOW)
    with store.reading() as session:
        assert session.member(Chat("telegram", "1")) == replace(SUN, chat=LI.chat)
        assert session.colleague("li") == replace(LI, revoked=True)
        assert session.members(HALL) == ()


def test_one_chat_is_one_member(store: Store) -> None:
    store.write(Change(members=(LI,)), NOW)
    with pytest.raises(Conflict):
        store.write(Change(members=(replace(SUN, chat=LI.chat),)), NOW)


# --- appointments ---

HELD = Booking("b1", "key", NOW + DAY, Status.HELD, NOW, NOW + dt.timedelta(minutes=15), replaces="b0")
CONFIRMED = Booking("b2", "other", NOW + 2 * DAY, Status.CONFIRMED, NOW)


def diary_of(store: Store, since: dt.datetime = NOW) -> Diary:
    with store.reading() as session:
        return session.diary(HALL, since)


def test_a_diary_comes_back_and_grows_a_version_with_every_write(store: Store) -> None:
    assert diary_of(store) == Diary()
    store.write(Change(appointments=(Appointments(HALL, 0, (HELD, CONFIRMED)),)), NOW)
    assert diary_of(store) == Diary((HELD, CONFIRMED), 1)
    confirmed = replace(HELD, status=Status.CONFIRMED, held_until=None)
    store.write(Change(appointments=(Appointments(HALL, 1, (confirmed,)),)), NOW)
    assert diary_of(store) == Diary((confirmed, CONFIRMED), 2)
    assert diary_of(store, NOW + DAY) == Diary((CONFIRMED,), 2)
    with store.reading() as session:
        assert session.diary("371322", NOW) == Diary()


@pytest.mark.parametrize("version", [0, 2])
def test_nobody_writes_on_an_old_diary(store: Store, version: int) -> None:
    store.write(Change(appointments=(Appointments(HALL, 0, (HELD,)),)), NOW)
    with pytest.raises(Conflict):
        store.write(Change(appointments=(Appointments(HALL, version, (CONFIRMED,)),)), NOW)
    assert diary_of(store) == Diary((HELD,), 1)


def test_halls_are_due_for_holds_that_ran_out_and_appointments_to_come(store: Store) -> None:
    cancelled = replace(CONFIRMED, status=Status.CANCELLED)
    for hall, booking in (("1", HELD), ("2", CONFIRMED), ("3", cancelled)):
        store.write(Change(appointments=(Appointments(hall, 0, (booking,)),)), NOW)
    assert store.due_halls(NOW) == ("2",)
    assert store.due_halls(NOW + HOUR) == ("1", "2")
    assert store.due_halls(NOW + 3 * DAY) == ("1",)


# --- tickets ---

TICKET = Ticket(TicketKind.INVITATION, "digest", NOW + DAY, {"roles": ["agent"], "hall": HALL, "name": "李测试"})


def test_a_ticket_is_used_once(store: Store) -> None:
    store.write(Change(tickets=(TICKET,)), NOW)
    used = replace(TICKET, used_at=NOW)
    for again in (False, True):
        with store.reading() as session:
            assert session.ticket("digest") == (used if again else TICKET)
        if again:
            for ticket in (used, TICKET):
                with pytest.raises(Conflict):
                    store.write(Change(tickets=(ticket,), members=(LI,)), NOW)
        else:
            store.write(Change(tickets=(used,)), NOW)
    with store.reading() as session:
        assert session.ticket("other") is None and session.colleague("li") is None


def test_who_has_left_does_not_come_back_by_a_change_decided_before(store: Store) -> None:
    """Somebody presses 「外出」 while an administrator ends their membership: the later write loses."""
    store.write(Change(members=(LI,)), NOW)
    store.write(Change(members=(replace(LI, revoked=True),)), NOW)
    with pytest.raises(Conflict):
        store.write(Change(members=(LI,)), NOW)


# --- serial numbers ---


def test_a_serial_number_is_given_out_once(store: Store) -> None:
    store.write(Change(serials={"case": (0, 3), "other": (0, 1)}), NOW)
    store.write(Change(serials={"case": (3, 4)}), NOW)
    for read, now in ((0, 1), (3, 4), (5, 6)):
        with pytest.raises(Conflict):
            store.write(Change(serials={"case": (read, now)}), NOW)
    with store.reading() as session:
        assert (session.serial("case"), session.serial("other"), session.serial("none")) == (4, 1, 0)


# --- look-ups ---


def test_failures_of_a_chat_and_of_a_case_come_back(store: Store) -> None:
    mine, other, unrelated, old = (
        Failure(NOW, "me", "1"),
        Failure(NOW, "you", "1"),
        Failure(NOW, "you", "2"),
        Failure(NOW - DAY, "me", "1"),
    )
    store.write(Change(failures=(old, mine, other, unrelated, mine)), NOW)
    with store.reading() as session:
        assert session.failures("me", "1", NOW - HOUR) == (mine, other, mine)
        assert session.failures("me", "9", NOW - 2 * DAY) == (old, mine, mine)


# --- complaints ---


def complaint(number: str, day: int, hall: str = HALL) -> ComplaintFile:
    return ComplaintFile(number, "case", "态度不好", CHAT, hall, NOW, dt.date(2026, 12, day), provisional=False)


def test_complaints_come_open_first_and_the_most_urgent_on_top(store: Store) -> None:
    one, two, three, far = complaint("1", 3), complaint("2", 2), complaint("3", 1), complaint("4", 1, "371322")
    answered = replace(three, answer="已处理", answered_by="sun", answered_at=NOW)
    store.write(Change(complaints=(one, two, three, far)), NOW)
    store.write(Change(complaints=(answered,)), NOW)
    with store.reading() as session:
        assert session.complaints(HALL, 5) == (two, one, answered)
        assert session.complaints(HALL, 2) == (two, one)
        assert session.complaints("", 5) == (far, two, one, answered)
        assert session.complaint("3") == answered and session.complaint("9") is None


# --- forgetting ---


def test_casework_outlasts_conversations(store: Store) -> None:
    everything = Change(
        appointments=(Appointments(HALL, 0, (HELD,)),),
        members=(LI,),
        tickets=(TICKET,),
        failures=(Failure(NOW, "me", "1"),),
        serials={"case": (0, 3)},
        complaints=(complaint("1", 3),),
    )
    store.write(written(opened()).and_(everything), NOW)
    assert store.prune(NOW) == 0
    assert store.prune(NOW + 400 * DAY) == 2, "the ticket that ran out and the failed look-up"
    with store.reading() as session:
        assert session.dossier(opened().number) == opened()
        assert session.own(CHAT, 1) == (line(opened()),)
        assert session.diary(HALL, NOW) == Diary((HELD,), 1)
        assert session.members(HALL) == (LI,) and session.serial("case") == 3
        assert session.complaints(HALL, 5) == (complaint("1", 3),)


def test_a_complaint_is_answered_once_by_whoever_is_first(store: Store) -> None:
    open_one = complaint("1", 3)
    store.write(Change(complaints=(open_one,)), NOW)
    answers = [replace(open_one, answer=words, answered_by="li", answered_at=NOW) for words in ("先", "后")]
    store.write(Change(complaints=(answers[0],)), NOW)
    with pytest.raises(Conflict):
        store.write(Change(complaints=(answers[1],)), NOW)
