"""Which part of a notice was asked for: it comes first in the answer."""

from __future__ import annotations

import re
from dataclasses import replace

from knowledge.matching.decision import Aspect
from knowledge.matching.index import Index
from knowledge.matching.normalise import Text

_AROUND = re.compile("(?:要|需要|需|得|办|办理|办个|能|可以|去|在|的)+$")


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


def without_aspect(text: Text, index: Index) -> Text:
    """「身份证要带什么」 → 「身份证」: the thing alone, where all else asks for a part of its notice."""
    plain = text.plain
    spans = index.aspect_phrases.find(plain, swallow=False).values()
    if text.language != "zh" or not spans or index.reader.beyond(plain):
        return text
    left = list(plain)
    for start, end in spans:
        left[start:end] = " " * (end - start)
    thing = _AROUND.sub("", index.reader.exact_key("".join(left)))
    known = thing in index.exact or index.reader.knows(thing)
    return replace(text, plain=thing, clauses=(thing,)) if known else text
