"""The golden phrases: what people say for each item of the project's own catalogue finds that item.

`phrases.yaml`: item code → phrases; a phrase that fits more than one item says so: `{say: …, accept: [code, …]}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge.item_files import read_item_files
from knowledge.matching import Index, build_index, understand
from knowledge.model import Item

HERE = Path(__file__).parent
FIRST, AMONG_THREE = 0.90, 0.96  # shares that must find the item first, and among the first three


@dataclass(frozen=True, slots=True)
class Phrase:
    said: str
    accept: frozenset[str]


def phrase(code: str, raw: Any) -> Phrase:
    if isinstance(raw, str):
        return Phrase(raw, frozenset({code}))
    return Phrase(raw["say"], frozenset({code, *raw["accept"]}))


@pytest.fixture(scope="module")
def items() -> list[Item]:
    return [entry.item for entry in read_item_files(HERE.parent / "knowledge" / "items")[0]]


@pytest.fixture(scope="module")
def phrases() -> list[Phrase]:
    read = yaml.safe_load((HERE / "phrases.yaml").read_text(encoding="utf-8"))
    return [phrase(code, raw) for code, many in read.items() for raw in many]


@pytest.fixture(scope="module")
def index(items: list[Item]) -> Index:
    return build_index(items)


def found(said: str, index: Index) -> list[str]:
    return [match.code for need in understand(said, index).needs[:1] for match in need.matches]


def test_every_item_has_phrases_and_every_phrase_an_item(items: list[Item], phrases: list[Phrase]) -> None:
    codes = {item.code for item in items}
    counts = {code: sum(code in one.accept for one in phrases) for code in codes}
    assert sorted(code for code, count in counts.items() if count < 3) == []
    assert sorted({code for one in phrases for code in one.accept} - codes) == []


def test_no_phrase_repeats_an_alias(items: list[Item], phrases: list[Phrase]) -> None:
    aliases = {alias for item in items for alias in (*item.aliases.zh, *item.aliases.en)}
    assert sorted(one.said for one in phrases if one.said in aliases) == []


def test_phrases_find_their_items(phrases: list[Phrase], index: Index) -> None:
    first, three, missed = 0, 0, []
    for one in phrases:
        codes = found(one.said, index)
        first += bool(one.accept & set(codes[:1]))
        three += bool(one.accept & set(codes[:3]))
        if not one.accept & set(codes[:1]):
            missed.append(f"{'/'.join(sorted(one.accept))} ← {one.said} → {codes[:3]}")
    told = f"{first} first, {three} among three, of {len(phrases)}:\n" + "\n".join(missed)
    assert first >= FIRST * len(phrases), told
    assert three >= AMONG_THREE * len(phrases), told
