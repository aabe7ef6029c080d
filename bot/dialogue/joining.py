"""Becoming a member of staff by invitation, and the way into the console."""

from __future__ import annotations

from bot.casework import applicants
from bot.casework.refusal import Refusal
from bot.desk import staff
from bot.desk.records import Member
from bot.dialogue import duty, forms
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Outcome, Said, Say

DEEP_LINK = "join_"


def join_asked(turn: Turn, argument: str) -> Move:
    """/join CODE: the invitation is looked at before a name is asked."""
    if not argument:
        return duty.not_staff(turn)
    if not staff.is_good_invitation(turn.desk, argument):
        return duty.bad_invitation(turn)
    return forms.begin(turn, FORM, about={"code": argument})


def _name(turn: Turn, filling: Filling, heard: forms.Heard) -> forms.Given | Refusal | None:
    if not isinstance(heard.event, Said):
        return None
    called = applicants.name(heard.event.text)
    return called if isinstance(called, Refusal) else forms.Given(called)


def _joined(turn: Turn, filling: Filling) -> Move:
    done = staff.join(turn.desk, turn.chat, filling.about["code"], filling.answers["name"])
    if isinstance(done, Refusal):
        return duty.bad_invitation(turn)
    inbox = bool(duty.HANDLING & set(done.facts["roles"]))
    row = (Choice("in", term="inbox"), Choice("h", term="help"))
    return turn.state, (Say(Outcome.JOINED, {**done.facts, "inbox": inbox}, (row[not inbox :],)), done.change)


FORM = forms.Form("join", (forms.Field("name", _name),), _joined, confirmed=False)


@duty.for_staff
def console_asked(turn: Turn, found: Member, argument: str) -> Move:
    """/console: a link that lets in once, and soon no more. Where the console is, the renderer knows."""
    done = staff.login_link(turn.desk, found)
    return turn.state, (Say(Outcome.CONSOLE, done.facts), done.change)
