"""Frozen dataclasses as JSON and back, read off their type hints.

`from_json(cls, to_json(value)) == value` for every dataclass of casework. A key this version does not know is passed
over (a newer worker wrote it; events are never written again, so nothing is lost); an absent key takes its default.
"""

from __future__ import annotations

import datetime as dt
import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")

_NOTHING: tuple[Any, ...] = (None, "", ())


class NotStored(ValueError):
    """What was read is not what was ever written."""


def to_json(value: Any) -> Any:
    """Plain JSON data: dicts, lists, strings, numbers, booleans, None. Raises TypeError for anything else."""
    match value:
        case None | bool():
            return value
        case Enum():
            return value.value
        case str() | int():
            return value
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case frozenset():
            return sorted(to_json(one) for one in value)
        case tuple():
            return [to_json(one) for one in value]
    if is_dataclass(value):
        kept = {field.name: getattr(value, field.name) for field in fields(value) if field.init}
        defaults = {field.name: field.default for field in fields(value)}
        # What is empty by default is left out; any other default is written, so that changing it changes no history.
        return {name: to_json(one) for name, one in kept.items() if not (one in _NOTHING and one == defaults[name])}
    raise TypeError(f"{type(value).__name__} is not storable")


def from_json(cls: type[T], kept: Any) -> T:
    """The value of type `cls` that `kept` was made from. Raises NotStored."""
    try:
        return cast(T, _read(cls, kept))
    except (KeyError, TypeError, ValueError) as fault:
        raise NotStored(f"no {cls.__name__}: {fault}") from fault


def _read(kind: Any, kept: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return None if kept is None else _read(_without_none(kind), kept)
    if origin is Literal:
        return _read_literal(kind, kept)
    if origin in (tuple, frozenset):
        if not isinstance(kept, list):
            raise TypeError(f"a list, not {kept!r}")
        return origin(_read(get_args(kind)[0], one) for one in kept)
    if is_dataclass(kind):
        return _read_dataclass(kind, kept)
    if issubclass(kind, Enum):
        return kind(kept)
    if kind in (dt.datetime, dt.date, dt.time):
        return kind.fromisoformat(kept)
    if type(kept) is not kind:
        raise TypeError(f"{kind.__name__}, not {kept!r}")
    return kept


def _read_literal(kind: Any, kept: Any) -> Any:
    if kept not in get_args(kind):
        raise ValueError(f"one of {get_args(kind)}, not {kept!r}")
    return kept


def _read_dataclass(kind: Any, kept: Mapping[str, Any]) -> Any:
    hints = _hints(kind)
    known = [field for field in fields(kind) if field.init]
    required = [field.name for field in known if field.default is MISSING and field.default_factory is MISSING]
    if absent := [name for name in required if name not in kept]:
        raise KeyError(", ".join(absent))
    return kind(**{field.name: _read(hints[field.name], kept[field.name]) for field in known if field.name in kept})


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _without_none(kind: Any) -> Any:
    (only,) = (one for one in get_args(kind) if one is not types.NoneType)
    return only
