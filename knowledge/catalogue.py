"""The catalogue while it is being asked: one read-only SQLite file, shared by threads and workers.

`open_catalogue` opens a file; `CatalogueFile` follows a file that is swapped while the program runs.
"""

from __future__ import annotations

import functools
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError
from sqlite_utils import Database

from knowledge import matching
from knowledge.faults import CatalogueError, Fault, refuse
from knowledge.hall import Hall
from knowledge.matching.decision import Match, Understanding
from knowledge.model import Item
from knowledge.regions import Region, Regions

__all__ = ["Catalogue", "CatalogueError", "CatalogueFile", "open_catalogue"]

SCHEMA = 1  # of the tables that compiling.py writes: a file with another number has to be built again
CACHED_ITEMS = 1024  # decoded items kept; one takes about 50 KiB


class Catalogue:
    """What the hall knows. Safe to read from any number of threads; never changes once opened."""

    def __init__(self, path: Path) -> None:
        """Opens `path`; raises CatalogueError where it is no catalogue of this version."""
        self.path = path
        self._lock = threading.Lock()
        connection = _connect(path)
        weakref.finalize(self, connection.close)
        self._database = Database(connection)
        try:
            meta = {row["key"]: row["value"] for row in self._database.table("meta").rows}
            if meta.get("schema") != str(SCHEMA):
                raise _unfit(path)
            self.version: str = meta["version"]
            self.source: str = meta["source"]
            self.built: str = meta["built"]  # ISO date
            self.hall = Hall.model_validate_json(meta["hall"])
            bodies = self._database.table("regions").rows_where(select="body", order_by="rowid")
            self.regions = Regions(Region.model_validate_json(row["body"]) for row in bodies)
        except (sqlite3.Error, KeyError, ValueError) as failure:
            raise _unfit(path) from failure
        self._read_cached = functools.lru_cache(maxsize=CACHED_ITEMS)(self._read)

    def item(self, code: str) -> Item | None:
        """The item with this code; None where the catalogue has none."""
        return self._read_cached(code)

    @functools.cached_property
    def _codes(self) -> tuple[str, ...]:
        with self._lock:
            rows = self._database.table("items").rows_where(select="code", order_by="place")
            return tuple(row["code"] for row in rows)

    def codes(self) -> tuple[str, ...]:
        """The codes of all items, in the order they were compiled in."""
        return self._codes

    def items(self) -> Iterator[Item]:
        """All items, in order; each is decoded when its turn comes, and none is kept."""
        for code in self.codes():
            item = self._read(code)
            if item is not None:
                yield item

    def understand(self, text: str, region: str | None = None) -> Understanding:
        """What `text` asks for. `region`: the place the person chose; one named in the text comes first."""
        named = self.regions.find(text)
        understanding = matching.understand(text, self._index, named.code if named else region)
        return replace(understanding, region=named.code) if named else understanding

    def search(self, text: str, limit: int) -> tuple[Match, ...]:
        """The items nearest to a few typed words, best first."""
        return matching.search(text, self._index, limit)

    def warm(self) -> None:
        """Load the match index now rather than with the first question."""
        _ = self._index

    @functools.cached_property
    def _index(self) -> matching.Index:
        with self._lock:
            rows = list(self._database.table("indexes").rows_where("name = ?", ["matching"]))
        if not rows:
            raise refuse(
                "目录库没有检索索引，请重新生成。", "The catalogue has no match index: build it again.", str(self.path)
            )
        try:
            return matching.load_index(rows[0]["content"])
        except ValueError as failure:
            raise _unfit(self.path) from failure

    def _read(self, code: str) -> Item | None:
        with self._lock:
            try:
                rows = list(self._database.table("items").rows_where("code = ?", [code], select="body"))
            except sqlite3.Error as failure:
                raise _unfit(self.path) from failure
        try:
            return Item.model_validate_json(rows[0]["body"]) if rows else None
        except ValidationError as failure:
            raise _unfit(self.path) from failure


def open_catalogue(path: Path) -> Catalogue:
    """The catalogue in `path`, read-only; raises CatalogueError with one sentence that says why not."""
    return Catalogue(path)


class CatalogueFile:
    """A catalogue file that may be swapped for a newer one while the program runs."""

    def __init__(self, path: Path) -> None:
        """Opens `path`; raises CatalogueError where there is no catalogue to begin with."""
        self.path = path
        self.faults: tuple[Fault, ...] = ()  # why the file that lies there now is not the one in use
        self._lock = threading.Lock()
        self._seen = _identity(path)
        self._catalogue = open_catalogue(path)

    def current(self) -> Catalogue:
        """The newest readable catalogue. Costs one stat(); a broken or missing successor leaves the old one in use."""
        identity = _identity(self.path)
        if identity == self._seen:
            return self._catalogue
        with self._lock:
            if identity != self._seen:
                self._seen = identity
                try:
                    self._catalogue = open_catalogue(self.path)
                    self.faults = ()
                except CatalogueError as failure:
                    self.faults = failure.faults
            return self._catalogue


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file():
        raise refuse("没有这个目录库文件。", "There is no such catalogue file.", str(path))
    # immutable: nobody writes to a finished file, a new one takes its place; so no locks and no journal are needed
    address = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        return sqlite3.connect(address, uri=True, check_same_thread=False)
    except sqlite3.Error as failure:
        raise _unfit(path) from failure


def _unfit(path: Path) -> CatalogueError:
    return refuse(
        "不是这个版本能用的目录库，请用 catalogue build 或 import 重新生成。",
        "This is no catalogue that this version can use: make it again with catalogue build or import.",
        str(path),
    )
