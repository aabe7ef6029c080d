"""What is prepared once for all questions, as bytes and in memory: items, wordings and example questions as arrays.

Items with equal texts (the same item in many regions) are one row; codes and regions hang on it. `building.py`
builds an index from items and the lexicon; `dump` and `load_index` write and read it without either.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from knowledge.matching.phrases import Phrases
from knowledge.matching.postings import Floats, Ints, Owned, Postings, shared_by_owner
from knowledge.matching.question import Reader
from knowledge.matching.repair import Mender, fold
from knowledge.matching.senses import Senses

MAGIC = b"BANGBAN-INDEX-8\n"
LONG_NAME = 40  # characters from which a name is as long as it gets


@dataclass(frozen=True, slots=True)
class Entry:
    """One row: an item, or many of equal text."""

    name: str
    english: str
    codes: tuple[tuple[str, str | None], ...]  # code and region of each
    actions: tuple[int, ...]
    person: bool
    organisation: bool
    bundle: bool  # 一件事
    subject: str | None = None
    action: str | None = None
    parts: tuple[int, ...] = ()  # rows of the items that a bundle handles together


@dataclass(slots=True)
class Rows:
    """Texts that each belong to an owner (an entry, or a service of the lexicon)."""

    postings: Postings
    owner: Ints  # of each row
    owned: Owned = field(init=False)

    def __post_init__(self) -> None:
        self.owned = Owned.of(self.postings, self.owner)

    def best(self, rows: npt.NDArray[np.intp], values: Floats, owners: int) -> Floats:
        """The greatest of `values` (one for each of `rows`) of each owner; 0 where an owner has no row."""
        best = np.zeros(owners, dtype=np.float32)
        np.maximum.at(best, self.owner[rows], values)
        return best

    def explained(self, tokens: Mapping[str, float], owners: int) -> Floats:
        """The share of `tokens`, weighted by rarity, that stands in any row of each owner."""
        return shared_by_owner(self.postings, self.owned, tokens, owners)


@dataclass(frozen=True, slots=True)
class Traits:
    """What the entries are, an entry a row."""

    does: npt.NDArray[np.bool_]  # which actions (columns) its name says
    bundle: npt.NDArray[np.bool_]
    length: Floats  # of its name, 0..1

    @classmethod
    def of(cls, entries: Sequence[Entry], actions: int) -> Traits:
        does = np.zeros((len(entries), actions), dtype=np.bool_)
        for row, entry in enumerate(entries):
            does[row, list(entry.actions)] = True
        lengths = np.asarray([len(entry.name) for entry in entries], dtype=np.float32)
        bundle = np.asarray([entry.bundle for entry in entries], dtype=np.bool_)
        return cls(does, bundle, np.minimum(lengths / LONG_NAME, np.float32(1)))


@dataclass(slots=True)
class Index:
    """Everything `understand` reads. Immutable by custom; shared by all threads."""

    entries: list[Entry]
    characters: Postings  # over names
    terms: Postings  # official terms in names
    asks: Rows  # aliases of entries and example questions of services; owners: entries, then services
    english: Rows
    senses: Senses  # what the asks and the English wordings mean
    service_names: list[str]
    foreign: npt.NDArray[np.int64]  # the services that no entry offers
    exact: dict[str, int]  # names and aliases, as `exact_key` has them, that belong to one entry only
    reader: Reader
    mender: Mender
    simplified: dict[int, int]
    intents: list[dict[str, Any]]
    aspects: list[dict[str, Any]]
    intent_phrases: Phrases
    aspect_phrases: Phrases
    wants: list[str]
    joins: list[str]
    wholes: list[str]
    action_names: list[str]
    aliases: Phrases  # the entries' own, by the entries' places
    traits: Traits = field(init=False)

    def __post_init__(self) -> None:
        self.traits = Traits.of(self.entries, len(self.action_names))

    def dump(self) -> bytes:
        """The index as bytes: a JSON head and the arrays behind it, little-endian, no code inside."""
        arrays: list[npt.NDArray[Any]] = []
        head = orjson.dumps(_head(self, arrays))
        body = sum(array.nbytes + _gap(array.nbytes) for array in arrays)
        pieces: list[Any] = [MAGIC, struct.pack("<QQ", len(head), body), head, bytes(_gap(len(head)))]
        for array in arrays:
            pieces += [array.data, bytes(_gap(array.nbytes))]
        return b"".join(pieces)


def _gap(size: int) -> int:
    """Bytes from the end of something of `size` bytes to the next multiple of 8."""
    return -size % 8


# --- writing and loading ---------------------------------------------------------------------------


def _put(array: npt.NDArray[Any], arrays: list[npt.NDArray[Any]]) -> list[Any]:
    array = np.ascontiguousarray(array)
    arrays.append(array)
    return [array.dtype.str, list(array.shape)]


def _postings_head(postings: Postings, arrays: list[npt.NDArray[Any]]) -> dict[str, Any]:
    return {
        "vocabulary": list(postings.vocabulary),
        "arrays": [
            _put(one, arrays)
            for one in (postings.starts, postings.rows, postings.weights, postings.totals, postings.rarity)
        ],
    }


def _phrases_head(phrases: Phrases) -> list[Any]:
    return [phrases.simple, phrases.parted, phrases.patterns, phrases.english]


def _head(index: Index, arrays: list[npt.NDArray[Any]]) -> dict[str, Any]:
    reader, mender, senses = index.reader, index.mender, index.senses
    return {
        "entries": [
            [e.name, e.english, e.codes, e.actions, e.person, e.organisation, e.bundle, e.subject, e.action, e.parts]
            for e in index.entries
        ],
        "postings": [_postings_head(one, arrays) for one in (index.characters, index.terms)],
        "rows": [
            [_postings_head(one.postings, arrays), _put(one.owner, arrays)] for one in (index.asks, index.english)
        ],
        "senses": [
            _put(one, arrays)
            for one in (senses.vectors, senses.starts, senses.centres, senses.owned, senses.own, senses.strength)
        ],
        "foreign": _put(index.foreign, arrays),
        "services": index.service_names,
        "exact": index.exact,
        "reader": {
            "phrases": [_phrases_head(one) for one in (reader.said, reader.terms, reader.acts, reader.official)],
            "means": reader.means,
            "unless": reader.unless,
            "terms": reader.term_list,
            "act_unless": reader.act_unless,
            "fillers": reader.fillers,
            "sound": reader.sound,
        },
        "mender": [mender.words, mender.weight, mender.sound, sorted(mender.known), sorted(mender.syllables)],
        "simplified": "".join(chr(a) + chr(b) for a, b in index.simplified.items()),
        "intents": index.intents,
        "aspects": index.aspects,
        "phrases": [_phrases_head(one) for one in (index.intent_phrases, index.aspect_phrases, index.aliases)],
        "wants": index.wants,
        "joins": index.joins,
        "wholes": index.wholes,
        "action_names": index.action_names,
    }


class _Arrays:
    def __init__(self, body: memoryview) -> None:
        self.body, self.place = body, 0

    def take(self, description: Sequence[Any]) -> npt.NDArray[Any]:
        dtype, shape = np.dtype(description[0]), tuple(description[1])
        size = int(np.prod(shape)) * dtype.itemsize
        array = np.frombuffer(self.body[self.place : self.place + size], dtype=dtype).reshape(shape)
        self.place += size + _gap(size)
        return array

    def postings(self, head: Mapping[str, Any]) -> Postings:
        vocabulary = {token: number for number, token in enumerate(head["vocabulary"])}
        return Postings(vocabulary, *(self.take(one) for one in head["arrays"]))

    def rows(self, head: Sequence[Any]) -> Rows:
        return Rows(self.postings(head[0]), self.take(head[1]))


def _loaded_reader(head: Mapping[str, Any]) -> Reader:
    said, terms, acts, official = (Phrases(*one) for one in head["phrases"])
    means = [[tuple(group) for group in groups] for groups in head["means"]]
    return Reader(
        said, means, head["unless"], terms, head["terms"], acts, head["act_unless"], official,
        head["fillers"], head["sound"],
    )  # fmt: skip


def _entry(row: Sequence[Any]) -> Entry:
    name, english, codes, actions, person, organisation, bundle, subject, action, parts = row
    pairs = tuple((code, region) for code, region in codes)
    return Entry(name, english, pairs, tuple(actions), person, organisation, bundle, subject, action, tuple(parts))


def load_index(data: bytes) -> Index:
    """The index `dump` wrote; raises ValueError where `data` is none of this version."""
    start = len(MAGIC) + 16
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise ValueError("not an index of this version")
    size, length = struct.unpack("<QQ", data[len(MAGIC) : start])
    body_at = start + size + _gap(size)
    if len(data) != body_at + length:
        raise ValueError("the index is cut short")
    head = orjson.loads(memoryview(data)[start : start + size])
    arrays = _Arrays(memoryview(data)[body_at:])
    characters, terms = (arrays.postings(one) for one in head["postings"])
    asks, english = (arrays.rows(one) for one in head["rows"])
    senses = Senses(*(arrays.take(one) for one in head["senses"]))
    foreign = arrays.take(head["foreign"])
    words, weight, sound, known, heard = head["mender"]
    intent_phrases, aspect_phrases, aliases = (Phrases(*one) for one in head["phrases"])
    pairs = head["simplified"]
    return Index(
        entries=[
            _entry(row) for row in head["entries"]
        ],
        characters=characters, terms=terms, asks=asks, english=english,
        senses=senses,
        service_names=head["services"], exact=head["exact"], foreign=foreign, reader=_loaded_reader(head["reader"]),
        mender=Mender(words, weight, sound, frozenset(known), frozenset(heard), {one: fold(one) for one in heard}),
        simplified={ord(pairs[i]): ord(pairs[i + 1]) for i in range(0, len(pairs), 2)},
        intents=head["intents"], aspects=head["aspects"], intent_phrases=intent_phrases,
        aspect_phrases=aspect_phrases, wants=head["wants"], joins=head["joins"],
        wholes=head["wholes"], action_names=head["action_names"], aliases=aliases,
    )  # fmt: skip
