"""Where in a message the need stands, and whether there are two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.matching.index import Index
from knowledge.matching.normalise import LONG_TEXT, Text
from knowledge.matching.question import Question, both
from knowledge.matching.repair import pinyin_of

LONGEST_TWO = 120  # characters: a longer message is one story
SHORT_TWO = 60  # characters up to which a message is cut between clauses too, and in more than one way
CUTS = 2  # ways to cut that are tried at most
CLAUSE_MARK = "\n"
WINDOWS = 6  # stretches of a long message that are looked at by themselves
BESIDE, BACKGROUND = 0.8, 0.5  # weight of clauses beside one that wants something, and far from any


def read(text: str, language: str, index: Index, weights: Sequence[float] | None = None) -> Question:
    """One stretch of text as a question: decoded from pinyin, mended, read with the lexicon."""
    if language == "en":
        heard = pinyin_of(text, index.mender.syllables)
        if heard is None:
            return index.reader.read(text, "en")
        decoded = index.mender.decode(heard)
        question = index.reader.read(decoded or text)
        also = index.reader.read(text)  # abbreviations such as ylj
        return replace(both(question, replace(also, characters={})), plain=question.plain)
    question = index.reader.read(text, weights=weights)
    mended = index.mender.mend(text)
    return question if mended == text else both(question, index.reader.read(mended, weights=weights))


def focused(text: Text, index: Index) -> Question:
    """The whole message as one question; in a long one what only the background says weighs less."""
    if len(text.plain) <= LONG_TEXT or text.language == "en" or len(text.clauses) < 2:
        return read(text.plain, text.language, index)
    joined = CLAUSE_MARK.join(text.clauses)
    return read(joined, text.language, index, _weights(text.clauses, index.wants))


def windows(text: Text, index: Index) -> list[tuple[str, float]]:
    """Stretches of a long message, two clauses each, that might carry the need by themselves; without fillers."""
    if len(text.plain) <= LONG_TEXT or text.language == "en" or len(text.clauses) < 3:
        return []
    found: list[tuple[float, int]] = []
    for place in range(len(text.clauses) - 1):
        pair = text.clauses[place : place + 2]
        wanting = sum(any(word in clause for word in index.wants) for clause in pair)
        found.append((0.8 + 0.1 * wanting, place))
    found.sort(key=lambda one: (-one[0], -one[1]))  # likeliest first, later ones first where equal
    stripped = list(map(index.reader.strip, text.clauses))
    return [(" ".join(stripped[place : place + 2]), weight) for weight, place in found[:WINDOWS]]


def _weights(clauses: Sequence[str], wants: Sequence[str]) -> list[float]:
    """How much each character of the joined clauses counts: fully where somebody wants something, less around it."""
    wanting = [any(word in clause for word in wants) for clause in clauses]
    weights: list[float] = []
    for place, clause in enumerate(clauses):
        near = any(wanting[max(0, place - 1) : place + 2])
        weights += [1.0 if wanting[place] else BESIDE if near else BACKGROUND] * (len(clause) + 1)
    return weights


@dataclass(frozen=True, slots=True)
class Cut:
    """A way to read a message as two needs."""

    first: str
    second: str
    joined: bool  # a word that joins stood between them, or they shared one predicate
    sentence: bool  # a sentence ended between them
    asks: tuple[bool, bool]  # whether each wants something by its own words
    apart: int  # how many things each names that the other does not, of whichever names fewer

    @property
    def promise(self) -> float:
        return 2 * self.joined + self.sentence + sum(self.asks) + min(self.apart, 3)


_AND = re.compile("[和跟与、]")
_SENTENCE = re.compile("[。.!！?？;；]")
_DANGLING = re.compile(r"(?<=[,，。;；!！?？ ])[^,，。;；!！?？ ]{1,2}$")  # 「车要过户,我|另外又买了」


def cuts(text: Text, index: Index) -> list[Cut]:
    """The likeliest ways to cut a message in two needs: at words that join, between clauses, and around 「A和B」."""
    if len(text.plain) > LONGEST_TWO:
        return []
    pairs = [*_at_joins(text.plain, index), *_between_clauses(text, index), *_coordinated(text.plain, index)]
    unlike = {(first, second): (joined, sentence) for first, second, joined, sentence in reversed(pairs)}
    asking = {pair: _asks(*pair, index) for pair in unlike}
    wanting = [pair for pair, (joined, ends) in unlike.items() if joined or (any if ends else all)(asking[pair])]
    named = {part: _named(part, index) for pair in wanting for part in pair}
    found = [
        Cut(first, second, *unlike[first, second], asking[first, second], _apart(named[first], named[second]))
        for first, second in wanting
        if named[first] and named[second]
    ]
    return sorted(found, key=lambda cut: -cut.promise)[: CUTS if len(text.plain) <= SHORT_TWO else 1]


Pair = tuple[str, str, bool, bool]  # first, second, joined, sentence


def _at_joins(plain: str, index: Index) -> list[Pair]:
    found: list[Pair] = []
    for join in index.joins:
        at = plain.find(join)
        if at > 2 and len(plain) - at - len(join) >= 3:
            first = _DANGLING.sub("", plain[:at])
            found.append((first, plain[at + len(join) :], True, bool(_SENTENCE.search(plain[at - 1 : at]))))
    return found


def _between_clauses(text: Text, index: Index) -> list[Pair]:
    found: list[Pair] = []
    if len(text.plain) > SHORT_TWO:
        return found
    end = 0
    for place, clause in enumerate(text.clauses[:-1], start=1):
        end = max(text.plain.find(clause, end), 0) + len(clause)
        first, second = " ".join(text.clauses[:place]), " ".join(text.clauses[place:])
        found.append((first, second, False, bool(_SENTENCE.match(text.plain[end : end + 1]))))
    return found


def _named(part: str, index: Index) -> frozenset[str | int]:
    """The official terms and wordings in `part`; nothing where it is but one character."""
    if len(index.reader.exact_key(part)) < 2:
        return frozenset()
    return index.reader.named(part)


def _apart(one: frozenset[str | int], other: frozenset[str | int]) -> int:
    return min(len(one - other), len(other - one))


def _asks(first: str, second: str, index: Index) -> tuple[bool, bool]:
    return any(word in first for word in index.wants), any(word in second for word in index.wants)


def _coordinated(plain: str, index: Index) -> list[Pair]:
    """「水和天然气账户要过户」 → 「水账户要过户」 and 「天然气账户要过户」."""
    found: list[Pair] = []
    for match in _AND.finditer(plain[:60]):
        at = match.start()
        before = next((n for n in range(min(8, at), 0, -1) if index.reader.knows(plain[at - n : at])), 0)
        after = next((n for n in range(8, 0, -1) if index.reader.knows(plain[at + 1 : at + 1 + n])), 0)
        if before and after:
            found.append((plain[:at] + plain[at + 1 + after :], plain[: at - before] + plain[at + 1 :], True, False))
    return found[:2]
