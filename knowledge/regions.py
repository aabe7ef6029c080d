"""The places a catalogue is for: city, counties, townships and zones, and which of them a text names."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path

import yaml

from knowledge.model import Level, Line, Record, Text


class CodeSystem(StrEnum):
    """Who gave a region its code."""

    STANDARD = "standard"  # GB/T 2260, and the nine-digit township codes below it
    STATISTICAL = "statistical"  # the National Bureau of Statistics, for its own counting
    OWN = "own"  # this project: the body has no code anywhere


class Region(Record):
    """A place. `also` holds what people call it besides its name."""

    code: Line
    name: Text
    level: Level
    parent: Line | None = None
    zone: bool = False  # exercises powers, but is no county
    system: CodeSystem = CodeSystem.STANDARD
    also: tuple[Line, ...] = ()


class RegionFile(Record):
    """The shape of a file in knowledge/regions/."""

    source: Line
    checked: dt.date
    regions: tuple[Region, ...]


# A county is known by its name without its last word; a township is not: 地方镇 and 胜利镇 are no 地方 and no 胜利.
_LAST_WORD = re.compile(r"[市区县]$|\s(?:City|District|County)$", re.IGNORECASE)
_SHORTEST = 2  # characters: 费 alone names no county


class Regions:
    """All regions of a catalogue, by code and by name."""

    def __init__(self, regions: Iterable[Region]) -> None:
        """Raises ValueError for a code given twice, an unknown parent or a circle of parents."""
        self._by_code: dict[str, Region] = {}
        for region in regions:
            if region.code in self._by_code:
                raise ValueError(f"region code {region.code} is given twice")
            self._by_code[region.code] = region
        self._children: dict[str | None, list[Region]] = defaultdict(list)
        for region in self._by_code.values():
            if region.parent is not None and region.parent not in self._by_code:
                raise ValueError(f"region {region.code} has an unknown parent {region.parent}")
            self._children[region.parent].append(region)
        for region in self._by_code.values():
            self.path(region.code)
        self._names = _names(self._by_code.values())
        self._pattern = _alternatives(self._names)

    def __iter__(self) -> Iterator[Region]:
        return iter(self._by_code.values())

    def __len__(self) -> int:
        return len(self._by_code)

    def get(self, code: str) -> Region | None:
        """The region with this code; None for an unknown one."""
        return self._by_code.get(code)

    def parent(self, code: str) -> Region | None:
        """The region right above `code`; None at the top and for an unknown code."""
        region = self._by_code.get(code)
        return self._by_code[region.parent] if region and region.parent else None

    def children(self, code: str | None) -> tuple[Region, ...]:
        """The regions right below `code`; below None: those at the top. Unknown codes have none."""
        return tuple(self._children.get(code, ()))

    def path(self, code: str) -> tuple[Region, ...]:
        """The region and all above it, lowest first: township, county, city. Empty for an unknown code."""
        path: list[Region] = []
        region = self._by_code.get(code)
        while region is not None:
            if region in path:
                raise ValueError(f"region {region.code} is its own parent")
            path.append(region)
            region = self.parent(region.code)
        return tuple(path)

    def covers(self, outer: str, inner: str) -> bool:
        """Whether `inner` is `outer` or lies in it."""
        return any(region.code == outer for region in self.path(inner))

    def find(self, text: str) -> Region | None:
        """The region named in `text`: the most exact one. None when no region is named, or two unrelated ones."""
        named: list[Region] = []
        for match in self._pattern.finditer(_plain(text)):
            for code in self._names[match.group()]:
                named.append(self._by_code[code])
        lowest = max(named, key=lambda region: len(self.path(region.code)), default=None)
        if lowest is None or not all(self.covers(region.code, lowest.code) for region in named):
            return None
        return lowest


def read_regions(path: Path) -> Regions:
    """The regions in a YAML file; raises ValueError (pydantic's ValidationError is one) where it holds none."""
    return Regions(RegionFile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8"))).regions)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _names(regions: Iterable[Region]) -> dict[str, list[str]]:
    """Every name a region is found by, in plain letters, to the codes that bear it."""
    names: dict[str, list[str]] = defaultdict(list)
    for region in regions:
        wordings = [region.name.zh, *([region.name.en] if region.name.en else []), *region.also]
        if region.level is not Level.TOWNSHIP and not region.zone:
            wordings += [_LAST_WORD.sub("", wording) for wording in wordings]
        for wording in dict.fromkeys(map(_plain, wordings)):
            if len(wording) >= _SHORTEST and region.code not in names[wording]:
                names[wording].append(region.code)
    return {name: codes for name, codes in names.items() if codes and not _ascii_fragment(name)}


def _ascii_fragment(name: str) -> bool:
    """Whether a name is too short in Latin letters to be told from other words (Fei)."""
    return name.isascii() and len(name) < len("Yinan")


def _alternatives(names: Iterable[str]) -> re.Pattern[str]:
    """A pattern for any of the names, the longest first; Latin ones only as whole words."""
    ordered = sorted(names, key=len, reverse=True)
    bounded = (rf"(?<![a-z]){re.escape(name)}(?![a-z])" if name.isascii() else re.escape(name) for name in ordered)
    return re.compile("|".join(bounded) or r"(?!)")
