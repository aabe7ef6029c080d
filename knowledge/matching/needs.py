"""Where in a message the need stands, and whether there are two."""

from __future__ import annotations

from dataclasses import replace

from knowledge.matching.index import Index
from knowledge.matching.normalise import LONG_TEXT, Text
from knowledge.matching.postings import merged
from knowledge.matching.question import Question, both
from knowledge.matching.repair import pinyin_of


BACKGROUND = 0.6  # weight of a clause that asks for nothing in a long message


def read(text: str, language: str, index: Index) -> Question:
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
    question = index.reader.read(text)
    mended = index.mender.mend(text)
    return question if mended == text else both(question, index.reader.read(mended))


def focused(text: Text, index: Index) -> Question:
    """The whole message as one question; in a long one what only the background says weighs less."""
    question = read(text.plain, text.language, index)
    if len(text.plain) <= LONG_TEXT or text.language == "en" or len(text.clauses) < 2:
        return question
    wanting = [clause for clause in text.clauses if any(word in clause for word in index.wants)]
    if not wanting:
        return question
    near = merged(index.reader.read(clause).characters for clause in wanting)
    characters = {t: w if t in near else BACKGROUND * w for t, w in question.characters.items()}
    return replace(question, characters=characters)


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
