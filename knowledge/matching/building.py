"""Builds the index: reads names, aliases and the lexicon's example questions, and finds which item is which service."""

from __future__ import annotations

import gc
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from knowledge.matching.aliases import alias_phrases
from knowledge.matching.index import Entry, Index, Rows
from knowledge.matching.lexicon import Lexicon, Service, read_lexicon
from knowledge.matching.normalise import clean, simplified_characters
from knowledge.matching.phrases import Phrases
from knowledge.matching.postings import Bags, Postings, grams
from knowledge.matching.question import Reader
from knowledge.matching.repair import Mender, fold, sounds, syllables
from knowledge.matching.sayings import Said, Sayings
from knowledge.matching.senses import Senses
from knowledge.model import Audience, Item, ItemType

SUBJECT_ALIKE = 0.6  # likeness of a service to the entry that handles everything about its subject
LINKED = 0.6  # from this likeness of names on, a nationally known service is the item
SURE_SPAN = 0.6
BUNDLED = 0.5  # the same for a bundle: every city makes up its own names for them
HEADED = 0.8  # likeness of a service to an item whose name is the service's, and more in brackets
BESIDE_ITSELF = 0.6  # how surely an item is a service that another item is by its very name
Keep = Callable[[Callable[[], Sayings]], Sayings]
TALK = Path(__file__).parent / "training"


def _usual() -> dict[str, float]:
    """How usual 1- and 2-grams are in the way people talk: share of training questions and stories with them."""
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


def build_index(items: Iterable[Item], lexicon: Lexicon | None = None, keep: Keep = lambda make: make()) -> Index:
    """The index of `items`; `lexicon` defaults to the one that ships. Raises LexiconError where that is wrong.

    `keep`: is given what makes the wordings of the lexicon's services, and may hand back those it made before.
    """
    with _nothing_collected():
        return _built(items, lexicon or read_lexicon(), keep)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """What is made in the body stays: looking through it for garbage would take a tenth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _built(items: Iterable[Item], lexicon: Lexicon, keep: Keep) -> Index:
    simplified = simplified_characters()
    sound = {character: fold(one) for character, one in sounds().items()}
    reader = make_reader(lexicon, sound)
    firsts, codes = _distinct(items)
    names = [clean(item.name.zh, simplified) for item in firsts]
    departments = [clean(item.department.zh, simplified) if item.department else "" for item in firsts]
    bundled = {part.item for item in firsts for part in item.parts}
    place_of = {code: place for place, pairs in enumerate(codes) for code, _ in pairs if code in bundled}
    entries = [_entry(item, pairs, reader, place_of) for item, pairs in zip(firsts, codes, strict=True)]
    usual = _usual()
    characters = Postings.of(Bags.of(map(grams, names)), usual)
    named = zip(names, departments, strict=True)
    terms = Postings.of(Bags.of(_name_terms(reader, name, place) for name, place in named))
    services = [service for _, service in lexicon.services]
    links = _links(lexicon, reader, _catalogue(entries, names, departments, reader), simplified)
    sayings = Sayings.of([_said_for_item(item, simplified) for item in firsts], reader)
    sayings += keep(partial(_said_for_services, services, reader))
    here = {service for _, service, _ in links}.union(_called_by_alias(services, firsts, reader))
    return Index(
        entries=entries,
        characters=characters,
        terms=terms,
        asks=Rows(Postings.of(sayings.asks, usual), sayings.asks_of),
        english=Rows(Postings.of(sayings.english), sayings.english_of),
        senses=Senses.of(sayings, len(firsts), links),
        service_names=[service.names[0] for service in services],
        foreign=np.asarray([service for service in range(len(services)) if service not in here], dtype=np.int64),
        exact=_exact(firsts, entries, reader, simplified),
        reader=reader,
        mender=_mender(lexicon, names, reader),
        simplified=simplified,
        intents=[one.model_dump(mode="json") for one in lexicon.intents],
        aspects=[one.model_dump(mode="json") for one in lexicon.aspects],
        intent_phrases=Phrases.of([((*one.say, *one.whole), one.en) for one in lexicon.intents], lexicon.classes),
        aspect_phrases=Phrases.of([(one.say, one.en) for one in lexicon.aspects], lexicon.classes),
        wants=list(lexicon.wants),
        joins=list(lexicon.joins),
        wholes=list(lexicon.wholes),
        action_names=[one.name for one in lexicon.actions],
        aliases=alias_phrases(firsts, simplified),
    )


def _called_by_alias(services: Sequence[Service], items: Sequence[Item], reader: Reader) -> list[int]:
    """Services that an item handles beside others: the keepers made a wording of theirs its alias."""
    aliases = {reader.exact_key(said.lower()) for item in items for said in item.aliases.zh} - {""}
    if not aliases:
        return []
    return [
        number
        for number, service in enumerate(services)
        if not service.elsewhere and any(reader.exact_key(said) in aliases for said in (*service.names, *service.ask))
    ]


def _entry(item: Item, pairs: list[tuple[str, str | None]], reader: Reader, place_of: Mapping[str, int]) -> Entry:
    name = item.name.zh.lower()
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
        parts=tuple(place_of[part.item] for part in item.parts if part.item in place_of),
    )


def _exact(
    items: Sequence[Item], entries: Sequence[Entry], reader: Reader, simplified: dict[int, int]
) -> dict[str, int]:
    """Names, short names and aliases → entry, and the subject it handles all of; where no two entries share them."""
    owners: dict[str, set[int]] = {}
    for row, item in enumerate(items):
        short = (item.short,) if item.short else ()
        texts = [one for text in (item.name, *short) for one in (text.zh, text.en) if one]
        for said in (*texts, *item.aliases.zh, *item.aliases.en):
            owners.setdefault(reader.exact_key(clean(said, simplified)), set()).add(row)
    for row, subject in _subjects(entries):
        owners.setdefault(reader.exact_key(clean(subject, simplified)), set()).add(row)
    return {said: min(rows) for said, rows in owners.items() if said and len(rows) == 1}


def _name_terms(reader: Reader, name: str, department: str) -> dict[str, float]:
    bag = dict.fromkeys(reader.official_terms(department), 0.5)
    bag.update(dict.fromkeys(reader.official_terms(name), 1.0))
    return bag


def _said_for_item(item: Item, simplified: dict[int, int]) -> Said:
    """Its name and aliases."""
    chinese = [clean(said, simplified) for said in (item.name.zh, *item.aliases.zh)]
    english = (item.name.en, item.short.en if item.short else None, *item.aliases.en)
    return chinese, [said.lower() for said in english if said]


def read_wordings(lexicon: Lexicon) -> Sayings:
    """What people say for the lexicon's services, as an index has it: the same for every catalogue."""
    return _said_for_services([service for _, service in lexicon.services], make_reader(lexicon, {}))


