"""What the catalogue itself calls an item: an alias that stands in a message word for word.

Aliases are the keepers' own word for what people mean, so they count beyond what was learned about likeness: the
longer the alias and the more of the message it is, the more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from knowledge.matching.normalise import clean
from knowledge.matching.phrases import Phrases
from knowledge.matching.postings import Floats
from knowledge.matching.question import Question
from knowledge.model import Item

SHORTEST = 3  # characters: a shorter alias stands in too many other words
LONG = 6  # characters from which an alias is as telling as it gets
TELLING, WHOLE = 1.0, 3.0  # what a long alias, and one that is the whole message, adds to an item's logit
EXACT = 6.0  # and beyond that, one that is the message and nothing else
IN_ENGLISH = 1.5  # what an English one adds: they are found by their stems, and are less exact


def alias_phrases(items: Sequence[Item], simplified: Mapping[int, int]) -> Phrases:
    """The aliases of `items`, by the items' places."""
    table = dict(simplified)
    return Phrases.of(
        [
            (
                [said.replace(" ", "") for alias in item.aliases.zh if len(said := clean(alias, table)) >= SHORTEST],
                [alias for alias in item.aliases.en if len(alias.split()) > 1],
            )
            for item in items
        ],
        {},
    )


def emphasis(question: Question, aliases: Phrases, rows: npt.NDArray[np.intp]) -> Floats:
    """What each of `rows` gains from an alias of its own in the question, 0 without one."""
    gains = np.zeros(len(rows), dtype=np.float32)
    said = len(question.text) or 1
    for place, (start, end) in aliases.find(question.text).items():
        gains[rows == place] = _gain(end - start, said) if question.language == "zh" else IN_ENGLISH
    return gains


def _gain(length: int, said: int) -> float:
    return TELLING * min(1.0, length / LONG) + WHOLE * length / said + (EXACT if length == said else 0.0)
