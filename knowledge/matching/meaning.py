"""Likeness of meaning: a small static model of words, distilled and tuned by `training/distil.py`.

A text is the mean of the vectors of its pieces (character 1- to 3-grams, English words and their beginnings), so a
question costs a few look-ups. `meaning.npz` holds the pieces and their vectors as int8 with a scale each.
"""

from __future__ import annotations

import itertools
import operator
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge.matching.postings import Floats

MODEL = Path(__file__).with_name("meaning.npz")
BLOCK = 64  # texts summed at a time: the vectors of their pieces fit into the processor's cache
_HAN = re.compile(r"[㐀-鿿]+")
_WORD = re.compile(r"[a-z]+")


def pieces(text: str) -> list[str]:
    """The pieces of `text` (lower case) that may have vectors."""
    found: list[str] = []
    for run in _HAN.findall(text):
        pairs = list(map(operator.add, run, run[1:]))
        found += run
        found += pairs
        found += map(operator.add, pairs, run[2:])
    for word in _WORD.findall(text):
        found.append(" " + word)
        if len(word) > 5:
            found.append(" " + word[:5])
    return found


@dataclass(frozen=True, slots=True)
class Meaning:
    """Pieces → row of `vectors` (int8), to be multiplied with the row's `scales`."""

    rows: dict[str, int]
    vectors: npt.NDArray[np.int8]
    scales: Floats

    @property
    def size(self) -> int:
        return int(self.vectors.shape[1])

    def _known(self, text: str) -> list[int]:
        return [row for row in map(self.rows.get, pieces(text)) if row is not None]

    def of(self, text: str) -> Floats:
        """The direction of `text`; zeros where none of its pieces is known."""
        known = self._known(text)
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        total = self.scales[known] @ self.vectors[known]
        return np.asarray(total / max(float(np.linalg.norm(total)), 1e-6), dtype=np.float32)

    def of_all(self, texts: Sequence[str]) -> Floats:
        """A row for each text, as `of` gives it."""
        total = np.zeros((len(texts), self.size), dtype=np.float32)
        for start in range(0, len(texts), BLOCK):
            known = [self._known(text) for text in texts[start : start + BLOCK]]
            counts = np.asarray([len(one) for one in known])
            rows = np.fromiter(itertools.chain.from_iterable(known), dtype=np.intp)
            filled = np.flatnonzero(counts)
            if len(filled):
                block = self.vectors[rows].astype(np.float32) * self.scales[rows][:, None]
                total[start + filled] = np.add.reduceat(block, (np.cumsum(counts) - counts)[filled], axis=0)
        return np.asarray(total / np.maximum(np.linalg.norm(total, axis=1, keepdims=True), 1e-6), dtype=np.float32)


@cache
def meaning(path: Path = MODEL) -> Meaning:
    """The model that ships."""
    with np.load(path, allow_pickle=False) as read:
        words = read["pieces"].tobytes().decode("utf-8").split("\n")
        return Meaning({word: row for row, word in enumerate(words)}, read["vectors"], read["scales"])


def write(path: Path, words: Sequence[str], vectors: npt.NDArray[np.floating]) -> None:
    """The model as a file: `vectors` rounded to int8."""
    scales = np.maximum(np.abs(vectors).max(axis=1), 1e-9) / 127
    np.savez_compressed(
        path,
        pieces=np.frombuffer("\n".join(words).encode("utf-8"), dtype=np.uint8),
        vectors=np.round(vectors / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
    )
