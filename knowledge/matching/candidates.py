"""Which entries could be meant: every channel's score for every entry, and the features of the best of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz

from knowledge.matching.index import Index
from knowledge.matching.meaning import meaning
from knowledge.matching.normalise import LONG_TEXT
from knowledge.matching.postings import Floats, Postings, grams, merged
from knowledge.matching.question import Question, ask_bag, english_bag
from knowledge.matching.senses import ranges

NEAR_CENTRES = 4  # the whole question and the likeliest stretches are compared with all there is
STRANGERS = 12  # services outside the catalogue that are looked at closely
KEPT = 48  # candidates that are looked at closely
LOOKED_AT = 24  # of them compared letter by letter
TINY = 1e-6
_ASK_MASS = 18.0  # rarity mass of an example question from which its full coverage is conclusive


@dataclass(slots=True)
class Channels:
    """Scores of every entry, 0..1 each (float32), and of the services that no entry offers."""

    name: Floats  # share of the question's characters that the name has
    name_cover: Floats  # share of the name that the question has
    expanded: Floats  # the same two with the official terms that the question means
    expanded_cover: Floats
    concepts: Floats  # share of the question's concepts that the name has
    concept_cover: Floats  # share of the name's terms that the question means
    ask: Floats  # likeness to the entry's best alias or example question
    ask_cover: Floats  # how fully that is in the question
    explained: Floats  # share of the question's rare characters that stand in any wording of the entry
    centre: Floats  # nearness of meaning to all wordings of the entry together
    meant: Floats  # directions of the question and of stretches of it, a row each
    foreign: float  # the best `ask` of a service that is not in this catalogue
    foreign_cover: float
    foreign_explained: float
    foreign_centre: float
    foreign_sense: float  # the best nearness of meaning of such a service
    foreign_name: str


def _shares(scores: Floats, most: float, postings: Postings) -> tuple[Floats, Floats]:
    """What share of the question each row has, and of the row the question."""
    cover = np.asarray(scores / np.maximum(postings.totals, TINY), dtype=np.float32)
    return np.asarray(scores / max(most, TINY), dtype=np.float32), cover


def _concepts(question: Question, terms: Postings) -> tuple[Floats, Floats]:
    """Share of the question's groups that each entry meets, and share of each entry's terms that is meant."""
    size = len(terms.totals)
    met, weights = [np.zeros(0, dtype=np.int32)], [0.0]  # rows that meet a group, once each, and what it weighs
    mass = 0.0
    for group, said in question.groups.items():
        numbers = [number for term in group if (number := terms.vocabulary.get(term)) is not None]
        if not numbers:
            mass += said * 0.5 * terms.rarest
            continue
        weight = said * max(terms.rare[number] for number in numbers)
        mass += weight
        having = [terms.rows[terms.begins[number] : terms.begins[number + 1]] for number in numbers]
        met.append(having[0] if len(having) == 1 else np.unique(np.concatenate(having)))
        weights.append(weight)
    meeting = np.bincount(np.concatenate(met), weights=np.repeat(weights, [len(rows) for rows in met]), minlength=size)
    scores, _ = terms.score({term: 1.0 for group in question.groups for term in group})
    return (
        np.asarray(meeting / max(mass, TINY), dtype=np.float32),
        np.asarray(scores / np.maximum(terms.totals, TINY), dtype=np.float32),
    )


def _asked(question: Question, index: Index) -> tuple[Floats, Floats, Floats]:
    """Of every owner (entries, then services): likeness of its best row, how fully that row is in the question, and how
    much of the question its rows have together."""
    owners = len(index.entries) + len(index.service_names)
    rows, bag = (
        (index.english, english_bag(question.text)) if question.language == "en" else (index.asks, ask_bag(question))
    )
    touched, alike, cover = _alike(rows.postings, bag)
    mass = _ASK_MASS if question.language == "zh" else 12.0
    weighty = cover * np.minimum(1.0, rows.postings.totals[touched] / mass)
    found, covered = rows.best(touched, alike, owners), rows.best(touched, weighty, owners)
    if question.language == "en":  # the concepts that the English wording meant
        touched, alike, _ = _alike(index.asks.postings, ask_bag(question))
        found = np.maximum(found, 0.8 * index.asks.best(touched, alike, owners))
    return found, covered, rows.explained(bag, owners)


def _alike(postings: Postings, bag: Mapping[str, float]) -> tuple[npt.NDArray[np.intp], Floats, Floats]:
    """The rows that share anything with `bag` (few of many), their likeness, and how fully each is in it."""
    scores, most = postings.score(bag)
    touched = np.flatnonzero(scores > 0)
    shared = scores[touched]
    cover = np.asarray(shared / np.maximum(postings.totals[touched], TINY), dtype=np.float32)
    return touched, np.asarray(np.sqrt(cover * (shared / max(most, TINY))), dtype=np.float32), cover


@cache
def _term_grams(term: str) -> Mapping[str, float]:
    return grams(term)


def channels(question: Question, index: Index, windows: Sequence[tuple[str, float]] = ()) -> Channels:
    """Every channel's scores for `question`; `windows`: stretches of a long message, and what each counts."""
    size = len(index.entries)
    zero = np.zeros(size, dtype=np.float32)
    meant = merged(
        {token: 0.75 * weight * said for token, weight in _term_grams(term).items()}
        for group, said in question.groups.items()
        for term in group
    )
    if question.language == "en":
        name, name_cover = zero, zero
        expanded, expanded_cover = _shares(*index.characters.score(meant), index.characters)
    else:
        said = question.characters
        scores, most = index.characters.score(said)
        name, name_cover = _shares(scores, most, index.characters)
        added, more = index.characters.score(
            {token: weight - said.get(token, 0.0) for token, weight in meant.items() if weight > said.get(token, 0.0)}
        )
        expanded, expanded_cover = _shares(scores + added, most + more, index.characters)
    concepts, concept_cover = _concepts(question, index.terms)
    meant_as = _directions(question, windows)
    owned = found, _, _, centres = *_asked(question, index), index.senses.near_centres(meant_as[:NEAR_CENTRES])
    ask, ask_cover, explained, centre = map(index.senses.of_entries, owned)
    strangers = size + _strangers(found[size:] + centres[size:], index)
    sense = index.senses.nearest(meant_as, strangers)
    stranger = [float(one[strangers].max(initial=0.0)) for one in owned]
    return Channels(
        name=name,
        name_cover=name_cover,
        expanded=expanded,
        expanded_cover=expanded_cover,
        concepts=concepts,
        concept_cover=concept_cover,
        ask=ask,
        ask_cover=ask_cover,
        explained=explained,
        centre=centre,
        meant=meant_as,
        foreign=stranger[0],
        foreign_cover=stranger[1],
        foreign_explained=stranger[2],
        foreign_centre=stranger[3],
        foreign_sense=float(sense.max(initial=0.0)),
        foreign_name=index.service_names[int(strangers[int(np.argmax(sense))]) - size] if len(strangers) else "",
    )


