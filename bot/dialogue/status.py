"""How far it is: own matters at once, any other by number and query password."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from bot.casework.numbers import ALPHABET, PASSWORD_LENGTH
from bot.casework.refusal import Refusal, Why
from bot.desk.dossier import Dossier
from bot.desk.status import follow, look, numbers_in, stop
from bot.dialogue import forms, hearing, showing
from bot.dialogue.forms import Form, Given, Heard
from bot.dialogue.state import Filling, Move, State, Turn
from bot.events import Choice, Outcome, Say
from knowledge.matching.decision import Understanding

OPENED_AT_MOST = 20  # dossiers whose password a chat has shown, the newest
_PASSWORD = re.compile(rf"(?<![0-9A-Z])[{ALPHABET}]{{{PASSWORD_LENGTH}}}(?![0-9A-Z])")
# what may stand beside a number that is looked up, and says nothing else
_BESIDE = re.compile(
    r"办件|代办|编号|单号|查询|查看|查一下|查查|查|密码|进度|状态|现在|办?到(?:哪|什么)(?:里|儿|一步|步|程度)?|怎么样|如何"
    r"|帮我|帮忙|麻烦|请|我想|想|我要|看看|看一下|的|是|了|吗|呢"
    r"|\b(?:case|engagement|number|no|query|password|status|progress|how|far|what|about|is|it|the|of|for|and|with|my"
    r"|look|up|check|show|me|please)\b",
    re.IGNORECASE,
)


# --- asked --------------------------------------------------------------------------------------


def status_asked(turn: Turn, argument: str) -> Move:
    """/status, with or without a number and a password."""
    numbers = numbers_in(turn.desk, argument)
    return numbers_told(turn, numbers, argument) if numbers else _listed(turn)


def progress_asked(turn: Turn, text: str, understood: Understanding) -> Move:
    """「我的事办到哪了」."""
    return status_asked(turn, text)


def _listed(turn: Turn) -> Move:
    lines = turn.desk.records.own(turn.chat, showing.LISTED)
    if not lines:
        by_number = ((Choice("q:other", term="other_number"), Choice("a", term="agent")),)
        return turn.state.idle(), (Say(Outcome.PROGRESS, choices=by_number),)
    return turn.state.idle(), (showing.show_list(turn, lines),)


def numbers_told(turn: Turn, numbers: tuple[str, ...], text: str) -> Move:
    """Numbers in a message: what may be seen is shown, for the first of the others the password is asked or tried."""
    open_ones = [(dossier, number) for number in numbers if (dossier := showing.seen(turn, number))]
    says = tuple(showing.show(turn, dossier, number) for dossier, number in open_ones)
    closed = [number for number in numbers if number not in [shown for _, shown in open_ones]]
    if not closed:
        return turn.state.idle(), says
    state, more = _by_number(turn, closed[0], password_in(turn, text))
    return state, (*says, *more)


def _by_number(turn: Turn, number: str, password: str) -> Move:
    return _looked_up(turn, {"number": number} | ({"password": password} if password else {}))


def _looked_up(turn: Turn, answers: Mapping[str, str]) -> Move:
    """A form that was under way waits until the look-up is done; a look-up gives way to the next one."""
    filling = turn.state.form
    outer = filling.outer if filling and filling.form == FORM.name else filling
    return forms.begin(turn, FORM, answers=answers, outer=outer)


def is_look_up(turn: Turn, form: Form, filling: Filling, heard: Heard) -> bool:
    """Whether a number that comes in while a form is filled in is to be looked up, and is no answer to the form: there
    is nothing else in the message, and no number is what is asked for."""
    text = hearing.said(heard) or ""
    numbers = numbers_in(turn.desk, text)
    field = form.field(filling.asking)
    if not numbers or (field and field.is_number(text)):
        return False
    rest = _compact(_BESIDE.sub(" ", unicodedata.normalize("NFKC", text)))
    for known in (*sorted(numbers, key=len, reverse=True), password_in(turn, text)):  # one may be a part of another
        rest = rest.replace(known, "", 1)
    return not rest


def _compact(text: str) -> str:
    return "".join(sign for sign in text.upper() if sign.isalnum())


def password_in(turn: Turn, text: str) -> str:
    """What looks like a query password beside the numbers of a message; empty where nothing does."""
    signs = unicodedata.normalize("NFKC", text).upper()
    found = [one for one in _PASSWORD.findall(signs) if not one.isdigit() or len(one) == PASSWORD_LENGTH]
    inside = "".join(numbers_in(turn.desk, text))
    return next((one for one in found if one not in inside), "")


# --- the form -----------------------------------------------------------------------------------


def read_number(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    text = hearing.words_given(heard)
    if text is None:
        return None
    numbers = numbers_in(turn.desk, text)
    if numbers:
        return Given(numbers[0])
    return Refusal(Why.BAD_NUMBER) if any(sign.isdigit() for sign in text) else None


def read_password(turn: Turn, filling: Filling, heard: Heard) -> Given | None:
    """Whatever is typed is tried, but for another number, a question, or words in Chinese."""
    text = hearing.words_given(heard)
    if text is None or numbers_in(turn.desk, text) or (not text.isascii() and not password_in(turn, text)):
        return None
    return Given(password_in(turn, text) or text)


def _needs_password(turn: Turn, filling: Filling) -> bool:
    return showing.seen(turn, filling.answers.get("number", "")) is None


def _finish(turn: Turn, filling: Filling) -> Move:
    number, password = filling.answers["number"], filling.answers.get("password", "")
    if dossier := showing.seen(turn, number):
        return turn.state, (showing.show(turn, dossier, number),)
    looked = look(turn.desk, turn.chat, number, password)
    if isinstance(looked, Refusal):
        return forms.refused(turn, filling, looked, asking="password")
    if looked.dossier is None:
        state, says = forms.refused(turn, filling, looked.facts["refusal"], asking="password")
        return state, (*says, looked.change)
    opened = replace(turn, state=_opened(turn.state, looked.dossier))
    return opened.state, (showing.show(opened, looked.dossier, number),)


def _opened(state: State, dossier: Dossier) -> State:
    kept = tuple(one for one in state.opened if one != dossier.number)
    return replace(state, opened=(*kept, dossier.number)[-OPENED_AT_MOST:])


FORM = forms.Form(
    "status",
    (
        forms.Field("number", read_number, is_number=lambda text: True),
        forms.Field("password", read_password, wanted=_needs_password),
    ),
    _finish,
    confirmed=False,
)


# --- buttons ------------------------------------------------------------------------------------


def case_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """A case; without a number what is one's own; `other`: somebody wants to type a number."""
    number = arguments[0] if arguments else ""
    if number == "other":
        return _looked_up(turn, {})
    return _shown(turn, number) if number else _listed(turn)


