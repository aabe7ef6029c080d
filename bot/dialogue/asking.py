"""A question in somebody's own words: answered, narrowed down, or honestly not found."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import notices, settings
from bot.dialogue.state import QUESTION_KEPT, Effect, Move, Step, Turn
from bot.events import Choice, KeepQuestion, Outcome, Say
from knowledge.matching.decision import Need, Understanding, Verdict
from knowledge.notice import preselect

OFFERED = 4  # never more than four candidates
NEAREST = 3
NEAR = 0.03  # a probability below this is no likeness at all


def answer(turn: Turn, text: str, understood: Understanding) -> Move:
    """Answer every need of a message, each as if it had been asked alone."""
    state = replace(turn.state.idle(), region=understood.region or turn.state.region)
    effects: list[Effect] = []
    for need in understood.needs:
        # what was said about one need must not answer the situations of the other
        told = text if len(understood.needs) == 1 else need.text
        state, said = _answer_need(replace(turn, state=state), need, told)
        effects += said
    if not effects:
        return unclear(turn, text, understood)
    return state, tuple(effects)


def _answer_need(turn: Turn, need: Need, told: str) -> Move:
    known = [match.code for match in need.matches if match.score >= NEAR and turn.knowledge.item(match.code)]
    if need.verdict is Verdict.ANSWER and known:
        return notices.open_item(turn, known[0], need.aspect, question=told)
    if need.verdict is Verdict.CHOOSE and known:
        return _choose(turn, need, known[:OFFERED])
    if need.aspect and turn.state.item and not known:
        return notices.follow_up(turn, need.aspect)
    return _not_found(turn, need, known[:NEAREST])


def _choose(turn: Turn, need: Need, codes: list[str]) -> Move:
    state = replace(
        turn.state, step=Step.CHOOSING, aspect=need.aspect, question=need.text[:QUESTION_KEPT], item=None, chosen={}
    )
    rows = tuple((_item_choice(turn, code),) for code in codes)
    facts = {"separator": need.separator.value if need.separator else None, "items": codes}
    return state, (Say(Outcome.CHOOSE, facts, (*rows, (Choice("n", term="none_of_these"),))),)


def _not_found(turn: Turn, need: Need, nearest: list[str]) -> Move:
    rows = tuple((_item_choice(turn, code),) for code in nearest)
    kept = KeepQuestion(need.text[:QUESTION_KEPT], Outcome.NOT_FOUND, tuple(nearest))
    return turn.state.idle(), (Say(Outcome.NOT_FOUND, {"items": nearest}, rows), kept)


def _item_choice(turn: Turn, code: str) -> Choice:
    item = turn.knowledge.item(code)
    return Choice(f"i:{code}", label=item.name.say(turn.language) if item else code)


def none_of_these(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """「都不是」: the question goes to the catalogue's keepers, without who asked it."""
    state = turn.state
    if state.step is not Step.CHOOSING:
        return notices.stale(turn)
    shown = tuple(choice.data[2:] for choice in state.offered if choice.data.startswith("i:"))
    kept = KeepQuestion(state.question, Outcome.NONE_OF_THESE, shown)
    return state.idle(), (Say(Outcome.NONE_OF_THESE), kept)


def unclear(turn: Turn, text: str, understood: Understanding) -> Move:
    """Nothing to understand in the message."""
    return turn.state, (Say(Outcome.NOISE, choices=((Choice("h", term="help"),),)),)


def situation_told(turn: Turn, text: str, understood: Understanding) -> Move:
    """Free text while a situation is asked: an answer in their own words, or a new question."""
    item = turn.knowledge.item(turn.state.item or "")
    told = preselect(item, text).get(turn.state.asking or "") if item else None
    if item is None or told is None:
        return answer(turn, text, understood)
    return notices.situation_answered(turn, item, turn.state.asking or "", told)


def region_told(turn: Turn, text: str, understood: Understanding) -> Move:
    """Free text while a place is asked: a place, or a question, which is answered and the place left for later."""
    if turn.knowledge.regions.find(text):
        return settings.region_named(turn, text)
    if any(need.verdict is Verdict.ANSWER for need in understood.needs):
        return answer(turn, text, understood)
    return settings.region_named(turn, text)
