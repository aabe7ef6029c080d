"""The golden phrases of `phrases.yaml`: what people write finds the item they mean."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from knowledge.catalogue import Catalogue
from knowledge.matching import merged_matches
from knowledge.matching.decision import Understanding, Verdict

FILE = Path(__file__).with_name("phrases.yaml")
PHRASES = 5  # Chinese ones an item has at least
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Golden:
    code: str  # the item the phrase stands under
    say: str
    accept: frozenset[str]  # the codes that are right


@dataclass(frozen=True)
class Found:
    golden: Golden
    codes: tuple[str, ...]  # best first
    verdict: str  # of each need; the kind of message where nothing was matched
    wrongly_answered: bool

    def within(self, places: int) -> bool:
        return not self.golden.accept.isdisjoint(self.codes[:places])

    def __str__(self) -> str:
        return f"{self.golden.code}: {self.golden.say} → {', '.join(self.codes[:3]) or 'nothing'} ({self.verdict})"


def read_phrases() -> Iterator[Golden]:
    for code, phrases in yaml.safe_load(FILE.read_text(encoding="utf-8")).items():
        for phrase in phrases:
            one = phrase if isinstance(phrase, dict) else {"say": phrase, "accept": [code]}
            yield Golden(code, one["say"], frozenset(one["accept"]))


def judge(golden: Golden, understanding: Understanding) -> Found:
    _, matches = merged_matches(understanding)
    answers = [need.matches[0].code for need in understanding.needs if need.verdict is Verdict.ANSWER]
    wrong = any(code not in golden.accept for code in answers)
    said = "+".join(need.verdict.value for need in understanding.needs) or understanding.kind.value
    return Found(golden, tuple(match.code for match in matches), said, wrong)


@pytest.fixture(scope="module")
def phrases() -> tuple[Golden, ...]:
    return tuple(read_phrases())


@pytest.fixture(scope="module")
def found(catalogue: Catalogue, phrases: tuple[Golden, ...]) -> tuple[Found, ...]:
    return tuple(judge(golden, catalogue.understand(golden.say)) for golden in phrases)


def listed(missed: list[Found], total: int, what: str) -> str:
    return "\n".join([f"{len(missed)} of {total} phrases {what}:", *map(str, missed)])


def test_phrases_find_their_item(found: tuple[Found, ...]) -> None:
    later = [one for one in found if not one.within(1)]
    never = [one for one in found if not one.within(3)]
    message = "\n".join(
        (listed(later, len(found), "miss the first place"), listed(never, len(found), "miss the first three"))
    )
    top1, top3 = 1 - len(later) / len(found), 1 - len(never) / len(found)
    assert top1 >= 0.90 and top3 >= 0.95, f"top-1 {top1:.3f}, top-3 {top3:.3f}\n{message}"


def test_every_item_has_phrases_of_its_own(catalogue: Catalogue, phrases: tuple[Golden, ...]) -> None:
    chinese = [golden.code for golden in phrases if CHINESE.search(golden.say)]
    aliases = {alias.lower() for item in catalogue.items() for alias in item.aliases.zh + item.aliases.en}
    assert [code for code in catalogue.codes() if chinese.count(code) < PHRASES] == []
    assert {code for golden in phrases for code in golden.accept} <= set(catalogue.codes())
    assert [golden.say for golden in phrases if golden.say.lower() in aliases] == []


def test_few_phrases_are_answered_with_a_wrong_item(found: tuple[Found, ...]) -> None:
    wrong = [one for one in found if one.wrongly_answered]
    assert len(wrong) / len(found) <= 0.04, listed(wrong, len(found), "get a wrong answer")
