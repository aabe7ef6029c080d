"""The whole dialogue as a table: what a conversation does with what arrives.

    step(state, event) = the rule of (step, event), which decides the next state and what is said.

Free text is first understood (which is the same in every step), then looked up by step and kind. Commands and
buttons mean the same in every step, so their tables have no step. A cell that is missing is the rule of
`Step.IDLE`; there is always an answer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.dialogue import asking, notices, settings, talk
from bot.dialogue.state import Knowledge, State, Step, Turn
from bot.events import Commanded, Effect, Event, Language, Outcome, Pressed, Said, Say
from knowledge.matching.decision import Kind, Understanding

Move = tuple[State, tuple[Effect, ...]]

TEXT: dict[tuple[Step, Kind], Callable[[Turn, str, Understanding], Move]] = {
    (Step.IDLE, Kind.SERVICE): asking.answer,
    (Step.SITUATION, Kind.SERVICE): asking.situation_told,
    (Step.SITUATION, Kind.NOISE): asking.situation_told,
    (Step.SITUATION, Kind.SMALL_TALK): asking.situation_told,
    (Step.REGION, Kind.SERVICE): asking.region_told,
    (Step.REGION, Kind.NOISE): asking.region_told,
    (Step.REGION, Kind.SMALL_TALK): asking.region_told,
    (Step.IDLE, Kind.FIRE): talk.emergency,
    (Step.IDLE, Kind.MEDICAL): talk.emergency,
    (Step.IDLE, Kind.POLICE): talk.emergency,
    (Step.IDLE, Kind.TRAFFIC): talk.emergency,
    (Step.IDLE, Kind.DISTRESS): talk.distress,
    (Step.IDLE, Kind.GREETING): talk.greeted,
    (Step.IDLE, Kind.THANKS): talk.saying(Outcome.THANKS),
    (Step.IDLE, Kind.ABUSE): talk.saying(Outcome.ABUSE),
    (Step.IDLE, Kind.SMALL_TALK): talk.saying(Outcome.SMALL_TALK),
    (Step.IDLE, Kind.INSTRUCTION): talk.saying(Outcome.INSTRUCTION),
    (Step.IDLE, Kind.COMPLAINT): talk.saying(Outcome.COMPLAINT),
    (Step.IDLE, Kind.PROGRESS): talk.saying(Outcome.PROGRESS),
    (Step.IDLE, Kind.AGENT): talk.saying(Outcome.AGENT),
    (Step.IDLE, Kind.NOISE): asking.unclear,
}

COMMANDS: dict[str, Callable[[Turn, str], Move]] = {
    "start": talk.start,
    "help": talk.help_asked,
    "lang": settings.language_asked,
    "region": settings.region_asked,
    "simple": settings.simple_switched,
    "cancel": talk.cancel,
    "agent": talk.agent_asked,
}

# the first letter of a button's data; the rest are its arguments
BUTTONS: dict[str, Callable[[Turn, tuple[str, ...]], Move]] = {
    "i": notices.item_pressed,
    "p": notices.part_pressed,
    "s": notices.situations_reopened,
    "o": notices.option_pressed,
    "d": notices.paper_pressed,
    "a": talk.agent_pressed,
    "n": asking.none_of_these,
    "l": settings.language_pressed,
    "r": settings.region_pressed,
    "z": settings.simple_pressed,
    "h": talk.help_pressed,
    "c": talk.cancel_pressed,
}

# presses that answer a question: what follows may take the question's place, so that a chat does not fill with them
ANSWERS = frozenset({"o", "l", "r", "z"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What a step decided: the next state, what to do, and the language to say it in."""

    state: State
    effects: tuple[Effect, ...]
    language: Language


def step(state: State, event: Event, hint: Language | None, knowledge: Knowledge, today: dt.date) -> Decision:
    """Decide what happens on `event` in `state`.

    `hint` is what the channel says of the person's language; what they chose with /lang wins, then what they write.
    """
    understood = knowledge.understand(event.text, state.region) if isinstance(event, Said) else None
    language = _language(state, understood, hint)
    turn = Turn(replace(state, spoken=language), language, knowledge, today)
    after, effects = _move(turn, event, understood)
    return Decision(_remember_buttons(after, effects), effects, after.language or language)


def _language(state: State, understood: Understanding | None, hint: Language | None) -> Language:
    if state.language:
        return state.language
    if understood is not None and understood.kind is not Kind.NOISE:
        return "en" if understood.language == "en" else "zh"
    return state.spoken or hint or "zh"


def _move(turn: Turn, event: Event, understood: Understanding | None) -> Move:
    match event:
        case Said(text=text):
            assert understood is not None
            rule = TEXT.get((turn.state.step, understood.kind)) or TEXT.get((Step.IDLE, understood.kind), asking.answer)
            return rule(turn, text, understood)
        case Commanded(name=name, argument=argument):
            command = COMMANDS.get(name)
            return command(turn, argument.strip()) if command else talk.unknown_command(turn, name)
        case Pressed(data=data):
            verb, *arguments = data.split(":")
            button = BUTTONS.get(verb)
            move = button(turn, tuple(arguments)) if button else notices.stale(turn)
            return _in_place(move) if verb in ANSWERS else move
        case _:
            return turn.state, (Say(Outcome.UNEXPECTED),)


def _in_place(move: Move) -> Move:
    state, effects = move
    return state, tuple(replace(effect, replaces=True) if isinstance(effect, Say) else effect for effect in effects)


def _remember_buttons(state: State, effects: tuple[Effect, ...]) -> State:
    """Keep the buttons shown last, so that their labels may be typed."""
    offered = tuple(
        choice
        for effect in effects
        if isinstance(effect, Say)
        for row in effect.choices
        for choice in row
        if choice.data
    )
    return replace(state, offered=offered)
