"""From items to one SQLite file: built beside its target and swapped in whole, or not at all.

The file holds every item as JSON (what the program reads) and the same facts in plain tables, so that whoever
runs the hall can look into it with the sqlite-utils command:

    sqlite-utils build/catalogue.db "select item, name, amount, basis from fees where evidence = 'law'" --table
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import orjson
import yaml
from pydantic import ValidationError
from sqlite_utils import Database

from knowledge import matching
from knowledge.catalogue import SCHEMA
from knowledge.checking import check
from knowledge.faults import CatalogueError, Fault, refuse
from knowledge.hall import Hall, read_hall
from knowledge.item_files import Progress, read_item_files, schema_faults
from knowledge.matching.lexicon import LexiconError
from knowledge.model import Item, Text
from knowledge.regions import Region, Regions, read_regions
from knowledge.wordings import ahead, kept

HERE = Path(__file__).resolve().parent
ITEMS = HERE / "items"
HALL = HERE / "hall.yaml"
BUILD = HERE.parent / "build"
REGIONS = HERE / "regions" / "linyi.yaml"
_COMPILED_WITH = ("compiling.py", "model.py", "hall.py", "regions.py", "matching", "lexicon")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a catalogue carries besides its items."""

    hall: Hall
    regions: Regions
    source: str  # what the items were made from, for operators
    digest: str = ""  # of everything the build read; empty for an import


@dataclass(frozen=True, slots=True)
class Inputs:
    """Where the project's own catalogue is written down."""

    items: Path = ITEMS
    hall: Path = HALL
    regions: Path = REGIONS

    def digest(self) -> str:
        """Of all that a build reads: the data, and the code and lexicon that make the index of it."""
        digest = hashlib.sha256()
        for root in (self.items, self.hall, self.regions, *(HERE / name for name in _COMPILED_WITH)):
            files = sorted(path for path in root.rglob("*") if _is_input(path)) if root.is_dir() else [root]
            for path in files:
                content = path.read_bytes() if path.is_file() else b""
                digest.update(f"{path.name}\0{len(content)}\0".encode())
                digest.update(content)
        return digest.hexdigest()


OWN = Inputs()


class Indexer(Protocol):
    """Makes the match index over items, as the catalogue stores it; `keep`: see `matching.build_index`."""

    def __call__(self, items: Iterable[Item], keep: matching.Keep | None = None) -> bytes: ...


def match_index(items: Iterable[Item], keep: matching.Keep | None = None) -> bytes:
    """The match index of the matcher that ships; raises CatalogueError for a faulty lexicon."""
    try:
        return matching.build_index(items, keep=keep or partial(kept, BUILD)).dump()
    except LexiconError as failure:
        faults = [
            Fault("词库有错。", f"The lexicon is faulty: {fault}.", "knowledge/lexicon") for fault in failure.faults
        ]
        raise CatalogueError(faults) from failure


def build_catalogue(
    to: Path,
    today: dt.date,
    inputs: Inputs = OWN,
    indexer: Indexer | None = match_index,
    progress: Progress | None = None,
) -> str:
    """Compile the project's item files into `to`; returns the version.

    Raises CatalogueError with every fault of every file; what `to` held before is then untouched.
    """
    if indexer is None:
        return write_catalogue(to, *_read(inputs, progress), today, None)
    with ahead(BUILD) as keep:
        return write_catalogue(to, *_read(inputs, progress), today, partial(indexer, keep=keep))


def _read(inputs: Inputs, progress: Progress | None) -> tuple[list[Item], Surroundings]:
    """The items and what surrounds them; raises CatalogueError with every fault of every file."""
    entries, faults = read_item_files(inputs.items, progress)
    faults += check(entries, own=True)
    try:
        surroundings = read_surroundings(inputs.hall, inputs.regions, f"{inputs.items.name}/*.yaml", inputs.digest())
    except CatalogueError as failure:
        faults += failure.faults
    if faults:
        raise CatalogueError(faults)
    return [entry.item for entry in entries], surroundings


def read_surroundings(hall: Path, regions: Path, source: str, digest: str = "") -> Surroundings:
    """Hall and regions from their files; raises CatalogueError naming what is wrong in which."""
    faults: list[Fault] = []
    read: list[Any] = []
    for path, reader in ((hall, read_hall), (regions, read_regions)):
        try:
            read.append(reader(path))
        except ValidationError as failure:
            faults += [fault.within(path.name) for fault in schema_faults(failure)]
        except OSError as failure:
            faults.append(Fault("文件读不出来。", f"The file cannot be read ({type(failure).__name__}).", path.name))
        except (ValueError, yaml.YAMLError) as failure:
            reason = " ".join(str(failure).split())
            faults.append(Fault("文件内容不对。", f"The file's content is wrong: {reason}.", path.name))
    if faults:
        raise CatalogueError(faults)
    return Surroundings(read[0], read[1], source, digest)


