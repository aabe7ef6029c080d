"""Where in a message the need stands, and whether there are two."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from knowledge.matching.index import Index
from knowledge.matching.normalise import LONG_TEXT, Text
from knowledge.matching.question import Question, both
from knowledge.matching.repair import pinyin_of

LONGEST_TWO = 160  # characters: a longer message is one story
TWO_NEEDS_WITHIN, CUTS = 70, 1  # length up to which two needs are looked for between clauses; ways to cut tried
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


def windows(text: Text, index: Index) -> list[tuple[Question, float]]:
    """Stretches of a long message, two clauses each, that might carry the need by themselves."""
    if len(text.plain) <= LONG_TEXT or text.language == "en" or len(text.clauses) < 3:
        return []
    found: list[tuple[float, int]] = []
    for place in range(len(text.clauses) - 1):
        pair = text.clauses[place : place + 2]
        wanting = sum(any(word in clause for word in index.wants) for clause in pair)
        found.append((0.8 + 0.1 * wanting, place))
    found.sort(key=lambda one: (-one[0], -one[1]))  # likeliest first, later ones first where equal
    return [(index.reader.read(" ".join(text.clauses[place : place + 2])), weight) for weight, place in found[:WINDOWS]]


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
    asks: tuple[bool, bool]  # whether each wants something by its own words


_AND = re.compile("[和跟与、]")


def cuts(text: Text, index: Index) -> list[Cut]:
    """Ways to cut a message in two needs: at words that join, between clauses, and around 「A和B」."""
    found: list[Cut] = []
    plain = text.plain
    if len(plain) > LONGEST_TWO:
        return []
    for join in index.joins:
        at = plain.find(join)
        if at > 2 and len(plain) - at - len(join) >= 3:
            found.append(_cut(plain[:at], plain[at + len(join) :], True, index))
    for place in range(1, len(text.clauses)) if len(plain) <= TWO_NEEDS_WITHIN else ():
        first, second = " ".join(text.clauses[:place]), " ".join(text.clauses[place:])
        found.append(_cut(first, second, False, index))
    found += _coordinated(plain, index)
    unlike = {
        (cut.first, cut.second): cut
        for cut in reversed(found)
        if (cut.joined or all(cut.asks)) and _says_something(cut.first, index) and _says_something(cut.second, index)
    }
    return sorted(unlike.values(), key=lambda cut: (-cut.joined, -sum(cut.asks)))[:CUTS]


def _says_something(part: str, index: Index) -> bool:
    """Whether `part` names anything: 「要多少钱」 does not."""
    return (
        bool(index.reader.official_terms(part) or index.reader.said.find(part))
        and len(index.reader.exact_key(part)) > 1
    )


def _cut(first: str, second: str, joined: bool, index: Index) -> Cut:
    asks = (any(word in first for word in index.wants), any(word in second for word in index.wants))
    return Cut(first, second, joined, asks)


def _coordinated(plain: str, index: Index) -> list[Cut]:
    """「水和天然气账户要过户」 → 「水账户要过户」 and 「天然气账户要过户」."""
    found: list[Cut] = []
    for match in _AND.finditer(plain[:60]):
        at = match.start()
        before = next((n for n in range(min(8, at), 0, -1) if index.reader.knows(plain[at - n : at])), 0)
        after = next((n for n in range(8, 0, -1) if index.reader.knows(plain[at + 1 : at + 1 + n])), 0)
        if before and after:
            first = plain[:at] + plain[at + 1 + after :]
            second = plain[: at - before] + plain[at + 1 :]
            found.append(_cut(first, second, True, index))
    return found[:2]