def _said_for_services(services: Iterable[Service], reader: Reader) -> Sayings:
    """Their names and example questions."""
    lower: list[Said] = [
        ([said.lower() for said in (*one.names, *one.ask)], [said.lower() for said in one.en]) for one in services
    ]
    return Sayings.of(lower, reader)


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """The entries with their names and departments as the links are looked for in them."""

    entries: Sequence[Entry]
    names: Postings  # over what `_name_bag` takes from a name
    departments: Sequence[Mapping[str, float]]
    heads: Sequence[Mapping[str, float] | None]  # of a name that says more in brackets, what it says before them
    called: Mapping[str, Collection[int]]  # by their very names
    headed: Mapping[str, Collection[int]]  # by those of them that say more in brackets, without it


_LEVEL = re.compile(r"[(（](?:设区的|市级|县级|省级|自治区)[^)）]*[)）]")  # who decides says nothing of what
_BRACKETED = re.compile(r"[(（\[〔【].*?(?:[)）\]〕】]|$)")


def _catalogue(
    entries: Sequence[Entry], names: Sequence[str], departments: Sequence[str], reader: Reader
) -> _Catalogue:
    heads = [_BRACKETED.sub("", name) for name in names]
    return _Catalogue(
        entries,
        Postings.of(Bags.of(_name_bag(reader, name) for name in names)),
        [_name_bag(reader, place) for place in departments],
        [_name_bag(reader, head) if head and head != name else None for head, name in zip(heads, names, strict=True)],
        _by_letters(names),
        _by_letters([head if head != name else "" for head, name in zip(heads, names, strict=True)]),
    )


