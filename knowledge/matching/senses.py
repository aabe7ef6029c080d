"""What every wording means, ready to be compared with a question: see `meaning.py` for how meaning is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge.matching.postings import Floats, Ints
from knowledge.matching.sayings import Sayings

Places = npt.NDArray[np.intp]


@dataclass(slots=True)
class Senses:
    """What every wording means (`meaning.py`), for comparing candidates with a question.

    `vectors`: a row a wording, int8 of length 127; wordings of owner o are `starts[o]:starts[o+1]`; `centres`: the
    mean direction of each owner's wordings (float32, an owner a column); `own`, `strength`: of each entry, the owners
    that are it (itself first) and how surely, at `owned[e]:owned[e+1]`.
    """

    vectors: npt.NDArray[np.int8]
    starts: Ints
    centres: Floats
    owned: Ints
    own: Ints
    strength: Floats
    links: tuple[Places, Places, Floats] = field(init=False)  # entry, owner that it is beside itself, how surely

    def __post_init__(self) -> None:
        entry = np.repeat(np.arange(len(self.owned) - 1), np.diff(self.owned))
        beside = self.own != entry
        self.links = entry[beside], self.own[beside].astype(np.intp), self.strength[beside]  # read faster as intp

    @classmethod
    def of(cls, sayings: Sayings, entries: int, links: Sequence[tuple[int, int, float]]) -> Senses:
        """From what is said for the entries and then the services, and the links (entry, service, likeness)."""
        of_entry: list[list[tuple[int, float]]] = [[(entry, 1.0)] for entry in range(entries)]
        for entry, service, likeness in links:
            of_entry[entry].append((entries + service, likeness))
        flat = [one for many in of_entry for one in many]
        return cls(
            sayings.vectors,
            np.concatenate(([0], np.cumsum(sayings.counts))).astype(np.int32),
            np.ascontiguousarray(sayings.centres.T),
            np.concatenate(([0], np.cumsum([len(many) for many in of_entry]))).astype(np.int32),
            np.asarray([owner for owner, _ in flat], dtype=np.int32),
            np.asarray([strength for _, strength in flat], dtype=np.float32),
        )

    def of_entries(self, owned: Floats) -> Floats:
        """From every owner's score those of the entries: each one's own, or that of a service it is, if it is more."""
        best = owned[: len(self.owned) - 1].copy()
        entry, owner, strength = self.links
        np.maximum.at(best, entry, owned[owner] * strength)
        return best

    def near_centres(self, meant: Floats) -> Floats:
        """How near each owner's centre is to any row of `meant` (directions); 0 where there is none."""
        if not len(meant):
            return np.zeros(self.centres.shape[1], dtype=np.float32)
        # einsum rather than @: a product this small is slower when BLAS spreads it over threads
        return np.asarray(
            np.max([np.einsum("ji,j->i", self.centres, direction) for direction in meant], axis=0), dtype=np.float32
        )

    def nearest(self, meant: Floats, owners: npt.NDArray[np.integer[Any]]) -> Floats:
        """How near the best wording of each of `owners` is to any row of `meant` (directions), -1..1; 0 without any."""
        best = np.zeros(len(owners), dtype=np.float32)
        begins, ends = self.starts[owners], self.starts[owners + 1]
        filled = np.flatnonzero(ends > begins)
        if len(filled) and len(meant):
            rows, firsts = ranges(begins[filled], ends[filled])
            vectors = self.vectors[rows].astype(np.float32)
            alike = np.max([np.einsum("ij,j->i", vectors, direction) for direction in meant], axis=0) / 127
            best[filled] = np.maximum.reduceat(alike, firsts)
        return best


def ranges(begins: npt.NDArray[Any], ends: npt.NDArray[Any]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All numbers of the (not empty) ranges begins[i]..ends[i] in turn, and where each range starts among them."""
    lengths = (ends - begins).astype(np.int64)
    firsts = np.cumsum(lengths) - lengths
    return np.arange(int(lengths.sum())) + np.repeat(begins - firsts, lengths), firsts
