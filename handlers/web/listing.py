"""The catalogue as a list to look through: by who applies and by department."""

from __future__ import annotations

import re
import threading
from collections import Counter
from dataclasses import dataclass

from bot.events import Language
from handlers.web.site import Directory
from knowledge.model import Audience, Item, Text

MOST = 20_000  # items of a catalogue that is listed; a larger one is searched only
PAGE = 30  # items on a page
_ASIDE = re.compile(r"\s*[（(].*$", re.DOTALL)  # 公安派出所（户籍地…） is filed under 公安派出所


@dataclass(frozen=True, slots=True)
class Entry:
    """An item as a list shows it."""

    code: str
    name: Text
    summary: Text | None
    department: Text | None
    audience: tuple[Audience, ...]

    def filed_under(self, language: Language) -> str:
        """The department's name without what is said in brackets; empty where none is recorded."""
        return _ASIDE.sub("", self.department.say(language)) if self.department else ""


@dataclass(frozen=True, slots=True)
class Listing:
    """All entries in the catalogue's order; None if there are too many to list."""

    entries: tuple[Entry, ...] | None

    def departments(self, language: Language) -> list[tuple[str, int]]:
        """Department and number of items, the one with most first."""
        names = Counter(entry.filed_under(language) for entry in self.entries or ())
        names.pop("", None)
        return sorted(names.items(), key=lambda found: (-found[1], found[0]))

    def choose(self, language: Language, department: str, audience: Audience | None) -> list[Entry]:
        """The entries of a department and for an applicant; an empty department or audience means any."""
        return [
            entry
            for entry in self.entries or ()
            if (not department or entry.filed_under(language) == department)
            and (audience is None or audience in entry.audience)
        ]


class Listings:
    """The listing of the catalogue as it stands: made once for each version. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version: str | None = None
        self._listing = Listing(())

    def of(self, directory: Directory) -> Listing:
        with self._lock:
            if directory.version != self._version:
                self._listing, self._version = _listing(directory), directory.version
            return self._listing


def _listing(directory: Directory) -> Listing:
    codes = directory.codes()
    if len(codes) > MOST:
        return Listing(None)
    items = (directory.item(code) for code in codes)
    return Listing(tuple(entry_of(item) for item in items if item is not None))


def entry_of(item: Item) -> Entry:
    return Entry(item.code, item.name, item.summary, item.department, item.audience)
