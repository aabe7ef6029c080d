"""Which candidate is meant: a learned weighting of the features, as a distribution over the candidates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import orjson

from knowledge.matching.candidates import FEATURES
from knowledge.matching.network import Network
from knowledge.matching.postings import Floats

WEIGHTS = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Weights:
    """What `training/train.py` learned: re-rank (a weight a feature and register), gate, and cut."""

    rerank: Floats  # (registers, features)
    gate: Network  # whether the catalogue has what is wanted
    calibration: tuple[float, float]  # slope and shift of the log-odds that the first is right
    cut: Floats  # reading a message as two needs
    answer: float
    choose: float


@cache
def weights(path: Path = WEIGHTS) -> Weights:
    """The weights that ship. Raises ValueError where they do not fit the features of this version."""
    read = orjson.loads(path.read_bytes())
    if read["features"] != list(FEATURES):
        raise ValueError(f"{path.name} was learned for other features")
    return Weights(
        np.asarray(read["rerank"], dtype=np.float32),
        Network.load(read["gate"]),
        tuple(read["calibration"]),
        np.asarray(read["cut"], dtype=np.float32),
        read["answer"],
        read["choose"],
    )


def logits(table: Floats, register: int, learned: Weights) -> Floats:
    """How much speaks for each candidate (log-odds against one another)."""
    weighed = table @ (learned.rerank[0] + (learned.rerank[register] if register else 0))
    return np.asarray(weighed, dtype=np.float32)


def likelihoods(weighed: Floats) -> Floats:
    """Probabilities that each candidate is the one, given that one of them is."""
    if not len(weighed):
        return weighed
    shifted = np.exp(weighed - weighed.max())
    return np.asarray(shifted / shifted.sum(), dtype=np.float32)