def _directions(question: Question, windows: Sequence[tuple[str, float]]) -> Floats:
    """What the question means, and what the stretches of it mean (those a little shorter: the whole counts first)."""
    model = meaning()
    rows = [model.of(question.plain), *(0.95 * weight * model.of(window) for window, weight in windows)]
    return np.stack(rows)


def _strangers(near: Floats, index: Index) -> npt.NDArray[np.intp]:
    """The services that no entry offers and that come nearest to the question; `near`: how near each service comes."""
    kept = min(STRANGERS, len(index.foreign))
    return index.foreign[np.argpartition(-near[index.foreign], kept - 1)[:kept]] if kept else index.foreign


_OF_ENTRY = (
    "name", "name_cover", "expanded", "expanded_cover", "concepts", "concept_cover", "ask", "ask_cover", "explained",
    "centre",
)  # fmt: skip
_TOLD = (*_OF_ENTRY, "sense")
_BEHIND = ("name", "expanded", "concepts", "ask", "ask_cover", "explained", "centre", "sense")  # the best, how far
_BEHIND_AT = [_TOLD.index(name) for name in _BEHIND]
FEATURES = (
    *_TOLD, *(f"d_{name}" for name in _BEHIND), "name_x_cover", "concept_x_cover", "agrees", "conflicts",
    "unasked_action", "bundle", "bundle_asked", "partial", "length",
)  # fmt: skip


