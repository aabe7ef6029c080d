"""A case's checklist: which material is here, checked, missing, deferred or replaced by a commitment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.casework.terms import Term


class Status(Term):
    MISSING = "missing", "未收到"
    RECEIVED = "received", "已收到"
    CHECKED = "checked", "已核验"
    WANTED = "wanted", "待补正"
    DEFERRED = "deferred", "容缺后补"
    COMMITTED = "committed", "以承诺代替"


HERE = frozenset({Status.RECEIVED, Status.CHECKED})


@dataclass(frozen=True, slots=True)
class Needed:
    """A material the item asks for. `name` is its name in the catalogue and names it in the case."""

    name: str
    required: bool = True  # 必要
    deferrable: bool = False  # 容缺后补: no main material


@dataclass(frozen=True, slots=True)
class Entry:
    needed: Needed
    status: Status = Status.MISSING
    deadline: dt.date | None = None  # of a wanted or deferred material


@dataclass(frozen=True, slots=True)
class Checklist:
    """What is needed and what is here. `recorded` False: the catalogue has no list, so any name may be entered."""

    entries: tuple[Entry, ...] = ()
    recorded: bool = True

    @classmethod
    def of(cls, needed: Iterable[Needed] | None) -> Checklist:
        """A fresh list; None where the catalogue has none."""
        return cls(tuple(Entry(one) for one in needed or ()), needed is not None)

    def unknown(self, names: Iterable[str]) -> tuple[str, ...]:
        """The names that are no material of the item (none where the item has no list)."""
        known = {entry.needed.name for entry in self.entries}
        return tuple(name for name in names if name not in known) if self.recorded else ()

    def missing(self) -> tuple[str, ...]:
        """Required materials, and any that were asked for, that nothing stands for."""
        return tuple(
            entry.needed.name
            for entry in self.entries
            if entry.status is Status.WANTED or (entry.needed.required and entry.status is Status.MISSING)
        )

    def having(self, *statuses: Status) -> tuple[str, ...]:
        return tuple(entry.needed.name for entry in self.entries if entry.status in statuses)

    def main(self, names: Iterable[str]) -> tuple[str, ...]:
        """Those of `names` that are main materials and cannot be deferred."""
        deferrable = {entry.needed.name for entry in self.entries if entry.needed.deferrable}
        return tuple(name for name in names if name not in deferrable)

    def deferred_until(self) -> dt.date | None:
        """The earliest deadline of a deferred material that has not come."""
        return min((e.deadline for e in self.entries if e.status is Status.DEFERRED and e.deadline), default=None)

    def marked(self, names: Iterable[str], status: Status, deadline: dt.date | None = None) -> Checklist:
        """The list with `names` at `status`. A new name is added: only a list without catalogue lets one through."""
        wanted = tuple(dict.fromkeys(names))
        known = {entry.needed.name for entry in self.entries}
        kept = tuple(
            replace(entry, status=status, deadline=deadline) if entry.needed.name in wanted else entry
            for entry in self.entries
        )
        added = tuple(Entry(Needed(name), status, deadline) for name in wanted if name not in known)
        return replace(self, entries=kept + added)

    def received(self, names: Iterable[str]) -> Checklist:
        """What came in. Something that was checked and comes again must be checked again."""
        return self.marked(names, Status.RECEIVED)
