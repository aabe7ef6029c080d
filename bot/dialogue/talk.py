"""Everything that is not about an item: greeting, help, emergencies, small talk, a way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from bot.dialogue import duty, forms, joining, notices, relaying
from bot.dialogue.state import Move, Step, Turn
from bot.events import Choice, Outcome, Say
from knowledge.matching.decision import Kind, Understanding

DEEP_LINK = "item_"
URGENT = frozenset({Kind.FIRE, Kind.MEDICAL, Kind.POLICE, Kind.TRAFFIC, Kind.DISTRESS})  # before anything else
_LINES = {Kind.FIRE: "fire", Kind.MEDICAL: "medical", Kind.POLICE: "police", Kind.TRAFFIC: "traffic"}


def start(turn: Turn, argument: str) -> Move:
    """/start, and the deep links: a counter's QR code (`item_<code>`), an invitation (`join_<code>`)."""
    if argument.startswith(joining.DEEP_LINK):
        return joining.join_asked(turn, argument.removeprefix(joining.DEEP_LINK))
    if argument.startswith(DEEP_LINK):
        return notices.open_item(turn, argument.removeprefix(DEEP_LINK), None)
    return _welcome(turn)


def _welcome(turn: Turn) -> Move:
    return turn.state.idle(), (Say(Outcome.WELCOME, choices=_first_choices()),)


def _first_choices() -> tuple[tuple[Choice, ...], ...]:
    return (
        (Choice("h", term="help"), Choice("a", term="agent")),
        (Choice("z:on", term="simple_on"), Choice("l:en", term="language_en"), Choice("l:zh", term="language_zh")),
    )


def greeted(turn: Turn, text: str, understood: Understanding) -> Move:
    return _welcome(turn)


def help_asked(turn: Turn, argument: str) -> Move:
    return turn.state, (Say(Outcome.HELP, duty.standing(turn), _first_choices()[1:]),)


def help_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    return help_asked(turn, "")


def cancel(turn: Turn, argument: str) -> Move:
    """The way out of anything, one thing at a time; what was only looked at stays looked at."""
    state = turn.state
    if state.form:
        return forms.quit_(turn, state.form)
    if state.talking:
        return relaying.end_asked(turn, argument)
    if state.supplying:
        return replace(state, supplying=None), (Say(Outcome.CANCELLED),)
    if state.step is Step.IDLE and state.item is None:
        return state, (Say(Outcome.NOTHING_TO_CANCEL),)
    return replace(state.idle(), item=None, chosen={}, aspect=None), (Say(Outcome.CANCELLED),)


def cancel_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    return cancel(turn, "")


def emergency(turn: Turn, text: str, understood: Understanding) -> Move:
    """The right number at once; nothing that was under way is lost."""
    return turn.state, (Say(Outcome.EMERGENCY, {"line": _LINES[understood.kind]}),)


def distress(turn: Turn, text: str, understood: Understanding) -> Move:
    return turn.state, (Say(Outcome.DISTRESS),)


def saying(outcome: Outcome) -> Callable[[Turn, str, Understanding], Move]:
    """A rule that says one thing and leaves everything as it was."""

    def rule(turn: Turn, text: str, understood: Understanding) -> Move:
        return turn.state, (Say(outcome, choices=((Choice("h", term="help"),),)),)

    return rule


def unknown_command(turn: Turn, name: str) -> Move:
    return turn.state, (Say(Outcome.UNKNOWN_COMMAND, choices=((Choice("h", term="help"),),)),)
