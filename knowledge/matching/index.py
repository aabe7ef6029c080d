"""What is prepared once for all questions: items, wordings and example questions as arrays.

Items with equal texts (the same item in many regions) are one row; codes and regions hang on it. An index is
built from items and the lexicon, written as bytes and loaded without either.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from knowledge.matching.lexicon import Lexicon, Phrases, english_words, read_lexicon
from knowledge.matching.normalise import clean, simplified_characters
from knowledge.matching.postings import Floats, Ints, Postings, grams
from knowledge.matching.question import Question, Reader, sound_grams
from knowledge.matching.repair import Mender, fold, sounds, syllables
from knowledge.model import Audience, Item, ItemType

MAGIC = b"BANGBAN-INDEX-1\n"
LINKED = 0.5  # from this likeness of names on, a nationally known service is the item



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


@dataclass(slots=True)
class Rows:
    """Texts that each belong to an owner (an entry, or a service of the lexicon), kept in the owners' order."""

    postings: Postings
    owner: Ints  # owner of each row, ascending
    firsts: npt.NDArray[np.intp] = field(init=False)  # where each owner's rows begin
    owners: Ints = field(init=False)  # whose they are

    def __post_init__(self) -> None:
        begins = np.ones(len(self.owner), dtype=np.bool_)
        begins[1:] = self.owner[1:] != self.owner[:-1]
        self.firsts = np.flatnonzero(begins)
        self.owners = self.owner[self.firsts]

    @classmethod
    def of(cls, texts: Sequence[tuple[int, Mapping[str, float]]], usual: Mapping[str, float] | None = None) -> Rows:
        """From (owner, weighted tokens) pairs in any order."""
        ordered = sorted(texts, key=lambda pair: pair[0])
        return cls(
            Postings.of([bag for _, bag in ordered], usual), np.asarray([owner for owner, _ in ordered], dtype=np.int32)
        )

    def best(self, values: Floats, owners: int) -> Floats:
        """The greatest of `values` (one a row) of each owner; 0 where an owner has no row."""
        best = np.zeros(owners, dtype=np.float32)
        if len(values):
            best[self.owners] = np.maximum.reduceat(values, self.firsts)
        return best


@dataclass(slots=True)
class Index:
    """Everything `understand` reads. Immutable by custom; shared by all threads."""

    entries: list[Entry]
    characters: Postings  # over names
    terms: Postings  # official terms in names
    sounds: Postings  # over names
    extras: Postings  # department, conditions, materials
    asks: Rows  # aliases of entries and example questions of services; owners: entries, then services
    english: Rows
    service_names: list[str]
    link_entry: Ints
    link_service: Ints
    link_strength: Floats
    foreign: npt.NDArray[np.bool_]  # services that no entry offers
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

    def dump(self) -> bytes:
        """The index as bytes: a JSON head and the arrays behind it, little-endian, no code inside."""
        arrays: list[npt.NDArray[Any]] = []
        head = orjson.dumps(_head(self, arrays))
        body = b"".join(_aligned(array.tobytes()) for array in arrays)
        return MAGIC + struct.pack("<QQ", len(head), len(body)) + _aligned(head) + body


def _aligned(data: bytes) -> bytes:
    return data + b"\0" * (-len(data) % 8)


# --- building ------------------------------------------------------------------------------------


TALK = Path(__file__).parent / "training"


def _usual() -> dict[str, float]:
    """How usual 1- and 2-grams are in the way people talk: share of the training questions and stories that have them."""
    lines = [
        said
        for path in sorted(TALK.glob("*.t*"))
        for line in path.read_text(encoding="utf-8").splitlines()
        for said in (line.split("\t")[1:] if path.suffix == ".tsv" else [line])
    ]
    counts: dict[str, int] = {}
    for line in lines:
        for token in grams(line):
            counts[token] = counts.get(token, 0) + 1
    return {token: count / len(lines) for token, count in counts.items() if count > 1}


def make_reader(lexicon: Lexicon, sound: Mapping[str, str]) -> Reader:
    """The reader of questions that the lexicon makes."""
    means = [[tuple(sorted(set(group.lower().split("|")))) for group in word.means] for word in lexicon.words]
    term_list = sorted({term for groups in means for group in groups for term in group})
    acts = Phrases.of([((*one.official, *one.say), one.en) for one in lexicon.actions], lexicon.classes)
    return Reader(
        said=Phrases.of([(word.say, word.en) for word in lexicon.words], lexicon.classes),
        means=means,
        unless=[_expanded(word.unless, lexicon.classes) for word in lexicon.words],
        terms=Phrases.of([((term,), ()) for term in term_list], {}),
        term_list=term_list,
        acts=acts,
        act_unless=[_expanded(one.unless, lexicon.classes) for one in lexicon.actions],
        official=Phrases.of([(one.official, ()) for one in lexicon.actions], {}),
        fillers=sorted(lexicon.fillers, key=len, reverse=True),
        sound=dict(sound),
    )