# --- staleness ----------------------------------------------------------------------------------


def _is_input(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")


def is_stale(database: Path, inputs: Inputs = OWN) -> bool:
    """Whether `database` is missing, unreadable, or was built from files that read differently now.

    An import was built from no files of ours: it is never stale, and so never built over.
    """
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            built_from = dict(connection.execute("select key, value from meta"))
    except sqlite3.Error:
        return True
    if built_from.get("schema") != str(SCHEMA):
        return True
    return built_from.get("digest") not in ("", inputs.digest())


# --- writing ------------------------------------------------------------------------------------


def write_catalogue(
    to: Path, items: Sequence[Item], surroundings: Surroundings, today: dt.date, indexer: Indexer | None = match_index
) -> str:
    """Write items and surroundings to `to`, atomically; returns the version. Items are taken as checked.

    `indexer` None leaves the match index out: such a catalogue can be read, compared and exported, not asked.
    Raises CatalogueError where the folder or disk does not let it.
    """
    meta = _meta(items, surroundings, today)
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        index = indexer(items) if indexer else None
        beside = to.with_name(f".{to.name}.{os.getpid()}.new")
        beside.unlink(missing_ok=True)
        try:
            _fill(beside, items, surroundings, meta, index)
            _flush(beside)
            beside.replace(to)
            _flush(to.parent)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, sqlite3.Error) as failure:
        reason = type(failure).__name__
        raise refuse(
            "目录库写不进去，原有的没有动。", f"It cannot be written ({reason}); the old one stays.", str(to)
        ) from failure
    return str(meta["version"])


def _version(items: Iterable[Item], surroundings: Surroundings, today: dt.date) -> str:
    """The day and eight digits of the content: equal content built on the same day has an equal version."""
    content = hashlib.sha256(surroundings.hall.model_dump_json().encode())
    for record in (*surroundings.regions, *items):
        content.update(record.model_dump_json().encode())
    return f"{today.isoformat()}-{content.hexdigest()[:8]}"


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _fill(path: Path, items: Sequence[Item], surroundings: Surroundings, meta: Row, index: bytes | None) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("pragma journal_mode = off; pragma synchronous = off")  # a failed build is thrown away
        database = Database(connection)
        database.table("meta").create({"key": str, "value": str}, pk="key")
        database.table("meta").insert_all({"key": key, "value": value} for key, value in meta.items())
        database.table("regions").create(_REGION_COLUMNS, pk="code")
        database.table("regions").insert_all(map(_region_row, surroundings.regions))
        database.table("items").create(_ITEM_COLUMNS, pk="code", not_null={"name", "body"})
        database.table("items").insert_all(_item_row(place, item) for place, item in enumerate(items))
        for name, (columns, rows) in _TABLES.items():
            table = database.table(name)
            table.create({"item": str, **columns}, foreign_keys=[("item", "items", "code")])
            table.insert_all(row for item in items for row in _with_code(item, rows))
            table.create_index(["item"])
        database.table("items").create_index(["name"])
        database.table("aliases").create_index(["alias"])
        database.table("indexes").create({"name": str, "content": bytes}, pk="name")
        if index is not None:
            database.table("indexes").insert({"name": "matching", "content": index})
        connection.commit()


def _meta(items: Sequence[Item], surroundings: Surroundings, today: dt.date) -> Row:
    return {
        "schema": str(SCHEMA),
        "version": _version(items, surroundings, today),
        "built": today.isoformat(),
        "items": str(len(items)),
        "source": surroundings.source,
        "digest": surroundings.digest,
        "hall": surroundings.hall.model_dump_json(exclude_defaults=True),
    }


def _with_code(item: Item, rows: Callable[[Item], Iterator[Row]]) -> Iterator[Row]:
    return ({"item": item.code, **row} for row in rows(item))


# --- the tables ---------------------------------------------------------------------------------

_REGION_COLUMNS = {"code": str, "parent": str, "level": str, "name": str, "name_en": str, "zone": int, "body": str}
_ITEM_COLUMNS = {
    "code": str,
    "place": int,
    "name": str,
    "name_en": str,
    "type": str,
    "department": str,
    "subject": str,
    "action": str,
    "handling": str,
    "visits": int,
    "online": str,
    "materials_recorded": int,
    "region": str,
    "checked": str,
    "body": str,
}


