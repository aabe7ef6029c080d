"""What to do with the candidates: answer, offer a choice, or say that it is not here."""

from __future__ import annotations

import numpy as np

from knowledge.matching.candidates import FEATURES, Channels
from knowledge.matching.decision import Verdict
from knowledge.matching.network import Network
from knowledge.matching.normalise import LONG_TEXT
from knowledge.matching.postings import Floats
from knowledge.matching.question import Question
from knowledge.matching.rerank import Weights, likelihoods

_OF_BEST = (
    "ask", "ask_cover", "concepts", "concept_cover", "expanded", "expanded_cover", "name", "name_cover", "explained",
    "sense", "centre", "agrees", "conflicts", "unasked_action", "partial",
)  # fmt: skip
_FOREIGN = ("ask", "ask_cover", "explained", "sense", "centre")  # what is known of services that are not here, too
EVIDENCE = (
    "one", *_OF_BEST, *(f"foreign_{name}" for name in _FOREIGN), *(f"d_foreign_{name}" for name in _FOREIGN),
    "nearer", "logit", "likely", "rivals", "english", "long", "short", "no_concept", "beyond", "beyond_far",
)  # fmt: skip
SHORT_TEXT = 6  # characters


def evidence(question: Question, scores: Channels, table: Floats, logits: Floats) -> Floats:
    """What speaks for and against the best candidate being right at all; `table` and `logits` best first."""
    top = dict(zip(FEATURES, table[0].tolist(), strict=True))
    foreign = [
        scores.foreign, scores.foreign_cover, scores.foreign_explained, scores.foreign_sense, scores.foreign_centre,
    ]  # fmt: skip
    ahead = [there - top[name] for there, name in zip(foreign, _FOREIGN, strict=True)]
    likely = likelihoods(logits)
    return np.asarray(
        [
            1.0, *(top[name] for name in _OF_BEST), *foreign, *ahead,
            max(ahead[3], 0.0) + max(ahead[4], 0.0), logits[0] / 10, likely[0], likely[1:4].sum(),
            question.language == "en", len(question.text) > LONG_TEXT, len(question.text) <= SHORT_TEXT,
            not question.groups, question.beyond, question.beyond * (1 - top["sense"]),
        ],
        dtype=np.float32,
    )  # fmt: skip


CUT = (
    "one", "sure_less", "sure_more", "sure_whole", "joined", "sentence", "first_asks", "second_asks",
    "apart", "seen_less", "seen_more", "inside", "length",
)  # fmt: skip


def offered(values: Floats, learned: Network, known: float = 0.0) -> float:
    """Probability that the catalogue has what is wanted, from the evidence.

    `known`: log-odds beyond it, for what no training catalogue has (the item's own alias stands in the message).
    """
    return _chance(float(learned.log_odds(values)) + known)


def two_needed(values: Floats, learned: Floats) -> float:
    """Probability that a message has two needs, from what speaks for the cut."""
    return _chance(float(values @ learned))


def _chance(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def calibrated(chance: float, calibration: tuple[float, float]) -> float:
    """How often an item is right of which `chance` (inside × likely) is said."""
    slope, shift = calibration
    chance = min(max(chance, TINY), 1 - TINY)
    return _chance(slope * float(np.log(chance / (1 - chance))) + shift)


TINY = 1e-6


def verdict(inside: float, likely: Floats, learned: Weights) -> Verdict:
    """`inside`: probability that the catalogue has it; `likely`: the candidates' probabilities, best first."""
    if not len(likely) or inside < learned.choose:
        return Verdict.NONE
    sure = calibrated(inside * float(likely[0]), learned.calibration)
    return Verdict.ANSWER if sure >= learned.answer else Verdict.CHOOSE