def _by_letters(names: Sequence[str]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for row, name in enumerate(names):
        found.setdefault(_letters(name), []).append(row)
    found.pop("", None)
    return found


def _letters(name: str) -> str:
    return "".join(filter(str.isalnum, _LEVEL.sub("", name)))


def _links(
    lexicon: Lexicon, reader: Reader, catalogue: _Catalogue, simplified: dict[int, int]
) -> list[tuple[int, int, float]]:
    """Which entries are which nationally known services: (entry, service, likeness 0..1)."""
    links: list[tuple[int, int, float]] = []
    subjects = _subjects(catalogue.entries)
    for number, (_, service) in enumerate(lexicon.services):
        if service.elsewhere:
            continue
        named = "\n".join(service.names)
        best = {row: SUBJECT_ALIKE for row, subject in subjects if subject in named}
        names = [clean(name, simplified) for name in service.names]
        for row, alike in (pair for name in names for pair in _like(name, reader, catalogue)):
            best[row] = max(best.get(row, 0.0), alike)
        keys = [_letters(name) for name in names]
        for row in (row for key in keys for row in catalogue.headed.get(key, ())):
            best[row] = max(best.get(row, 0.0), HEADED)
        top = max(best.values(), default=0.0)
        itself = {row for key in keys for row in catalogue.called.get(key, ())}
        links += [
            (row, number, _surely(alike) * (1.0 if row in itself or not itself else BESIDE_ITSELF))
            for row, alike in best.items()
            if alike >= (BUNDLED if catalogue.entries[row].bundle else LINKED) and alike >= 0.8 * top
        ]
    return links


def _surely(alike: float) -> float:
    """How surely an item is a service whose name is so like its own."""
    return min(1.0, (alike - 0.3) / SURE_SPAN)


def _like(name: str, reader: Reader, catalogue: _Catalogue) -> list[tuple[int, float]]:
    """Entries whose name is like a service's `name`, and how like, 0..1."""
    bag = _name_bag(reader, name)
    acts = reader.actions_named(name)
    postings = catalogue.names
    shared, most = postings.score(bag)
    of_entry = shared / np.maximum(postings.totals, 1e-6)
    found: list[tuple[int, float]] = []
    # likeness is a harmonic mean: what is this little covered cannot reach what links
    for row in np.flatnonzero(of_entry > BUNDLED / (2 - BUNDLED)).tolist():
        spared = postings.mass({token: weight for token, weight in bag.items() if token in catalogue.departments[row]})
        # what the entry's department says need not be in its name too
        of_service = min(1.0, (float(shared[row]) + 0.9 * spared) / max(most, 1e-6))
        alike = 2 * of_service * float(of_entry[row]) / (of_service + float(of_entry[row]))
        alike *= _head_met(row, bag, catalogue)
        done = catalogue.entries[row].actions
        if acts and done and acts.isdisjoint(done):
            alike *= 0.6
        found.append((row, alike))
    return found


def _head_met(row: int, bag: Mapping[str, float], catalogue: _Catalogue) -> float:
    """How much of what an entry's name says before its brackets is in `bag`, 0..1: what it is, rather than of what."""
    head = catalogue.heads[row]
    if not head:
        return 1.0
    mass = catalogue.names.mass
    return min(1.0, mass({token: weight for token, weight in head.items() if token in bag}) / (0.8 * mass(head)))


def _subjects(entries: Sequence[Entry]) -> list[tuple[int, str]]:
    """Entries that handle all there is about a subject, with it: no action is set apart."""
    return [
        (row, entry.subject)
        for row, entry in enumerate(entries)
        if entry.subject and not entry.action and not entry.bundle
    ]


def _name_bag(reader: Reader, name: str) -> dict[str, float]:
    bag = {token: weight for token, weight in grams(name).items() if len(token) > 1}
    bag.update({f"={term}": 1.0 for term in reader.official_terms(name)})
    return bag


def _mender(lexicon: Lexicon, names: Sequence[str], reader: Reader) -> Mender:
    """Domain words: official terms, wordings, short aliases, and what recurs in names and example questions."""
    from pypinyin.constants import PHRASES_DICT

    words = {run: float(count) for run, count in Counter(_runs((name, 6) for name in names)).items()}
    said = (
        (text, 5 if place < len(one.names) else 3)
        for _, one in lexicon.services
        for place, text in enumerate((*one.names, *one.ask))
    )
    for run, count in Counter(_runs(said)).items():
        words[run] = words.get(run, 0.0) + 0.5 * count
    usual = frozenset(PHRASES_DICT)
    # a two-character run is a word when it recurs or is one in general Chinese
    kept = {
        word: weight
        for word, weight in words.items()
        if (weight >= 2 if len(word) == 2 else weight >= 1) or word in usual
    }
    for wording in (*reader.term_list, *reader.said.simple, *reader.acts.simple):
        kept[wording] = kept.get(wording, 0.0) + 3.0
    return Mender.of(kept, reader.sound, frozenset(word for word in usual if len(word) <= 4), syllables())


_HAN = re.compile(r"[一-鿿]+")


def _runs(texts: Iterable[tuple[str, int]]) -> Iterator[str]:
    """Every run of two Chinese characters and more, up to the length beside each text, as often as it occurs."""
    for text, longest in texts:
        for run in _HAN.findall(text):
            yield from map(run.__getitem__, _slices(len(run), longest))


@cache
def _slices(size: int, longest: int) -> tuple[slice, ...]:
    return tuple(
        slice(start, end) for start in range(size - 1) for end in range(start + 2, min(size, start + longest) + 1)
    )