def dossier_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    number, what = (*arguments, "", "")[:2]
    if what != "papers":
        return _shown(turn, number)
    dossier = showing.own(turn, number)
    return (turn.state.idle(), (showing.show_papers(turn, dossier),)) if dossier else showing.no_match(turn)


def _shown(turn: Turn, number: str) -> Move:
    dossier = showing.seen(turn, number)
    return (turn.state.idle(), (showing.show(turn, dossier, number),)) if dossier else showing.no_match(turn)


def days_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    number = arguments[0] if arguments else ""
    dossier = showing.seen(turn, number)
    if dossier is None or number not in dossier.cases:
        return showing.no_match(turn)
    return turn.state.idle(), (showing.show_days(turn, dossier, number),)


def follow_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """「办好了告诉我」, and its end."""
    number, wanted = (*arguments, "", "")[:2]
    if showing.seen(turn, number) is None:
        return showing.no_match(turn)
    done = follow(turn.desk, turn.chat, number, on=wanted != "off")
    if isinstance(done, Refusal):
        return showing.said_no(turn, done)
    see = ((Choice(f"q:{number}", term="see_status"),),)
    outcome = Outcome.UNFOLLOWED if wanted == "off" else Outcome.FOLLOWING
    return turn.state.idle(), (Say(outcome, {"numbers": [number], "own": False}, see), done.change)


def stop_asked(turn: Turn, argument: str) -> Move:
    """/stop: no more news of what this chat asked to be told about."""
    done = stop(turn.desk, turn.chat)
    facts = {"numbers": done.facts["numbers"], "own": bool(turn.desk.records.own(turn.chat, 1))}
    return turn.state.idle(), (Say(Outcome.UNFOLLOWED, facts), done.change)
