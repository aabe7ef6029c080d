"""From what a format says to items: one draft (the item as plain data) at a time, checked; all or nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from knowledge.faults import CatalogueError, Fault
from knowledge.importing.cleaning import Journal, Note, is_no_document
from knowledge.item_files import Entry, schema_faults
from knowledge.model import Grade, Item, Text
from knowledge.regions import Region

Draft = dict[str, Any]

PSEUDO = Note(
    "“无需材料”一类的行不是材料，按“不需要材料”处理。", "Rows such as 无需材料 are no documents: none is needed."
)
NO_AMOUNT = Note(
    "写明收费但没有金额，保留为“收费，金额未载明”。", "Charged, but no amount is given: kept, amount unknown."
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import read: the items, where each was found, and what had to be done to them."""

    entries: tuple[Entry, ...]
    journal: Journal
    source: str  # what it was read from, for operators
    place: Region | None = None  # the city the catalogue is for, where the files say so
    hall: Text | None = None  # how to call its hall


@dataclass(slots=True)
class Workbench:
    """Collects the items of an import and the faults of those that are none."""

    journal: Journal = field(default_factory=Journal)
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def add(self, draft: Mapping[str, Any], origin: str) -> None:
        """Make an item of `draft`; what is wrong with it is kept as faults at `origin`."""
        try:
            self.entries.append(Entry(origin, Item.model_validate(draft)))
        except ValidationError as failure:
            self.faults.extend(fault.within(origin) for fault in schema_faults(failure))

    def fail(self, zh: str, en: str, origin: str, key: str = "") -> None:
        """Keep a fault."""
        self.faults.append(Fault(zh, en, origin, key))

    def finish(self, source: str, place: Region | None = None, hall: Text | None = None) -> Imported:
        """Everything that was read; raises CatalogueError when anything could not be, or nothing was there."""
        if not self.entries and not self.faults:
            self.fail("没有读到任何事项。", "No item was found.", source)
        if self.faults:
            raise CatalogueError(self.faults)
        return Imported(tuple(self.entries), self.journal, source, place, hall)


def wording(text: str | None) -> dict[str, str] | None:
    """A Chinese text as the model wants it."""
    return None if text is None else {"zh": text}


def documents(rows: Sequence[Draft], journal: Journal) -> list[Draft]:
    """The rows that are documents: a row that says 无需材料 is none."""
    kept = [row for row in rows if not is_no_document(row.get("name", {}).get("zh", ""))]
    journal.clean(PSEUDO, len(rows) - len(kept))
    return kept


def settle_charge(draft: Draft, charged: bool | None, ruling: Draft, journal: Journal) -> None:
    """Record that there is a charge, or none, where nothing more is known; `ruling`: its basis and evidence.

    A charge without an amount stays a charge: it is never free, and its amount is never guessed.
    """
    if charged is None or draft.get("fees") or (not charged and draft.get("free")):
        return
    if not charged:
        draft["free"] = [dict(ruling)]
        return
    journal.clean(NO_AMOUNT)
    note = {"zh": "目录写明收费，没有写明金额。", "en": "The catalogue says that there is a charge, but not how much."}
    draft["fees"] = [{"name": {"zh": "办理收费", "en": "Charge"}, "note": note, **ruling}]


def grade(draft: Draft, evidence: Grade) -> None:
    """Give what has no evidence grade of its own that of its source."""
    for key in ("conditions", "result", "validity", "online", "agent", "commitment", "deferral"):
        if key in draft:
            draft[key].setdefault("evidence", evidence)
    for key in ("materials", "fees", "free", "statutory", "promised"):
        for row in draft.get(key) or ():
            row.setdefault("evidence", evidence)
