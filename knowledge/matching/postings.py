"""Sparse scoring: which rows share which tokens with a question, weighted by how rare the tokens are."""

from __future__ import annotations

import itertools
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Bags:
    """The weighted tokens of many short texts: `lengths` tokens of each in turn, as numbers in `vocabulary`."""

    vocabulary: list[str]
    numbers: Ints
    weights: Floats
    lengths: Ints

    @classmethod
    def of(cls, texts: Iterable[Mapping[str, float]]) -> Bags:
        """From the weighted tokens of each text; none is kept, so that they may be made one at a time."""
        numbered: defaultdict[str, int] = defaultdict(itertools.count().__next__)
        numbers, weights, lengths = array("i"), array("f"), array("i")
        for bag in texts:
            numbers.extend(map(numbered.__getitem__, bag))
            weights.extend(bag.values())
            lengths.append(len(bag))
        return cls(
            list(numbered),
            np.asarray(numbers, dtype=np.int32),
            np.asarray(weights, dtype=np.float32),
            np.asarray(lengths, dtype=np.int32),
        )

    def __add__(self, other: Bags) -> Bags:
        place = dict(zip(self.vocabulary, itertools.count(), strict=False))
        moved = np.asarray([place.setdefault(token, len(place)) for token in other.vocabulary], dtype=np.int32)
        return Bags(
            list(place),
            np.concatenate((self.numbers, moved[other.numbers])),
            np.concatenate((self.weights, other.weights)),
            np.concatenate((self.lengths, other.lengths)),
        )


@dataclass(slots=True)
class Postings:
    """An inverted index over short texts.

    `vocabulary`: token → number; rows of token t are `rows[starts[t]:starts[t+1]]` (int32), with the token's
    share `weights` there (float32, rarity × weight in the row); `totals`: the most each row could score. `begins`,
    `rare`: `starts` and `rarity` as lists, of which single numbers are read faster.
    """

    vocabulary: dict[str, int]
    starts: Ints
    rows: Ints
    weights: Floats
    totals: Floats
    rarity: Floats
    begins: list[int] = field(init=False)
    rare: list[float] = field(init=False)
    rarest: float = field(init=False)

    def __post_init__(self) -> None:
        self.begins, self.rare = self.starts.tolist(), self.rarity.tolist()
        self.rarest = max(self.rare, default=0.0)

    @classmethod
    def of(cls, bags: Bags, usual: Mapping[str, float] | None = None) -> Postings:
        """From the weighted tokens of each row in turn.

        `usual`: share of ordinary messages that have a token; one that everybody uses is not rare for being rare here.
        """
        vocabulary = {token: number for number, token in enumerate(bags.vocabulary)}
        number, size = bags.numbers, len(bags.lengths)
        order = np.argsort(number, kind="stable")
        counts = np.bincount(number, minlength=len(vocabulary))
        starts = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
        share = np.asarray([usual.get(token, 0.0) for token in vocabulary]) if usual else np.zeros(len(vocabulary))
        common = np.maximum(counts, share * size)
        rarity = np.log1p((size - common + 0.5) / (common + 0.5)).astype(np.float32)
        placed = np.repeat(np.arange(size, dtype=np.int32), bags.lengths)[order]
        weight = (bags.weights[order] * rarity[number[order]]).astype(np.float32)
        totals = np.bincount(placed, weights=weight, minlength=size).astype(np.float32)
        return cls(vocabulary, starts, placed, weight, totals, rarity)

    def mass(self, tokens: Mapping[str, float]) -> float:
        """The most a row could share with `tokens` (unknown tokens count as rarest)."""
        known = self.vocabulary.get
        return sum(
            weight * (self.rarest * 0.6 if (number := known(token)) is None else self.rare[number])
            for token, weight in tokens.items()
        )

    def score(self, tokens: Mapping[str, float]) -> tuple[Floats, float]:
        """What each row shares with `tokens`, and the most any row could share (unknown tokens count as rarest)."""
        size, known, begins, rare = len(self.totals), self.vocabulary.get, self.begins, self.rare
        most = 0.0
        rows: list[Ints] = []
        shares: list[Floats] = []
        weights: list[float] = []
        for token, weight in tokens.items():
            number = known(token)
            if number is None:
                most += weight * self.rarest * 0.6
                continue
            most += weight * rare[number]
            begin, end = begins[number], begins[number + 1]
            rows.append(self.rows[begin:end])
            shares.append(self.weights[begin:end])
            weights.append(weight)
        if not rows:
            return np.zeros(size, dtype=np.float32), most
        share = np.concatenate(shares)
        share *= np.repeat(np.asarray(weights, dtype=np.float32), [len(one) for one in rows])
        return np.bincount(np.concatenate(rows), weights=share, minlength=size).astype(np.float32), most


@dataclass(slots=True)
class Owned:
    """Which owners have a row with each token of `Postings`: those of token t are `owners[starts[t]:starts[t+1]]`."""

    starts: list[int]
    owners: Ints

    @classmethod
    def of(cls, postings: Postings, owner: Ints) -> Owned:
        """`owner`: whose each row is, ascending."""
        token = np.repeat(np.arange(len(postings.begins) - 1), np.diff(postings.starts))
        whose = owner[postings.rows]
        first = np.ones(len(whose), dtype=np.bool_)  # an owner's rows stand together: only the first of them counts
        first[1:] = (whose[1:] != whose[:-1]) | (token[1:] != token[:-1])
        starts = np.concatenate(([0], np.cumsum(np.bincount(token[first], minlength=len(postings.begins) - 1))))
        return cls(starts.tolist(), whose[first])


def shared_by_owner(postings: Postings, owned: Owned, tokens: Mapping[str, float], owners: int) -> Floats:
    """The share of `tokens` that the rows of each owner have together."""
    known = [
        (number, weight) for token, weight in tokens.items() if (number := postings.vocabulary.get(token)) is not None
    ]
    most = postings.mass(tokens)
    if not known or most <= 0:
        return np.zeros(owners, dtype=np.float32)
    whose = [owned.owners[owned.starts[number] : owned.starts[number + 1]] for number, _ in known]
    worth = np.repeat([weight * postings.rare[number] for number, weight in known], [len(one) for one in whose])
    return np.asarray(np.bincount(np.concatenate(whose), weights=worth, minlength=owners) / most, dtype=np.float32)


def grams(text: str, single: float = 0.35, weights: Sequence[float] | None = None) -> dict[str, float]:
    """Character 1- and 2-grams of `text` (letters and digits only), single characters weighted `single`.

    `weights`: a weight for every character, by default 1; a token that recurs counts as where it weighs most.
    """
    if weights:
        return _weighted_grams(text, single, weights)
    bag: dict[str, float] = {}
    previous = ""
    for character in text:
        if not character.isalnum():
            previous = ""
            continue
        bag[character] = single
        if previous:
            bag[previous + character] = 1.0
        previous = character
    return bag


def _weighted_grams(text: str, single: float, weights: Sequence[float]) -> dict[str, float]:
    bag: dict[str, float] = {}
    previous = ""
    for character, weight in zip(text, weights, strict=False):
        if not character.isalnum():
            previous = ""
            continue
        if bag.get(character, 0.0) < single * weight:
            bag[character] = single * weight
        if previous and bag.get(previous + character, 0.0) < weight:
            bag[previous + character] = weight
        previous = character
    return bag


def merged(bags: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The union of bags, each token with its greatest weight."""
    union: dict[str, float] = {}
    for bag in bags:
        for token, weight in bag.items():
            if weight > union.get(token, 0.0):
                union[token] = weight
    return union
