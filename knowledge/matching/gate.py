"""What to do with the candidates: answer, offer a choice, or say that it is not here."""

from __future__ import annotations

import numpy as np

from knowledge.matching.candidates import FEATURES, Channels
from knowledge.matching.decision import Verdict
from knowledge.matching.normalise import LONG_TEXT
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
    top = dict(zip(FEATURES, table[0].tolist(), strict=True))
    return np.asarray(
        [
            1.0, top["ask"], top["ask_cover"], scores.foreign, scores.foreign_cover, scores.foreign - top["ask"],
            scores.foreign_cover - top["ask_cover"], top["concepts"], top["concept_cover"], top["expanded"],
            top["expanded_cover"], top["name"], top["name_cover"], logits[0] / 10, question.language == "en",
            len(question.text) > LONG_TEXT, not question.groups, top["sense"], top["centre"], scores.foreign_sense,
            scores.foreign_centre, scores.foreign_sense - top["sense"], scores.foreign_centre - top["centre"],
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


CLEAR, HERE = 0.9, 0.5  # with no rival in sight, being here at all more likely than not is enough


def verdict(inside: float, likely: Floats, learned: Weights) -> Verdict:
    """`inside`: probability that the catalogue has it; `likely`: the candidates' probabilities, best first."""
    if not len(likely) or inside < learned.choose:
        return Verdict.NONE
    first = float(likely[0])
    # a choice of one likely item and three unlikely ones would be no choice
    clear = first >= CLEAR and inside >= HERE
    return Verdict.ANSWER if clear or inside * first >= learned.answer else Verdict.CHOOSE
