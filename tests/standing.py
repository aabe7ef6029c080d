"""Where each golden phrase stands: how far up its item is found, and whether another one was given as the answer.

    python -m tests.standing

writes `phrases-standing.yaml` anew, which names every phrase that is not found first or is answered wrongly, and says
which became better and worse. `test_phrases.py` names each phrase that stands worse than is written there.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from knowledge.catalogue import Catalogue, open_catalogue
from knowledge.compiling import build_catalogue
from knowledge.matching import merged_matches
from knowledge.matching.decision import Understanding, Verdict

PHRASES = Path(__file__).with_name("phrases.yaml")
RECORD = Path(__file__).with_name("phrases-standing.yaml")
PLACES = {"first": 1, "among three": 3, "among ten": 10}  # best first; what is in none of them is not found
NOT_FOUND = "not found"
WRONGLY = ", answered wrongly"
HEAD = """\
# The golden phrases that are not found first, or are answered with a wrong item: standing, item, phrases.
# A phrase that stands worse than here fails the tests. Written by: python -m tests.standing
"""


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

    @property
    def standing(self) -> str:
        place = next(
            (name for name, n in PLACES.items() if not self.golden.accept.isdisjoint(self.codes[:n])), NOT_FOUND
        )
        return place + WRONGLY * self.wrongly_answered

    def __str__(self) -> str:
        return f"{self.golden.code}: {self.golden.say} → {', '.join(self.codes[:3]) or 'nothing'} ({self.verdict})"


Record = Mapping[tuple[str, str], str]  # item and phrase → standing, of those that do not stand best


def read_phrases() -> Iterator[Golden]:
    for code, phrases in yaml.safe_load(PHRASES.read_text(encoding="utf-8")).items():
        for phrase in phrases:
            one = phrase if isinstance(phrase, dict) else {"say": phrase, "accept": [code]}
            yield Golden(code, one["say"], frozenset(one["accept"]))


def judge(golden: Golden, understanding: Understanding) -> Found:
    _, matches = merged_matches(understanding)
    answers = [need.matches[0].code for need in understanding.needs if need.verdict is Verdict.ANSWER]
    wrong = any(code not in golden.accept for code in answers)
    said = "+".join(need.verdict.value for need in understanding.needs) or understanding.kind.value
    return Found(golden, tuple(match.code for match in matches), said, wrong)


def judge_all(catalogue: Catalogue) -> tuple[Found, ...]:
    return tuple(judge(golden, catalogue.understand(golden.say)) for golden in read_phrases())


def read_record() -> Record:
    read = yaml.safe_load(RECORD.read_text(encoding="utf-8")) or {}
    return {(code, say): standing for standing, items in read.items() for code, said in items.items() for say in said}


def as_record(found: Iterable[Found]) -> str:
    """The text of the record."""
    kept: dict[str, dict[str, list[str]]] = {}
    for one in sorted(found, key=lambda one: (one.golden.code, one.golden.say)):
        if one.standing != "first":
            kept.setdefault(one.standing, {}).setdefault(one.golden.code, []).append(one.golden.say)
    return HEAD + yaml.safe_dump(kept, allow_unicode=True, width=1000)


def _rank(standing: str) -> tuple[int, bool]:
    place = standing.removesuffix(WRONGLY)
    return [*PLACES, NOT_FOUND].index(place), standing.endswith(WRONGLY)


def is_worse(standing: str, than: str) -> bool:
    """Whether it is found later, or answered wrongly where it was not."""
    return any(now > then for now, then in zip(_rank(standing), _rank(than), strict=True))


def changed(found: Iterable[Found], record: Record) -> tuple[list[str], list[str]]:
    """Lines for the phrases that stand worse than recorded, and for those that stand better."""
    worse, better = [], []
    for one in found:
        before = record.get((one.golden.code, one.golden.say), "first")
        line = f"{one}: {one.standing}, before {before}"
        if is_worse(one.standing, before):
            worse.append(line)
        elif one.standing != before:
            better.append(line)
    return worse, better


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        build_catalogue(Path(folder) / "own.db", dt.date(2026, 1, 1))
        found = judge_all(open_catalogue(Path(folder) / "own.db"))
    try:
        before = read_record()
    except (OSError, yaml.YAMLError):  # the first time, or two branches have left their marks in it
        before = {}
    worse, better = changed(found, before)
    RECORD.write_text(as_record(found), encoding="utf-8")
    for title, lines in (("better", better), ("worse", worse)):
        sys.stdout.write("\n  ".join([f"{len(lines)} {title}", *lines]) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
