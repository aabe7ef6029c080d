"""Finding the lexicon's wordings in a message: whole, in parts that stand near one another, and in English."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_ENGLISH_WORD = re.compile(r"[a-z0-9]+")
NEAR = 24  # parts of one phrase stand at most this many characters apart
Hits = list[tuple[int, str]]  # words that stand in a text, with where


def stem(word: str) -> str:
    """An English word without its commonest endings, so that licences finds licence."""
    for ending, put in (("ies", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("e", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: len(word) - len(ending)] + put
    return word


def english_words(text: str) -> list[str]:
    """Stems of the Latin words of `text`; American spelling is read as British."""
    return [stem(word.replace("licens", "licenc")) for word in _ENGLISH_WORD.findall(text.lower().replace("'s", ""))]


@dataclass(frozen=True, slots=True)
class Words:
    """Many words to be found in texts. `lengths`: how a word begins (two characters) → how long those words are."""

    every: Collection[str]
    single: Collection[str]  # those of one character
    lengths: Mapping[str, tuple[int, ...]]  # longest first

    @classmethod
    def of(cls, words: Iterable[str]) -> Words:
        every = frozenset(words)
        lengths: dict[str, set[int]] = {}
        for word in every:
            if len(word) > 1:
                lengths.setdefault(word[:2], set()).add(len(word))
        single = frozenset(word for word in every if len(word) == 1)
        return cls(every, single, {beginning: tuple(sorted(long, reverse=True)) for beginning, long in lengths.items()})

    def hits(self, text: str) -> Hits:
        """Every word that stands in `text`, also inside one another: the first first, of those the longest first."""
        found: Hits = []
        every, single, lengths, size = self.every, self.single, self.lengths, len(text)
        for start in range(size):
            for length in lengths.get(text[start : start + 2], ()):
                word = text[start : start + length]
                if word in every and start + length <= size:
                    found.append((start, word))
            if text[start] in single:
                found.append((start, text[start]))
        return found


def _parts(phrase: str, classes: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """「@亲属 没了|走了」 → ((爸, 妈, …), (没了, 走了))."""
    found = []
    for part in phrase.lower().split():
        words: list[str] = []
        for one in part.split("|"):
            words += classes.get(one[1:], ()) if one.startswith("@") else [one]
        found.append(tuple(word.lower() for word in words if word))
    return tuple(found)


@dataclass(slots=True)
class Phrases:
    """Finds which of many wordings occur in a text. Entries are numbered; a number may have many wordings.

    `simple`: wording → entries; `parted`: word → [pattern, part] pairs it is a part of; `patterns`: entry and number
    of parts; `english`: stems joined by a space → entries. These are plain JSON, so that an index can carry them.
    """

    simple: dict[str, list[int]]
    parted: dict[str, list[list[int]]]
    patterns: list[list[int]]
    english: dict[str, list[int]]
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        self.words = Words.of((*self.simple, *self.parted))

    @classmethod
    def of(
        cls, entries: Iterable[tuple[Sequence[str], Sequence[str]]], classes: Mapping[str, tuple[str, ...]]
    ) -> Phrases:
        """From (Chinese phrases, English phrases) of each entry in turn."""
        found = cls({}, {}, [], {})
        for number, (said, english) in enumerate(entries):
            for phrase in said:
                found._add(number, _parts(phrase, classes))
            for phrase in english:
                found.english.setdefault(" ".join(english_words(phrase)), []).append(number)
        return cls(found.simple, found.parted, found.patterns, found.english)  # `words` are of all of them

    def _add(self, number: int, parts: tuple[tuple[str, ...], ...]) -> None:
        if len(parts) == 1:
            for word in parts[0]:
                self.simple.setdefault(word, []).append(number)
            return
        pattern = len(self.patterns)
        self.patterns.append([number, len(parts)])
        for place, words in enumerate(parts):
            for word in words:
                self.parted.setdefault(word, []).append([pattern, place])

    def find(self, text: str, swallow: bool = True, hits: Hits | None = None) -> dict[int, tuple[int, int]]:
        """Entries in `text` with (start, end) of the longest wording that called each.

        With `swallow`, a wording that stands wholly inside a longer one that was found does not count. `hits`: the
        words in `text`, these phrases' among them, where they have been looked for before.
        """
        found: dict[int, tuple[int, int]] = {}
        parts: dict[int, dict[int, list[int]]] = {}
        simple, parted = self.simple, self.parted
        reach = -1
        for start, word in self.words.hits(text) if hits is None else hits:
            for pattern, place in parted.get(word, ()):
                parts.setdefault(pattern, {}).setdefault(place, []).append(start)
            end = start + len(word)
            if word in simple and not (swallow and end <= reach):
                reach = max(reach, end)
                for entry in simple[word]:
                    if entry not in found or found[entry][1] - found[entry][0] < len(word):
                        found[entry] = (start, end)
        for pattern, places in parts.items():
            entry, needed = self.patterns[pattern]
            if len(places) == needed:
                at = _close(list(places.values()))
                if at is not None:
                    found.setdefault(entry, (at, at))
        if self.english:
            self._english(text, found)
        return found

    def _english(self, text: str, found: dict[int, tuple[int, int]]) -> None:
        words = english_words(text)  # Chinese text has none
        taken = 0
        for start in range(len(words)):
            for end in range(min(len(words), start + 6), start, -1):
                phrase = " ".join(words[start:end])
                if phrase in self.english and end > taken:
                    for entry in self.english[phrase]:
                        found.setdefault(entry, (0, 0))
                    taken = end
                    break


def _close(places: list[list[int]]) -> int | None:
    """A position of the first part near which (NEAR characters) all others stand, or None."""
    for anchor in places[0]:
        if all(any(abs(other - anchor) <= NEAR for other in others) for others in places[1:]):
            return anchor
    return None