def _expanded(words: Iterable[str], classes: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [one for word in words for one in (classes.get(word[1:], ()) if word.startswith("@") else (word,))]


def _ask_bag(question: Question) -> dict[str, float]:
    """Tokens of an example question or of a question put to them: characters, and concepts as `=term`."""
    bag = dict(question.characters)
    for term, weight in question.terms.items():
        bag[f"={term}"] = 1.2 * weight
    for action in question.actions:
        bag[f"!{action}"] = 0.8
    return bag


def english_bag(text: str) -> dict[str, float]:
    """Stems of English words, single and in pairs, without the commonest."""
    words = [word for word in english_words(text) if word not in _COMMON]
    bag = {word: 0.7 for word in words}
    bag.update({f"{a} {b}": 1.0 for a, b in zip(words, words[1:], strict=False)})
    return bag


_COMMON = frozenset(
    "i a an the to of for in on at my our your we you it is are was do doe did how what where when can could would"
    " like want need get have has ha thi that and or with from by be me us if there any pleas help should must much".split()
)


def _text_key(item: Item) -> tuple[Any, ...]:
    return (item.name.zh, item.name.en, item.aliases, item.subject, item.action)


def _distinct(items: Iterable[Item]) -> tuple[list[Item], list[list[tuple[str, str | None]]]]:
    """Items of different text, and for each the codes and regions that share it."""
    place: dict[tuple[Any, ...], int] = {}
    firsts: list[Item] = []
    codes: list[list[tuple[str, str | None]]] = []
    for item in items:
        key = _text_key(item)
        if key not in place:
            place[key] = len(firsts)
            firsts.append(item)
            codes.append([])
        codes[place[key]].append((item.code, item.region))
    return firsts, codes


def _extra_text(item: Item) -> str:
    parts = [item.department.zh if item.department else ""]
    parts += [item.summary.zh if item.summary else ""]
    parts += [item.conditions.zh[:200] if item.conditions else ""]
    parts += [material.name.zh[:40] for material in (item.materials or ())[:12]]
    return "\n".join(parts)


def build_index(items: Iterable[Item], lexicon: Lexicon | None = None) -> Index:
    """The index of `items`; `lexicon` defaults to the one that ships. Raises LexiconError where that is wrong."""
    lexicon = lexicon or read_lexicon()
    simplified = simplified_characters()
    sound = {character: fold(one) for character, one in sounds().items()}
    reader = make_reader(lexicon, sound)
    firsts, codes = _distinct(items)
    names = [clean(item.name.zh, simplified) for item in firsts]
    departments = [clean(item.department.zh, simplified) if item.department else "" for item in firsts]
    entries = [
        _entry(item, pairs, reader, name) for item, pairs, name in zip(firsts, codes, names, strict=True)
    ]
    usual = _usual()
    characters = Postings.of([grams(name) for name in names], usual)
    terms = Postings.of([_name_terms(reader, name, place) for name, place in zip(names, departments, strict=True)])
    services = [service for _, service in lexicon.services]
    links = _links(lexicon, reader, names, departments, entries, simplified)
    asks, english = _rows(firsts, names, services, reader, simplified)
    foreign = np.ones(len(services), dtype=np.bool_)
    foreign[[service for _, service, _ in links]] = False
    return Index(
        entries=entries,
        characters=characters,
        terms=terms,
        sounds=Postings.of([sound_grams(name, sound) for name in names]),
        extras=Postings.of([grams(clean(_extra_text(item), simplified), 0.1) for item in firsts]),
        asks=Rows.of(asks, usual),
        english=Rows.of(english),
        service_names=[service.names[0] for service in services],
        link_entry=np.asarray([one[0] for one in links], dtype=np.int32),
        link_service=np.asarray([one[1] for one in links], dtype=np.int32),
        link_strength=np.asarray([one[2] for one in links], dtype=np.float32),
        foreign=foreign,
        reader=reader,
        mender=_mender(lexicon, names, reader, firsts),
        simplified=simplified,
        intents=[one.model_dump(mode="json") for one in lexicon.intents],
        aspects=[one.model_dump(mode="json") for one in lexicon.aspects],
        intent_phrases=Phrases.of([((*one.say, *one.whole), one.en) for one in lexicon.intents], lexicon.classes),
        aspect_phrases=Phrases.of([(one.say, one.en) for one in lexicon.aspects], lexicon.classes),
        wants=list(lexicon.wants),
        joins=list(lexicon.joins),
        wholes=list(lexicon.wholes),
        action_names=[one.name for one in lexicon.actions],
    )


def _entry(item: Item, pairs: list[tuple[str, str | None]], reader: Reader, name: str) -> Entry:
    return Entry(
        name=item.name.zh,
        english=item.name.en or "",
        codes=tuple(pairs),
        actions=tuple(sorted(reader.actions_named(name + (item.action or "")))),
        person=Audience.PERSON in item.audience,
        organisation=Audience.ORGANISATION in item.audience,
        bundle=item.type is ItemType.ONE_THING or "一件事" in item.name.zh,
        subject=item.subject,
        action=item.action,
    )


def _name_terms(reader: Reader, name: str, department: str) -> dict[str, float]:
    bag = {term: 0.5 for term in reader.official_terms(department)}
    bag.update({term: 1.0 for term in reader.official_terms(name)})
    return bag


def _rows(
    items: Sequence[Item], names: Sequence[str], services: Sequence[Any], reader: Reader, simplified: dict[int, int]
) -> tuple[list[tuple[int, Mapping[str, float]]], list[tuple[int, Mapping[str, float]]]]:
    """Rows of the asks (aliases, example questions, services' names) and of the English wordings, with owners."""
    asks: list[tuple[int, Mapping[str, float]]] = []
    english: list[tuple[int, Mapping[str, float]]] = []
    for owner, (item, name) in enumerate(zip(items, names, strict=True)):
        for said in (name, *item.aliases.zh):
            asks.append((owner, _ask_bag(reader.read(clean(said, simplified)))))
        for said in (item.name.en, item.short.en if item.short else None, *item.aliases.en):
            if said:
                english.append((owner, english_bag(said.lower())))
    for owner, service in enumerate(services, start=len(items)):
        for said in (*service.names, *service.ask):
            asks.append((owner, _ask_bag(reader.read(said.lower()))))
        english += [(owner, english_bag(said.lower())) for said in service.en]
    return asks, english


def _links(
    lexicon: Lexicon,
    reader: Reader,
    names: Sequence[str],
    departments: Sequence[str],
    entries: Sequence[Entry],
    simplified: dict[int, int],
) -> list[tuple[int, int, float]]:
    """Which entries are which nationally known services: (entry, service, likeness 0..1)."""
    postings = Postings.of([_name_bag(reader, name) for name in names])
    contexts = [_name_bag(reader, place) for place in departments]
    links: list[tuple[int, int, float]] = []
    for number, (_, service) in enumerate(lexicon.services):
        if service.elsewhere:
            continue
        best: dict[int, float] = {}
        for said in service.names:
            name = clean(said, simplified)
            bag = _name_bag(reader, name)
            shared, most = postings.score(bag)
            of_entry = shared / np.maximum(postings.totals, 1e-6)
            # likeness is a harmonic mean: what is this little covered cannot reach LINKED
            for row in np.flatnonzero(of_entry > LINKED / (2 - LINKED)):
                alike = _likeness(bag, float(shared[row]) / max(most, 1e-6), float(of_entry[row]), contexts[row], postings, most)
                if alike < LINKED:
                    continue
                acts = reader.actions_named(name)
                if acts and entries[row].actions and not acts & set(entries[row].actions):
                    alike *= 0.6
                best[int(row)] = max(best.get(int(row), 0.0), alike)
        top = max(best.values(), default=0.0)
        links += [
            (row, number, min(1.0, (alike - 0.3) / 0.5))
            for row, alike in best.items()
            if alike >= LINKED and alike >= 0.8 * top
        ]
    return links


def _name_bag(reader: Reader, name: str) -> dict[str, float]:
    bag = {token: weight for token, weight in grams(name).items() if len(token) > 1}
    bag.update({f"={term}": 1.0 for term in reader.official_terms(name)})
    return bag


def _likeness(
    bag: Mapping[str, float], of_service: float, of_entry: float, context: Mapping[str, float], postings: Postings, most: float
) -> float:
    """How alike a service's name and an entry's are, 0..1; what the entry's department says counts for the service."""
    unknown = float(postings.rarity.max()) * 0.6
    spared = 0.0
    for token, weight in bag.items():
        if token in context:
            known = postings.vocabulary.get(token)
            spared += weight * (float(postings.rarity[known]) if known is not None else unknown)
    of_service = min(1.0, of_service + 0.9 * spared / max(most, 1e-6))
    return 2 * of_service * of_entry / (of_service + of_entry) if of_service + of_entry else 0.0


def _mender(lexicon: Lexicon, names: Sequence[str], reader: Reader, items: Sequence[Item]) -> Mender:
    """Domain words: official terms, wordings, short aliases, and what recurs in names and example questions."""
    from pypinyin.constants import PHRASES_DICT

    words: dict[str, float] = {}

    def count(text: str, weight: float) -> None:
        run = ""
        for character in text + " ":
            if "一" <= character <= "鿿":
                run += character
                continue
            for length in (2, 3, 4, 5, 6):
                for start in range(len(run) - length + 1):
                    words[run[start : start + length]] = words.get(run[start : start + length], 0.0) + weight
            run = ""

    for name in names:
        count(name, 1.0)
    for _, service in lexicon.services:
        for said in (*service.names, *service.ask):
            count(said, 0.5)
    usual = frozenset(PHRASES_DICT)
    # a two-character run is a word when it recurs or is one in general Chinese
    kept = {
        word: weight
        for word, weight in words.items()
        if (len(word) == 2 and (weight >= 2 or word in usual)) or (len(word) > 2 and weight >= 1.0) or word in usual
    }
    for wording in (*reader.term_list, *reader.said.simple, *reader.acts.simple):
        kept[wording] = kept.get(wording, 0.0) + 3.0
    return Mender.of(kept, sounds(), frozenset(word for word in usual if len(word) <= 4), syllables())


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
    reader, mender = index.reader, index.mender
    return {
        "entries": [
            [e.name, e.english, e.codes, e.actions, e.person, e.organisation, e.bundle, e.subject, e.action]
            for e in index.entries
        ],
        "postings": [_postings_head(one, arrays) for one in (index.characters, index.terms, index.sounds, index.extras)],
        "rows": [[_postings_head(one.postings, arrays), _put(one.owner, arrays)] for one in (index.asks, index.english)],
        "links": [_put(one, arrays) for one in (index.link_entry, index.link_service, index.link_strength, index.foreign)],
        "services": index.service_names,
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
        "phrases": [_phrases_head(one) for one in (index.intent_phrases, index.aspect_phrases)],
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
        self.place += size + (-size % 8)
        return array

    def postings(self, head: Mapping[str, Any]) -> Postings:
        vocabulary = {token: number for number, token in enumerate(head["vocabulary"])}
        return Postings(vocabulary, *(self.take(one) for one in head["arrays"]))

    def rows(self, head: Sequence[Any]) -> Rows:
        return Rows(self.postings(head[0]), self.take(head[1]))


def _loaded_reader(head: Mapping[str, Any]) -> Reader:
    said, terms, acts, official = (Phrases(*one) for one in head["phrases"])
    return Reader(
        said, [[tuple(group) for group in groups] for groups in head["means"]], head["unless"], terms, head["terms"], acts, head["act_unless"], official,
        head["fillers"], head["sound"],
    )  # fmt: skip


def load_index(data: bytes) -> Index:
    """The index `dump` wrote; raises ValueError where `data` is none of this version."""
    start = len(MAGIC) + 16
    if data[: len(MAGIC)] != MAGIC or len(data) < start:
        raise ValueError("not an index of this version")
    size, length = struct.unpack("<QQ", data[len(MAGIC) : start])
    body_at = start + size + (-size % 8)
    if len(data) != body_at + length:
        raise ValueError("the index is cut short")
    head = orjson.loads(memoryview(data)[start : start + size])
    arrays = _Arrays(memoryview(data)[body_at:])
    characters, terms, sound_rows, extras = (arrays.postings(one) for one in head["postings"])
    asks, english = (arrays.rows(one) for one in head["rows"])
    link_entry, link_service, link_strength, foreign = (arrays.take(one) for one in head["links"])
    words, weight, sound, known, heard = head["mender"]
    intent_phrases, aspect_phrases = (Phrases(*one) for one in head["phrases"])
    pairs = head["simplified"]
    return Index(
        entries=[
            Entry(e[0], e[1], tuple((c, r) for c, r in e[2]), tuple(e[3]), *e[4:]) for e in head["entries"]
        ],
        characters=characters, terms=terms, sounds=sound_rows, extras=extras, asks=asks, english=english,
        service_names=head["services"], link_entry=link_entry, link_service=link_service,
        link_strength=link_strength, foreign=foreign, reader=_loaded_reader(head["reader"]),
        mender=Mender(words, weight, sound, frozenset(known), frozenset(heard), {one: fold(one) for one in heard}),
        simplified={ord(pairs[i]): ord(pairs[i + 1]) for i in range(0, len(pairs), 2)},
        intents=head["intents"], aspects=head["aspects"], intent_phrases=intent_phrases,
        aspect_phrases=aspect_phrases, wants=head["wants"], joins=head["joins"],
        wholes=head["wholes"], action_names=head["action_names"],
    )  # fmt: skip
