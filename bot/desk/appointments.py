"""Meeting the agent in the hall: slots of a hall whose hours are known, a call-back elsewhere."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from bot.casework import slots
from bot.casework.refusal import Refusal, Why
from bot.casework.slots import Booking, CallBack, Diary, Request, Status
from bot.desk import notices
from bot.desk.change import Appointments, Change, Done, Tell
from bot.desk.desk import Desk
from bot.desk.dossier import SYSTEM, Dossier, Told
from bot.desk.log import appended, noted
from bot.desk.waking import morning
from bot.events import Chat, Choice, Outcome, Say

SHOWN = 8  # free slots at a time


def free(desk: Desk, dossier: Dossier) -> tuple[dt.datetime, ...] | CallBack:
    """The next free slots of the dossier's hall."""
    return slots.free(desk.office.hours.get(dossier.hall), _diary(desk, dossier.hall), desk.now, SHOWN)


def booked(desk: Desk, dossier: Dossier) -> tuple[Booking, ...]:
    """The dossier's appointments still to come."""
    mine = [one for one in _diary(desk, dossier.hall).of(dossier.number, desk.now) if one.status is Status.CONFIRMED]
    return tuple(sorted(mine, key=lambda one: one.starts))


def hold(desk: Desk, chat: Chat, number: str, starts: dt.datetime, replaces: str = "") -> Done | Refusal:
    """Keep a place for fifteen minutes. `facts`: `booking`, `starts`, `held_until`, `provisional`."""
    dossier = _own(desk, chat, number)
    if dossier is None:
        return Refusal(Why.NO_MATCH)
    hours, diary = desk.office.hours.get(dossier.hall), _diary(desk, dossier.hall)
    wanted = Request(desk.chance.token()[:12], dossier.number, starts, replaces)
    held = slots.hold(hours, diary, wanted, desk.now)
    if isinstance(held, Refusal):
        return held
    facts = {
        "number": number,
        "booking": held.id,
        "starts": held.starts.isoformat(),
        "held_until": held.held_until.isoformat() if held.held_until else None,
        "provisional": slots.is_provisional(held.starts),
    }
    return Done(_written(dossier.hall, diary, held), dossier, facts)


def confirm(desk: Desk, chat: Chat, number: str, booking: str) -> Done | Refusal:
    """Make a hold an appointment; the one it replaces is given up only now."""
    return _decided(desk, chat, number, booking, confirmed=True)


def cancel(desk: Desk, chat: Chat, number: str, booking: str) -> Done | Refusal:
    return _decided(desk, chat, number, booking, confirmed=False)


def _decided(desk: Desk, chat: Chat, number: str, booking: str, confirmed: bool) -> Done | Refusal:
    dossier = _own(desk, chat, number)
    if dossier is None:
        return Refusal(Why.NO_MATCH)
    hours, diary = desk.office.hours.get(dossier.hall), _diary(desk, dossier.hall)
    if confirmed:
        changed = slots.confirm(hours, diary, booking, dossier.number, desk.now)
    else:
        changed = slots.cancel(diary, booking, dossier.number, desk.now)
    if isinstance(changed, Refusal):
        return changed
    found = diary.find(booking)
    facts = {
        "number": number,
        "booking": booking,
        "starts": found.starts.isoformat() if found else None,
        "provisional": slots.is_provisional(found.starts) if found else False,
    }
    change = _rung(desk, dossier.hall, diary, changed)
    if changed.write and (confirmed or (found and found.status is Status.CONFIRMED)):
        change = change.and_(Change(letters=_to_agent(desk, dossier, facts, confirmed)))
    return Done(change, dossier, facts)


def give_up(desk: Desk, dossier: Dossier) -> Change:
    """Nobody is met about an engagement that has ended: its appointments and places in waiting lists go."""
    diary = _diary(desk, dossier.hall)
    return _rung(desk, dossier.hall, diary, slots.cancel_all(diary, dossier.number, desk.now))


def wait(desk: Desk, chat: Chat, number: str, starts: dt.datetime) -> Done | Refusal:
    """A place in the waiting list of a full slot."""
    dossier = _own(desk, chat, number)
    if dossier is None:
        return Refusal(Why.NO_MATCH)
    hours, diary = desk.office.hours.get(dossier.hall), _diary(desk, dossier.hall)
    waiting = slots.wait(hours, diary, Request(desk.chance.token()[:12], dossier.number, starts), desk.now)
    if isinstance(waiting, Refusal):
        return waiting
    facts = {"number": number, "booking": waiting.id, "starts": starts.isoformat()}
    return Done(_written(dossier.hall, diary, waiting), dossier, facts)


