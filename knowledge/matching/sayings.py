"""What people say for items and for the lexicon's services: their names, aliases and example questions, read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.matching.meaning import meaning
from knowledge.matching.postings import Bags, Floats, Ints
from knowledge.matching.question import Reader, ask_bag, english_bag

Said = tuple[Sequence[str], Sequence[str]]  # an owner's wordings in Chinese and in English, in lower case


@dataclass(frozen=True, slots=True)
class Sayings:
    """The wordings of many owners, numbered from 0: in Chinese and in English with whose each is, and their meaning.

    `vectors`: of every wording, int8 of length 127, the owners' in turn, `counts` of them each; `centres`: the mean
    direction of each owner's wordings (float32, an owner a row).
    """

    asks: Bags
    asks_of: Ints
    english: Bags
    english_of: Ints
    vectors: npt.NDArray[np.int8]
    counts: Ints
    centres: Floats

    @classmethod
    def of(cls, said: Sequence[Said], reader: Reader) -> Sayings:
        """From the wordings of each owner in turn."""
        vectors = meaning().of_all([text for pair in said for texts in pair for text in texts])
        counts = np.asarray([len(chinese) + len(latin) for chinese, latin in said], dtype=np.int32)
        return cls(
            Bags.of(ask_bag(reader.read(text)) for chinese, _ in said for text in chinese),
            _repeated(len(chinese) for chinese, _ in said),
            Bags.of(english_bag(text) for _, latin in said for text in latin),
            _repeated(len(latin) for _, latin in said),
            np.round(vectors * 127).astype(np.int8),
            counts,
            _centres(vectors, counts),
        )

    def __add__(self, other: Sayings) -> Sayings:
        """Those of the owners of both: the other's are numbered after these."""
        first = len(self.counts)
        return Sayings(
            self.asks + other.asks,
            np.concatenate((self.asks_of, other.asks_of + np.int32(first))),
            self.english + other.english,
            np.concatenate((self.english_of, other.english_of + np.int32(first))),
            np.concatenate((self.vectors, other.vectors)),
            np.concatenate((self.counts, other.counts)),
            np.concatenate((self.centres, other.centres)),
        )


def _repeated(counts: Iterable[int]) -> Ints:
    """0 as often as the first of `counts` says, then 1 …"""
    counts = list(counts)
    return np.repeat(np.arange(len(counts), dtype=np.int32), counts)


def _centres(vectors: Floats, counts: Ints) -> Floats:
    centres = np.zeros((len(counts), vectors.shape[1]))
    filled = np.flatnonzero(counts)
    if len(filled):
        starts = np.cumsum(counts) - counts
        centres[filled] = np.add.reduceat(vectors.astype(np.float64), starts[filled], axis=0)
    centres /= np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-6)
    return centres.astype(np.float32)
