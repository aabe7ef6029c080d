"""Language, region, and the simple manner for people who want short sentences."""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import notices
from bot.dialogue.state import Move, Step, Turn
from bot.events import LANGUAGES, Choice, Language, Outcome, Say

REGIONS_A_ROW = 3
ON = {"on", "开", "1", "yes"}
OFF = {"off", "关", "0", "no"}
_SAID: dict[str, Language] = {
    "zh": "zh",
    "中文": "zh",
    "汉语": "zh",
    "chinese": "zh",
    "en": "en",
    "english": "en",
    "英文": "en",
}


def language_asked(turn: Turn, argument: str) -> Move:
    if chosen := _SAID.get(argument.casefold()):
        return _set_language(turn, chosen)
    row = tuple(Choice(f"l:{language}", term=f"language_{language}") for language in LANGUAGES)
    return turn.state, (Say(Outcome.LANGUAGE, choices=(row,)),)


def language_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    chosen = _SAID.get(arguments[0]) if arguments else None
    return _set_language(turn, chosen) if chosen else notices.stale(turn)


def _set_language(turn: Turn, language: Language) -> Move:
    """The switch keeps what is under way: only the words change."""
    return replace(turn.state, language=language, spoken=language), (Say(Outcome.LANGUAGE_SET),)


def region_asked(turn: Turn, argument: str) -> Move:
    if argument:
        return region_named(turn, argument)
    return replace(turn.state.idle(), step=Step.REGION), (_which_region(turn, Outcome.REGION),)


def _which_region(turn: Turn, outcome: Outcome) -> Say:
    regions = turn.knowledge.regions
    choices = [
        Choice(f"r:{region.code}", label=region.name.say(turn.language))
        for region in (regions.get(turn.knowledge.hall.region), *regions.children(turn.knowledge.hall.region))
        if region is not None
    ]
    rows = tuple(tuple(choices[at : at + REGIONS_A_ROW]) for at in range(0, len(choices), REGIONS_A_ROW))
    return Say(outcome, {"region": turn.state.region}, rows)


def region_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    region = turn.knowledge.regions.get(arguments[0]) if arguments else None
    return _set_region(turn, region.code) if region else notices.stale(turn)


def region_named(turn: Turn, text: str) -> Move:
    region = turn.knowledge.regions.find(text)
    if region is None:
        return replace(turn.state.idle(), step=Step.REGION), (_which_region(turn, Outcome.REGION_UNKNOWN),)
    return _set_region(turn, region.code)


def _set_region(turn: Turn, code: str) -> Move:
    return replace(turn.state.idle(), region=code), (Say(Outcome.REGION_SET, {"region": code}),)


def simple_switched(turn: Turn, argument: str) -> Move:
    word = argument.casefold()
    return _set_simple(turn, True if word in ON else False if word in OFF else not turn.state.simple)


def simple_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    return simple_switched(turn, arguments[0] if arguments else "")


def _set_simple(turn: Turn, simple: bool) -> Move:
    choice = Choice(f"z:{'off' if simple else 'on'}", term="simple_off" if simple else "simple_on")
    said = Say(Outcome.SIMPLE_ON if simple else Outcome.SIMPLE_OFF, choices=((choice,),))
    return replace(turn.state, simple=simple), (said,)
