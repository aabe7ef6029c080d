"""What to do with the candidates: answer, offer a choice, or say that it is not here."""

from __future__ import annotations

import numpy as np

from knowledge.matching.candidates import Channels
from knowledge.matching.decision import Verdict
from knowledge.matching.postings import Floats
from knowledge.matching.question import Question
from knowledge.matching.rerank import Weights

EVIDENCE = (
    "one", "ask", "ask_cover", "foreign", "foreign_cover", "d_foreign", "d_foreign_cover", "concepts", "concept_cover",
    "expanded", "expanded_cover", "name", "name_cover", "logit", "english", "long", "no_concept",
    "sense", "centre", "foreign_sense", "foreign_centre", "d_foreign_sense", "d_foreign_centre",
)  # fmt: skip


def evidence(question: Question, scores: Channels, table: Floats, logits: Floats) -> Floats:
    """What speaks for and against the best candidate being right at all; `table` best first."""
    top = table[0]
    return np.asarray(
        [
            1.0, top[26], top[10], scores.foreign, scores.foreign_cover, scores.foreign - top[26],
            scores.foreign_cover - top[10], top[4], top[5], top[2], top[3], top[0], top[1], logits[0] / 10,
            question.language == "en", len(question.text) > 40, not question.groups,
            top[28], top[30], scores.foreign_sense, scores.foreign_centre, scores.foreign_sense - top[28],
            scores.foreign_centre - top[30],
        ],
        dtype=np.float32,
    )  # fmt: skip


CUT = (
    "one", "sure_less", "sure_more", "sure_whole", "joined", "first_asks", "second_asks", "seen_less", "seen_more",
    "inside", "length",
)  # fmt: skip


def offered(values: Floats, learned: Floats, known: float = 0.0) -> float:
    """Probability of what `learned` was fitted to (the catalogue has it; there are two needs), from the evidence.

    `known`: log-odds beyond it, for what no training catalogue has (the item's own alias stands in the message).
    """
    return float(1 / (1 + np.exp(-float(values @ learned) - known)))


def verdict(inside: float, likely: Floats, learned: Weights) -> Verdict:
    """`inside`: probability that the catalogue has it; `likely`: the candidates' probabilities, best first."""
    if not len(likely) or inside < learned.choose:
        return Verdict.NONE
    return Verdict.ANSWER if inside * float(likely[0]) >= learned.answer else Verdict.CHOOSE