def full(desk: Desk, dossier: Dossier) -> tuple[dt.datetime, ...]:
    """The next slots without a place, whose waiting list is open."""
    hours, diary = desk.office.hours.get(dossier.hall), _diary(desk, dossier.hall)
    if hours is None:
        return ()
    days = (desk.today + dt.timedelta(days=n) for n in range(hours.horizon + 1))
    starts = (one for day in days for one in slots.slots(hours, day) if one >= desk.now + hours.lead)
    return tuple(one for one in starts if diary.taken(one, desk.now) >= hours.capacity)[:SHOWN]


# --- what time brings ---------------------------------------------------------------------------


def expire(desk: Desk, hall: str) -> Change:
    """Holds that ran out are written down, and whoever waits for their places is rung."""
    diary = _diary(desk, hall)
    return _rung(desk, hall, diary, slots.expire(diary, desk.now))


def remind(desk: Desk, hall: str) -> Change:
    """The morning of the working day before an appointment; nobody is reminded twice."""
    if desk.now < morning(desk.today):
        return Change()
    change, due = Change(), slots.reminders(_diary(desk, hall), desk.now)
    for number in dict.fromkeys(one.applicant for one in due):
        if dossier := desk.records.dossier(number):
            change = change.and_(_reminded(desk, dossier, [one for one in due if one.applicant == number]))
    return change


def _reminded(desk: Desk, dossier: Dossier, due: Iterable[Booking]) -> Change:
    after, letters = dossier, list[Tell]()
    for booking in due:
        if (key := f"reminder:{booking.id}") not in after.told:
            after = noted(desk, after, SYSTEM, Told(key))
            letters.append(_reminder(dossier, booking))
    return Change(appended=(appended(desk, dossier, after),), letters=tuple(letters)) if letters else Change()


def _reminder(dossier: Dossier, booking: Booking) -> Tell:
    facts = {"number": dossier.number, "starts": booking.starts.isoformat(), "booking": booking.id}
    choices = ((Choice(f"b:{dossier.number}", term="appointments"),),)
    return Tell(dossier.opened.chat, Say(Outcome.REMINDER, facts, choices))


def _rung(desk: Desk, hall: str, diary: Diary, changed: slots.Change) -> Change:
    """What was decided, and the first of each freed slot's waiting list holding the place, and told."""
    after, write, letters = diary.with_(*changed.write), list(changed.write), []
    for starts in changed.freed:
        promoted = slots.promote(desk.office.hours.get(hall), after, starts, desk.now)
        dossier = desk.records.dossier(promoted.applicant) if promoted else None
        if promoted and dossier and promoted.held_until:
            after, write = after.with_(promoted), [*write, promoted]
            facts = {
                "number": dossier.number,
                "booking": promoted.id,
                "starts": promoted.starts.isoformat(),
                "held_until": promoted.held_until.isoformat(),
            }
            choices = ((Choice(f"b:{dossier.number}:ok:{promoted.id}", term="confirm_slot"),),)
            letters.append(Tell(dossier.opened.chat, Say(Outcome.PLACE_FREE, facts, choices)))
    if not write:
        return Change()
    return Change(appointments=(Appointments(hall, diary.version, tuple(write)),), letters=tuple(letters))


def _to_agent(desk: Desk, dossier: Dossier, facts: Mapping[str, object], confirmed: bool) -> tuple[Tell, ...]:
    told = {**facts, "confirmed": confirmed, "staff": True}
    open_it = ((Choice(f"e:{dossier.number}", term="open_dossier"),),)
    return notices.to_agent(desk, dossier, Say(Outcome.APPOINTMENT, told, open_it))


def _own(desk: Desk, chat: Chat, number: str) -> Dossier | None:
    dossier = desk.records.dossier(number)
    return dossier if dossier and dossier.opened.chat == chat and not dossier.closed else None


def _diary(desk: Desk, hall: str) -> Diary:
    return desk.records.diary(hall, desk.now - dt.timedelta(days=1))


def _written(hall: str, diary: Diary, *bookings: Booking) -> Change:
    return Change(appointments=(Appointments(hall, diary.version, bookings),))
