"""The whole dialogue as a table: what a conversation does with what arrives.

    step(state, event) = the rule of (step, event), which decides the next state and what is said.

Free text is first understood (which is the same in every step), then looked up by step and kind. Commands and
buttons mean the same in every step, so their tables have no step. A cell that is missing is the rule of
`Step.IDLE`; there is always an answer.

Three things come before the table: an emergency is answered whatever is under way; a form that is being filled in hears
what comes in first, and is taken up again after anything else, the look-up of a case's number included; what is written
in a talk goes to the person at the other end.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import reduce

from bot.casework.refusal import Refusal, Why
from bot.desk.change import Change
from bot.desk.desk import Desk
from bot.desk.status import numbers_in
from bot.dialogue import (
    absence,
    acting,
    asides,
    asking,
    booking,
    casework,
    complaining,
    forms,
    inbox,
    joining,
    meeting,
    notices,
    overseeing,
    public,
    rating,
    relaying,
    settings,
    showing,
    status,
    supplying,
    talk,
    viewing,
)
from bot.dialogue.state import Effect, Knowledge, Move, State, Step, Turn
from bot.events import (
    DATA_BYTES,
    Chat,
    Choice,
    Commanded,
    Event,
    Language,
    Outcome,
    Pressed,
    Said,
    Say,
    SentContact,
    SentFile,
    SentPlace,
)
from knowledge.matching.decision import Kind, Understanding

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
    (Step.IDLE, Kind.COMPLAINT): complaining.complaint_told,
    (Step.IDLE, Kind.PROGRESS): status.progress_asked,
    (Step.IDLE, Kind.AGENT): booking.agent_wanted,
    (Step.IDLE, Kind.NOISE): asking.unclear,
}

# by name; an answer is read by the form's own fields
FORMS: dict[str, forms.Form] = {
    form.name: form
    for form in (
        booking.FORM,
        status.FORM,
        acting.FORM,
        rating.FORM,
        complaining.FORM,
        joining.FORM,
        casework.MOVE_FORM,
        casework.ACT_FORM,
        overseeing.ANSWER_FORM,
        absence.FORM,
        inbox.FORM,
    )
}


def form_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    filling = turn.state.form
    if filling and filling.outer and arguments[:1] == (str(filling.outer.asked),):
        filling = filling.outer  # an answer to the question from before a number was looked up: on with that form
    form = FORMS.get(filling.form) if filling else None
    return forms.press(turn, form, filling, arguments) if form and filling else notices.stale(turn)


COMMANDS: dict[str, Callable[[Turn, str], Move]] = {
    "start": talk.start,
    "help": talk.help_asked,
    "lang": settings.language_asked,
    "region": settings.region_asked,
    "simple": settings.simple_switched,
    "cancel": talk.cancel,
    "agent": booking.agent_asked,
    "status": status.status_asked,
    "stop": status.stop_asked,
    "talk": relaying.talk_asked,
    "end": relaying.end_asked,
    "complain": complaining.complain_asked,
    "join": joining.join_asked,
    "inbox": inbox.inbox_asked,
    "console": joining.console_asked,
    "away": absence.away_asked,
    "back": absence.back_asked,
    "complaints": overseeing.complaints_asked,
}

# the first letter of a button's data; the rest are its arguments
BUTTONS: dict[str, Callable[[Turn, tuple[str, ...]], Move]] = {
    "i": notices.item_pressed,
    "p": notices.part_pressed,
    "s": notices.situations_reopened,
    "o": notices.option_pressed,
    "d": notices.paper_pressed,
    "a": booking.agent_pressed,
    "f": form_pressed,
    "q": status.case_pressed,
    "w": status.dossier_pressed,
    "y": status.days_pressed,
    "v": status.follow_pressed,
    "ca": acting.own_pressed,
    "u": supplying.supply_pressed,
    "j": relaying.talk_pressed,
    "je": relaying.end_pressed,
    "b": meeting.pressed,
    "g": rating.rate_pressed,
    "co": complaining.complain_pressed,
    "in": inbox.inbox_pressed,
    "e": viewing.dossier_pressed,
    "k": viewing.case_pressed,
    "t": casework.act_pressed,
    "m": casework.move_pressed,
    "ia": casework.add_pressed,
    "pp": viewing.paper_pressed,
    "fi": viewing.file_pressed,
    "x": overseeing.answer_pressed,
    "xr": overseeing.rectify_pressed,
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

    @property
    def says(self) -> tuple[Say, ...]:
        return tuple(effect for effect in self.effects if isinstance(effect, Say))

    @property
    def change(self) -> Change:
        """Everything that is to be written."""
        changes = (effect for effect in self.effects if isinstance(effect, Change))
        return reduce(Change.and_, changes, Change())


def step(
    state: State,
    event: Event,
    hint: Language | None,
    knowledge: Knowledge,
    desk: Desk,
    chat: Chat,
    in_public: bool = False,
) -> Decision:
    """Decide what happens on `event` in `state`. `in_public`: others read along.

    `hint` is what the channel says of the person's language; what they chose with /lang wins, then what they write.
    """
    state = public.forgotten(state) if in_public else state
    understood = knowledge.understand(event.text, state.region) if isinstance(event, Said) else None
    numbers = numbers_in(desk, event.text) if isinstance(event, Said) else ()
    language = _language(state, None if numbers else understood, hint)
    turn = Turn(replace(state, spoken=language), language, knowledge, desk, chat, desk.today)
    if in_public and not public.is_open(event, understood, numbers):
        after, effects = showing.said_no(turn, Refusal(Why.IN_PUBLIC), ((Choice("h", term="help"),),))
    else:
        after, effects = _taken_up(turn, _move(turn, event, understood))
    return Decision(_remember_buttons(after, effects), effects, after.language or language)


def _language(state: State, understood: Understanding | None, hint: Language | None) -> Language:
    if state.language:
        return state.language
    if state.spoken and (state.form or state.talking):
        return state.spoken  # a name in Latin letters is no change of language, nor is a case's number
    if understood is not None and understood.kind is not Kind.NOISE:
        return "en" if understood.language == "en" else "zh"
    return state.spoken or hint or "zh"


def _move(turn: Turn, event: Event, understood: Understanding | None) -> Move:
    if before_all := _heard_first(turn, event, understood):
        return before_all
    match event:
        case Said(text=text):
            assert understood is not None
            rule = TEXT.get((turn.state.step, understood.kind)) or TEXT.get((Step.IDLE, understood.kind), asking.answer)
            return rule(turn, text, understood)
        case Commanded(name=name, argument=argument):
            command = COMMANDS.get(name)
            return command(turn, argument.strip()) if command else talk.unknown_command(turn, name)
        case Pressed(data=data):
            verb, *arguments = data.split(":") if len(data.encode("utf-8", "surrogatepass")) <= DATA_BYTES else ("",)
            button = BUTTONS.get(verb)
            move = button(turn, tuple(arguments)) if button else notices.stale(turn)
            return _in_place(move) if verb in ANSWERS else move
        case SentFile() | SentContact() | SentPlace():
            return turn.state, (Say(Outcome.UNEXPECTED),)


# candidates may be offered for a question put in between; what is no press on one is the form's again
_HEARD_BY_A_FORM = frozenset({Step.FORM, Step.CHOOSING})


def _heard_first(turn: Turn, event: Event, understood: Understanding | None) -> Move | None:
    """What a form, a talk or a case number takes before the table is looked at."""
    if isinstance(event, Commanded | Pressed) or (understood and understood.kind in talk.URGENT):
        return None
    filling, step = turn.state.form, turn.state.step
    form = FORMS.get(filling.form) if filling else None
    if form and filling and step in _HEARD_BY_A_FORM:
        heard = forms.Heard(event, understood)
        if not status.is_look_up(turn, form, filling, heard):
            answered = forms.hear(turn, form, filling, heard) or asides.hear(turn, form, filling, heard)
            if answered is not None:
                return answered
    if step is Step.TALK:
        return relaying.said(turn, event)
    if isinstance(event, SentFile):
        return supplying.file_sent(turn, event)
    if isinstance(event, Said) and (numbers := numbers_in(turn.desk, event.text)):
        return viewing.numbers_told(turn, numbers) or status.numbers_told(turn, numbers, event.text)
    return None


def _taken_up(turn: Turn, move: Move) -> Move:
    """A form that was under way before something else was answered asks its question again."""
    state, effects = move
    filling = state.form
    form = FORMS.get(filling.form) if filling else None
    asked = any(isinstance(one, Say) and one.outcome in (Outcome.FORM, Outcome.SUMMARY) for one in effects)
    if form is None or filling is None or asked or state.step not in _HEARD_BY_A_FORM:
        return move
    resumed, again = forms.resume(replace(turn, state=state), form, filling)
    if state.step is Step.CHOOSING:  # what was offered can still be chosen
        resumed = replace(resumed, step=state.step, question=state.question, aspect=state.aspect)
    return resumed, (*effects, *again)


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
