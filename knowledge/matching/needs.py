"""Where in a message the need stands, and whether there are two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from knowledge.matching.index import Index
from knowledge.matching.normalise import LONG_TEXT, Text
from knowledge.matching.question import Question, both
from knowledge.matching.repair import pinyin_of


BESIDE, BACKGROUND = 0.8, 0.5  # weight of clauses beside one that wants something, and far from any


def read(text: str, language: str, index: Index, weights: Sequence[float] | None = None) -> Question:
    """One stretch of text as a question: decoded from pinyin, mended, read with the lexicon."""
    if language == "en":
        heard = pinyin_of(text, index.mender.syllables)
        if heard is None:
            return index.reader.read(text, "en")
        decoded = index.mender.decode(heard)
        question = index.reader.read(decoded + text if not decoded else decoded)
        folded = [index.mender.folded.get(one, one) for one in heard]
        sounds = {one: 0.25 for one in folded} | {f"{a} {b}": 1.0 for a, b in zip(folded, folded[1:], strict=False)}
        also = index.reader.read(text)  # abbreviations such as ylj
        return replace(both(question, replace(also, characters={})), sounds=sounds)
    question = index.reader.read(text, weights=weights)
    mended = index.mender.mend(text)
    return question if mended == text else both(question, index.reader.read(mended, weights=weights))


def focused(text: Text, index: Index) -> Question:
    """The whole message as one question; in a long one what only the background says weighs less."""
    if len(text.plain) <= LONG_TEXT or text.language == "en" or len(text.clauses) < 2:
        return read(text.plain, text.language, index)
    joined = "，".join(text.clauses)
    return read(joined, text.language, index, _weights(text.clauses, index.wants))


def _weights(clauses: Sequence[str], wants: Sequence[str]) -> list[float]:
    """How much each character of the joined clauses counts: fully where somebody wants something, less around it."""
    wanting = [any(word in clause for word in wants) for clause in clauses]
    weights: list[float] = []
    for place, clause in enumerate(clauses):
        near = any(wanting[max(0, place - 1) : place + 2])
        weights += [1.0 if wanting[place] else BESIDE if near else BACKGROUND] * (len(clause) + 1)
    return weights


def halves(text: Text, index: Index) -> list[tuple[str, str]]:
    """Ways to cut a message in two needs: at words that join, and between clauses."""
    cuts: list[tuple[str, str]] = []
    for join in index.joins:
        at = text.plain.find(join)
        if at > 3 and len(text.plain) - at - len(join) >= 3:
            cuts.append((text.plain[:at], text.plain[at + len(join) :]))
    if len(text.plain) <= 70:
        for place in range(1, len(text.clauses)):
            cuts.append((" ".join(text.clauses[:place]), " ".join(text.clauses[place:])))
    return cuts[:6]
