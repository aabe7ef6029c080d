"""Talking to the person at the other end: what is written goes there, and the bot keeps quiet.

The same for applicants and staff: who somebody is, is read off the records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.casework import slots
from bot.casework.refusal import Refusal
from bot.desk.access import handling_roles
from bot.desk.change import Done
from bot.desk.dossier import Dossier
from bot.desk.messages import no_room, send_file, write, write_own
from bot.desk.records import Member
from bot.desk.status import is_own
from bot.dialogue import booking, showing, supplying
from bot.dialogue.forms import refusal_facts
from bot.dialogue.state import Move, State, Step, Turn
from bot.events import Choice, Event, Outcome, Said, Say, SentFile


def talk_asked(turn: Turn, argument: str) -> Move:
    """/talk: to the agent of the engagement that is open; of several, which one; of none, how to get an agent."""
    open_ones = tuple(one for one in turn.desk.records.own(turn.chat, showing.LISTED) if not one.closed)
    if not open_ones:
        return booking.agent_asked(turn, "")
    if len(open_ones) > 1:
        return turn.state.idle(), (showing.show_list(turn, open_ones, verb="j"),)
    return _begun(turn, open_ones[0].number)


def talk_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    return _begun(turn, arguments[0] if arguments else "")


def _begun(turn: Turn, number: str) -> Move:
    """`facts`: `number`, `agent` (name or None), `staff`, and when somebody is there (`_hours`)."""
    dossier = turn.desk.records.dossier(number)
    if dossier is None or not _takes_part(turn, dossier):
        return showing.no_match(turn)
    agent = turn.desk.records.colleague(dossier.responsible) if dossier.responsible else None
    staff = not is_own(dossier, turn.chat)
    facts = {"number": number, "agent": agent.name if agent else None, "staff": staff, **_hours(turn, dossier)}
    state = replace(turn.state, talking=number, talked=False, supplying=None).idle()
    return state, (Say(Outcome.TALKING, facts, ((Choice(f"je:{number}", term="end_talk"),),)),)


def _takes_part(turn: Turn, dossier: Dossier) -> bool:
    return is_own(dossier, turn.chat) or _member(turn, dossier) is not None


def _member(turn: Turn, dossier: Dossier) -> Member | None:
    """The member of staff who talks here, unless it is their own dossier or none of their business."""
    member = turn.desk.records.member(turn.chat)
    if member is None or is_own(dossier, turn.chat):
        return None
    return member if handling_roles(turn.desk, member, dossier) else None


def _hours(turn: Turn, dossier: Dossier) -> Mapping[str, Any]:
    """`hours`: whether the hall's are known; `there`: whether it is open now; `opens`: when it is next, or None."""
    hours = turn.desk.office.hours.get(dossier.hall)
    opens = slots.opens(hours, turn.desk.now) if hours else None
    there = opens is not None and opens <= turn.desk.now
    return {"hours": hours is not None, "there": there, "opens": opens.isoformat() if opens else None}


# --- what is written ----------------------------------------------------------------------------


def said(turn: Turn, event: Event) -> Move:
    """A message of a talk. The first is acknowledged, those after it are not: two people are talking."""
    dossier = turn.desk.records.dossier(turn.state.talking)
    if dossier is None:
        return _ended(turn), showing.no_match(turn)[1]
    match event:
        case Said(text=text):
            return _sent(turn, dossier, _written(turn, dossier, text))
        case SentFile() if refused := no_room(turn.desk, dossier):
            return _sent(turn, dossier, refused)
        case SentFile(kept=kept) if kept and "id" in kept:
            member = _member(turn, dossier)
            done = send_file(turn.desk, turn.chat, member, dossier.number, supplying.filed(kept))
            return _sent(turn, dossier, done)
        case SentFile(kept=kept):
            facts = {"refused": (kept or {}).get("refused", ""), "awaited": True}
            return turn.state, (Say(Outcome.UNEXPECTED, facts),)
    return turn.state, (Say(Outcome.UNEXPECTED),)


def _written(turn: Turn, dossier: Dossier, text: str) -> Done | Refusal:
    if is_own(dossier, turn.chat):
        return write_own(turn.desk, turn.chat, dossier.number, text)
    member = turn.desk.records.member(turn.chat)
    no_access = write_own(turn.desk, turn.chat, dossier.number, text)
    return write(turn.desk, member, dossier.number, text) if member else no_access


def _sent(turn: Turn, dossier: Dossier, done: Done | Refusal) -> Move:
    if isinstance(done, Refusal):
        again = ((Choice(f"je:{dossier.number}", term="end_talk"),),)
        return turn.state, (Say(Outcome.REFUSED, {"refusal": refusal_facts(done)}, again),)
    if turn.state.talked and done.facts["reached"]:
        return turn.state, (done.change,)
    facts = {
        "number": dossier.number,
        "reached": done.facts["reached"],
        "taken": bool(dossier.responsible),
        "staff": not is_own(dossier, turn.chat),
        **_hours(turn, dossier),
    }
    state = replace(turn.state, talked=True)
    return state, (Say(Outcome.SENT_ON, facts, ((Choice(f"je:{dossier.number}", term="end_talk"),),)), done.change)


# --- its end ------------------------------------------------------------------------------------


def end_asked(turn: Turn, argument: str) -> Move:
    """/end."""
    if not turn.state.talking:
        return turn.state, (Say(Outcome.NOTHING_TO_CANCEL),)
    return _ended(turn), (Say(Outcome.TALK_ENDED, {"number": turn.state.talking}, _back(turn)),)


def end_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    return end_asked(turn, "")


def _back(turn: Turn) -> tuple[tuple[Choice, ...], ...]:
    dossier = turn.desk.records.dossier(turn.state.talking)
    if dossier is None:
        return ()
    own = is_own(dossier, turn.chat)
    return ((Choice(f"{'w' if own else 'e'}:{dossier.number}", term="see_dossier" if own else "open_dossier"),),)


def _ended(turn: Turn) -> State:
    """Nobody is talked to any more; `idle` would keep a talk under way."""
    step = Step.FORM if turn.state.form else Step.IDLE
    return replace(turn.state, talking="", talked=False, step=step)
