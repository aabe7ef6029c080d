"""Which part of a notice was asked for: it comes first in the answer."""

from __future__ import annotations

from knowledge.matching.decision import Aspect
from knowledge.matching.index import Index


def aspect_of(text: str, index: Index) -> Aspect | None:
    """The part `text` asks for; the longest wording decides, the earlier file entry where two are equal."""
    best: tuple[int, int] | None = None
    for number, (start, end) in index.aspect_phrases.find(text, swallow=False).items():
        asked = index.aspects[number]
        if any(word in text for word in asked["unless"]):
            continue
        rank = (end - start, -number)
        if best is None or rank > best:
            best = rank
    return Aspect(index.aspects[-best[1]]["aspect"]) if best else None