def _region_row(region: Region) -> Row:
    return {
        "code": region.code,
        "parent": region.parent,
        "level": region.level.value,
        "name": region.name.zh,
        "name_en": region.name.en,
        "zone": int(region.zone),
        "body": region.model_dump_json(exclude_defaults=True),
    }


def _item_row(place: int, item: Item) -> Row:
    return {
        "code": item.code,
        "place": place,
        "name": item.name.zh,
        "name_en": item.name.en,
        "type": item.type.value if item.type else None,
        "department": _zh(item.department),
        "subject": item.subject,
        "action": item.action,
        "handling": item.handling.value if item.handling else None,
        "visits": item.visits,
        "online": item.online.possible if item.online else None,
        "materials_recorded": int(item.materials is not None),
        "region": item.region,
        "checked": item.checked.isoformat(),
        "body": item.model_dump_json(exclude_defaults=True),
    }


def _zh(text: Text | None) -> str | None:
    return text.zh if text else None


def _when(when: object) -> str | None:
    return orjson.dumps(when).decode() if when else None


def _materials(item: Item) -> Iterator[Row]:
    for place, row in enumerate(item.materials or ()):
        yield {
            "place": place,
            "name": row.name.zh,
            "originals": row.originals,
            "copies": row.copies,
            "form": _zh(row.form),
            "issuer": _zh(row.issuer),
            "required": int(row.required),
            "situation": _when(row.when),
            "basis": row.basis,
            "evidence": row.evidence.value,
        }


def _fees(item: Item) -> Iterator[Row]:
    for row in item.fees:
        yield {
            "name": row.name.zh,
            "amount": None if row.amount is None else str(row.amount),
            "unit": _zh(row.unit),
            "kind": row.kind.value,
            "since": row.since and row.since.isoformat(),
            "until": row.until and row.until.isoformat(),
            "situation": _when(row.when),
            "basis": row.basis,
            "evidence": row.evidence.value,
        }
    for free in item.free:
        situation = _when(free.when)
        yield {
            "name": "不收费",
            "amount": "0",
            "situation": situation,
            "basis": free.basis,
            "evidence": free.evidence.value,
        }


def _limits(item: Item) -> Iterator[Row]:
    for kind, limits in (("法定", item.statutory), ("承诺", item.promised)):
        for row in limits:
            yield {
                "kind": kind,
                "days": row.days,
                "unit": row.unit.value,
                "note": _zh(row.note),
                "situation": _when(row.when),
                "basis": row.basis,
                "evidence": row.evidence.value,
            }


def _situations(item: Item) -> Iterator[Row]:
    for situation in item.situations:
        for option in situation.options:
            yield {
                "situation": situation.code,
                "question": situation.question.zh,
                "option": option.code,
                "label": option.label.zh,
                "note": _zh(option.note),
            }


def _steps(item: Item) -> Iterator[Row]:
    for place, row in enumerate(item.steps):
        yield {"place": place, "name": row.name.zh, "detail": _zh(row.detail)}


def _places(item: Item) -> Iterator[Row]:
    for row in item.places:
        yield {
            "name": _zh(row.name),
            "address": _zh(row.address),
            "hours": _zh(row.hours),
            "telephone": _zh(row.telephone),
            "region": row.region,
        }


def _aliases(item: Item) -> Iterator[Row]:
    for language, aliases in (("zh", item.aliases.zh), ("en", item.aliases.en)):
        for alias in aliases:
            yield {"alias": alias, "language": language}


def _sources(item: Item) -> Iterator[Row]:
    for row in item.sources:
        yield {"title": row.title, "url": row.url}


_RULING = {"situation": str, "basis": str, "evidence": str}  # `situation`: {situation: [option, …]} as JSON
_TABLES: dict[str, tuple[dict[str, Any], Callable[[Item], Iterator[Row]]]] = {
    "materials": (
        {"place": int, "name": str, "originals": int, "copies": int, "form": str, "issuer": str, "required": int}
        | _RULING,
        _materials,
    ),
    "fees": (
        {"name": str, "amount": str, "unit": str, "kind": str, "since": str, "until": str} | _RULING,
        _fees,
    ),
    "limits": ({"kind": str, "days": int, "unit": str, "note": str} | _RULING, _limits),
    "situations": ({"situation": str, "question": str, "option": str, "label": str, "note": str}, _situations),
    "steps": ({"place": int, "name": str, "detail": str}, _steps),
    "places": ({"name": str, "address": str, "hours": str, "telephone": str, "region": str}, _places),
    "aliases": ({"alias": str, "language": str}, _aliases),
    "sources": ({"title": str, "url": str}, _sources),
}
