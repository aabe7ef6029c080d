"""A message as the matcher sees it: tokens, concepts, actions, sounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from knowledge.matching.lexicon import Phrases
from knowledge.matching.postings import grams, merged

DIRECT, SAID = 1.0, 0.9  # weight of an official term that stands in the question, and of one that is meant by it


@dataclass(frozen=True, slots=True)
class Question:
    """One need, read."""

    text: str
    language: str
    characters: Mapping[str, float]  # 1- and 2-grams
    groups: tuple[tuple[str, ...], ...]  # official terms meant; of each group an item's name uses one or another
    actions: frozenset[int]
    sounds: Mapping[str, float]  # folded syllables, 1- and 2-grams
    english: Mapping[str, float]

    @property
    def terms(self) -> dict[str, float]:
        """The terms of all groups, each weighted by how few alternatives it has."""
        bag: dict[str, float] = {}
        for group in self.groups:
            for term in group:
                bag[term] = max(bag.get(term, 0.0), len(group) ** -0.5)
        return bag


def sound_grams(text: str, sound: Mapping[str, str]) -> dict[str, float]:
    """Folded syllables of `text` as 1- and 2-grams."""
    bag: dict[str, float] = {}
    previous = ""
    for character in text:
        one = sound.get(character, "")
        if one:
            bag[one] = 0.25
            if previous:
                bag[f"{previous} {one}"] = 1.0
        previous = one
    return bag


@dataclass(slots=True)
class Reader:
    """Reads questions, items' names and example questions alike with the lexicon.

    `said`: wordings → entries; `means`: entry → its groups of terms; `unless`: entry → words that forbid it;
    `terms`: official terms → 0; `acts`, `official`: wordings of actions → action.
    """

    said: Phrases
    means: list[list[list[str]]]
    unless: list[list[str]]
    terms: Phrases
    term_list: list[str]
    acts: Phrases
    act_unless: list[list[str]]
    official: Phrases
    fillers: list[str]
    sound: dict[str, str]

    def strip(self, text: str) -> str:
        """`text` without the words that carry nothing."""
        for filler in self.fillers:
            if filler in text:
                text = text.replace(filler, " ")
        return text

    def official_terms(self, text: str) -> list[str]:
        """Every official term that stands in `text`, also inside one another."""
        return [self.term_list[number] for number in self.terms.find(text, swallow=False)]

    def actions_named(self, name: str) -> frozenset[int]:
        """What an item's name says is done."""
        return frozenset(self.official.find(name, swallow=False))

    def read(self, text: str, language: str = "zh") -> Question:
        """`text` (normalised) as a Question."""
        groups: dict[tuple[str, ...], None] = {}
        for term in self.official_terms(text):
            groups[(term,)] = None
        for entry in self.said.find(text):
            if any(word in text for word in self.unless[entry]):
                continue
            for group in self.means[entry]:
                groups[tuple(group)] = None
        actions = frozenset(
            number for number in self.acts.find(text) if not any(word in text for word in self.act_unless[number])
        )
        plain = self.strip(text)
        return Question(
            text=text,
            language=language,
            characters=grams(plain),
            groups=tuple(groups),
            actions=actions,
            sounds=sound_grams(plain, self.sound),
            english={},
        )


def both(question: Question, mended: Question) -> Question:
    """A question read as written and as mended, what is only in the mended reading counting a little less."""
    added = {token: weight * 0.8 for token, weight in mended.characters.items() if token not in question.characters}
    return replace(
        question,
        characters=merged((question.characters, added)),
        groups=tuple(dict.fromkeys((*question.groups, *mended.groups))),
        actions=question.actions | mended.actions,
    )