def shortlist(scores: Channels) -> npt.NDArray[np.intp]:
    """The entries worth a closer look, best guess first."""
    rough = (
        scores.name * scores.name_cover + scores.expanded * scores.expanded_cover + 0.8 * scores.concepts
        + 0.3 * scores.concept_cover + 2.0 * scores.ask + 0.5 * scores.ask_cover
        + 2.0 * scores.centre
    )  # fmt: skip
    kept = min(KEPT, len(rough))
    top = np.argpartition(-rough, kept - 1)[:kept] if kept else np.zeros(0, dtype=np.intp)
    return top[np.argsort(-rough[top], kind="stable")]


def _sense(meant: Floats, rows: npt.NDArray[np.intp], index: Index) -> Floats:
    """How near each of `rows` comes in meaning: by its own wordings, or by those of a service it is."""
    senses = index.senses
    begins, ends = senses.owned[rows], senses.owned[rows + 1]
    flat, firsts = ranges(begins, ends)
    near = senses.nearest(meant, senses.own[flat]) * senses.strength[flat]
    return np.asarray(np.maximum.reduceat(near, firsts), dtype=np.float32)


def features(question: Question, index: Index, scores: Channels, rows: npt.NDArray[np.intp], whole: bool) -> Floats:
    """A row of FEATURES for each of `rows`, the best guess first; `whole`: a whole undertaking is asked for."""
    if not len(rows):
        return np.zeros((0, len(FEATURES)), dtype=np.float32)
    told = np.array([*(getattr(scores, name)[rows] for name in _OF_ENTRY), _sense(scores.meant, rows, index)])
    behind = told[_BEHIND_AT]
    behind -= behind.max(axis=1, keepdims=True)
    fulfilled = told[0] * told[1], told[4] * told[5]  # name and concepts, by how much of the entry's they are
    columns = [*told, *behind, *fulfilled, *_from_entries(question, rows, index, whole)]
    return np.array(columns, dtype=np.float32).T


def _from_entries(
    question: Question, rows: npt.NDArray[np.intp], index: Index, whole: bool
) -> Iterator[npt.NDArray[Any]]:
    """Features read off the entries themselves."""
    traits, asked = index.traits, question.actions
    nothing = np.zeros(len(rows), dtype=np.float32)
    does, bundle = traits.does[rows], traits.bundle[rows]
    agrees, acting = does[:, list(asked)].sum(axis=1) / max(1, len(asked)), np.asarray(does.any(axis=1))
    yield agrees
    yield acting & (agrees == 0) if asked else nothing
    yield nothing if asked else acting
    yield nothing if whole else bundle
    yield bundle if whole else nothing
    yield _partial(question, rows, index)
    yield traits.length[rows]


def _partial(question: Question, rows: npt.NDArray[np.intp], index: Index) -> Floats:
    """How well the names of the first of `rows` fit anywhere in the question, letter by letter; 0 of the others.

    In a long message any name fits somewhere: there it tells nothing and is not looked at.
    """
    partial = np.zeros(len(rows), dtype=np.float32)
    if question.language == "zh" and len(question.text) <= LONG_TEXT:
        names = [index.entries[row].name for row in rows[:LOOKED_AT]]
        partial[: len(names)] = [fuzz.partial_ratio(name, question.text) / 100 for name in names]
    return partial
