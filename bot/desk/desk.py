"""Everything a decision at the desk may look at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.casework.terms import day_of
from bot.desk.office import Office
from bot.desk.records import Records
from knowledge.hall import Hall
from knowledge.model import Item
from knowledge.regions import Regions


class Catalogue(Protocol):
    """What the desk asks of the catalogue."""

    @property
    def version(self) -> str: ...
    @property
    def hall(self) -> Hall: ...
    @property
    def regions(self) -> Regions: ...
    def item(self, code: str) -> Item | None: ...


@dataclass(frozen=True, slots=True)
class Chance:
    """Random things, handed in (module `secrets`)."""

    below: Callable[[int], int]  # a random integer from 0 to n − 1
    token: Callable[[], str]  # an unguessable URL-safe string of at least 20 characters
    salt: Callable[[], bytes]  # 16 random bytes


@dataclass(frozen=True, slots=True)
class Desk:
    records: Records
    catalogue: Catalogue
    office: Office
    now: dt.datetime
    chance: Chance

    @property
    def today(self) -> dt.date:
        return day_of(self.now)
