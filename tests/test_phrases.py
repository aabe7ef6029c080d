"""The golden phrases of `phrases.yaml`: what people write finds the item they mean, and goes on finding it."""

from __future__ import annotations

import re

import pytest
import yaml

from knowledge.catalogue import Catalogue
from tests import standing
from tests.standing import Found, Golden

PHRASES = 5  # Chinese ones an item has at least
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def phrases() -> tuple[Golden, ...]:
    return tuple(standing.read_phrases())


@pytest.fixture(scope="module")
def found(catalogue: Catalogue) -> tuple[Found, ...]:
    return standing.judge_all(catalogue)


def test_no_phrase_stands_worse_than_it_did(found: tuple[Found, ...]) -> None:
    worse, _ = standing.changed(found, standing.read_record())
    assert not worse, "\n".join([f"{len(worse)} phrases got worse:", *worse])


def test_the_record_is_of_phrases_that_are_there(phrases: tuple[Golden, ...]) -> None:
    there = {(golden.code, golden.say) for golden in phrases}
    assert sorted(standing.read_record().keys() - there) == [], "run: python -m tests.standing"


def test_every_item_has_phrases_of_its_own(catalogue: Catalogue, phrases: tuple[Golden, ...]) -> None:
    chinese = [golden.code for golden in phrases if CHINESE.search(golden.say)]
    aliases = {alias.lower() for item in catalogue.items() for alias in item.aliases.zh + item.aliases.en}
    assert [code for code in catalogue.codes() if chinese.count(code) < PHRASES] == []
    assert {code for golden in phrases for code in golden.accept} <= set(catalogue.codes())
    assert [golden.say for golden in phrases if golden.say.lower() in aliases] == []


# --- the record itself ----------------------------------------------------------------------------


def found_as(codes: str, wrong: bool = False) -> Found:
    return Found(Golden("a", "说法", frozenset("a")), tuple(codes), "choose", wrong)


@pytest.mark.parametrize(
    ("codes", "before", "worse"),
    [
        ("ab", "first", False),
        ("ba", "first", True),
        ("xya", "among three", False),
        ("wxya", "among three", True),
        ("wxya", "not found", False),
        ("", "among ten", True),
        ("ab", "among three", False),
    ],
)
def test_later_is_worse_and_earlier_is_not(codes: str, before: str, worse: bool) -> None:
    lines, _ = standing.changed([found_as(codes)], {("a", "说法"): before})
    assert bool(lines) == worse
    assert all("说法" in line for line in lines)


def test_a_wrong_answer_is_worse_even_where_the_place_is_better() -> None:
    wrong = found_as("ba", wrong=True)
    assert standing.changed([wrong], {("a", "说法"): "among ten"})[0]
    assert not standing.changed([wrong], {("a", "说法"): "not found, answered wrongly"})[0]


def test_what_is_written_is_what_is_read() -> None:
    text = standing.as_record([found_as("ba", wrong=True), found_as("ab")])
    assert yaml.safe_load(text) == {"among three, answered wrongly": {"a": ["说法"]}}
