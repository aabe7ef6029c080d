"""Where others read along, in a group: the catalogue is for everybody, what concerns a person is for a private chat."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import joining
from bot.dialogue.state import State, Step
from bot.events import Commanded, Event, Pressed, Said
from knowledge.matching.decision import Kind, Understanding

COMMANDS = frozenset({"start", "help", "lang", "region", "simple", "cancel"})
BUTTONS = frozenset({"i", "p", "s", "o", "d", "n", "l", "r", "z", "h", "c"})
_PERSONAL = frozenset({Kind.PROGRESS, Kind.AGENT, Kind.COMPLAINT})


def is_open(event: Event, understood: Understanding | None, numbers: tuple[str, ...]) -> bool:
    """Whether it may be answered before everybody. `numbers`: of cases, in what was written."""
    match event:
        case Commanded(name, argument):
            return name in COMMANDS and not argument.startswith(joining.DEEP_LINK)
        case Pressed(data):
            return data.partition(":")[0] in BUTTONS
        case Said():
            return not numbers and (understood is None or understood.kind not in _PERSONAL)
    return True


def forgotten(state: State) -> State:
    """A group's state holds nothing that concerns a person."""
    step = Step.IDLE if state.step in (Step.FORM, Step.TALK) else state.step
    return replace(state, step=step, form=None, talking="", talked=False, opened=(), supplying=None, sought="")
