"""Telling about one item: its situations, its whole notice, its parts, its paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.dialogue.state import Move, State, Step, Turn
from bot.events import Choice, Outcome, Paper, Say
from knowledge.matching.decision import Aspect
from knowledge.model import ANY, Item, Situation
from knowledge.notice import SECTION_OF, Section, compose, next_situation, preselect

BUTTONS_A_ROW = 3
RELATED = 3


def open_item(turn: Turn, code: str, aspect: Aspect | None, question: str = "") -> Move:
    """Start telling about an item; situations the question itself answers are not asked again."""
    item = turn.knowledge.item(code)
    if item is None:
        return stale(turn)
    state = replace(turn.state.idle(), item=code, aspect=aspect, chosen=preselect(item, question))
    return _ask_or_tell(replace(turn, state=state), item)


def _ask_or_tell(turn: Turn, item: Item) -> Move:
    """Ask the situation that changes the answer, or tell."""
    situation = next_situation(item, turn.state.chosen, turn.state.aspect)
    if situation is not None:
        return _ask(turn, item, situation)
    return _tell(turn, item)


def _ask(turn: Turn, item: Item, situation: Situation) -> Move:
    rows = tuple(
        (Choice(f"o:{item.code}:{situation.code}:{option.code}", label=option.label.say(turn.language)),)
        for option in situation.options
    )
    state = replace(turn.state, step=Step.SITUATION, asking=situation.code)
    any_row = (Choice(f"o:{item.code}:{situation.code}:{ANY}", term="all_situations"),)
    return state, (Say(Outcome.SITUATION, _facts(state, turn, situation=situation.code), (*rows, any_row)),)


def _tell(turn: Turn, item: Item) -> Move:
    state = turn.state.idle()
    outcome = Outcome.PLAN if item.parts else Outcome.NOTICE
    return state, (Say(outcome, _facts(state, turn), _choices(turn, item, state)),)


def _facts(state: State, turn: Turn, **more: Any) -> Mapping[str, Any]:
    return {
        "item": state.item,
        "chosen": dict(state.chosen),
        "aspect": state.aspect.value if state.aspect else None,
        "region": state.region,
        "today": turn.today.isoformat(),
        **more,
    }


def _choices(turn: Turn, item: Item, state: State, showing: Section | None = None) -> tuple[tuple[Choice, ...], ...]:
    """The buttons under a notice: its other parts, another situation, an agent, the paper, what belongs to it."""
    lead = showing or (SECTION_OF[state.aspect] if state.aspect else None)
    notice = compose(item, state.chosen, turn.today, turn.knowledge.item)
    parts = [
        Choice(f"p:{item.code}:{section}", term=f"part_{section}") for section in notice.sections if section != lead
    ]
    rows = [tuple(parts[start : start + BUTTONS_A_ROW]) for start in range(0, len(parts), BUTTONS_A_ROW)]
    tools = [Choice(f"a:{item.code}", term="agent"), Choice(f"d:{item.code}", term="paper")]
    if item.situations:
        tools.insert(0, Choice(f"s:{item.code}", term="other_situation"))
    if showing:
        tools.append(Choice(f"i:{item.code}", term="whole_notice"))
    rows.append(tuple(tools))
    belonging = [part.item.code for part in notice.parts] or list(item.related[:RELATED])
    for code in belonging:
        if found := turn.knowledge.item(code):
            rows.append((Choice(f"i:{code}", label=found.title(turn.language)),))
    return tuple(rows)


def item_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """An item was chosen; what had been asked of the candidates is asked of it."""
    code = arguments[0] if arguments else ""
    if turn.state.step is Step.CHOOSING:
        return open_item(turn, code, turn.state.aspect, turn.state.question)
    if turn.state.item == code and turn.knowledge.item(code):
        return _tell_again(turn, code)
    return open_item(turn, code, None)


def _tell_again(turn: Turn, code: str) -> Move:
    item = turn.knowledge.item(code)
    assert item is not None
    return _ask_or_tell(replace(turn, state=replace(turn.state, aspect=None)), item)


def part_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """One part of an item's notice, under the situations already chosen for that item."""
    code, name = (*arguments, "", "")[:2]
    item = turn.knowledge.item(code)
    if item is None or name not in set(Section):
        return stale(turn)
    return _tell_part(_talking_about(turn, code), item, Section(name))


def _talking_about(turn: Turn, code: str) -> Turn:
    """The same turn with the talk turned to an item; situations chosen for another one do not carry over."""
    if turn.state.item == code:
        return turn
    return replace(turn, state=replace(turn.state.idle(), item=code, chosen={}, aspect=None))


def _tell_part(turn: Turn, item: Item, section: Section) -> Move:
    state = replace(turn.state.idle(), item=item.code)
    return state, (Say(Outcome.PART, _facts(state, turn, section=section.value), _choices(turn, item, state, section)),)


def follow_up(turn: Turn, aspect: Aspect) -> Move:
    """「多少钱」 with no item named: about the item the talk is about."""
    item = turn.knowledge.item(turn.state.item or "")
    if item is None:
        return stale(turn)
    asked = replace(turn, state=replace(turn.state, aspect=aspect))
    if next_situation(item, asked.state.chosen, aspect):
        return _ask_or_tell(asked, item)
    return _tell_part(asked, item, SECTION_OF[aspect])


def option_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """A situation was answered."""
    code, situation_code, option_code = (*arguments, "", "", "")[:3]
    item = turn.knowledge.item(code)
    situation = next((found for found in item.situations if found.code == situation_code), None) if item else None
    if item is None or situation is None or option_code not in {ANY, *(option.code for option in situation.options)}:
        return stale(turn)
    return situation_answered(_talking_about(turn, code), item, situation.code, option_code)


def situation_answered(turn: Turn, item: Item, situation: str, option: str) -> Move:
    state = replace(turn.state.idle(), item=item.code, chosen={**turn.state.chosen, situation: option})
    return _ask_or_tell(replace(turn, state=state), item)


def situations_reopened(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """「换个情形」: ask again from the first situation."""
    code = arguments[0] if arguments else ""
    item = turn.knowledge.item(code)
    if item is None or not item.situations:
        return stale(turn)
    state = replace(turn.state.idle(), item=code, chosen={}, aspect=None)
    return _ask_or_tell(replace(turn, state=state), item)


def paper_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """The notice as a document to print."""
    code = arguments[0] if arguments else ""
    if turn.knowledge.item(code) is None:
        return stale(turn)
    about = _talking_about(turn, code)
    paper = Paper("notice", code, dict(about.state.chosen))
    return about.state, (Say(Outcome.PAPER, _facts(about.state, turn), papers=(paper,)),)


def stale(turn: Turn) -> Move:
    """A button whose meaning is gone: its item was cancelled, or the catalogue changed."""
    return turn.state.idle(), (Say(Outcome.STALE, choices=((Choice("h", term="help"),),)),)
