"""What to tell about an item in somebody's situation: the one-time complete notice (一次性告知), as data.

Pure: from an item, the options chosen and a date to the rows that apply. 行政许可法 Art. 30 and 32 ask for
everything to be said at once; no row is left out because a situation is still open, it is marked instead.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from knowledge.matching.decision import Aspect
from knowledge.model import ANY, Conditional, Fee, Free, Item, Limit, Material, Option, Situation
from knowledge.regions import Region

Lookup = Callable[[str], Item | None]


class Charge(StrEnum):
    """What is known about whether anything is to be paid."""

    FREE = "free"
    CHARGED = "charged"
    MIXED = "mixed"  # free in some of the situations still open
    UNKNOWN = "unknown"


class Section(StrEnum):
    """The parts of a notice, in the order they are told when nothing particular was asked."""

    CONDITIONS = "conditions"
    MATERIALS = "materials"
    FEE = "fee"
    LIMIT = "limit"
    PLACE = "place"
    STEPS = "steps"
    ONLINE = "online"
    AGENT = "agent"
    RESULT = "result"
    COMPLAINT = "complaint"
    BASIS = "basis"


SECTION_OF = {
    Aspect.MATERIALS: Section.MATERIALS,
    Aspect.FEE: Section.FEE,
    Aspect.LIMIT: Section.LIMIT,
    Aspect.PLACE: Section.PLACE,
    Aspect.HOURS: Section.PLACE,
    Aspect.CONDITIONS: Section.CONDITIONS,
    Aspect.ONLINE: Section.ONLINE,
    Aspect.AGENT: Section.AGENT,
    Aspect.STEPS: Section.STEPS,
    Aspect.RESULT: Section.RESULT,
    Aspect.VALIDITY: Section.RESULT,
    Aspect.BASIS: Section.BASIS,
    Aspect.COMPLAINT: Section.COMPLAINT,
}


@dataclass(frozen=True, slots=True)
class Notice:
    """The rows of an item that hold for the options chosen, on a date."""

    item: Item
    chosen: Mapping[str, str]
    options: tuple[tuple[Situation, Option], ...]  # what was chosen, as rows
    materials: tuple[Material, ...] | None  # None: not recorded
    fees: tuple[Fee, ...]
    free: tuple[Free, ...]
    charge: Charge
    statutory: tuple[Limit, ...]
    promised: tuple[Limit, ...]
    parts: tuple[Notice, ...]  # of a 一件事

    def labels(self, row: Conditional) -> tuple[Option, ...]:
        """The options under which a row holds, for the situations that are still open: the mark it is shown with."""
        return tuple(
            option
            for situation in self.item.situations
            if self.chosen.get(situation.code, ANY) == ANY
            for option in situation.options
            if option.code in row.when.get(situation.code, ())
        )

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections that have something to say, in their usual order."""
        return tuple(section for section in Section if section in _ALWAYS or _filled(self, section))


_ALWAYS = frozenset({Section.MATERIALS, Section.FEE, Section.LIMIT, Section.PLACE, Section.COMPLAINT, Section.BASIS})


def _filled(notice: Notice, section: Section) -> bool:
    item = notice.item
    match section:
        case Section.CONDITIONS:
            return item.conditions is not None
        case Section.STEPS:
            return bool(item.steps)
        case Section.ONLINE:
            return item.online is not None or item.visits is not None or item.scope is not None
        case Section.AGENT:
            return any((item.agent, item.commitment, item.deferral))
        case Section.RESULT:
            return item.result is not None or item.validity is not None
        case _:
            return True


def compose(item: Item, chosen: Mapping[str, str], today: dt.date, lookup: Lookup) -> Notice:
    """The notice of `item` under `chosen` ({situation: option}) as it stands on `today`.

    `lookup` finds the parts of a 一件事; a part that the catalogue does not have is left out.
    """
    fees = tuple(fee for fee in item.fees if fee.applies(chosen) and _in_force(fee, today))
    free = tuple(row for row in item.free if row.applies(chosen))
    materials = None if item.materials is None else tuple(row for row in item.materials if row.applies(chosen))
    parts = tuple(
        compose(found, {}, today, lookup)
        for part in item.parts
        if part.applies(chosen) and (found := lookup(part.item)) is not None
    )
    return Notice(
        item=item,
        chosen=chosen,
        options=tuple(
            (situation, option)
            for situation in item.situations
            for option in situation.options
            if chosen.get(situation.code) == option.code
        ),
        materials=materials,
        fees=fees,
        free=free,
        charge=_charge(fees, free),
        statutory=tuple(row for row in item.statutory if row.applies(chosen)),
        promised=tuple(row for row in item.promised if row.applies(chosen)),
        parts=parts,
    )


def _in_force(fee: Fee, today: dt.date) -> bool:
    return (fee.since is None or fee.since <= today) and (fee.until is None or today <= fee.until)


def _charge(fees: tuple[Fee, ...], free: tuple[Free, ...]) -> Charge:
    """Nothing recorded is unknown, never free; a zero fee is free on its own basis."""
    paid = [fee for fee in fees if fee.amount != 0]
    nothing = bool(free) or any(fee.amount == 0 for fee in fees)
    if paid:
        return Charge.MIXED if nothing else Charge.CHARGED
    return Charge.FREE if nothing else Charge.UNKNOWN


def tier(item: Item, path: Sequence[Region]) -> Region | None:
    """Who handles an item for somebody in a place: the lowest region on `path` (lowest first) whose level does.

    What a tier lacks, the next one up does; None where the item's levels are not recorded or lie elsewhere.
    """
    return next((region for region in path if region.level in item.levels), None)


def preselect(item: Item, question: str) -> dict[str, str]:
    """The situations a question answers by itself ({situation: option}), by the options' words.

    The longest word found decides; where two options are found by equally long words the situation stays open.
    """
    said = question.casefold()
    chosen: dict[str, str] = {}
    for situation in item.situations:
        found = sorted(
            (
                (len(word), option.code)
                for option in situation.options
                for word in option.words
                if word.casefold() in said
            ),
            reverse=True,
        )
        if found and not any(length == found[0][0] and code != found[0][1] for length, code in found):
            chosen[situation.code] = found[0][1]
    return chosen


def next_situation(item: Item, chosen: Mapping[str, str], aspect: Aspect | None) -> Situation | None:
    """The first open situation whose answer would change what was asked for; None when nothing is to be asked.

    With no aspect the whole notice counts. Aspects that no situation touches (place, hours …) ask nothing.
    """
    rows = _rows_asked_for(item, aspect)
    for situation in item.situations:
        if situation.code in chosen or not _asked_under(situation, chosen):
            continue
        outcomes = {
            tuple(row.applies({**chosen, situation.code: option.code}) for row in rows) for option in situation.options
        }
        if len(outcomes) > 1:
            return situation
    return None


def _asked_under(situation: Situation, chosen: Mapping[str, str]) -> bool:
    return all(chosen.get(code) in options for code, options in situation.when.items())


def _rows_asked_for(item: Item, aspect: Aspect | None) -> tuple[Conditional, ...]:
    match aspect:
        case Aspect.FEE:
            return (*item.fees, *item.free, *item.parts)
        case Aspect.LIMIT:
            return (*item.statutory, *item.promised, *item.parts)
        case Aspect.MATERIALS:
            return (*(item.materials or ()), *item.parts)
        case None:
            return (*(item.materials or ()), *item.fees, *item.free, *item.statutory, *item.promised, *item.parts)
        case _:
            return ()
