"""Meeting the agent: free slots, fifteen minutes to confirm one, changing, cancelling, waiting for a full one.

`b:<dossier>` · `:at:<time>[:<booking to change>]` · `:ok:<booking>` · `:no:<booking>` · `:change:<booking>` · `:full` ·
`:wait:<time>`; a time is written 202611300900, China time.
"""

from __future__ import annotations

import datetime as dt

from bot.casework.refusal import Refusal
from bot.casework.slots import CallBack
from bot.casework.terms import CHINA
from bot.desk import appointments
from bot.desk.change import Done
from bot.desk.dossier import Dossier
from bot.dialogue import notices, showing
from bot.dialogue.forms import refusal_facts
from bot.dialogue.state import Move, Turn
from bot.events import Choice, Outcome, Say

_STAMP = "%Y%m%d%H%M"
SLOTS_A_ROW = 2

Rows = tuple[tuple[Choice, ...], ...]


def pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    number, verb, first, second = (*arguments, "", "", "", "")[:4]
    dossier = showing.own(turn, number)
    if dossier is None:
        return showing.no_match(turn)
    chat, desk = turn.chat, turn.desk
    match verb:
        case "":
            return turn.state.idle(), (_slots(turn, dossier),)
        case "change":
            return turn.state.idle(), (_slots(turn, dossier, replaces=first),)
        case "full":
            return turn.state.idle(), (_full(turn, dossier),)
        case "at" if starts := _starts(first):
            return _held(turn, dossier, appointments.hold(desk, chat, number, starts, second))
        case "wait" if starts := _starts(first):
            return _waits(turn, dossier, appointments.wait(desk, chat, number, starts))
        case "ok":
            return _decided(turn, dossier, appointments.confirm(desk, chat, number, first), confirmed=True)
        case "no":
            return _decided(turn, dossier, appointments.cancel(desk, chat, number, first), confirmed=False)
    return notices.stale(turn)


def _starts(stamp: str) -> dt.datetime | None:
    try:
        return dt.datetime.strptime(stamp, _STAMP).replace(tzinfo=CHINA)
    except ValueError:
        return None


# --- what there is ------------------------------------------------------------------------------


def _slots(turn: Turn, dossier: Dossier, replaces: str = "") -> Say:
    """`facts`: `number`, `callback`, `call_at`, `slots`, `booked` [{booking, starts, provisional}], `full`."""
    free = appointments.free(turn.desk, dossier)
    callback = isinstance(free, CallBack)
    starts: tuple[dt.datetime, ...] = () if isinstance(free, CallBack) else free
    facts = _facts(turn, dossier) | {"callback": callback, "slots": [one.isoformat() for one in starts], "full": False}
    rows = _times(turn, dossier, starts, "at", replaces)
    tools = () if callback else ((Choice(f"b:{dossier.number}:full", term="full_slots"),),)
    return Say(Outcome.SLOTS, facts, (*_booked_rows(turn, dossier), *rows, *tools, *_talk(dossier)))


def _full(turn: Turn, dossier: Dossier) -> Say:
    starts = appointments.full(turn.desk, dossier)
    facts = _facts(turn, dossier) | {
        "callback": dossier.hall not in turn.desk.office.hours,
        "slots": [one.isoformat() for one in starts],
        "full": True,
    }
    rows = _times(turn, dossier, starts, "wait")
    return Say(Outcome.SLOTS, facts, (*rows, (Choice(f"b:{dossier.number}", term="appointments"),)))


def _facts(turn: Turn, dossier: Dossier) -> dict[str, object]:
    booked = [{"booking": one.id, "starts": one.starts.isoformat()} for one in appointments.booked(turn.desk, dossier)]
    return {"number": dossier.number, "call_at": dossier.opened.call_at, "booked": booked}


def _times(turn: Turn, dossier: Dossier, starts: tuple[dt.datetime, ...], verb: str, replaces: str = "") -> Rows:
    tail = f":{replaces}" if replaces else ""
    here = [one.astimezone(CHINA) for one in starts]
    choices = [
        Choice(f"b:{dossier.number}:{verb}:{one.strftime(_STAMP)}{tail}", label=f"{one:%m-%d %H:%M}") for one in here
    ]
    return tuple(tuple(choices[at : at + SLOTS_A_ROW]) for at in range(0, len(choices), SLOTS_A_ROW))


def _booked_rows(turn: Turn, dossier: Dossier) -> Rows:
    return tuple(
        (
            Choice(f"b:{dossier.number}:change:{one.id}", term="change_slot"),
            Choice(f"b:{dossier.number}:no:{one.id}", term="cancel_slot"),
        )
        for one in appointments.booked(turn.desk, dossier)
    )


def _talk(dossier: Dossier) -> Rows:
    return ((Choice(f"j:{dossier.number}", term="talk_to_agent"), Choice(f"w:{dossier.number}", term="see_dossier")),)


# --- what was decided ---------------------------------------------------------------------------


def _held(turn: Turn, dossier: Dossier, done: Done | Refusal) -> Move:
    if isinstance(done, Refusal):
        return _refused(turn, dossier, done)
    number, booking = dossier.number, done.facts["booking"]
    take = Choice(f"b:{number}:ok:{booking}", term="confirm_slot")
    leave = Choice(f"b:{number}:no:{booking}", term="free_slot")
    return turn.state.idle(), (Say(Outcome.SLOT_HELD, done.facts, ((take, leave),)), done.change)


def _decided(turn: Turn, dossier: Dossier, done: Done | Refusal, confirmed: bool) -> Move:
    if isinstance(done, Refusal):
        return _refused(turn, dossier, done)
    facts = {**done.facts, "confirmed": confirmed, "staff": False}
    row = (Choice(f"b:{dossier.number}", term="appointments"), Choice(f"w:{dossier.number}", term="see_dossier"))
    return turn.state.idle(), (Say(Outcome.APPOINTMENT, facts, (row,)), done.change)


def _waits(turn: Turn, dossier: Dossier, done: Done | Refusal) -> Move:
    if isinstance(done, Refusal):
        return _refused(turn, dossier, done)
    give_up = Choice(f"b:{dossier.number}:no:{done.facts['booking']}", term="stop_waiting")
    row = (give_up, Choice(f"b:{dossier.number}", term="appointments"))
    return turn.state.idle(), (Say(Outcome.WAITING, done.facts, (row,)), done.change)


def _refused(turn: Turn, dossier: Dossier, refusal: Refusal) -> Move:
    """What is free instead comes with the no."""
    shown = _slots(turn, dossier)
    return turn.state.idle(), (Say(Outcome.REFUSED, {"refusal": refusal_facts(refusal)}, shown.choices),)
