"""A message as the matcher sees it: tokens, concepts, actions, sounds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from knowledge.matching.phrases import Hits, Phrases, Words, english_words
from knowledge.matching.postings import grams, merged

Group = tuple[str, ...]  # official terms for one idea: an item's name uses one or another


@dataclass(frozen=True, slots=True)
class Question:
    """One need, read."""

    text: str
    language: str
    characters: Mapping[str, float]  # 1- and 2-grams
    groups: Mapping[Group, float]  # what is meant, weighted by where in the message it is said
    actions: frozenset[int]
    plain: str  # the text as it is compared by meaning: without fillers, as mended
    beyond: bool = False  # asks for what no item does: a figure, a rule, a result

    @property
    def terms(self) -> dict[str, float]:
        """The terms of all groups, each weighted by how few alternatives it has."""
        bag: dict[str, float] = {}
        for group, weight in self.groups.items():
            for term in group:
                bag[term] = max(bag.get(term, 0.0), weight * len(group) ** -0.5)
        return bag


@dataclass(slots=True)
class Reader:
    """Reads questions, items' names and example questions alike with the lexicon.

    `said`: wordings → entries; `means`: entry → its groups of terms; `unless`: entry → words that forbid it;
    `terms`: official terms → 0; `acts`, `official`: wordings of actions → action.
    """

    said: Phrases
    means: list[list[Group]]
    unless: list[list[str]]
    terms: Phrases
    term_list: list[str]
    acts: Phrases
    act_unless: list[list[str]]
    official: Phrases
    fillers: list[str]
    sound: dict[str, str]
    words: Words = field(init=False)  # those of `said`, `terms` and `acts`, to be looked for at once
    filler: re.Pattern[str] = field(init=False)  # any of them: most texts have none
    unoffered: frozenset[int] = field(init=False)  # what people want done that no item is called after

    def __post_init__(self) -> None:
        every = (self.said, self.terms, self.acts)
        self.words = Words.of(word for one in every for word in (*one.simple, *one.parted))
        self.filler = re.compile("|".join(map(re.escape, self.fillers)))
        offered = {number for numbers in self.official.simple.values() for number in numbers}
        self.unoffered = frozenset(range(len(self.act_unless))) - offered

    def strip(self, text: str) -> str:
        """`text` with blanks for the words that carry nothing."""
        for filler in self.fillers if self.filler.search(text) else ():
            if filler in text:
                text = text.replace(filler, " " * len(filler))
        return text

    def exact_key(self, text: str) -> str:
        """`text` as it is compared with names and aliases: without fillers, blanks and marks."""
        return "".join(character for character in self.strip(text) if character.isalnum())

    def knows(self, word: str) -> bool:
        """Whether `word` as a whole is a wording or a term."""
        return word in self.said.simple or word in self.terms.simple

    def only_acts(self, text: str) -> bool:
        """Whether `text` says what is to be done (「我要过户」) and nothing of what it is to be done to."""
        if " ".join(english_words(text)) in self.acts.english:
            return True
        left = list(self.strip(text))
        for start, end in self.acts.find(text).values():
            left[start:end] = " " * (end - start)
        return not any(character.isalnum() for character in left)

    def official_terms(self, text: str) -> list[str]:
        """Every official term that stands in `text`, also inside one another."""
        return [self.term_list[number] for number in self.terms.find(text, swallow=False)]

    def actions_named(self, name: str) -> frozenset[int]:
        """What an item's name says is done."""
        return frozenset(self.official.find(name, swallow=False))

    def wanted(self, text: str, hits: Hits | None = None) -> frozenset[int]:
        """The actions that `text` asks for."""
        found = self.acts.find(text, hits=hits)
        return frozenset(number for number in found if not any(word in text for word in self.act_unless[number]))

    def named(self, text: str) -> frozenset[str | int]:
        """The official terms and the wordings in `text`."""
        hits = self.words.hits(text)
        terms = self.terms.find(text, swallow=False, hits=hits)
        return frozenset((*(self.term_list[number] for number in terms), *self.said.find(text, hits=hits)))

    def beyond(self, text: str) -> bool:
        """Whether `text` asks for what no item does: a figure, a rule, a result."""
        return not self.unoffered.isdisjoint(self.wanted(text))

    def read(self, text: str, language: str = "zh", weights: Sequence[float] | None = None) -> Question:
        """`text` (normalised) as a Question; `weights`: how much each character counts, by default 1."""
        groups: dict[Group, float] = {}
        hits = self.words.hits(text)
        for number, (start, _) in self.terms.find(text, swallow=False, hits=hits).items():
            groups[(self.term_list[number],)] = weights[start] if weights else 1.0
        for entry, (start, _) in self.said.find(text, hits=hits).items():
            if any(word in text for word in self.unless[entry]):
                continue
            weight = weights[start] if weights and start < len(weights) else 1.0
            for group in self.means[entry]:
                groups[group] = max(groups.get(group, 0.0), weight)
        actions = self.wanted(text, hits)
        plain = self.strip(text)
        wanted = actions - self.unoffered
        return Question(text, language, grams(plain, weights=weights), groups, wanted, plain, wanted != actions)


def asks_whole(text: str, wholes: Sequence[str]) -> bool:
    """Whether all that belongs to an undertaking is asked for; 「开个|开家&手续」: one of these and one of those."""
    return any(one in text or ("&" in one and _one_of_each(one, text)) for one in wholes)


def _one_of_each(choices: str, text: str) -> bool:
    return all(any(word in text for word in part.split("|")) for part in choices.split("&"))


def both(question: Question, mended: Question) -> Question:
    """A question read as written and as mended, what is only in the mended reading counting a little less."""
    added = {token: weight * 0.8 for token, weight in mended.characters.items() if token not in question.characters}
    return replace(
        question,
        characters=merged((question.characters, added)),
        groups={**mended.groups, **question.groups},
        actions=question.actions | mended.actions,
        beyond=question.beyond or mended.beyond,
        plain=mended.plain,
    )


def ask_bag(question: Question) -> dict[str, float]:
    """Tokens of an example question or of a question put to them: 2-grams, and concepts as `=term`."""
    bag = {token: weight for token, weight in question.characters.items() if len(token) > 1}
    for term, weight in question.terms.items():
        bag[f"={term}"] = 1.2 * weight
    for action in question.actions:
        bag[f"!{action}"] = 0.8
    return bag


def english_bag(text: str) -> dict[str, float]:
    """Stems of English words, single and in pairs, without the commonest."""
    words = [word for word in english_words(text) if word not in _COMMON]
    bag = dict.fromkeys(words, 0.7)
    bag.update({f"{a} {b}": 1.0 for a, b in itertools.pairwise(words)})
    return bag


_COMMON = frozenset(
    {
        *(
            "i",
            "a",
            "an",
            "the",
            "to",
            "of",
            "for",
            "in",
            "on",
            "at",
            "my",
            "our",
            "we",
            "your",
            "you",
            "it",
            "is",
            "are",
        ),
        *("was", "do", "doe", "did", "how", "what", "where", "when", "can", "could", "would", "like", "want", "need"),
        *(
            "get",
            "have",
            "has",
            "ha",
            "thi",
            "that",
            "and",
            "or",
            "with",
            "from",
            "by",
            "be",
            "me",
            "us",
            "if",
            "there",
        ),
        *("any", "pleas", "help", "should", "must", "much"),
    }
)
