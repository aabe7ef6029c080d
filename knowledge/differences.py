"""What changed between two catalogues: items added, changed (and which elements), cancelled."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.model import Fact, Fee, Free, Item, Limit, Material, Record, Source, Text

NOT_COMPARED = frozenset({"code", "checked"})  # `checked` moves with every look at an item that has not changed


@dataclass(frozen=True, slots=True)
class Change:
    """An element that differs. What was there before and is no longer; what is there now and was not.

    Both are empty where the same rows differ in a detail that has no short wording.
    """

    element: str  # field of knowledge.model.Item
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Changed:
    """An item that is in both catalogues and differs."""

    code: str
    name: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Differences:
    """Code and name of what was added and cancelled, and what changed."""

    added: tuple[tuple[str, str], ...]
    changed: tuple[Changed, ...]
    cancelled: tuple[tuple[str, str], ...]


def compare(old: Iterable[Item], new: Iterable[Item]) -> Differences:
    """The differences from `old` to `new`, in the order of `new` (cancelled ones in that of `old`)."""
    before = {item.code: item for item in old}
    after = {item.code: item for item in new}
    added = tuple((code, item.name.zh) for code, item in after.items() if code not in before)
    cancelled = tuple((code, item.name.zh) for code, item in before.items() if code not in after)
    pairs = ((before[code], item) for code, item in after.items() if code in before)
    changed = (Changed(new.code, new.name.zh, _changes(old, new)) for old, new in pairs)
    return Differences(added, tuple(one for one in changed if one.changes), cancelled)


def _changes(old: Item, new: Item) -> tuple[Change, ...]:
    changes: list[Change] = []
    for element in Item.model_fields:
        was, now = getattr(old, element), getattr(new, element)
        if element not in NOT_COMPARED and was != now:
            said_was, said_now = _said(was), _said(now)
            gone = tuple(text for text in said_was if text not in said_now)
            come = tuple(text for text in said_now if text not in said_was)
            changes.append(Change(element, gone, come))
    return tuple(changes)


def _said(value: Any) -> tuple[str, ...]:
    """A value as short texts, one a row."""
    if value is None:
        return ()
    if isinstance(value, tuple):
        return tuple(text for part in value for text in _said(part))
    for kind, wording in _WORDINGS.items():
        if isinstance(value, kind):
            return (wording(value),)
    if isinstance(value, Record):
        named = getattr(value, "name", None) or getattr(value, "question", None) or getattr(value, "address", None)
        return (
            _said(named)
            if named
            else tuple(text for field in type(value).model_fields for text in _said(getattr(value, field)))
        )
    if isinstance(value, Mapping):
        return tuple(f"{key}={'|'.join(map(str, part))}" for key, part in value.items())
    return (str(value),)


def _fee(fee: Fee) -> str:
    amount = "金额未载明" if fee.amount is None else f"{fee.amount}元" + (f"/{fee.unit.zh}" if fee.unit else "")
    since = f"（{fee.since}起）" if fee.since else ""
    return f"{fee.name.zh} {amount}{since}"


def _free(free: Free) -> str:
    return f"不收费（{free.basis}）" if free.basis else "不收费"


def _limit(limit: Limit) -> str:
    days = "" if limit.days is None else f"{limit.days}{limit.unit.value}"
    return " ".join(filter(None, (days, limit.note.zh if limit.note else "")))


def _material(material: Material) -> str:
    count = "、".join(
        f"{label}{number}份"
        for label, number in (("原件", material.originals), ("复印件", material.copies))
        if number is not None
    )
    return f"{material.name.zh}（{count}）" if count else material.name.zh


def _text(text: Text) -> str:
    return text.zh


def _source(source: Source) -> str:
    return source.title


_WORDINGS: Mapping[type[Any], Callable[[Any], str]] = {
    Fee: _fee,
    Free: _free,
    Limit: _limit,
    Material: _material,
    Source: _source,
    Fact: _text,
    Text: _text,
}


@functools.cache
def element_names() -> Mapping[str, Text]:
    """What each element is called, by its field."""
    path = Path(__file__).with_name("elements.yaml")
    return {key: Text.model_validate(name) for key, name in yaml.safe_load(path.read_text(encoding="utf-8")).items()}
