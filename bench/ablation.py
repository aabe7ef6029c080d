"""What each part of the matcher is worth: it is taken out, nothing is learned anew, and the same questions are asked.

Because the weights stay as they were learned with the part in place, a row shows how much the matcher leans on it,
which is rather more than a matcher fitted without it would lose.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from knowledge import matching
from knowledge.catalogue import open_catalogue
from knowledge.matching import candidates, needs, repair, rerank, understanding
from knowledge.matching.lexicon import Lexicon, read_lexicon
from knowledge.model import Item

Switch = Callable[[], contextlib.AbstractContextManager[Any]]


def _silent(*names: str) -> Switch:
    """The channels whose fields are called so say nothing."""
    real = understanding.channels

    def quiet(*arguments: Any, **options: Any) -> Any:
        scores = real(*arguments, **options)
        for name in names:
            setattr(scores, name, getattr(scores, name) * 0)
        return scores

    return lambda: mock.patch.object(understanding, "channels", quiet)


def _in_rough_order(table: Any, register: int, learned: Any) -> Any:
    """The candidates as the shortlist has them, each much likelier than the next."""
    return -np.arange(len(table), dtype=np.float32)


SWITCHES: dict[str, Switch] = {
    "names as written": _silent("name", "name_cover"),
    "names, with the official terms meant": _silent("expanded", "expanded_cover"),
    "concepts": _silent("concepts", "concept_cover"),
    "example questions": _silent("ask", "ask_cover"),
    "services that are not here": _silent("foreign", "foreign_cover", "foreign_centre", "foreign_sense"),
    "meaning (static vectors)": _silent("centre", "meant", "foreign_centre", "foreign_sense"),
    "rapidfuzz on the candidates": lambda: mock.patch.object(candidates, "LOOKED_AT", 0),
    "pinyin decoded": lambda: mock.patch.object(needs, "pinyin_of", lambda *_: None),
    "homophones mended": lambda: mock.patch.object(repair.Mender, "mend", lambda _, text: text),
    "stretches of long messages": lambda: mock.patch.object(needs, "windows", lambda *_: []),
    "reading two needs": lambda: mock.patch.object(understanding, "TWO", 2.0),
    "learned re-rank (order only)": lambda: mock.patch.object(rerank, "logits", _in_rough_order),
}
ORDER_ONLY = frozenset({"learned re-rank (order only)"})  # what replaces it says nothing about how sure it is


def _lexicons(whole: Lexicon) -> Iterator[tuple[str, Lexicon]]:
    yield "lexicon: wordings", replace(whole, words=())
    yield "lexicon: services and their example questions", replace(whole, services=())
    yield "lexicon: both", replace(whole, words=(), services=())


def ablate(own: Path, golden: list[Any], bare: Path | None, developing: list[Any]) -> list[dict[str, Any]]:
    """Rows {"without", "golden": measures, "dev"?: measures}; the first has everything."""
    sets: list[tuple[str, str, list[Any], list[Item]]] = [("golden", "code", golden, list(open_catalogue(own).items()))]
    if bare is not None and developing:
        sets.append(("dev", "name", developing, list(open_catalogue(bare).items())))
    whole = read_lexicon()
    indexes = {title: matching.build_index(items, whole) for title, _, _, items in sets}
    rows = [{"without": "nothing", **_measured(sets, indexes)}]
    for name, switch in SWITCHES.items():
        try:
            with switch():
                rows.append({"without": name, **_measured(sets, indexes)})
        except AttributeError as gone:  # the matcher has changed; the rest is worth measuring all the same
            print(f"ablation: {name}: {gone}", file=sys.stderr)
            continue
        if name in ORDER_ONLY:
            for title, *_ in sets:
                rows[-1][title].update(resolved=None, wrong=None)
    for name, lexicon in _lexicons(whole):
        indexes = {title: matching.build_index(items, lexicon) for title, _, _, items in sets}
        rows.append({"without": name, **_measured(sets, indexes)})
    return rows


def _measured(sets: list[Any], indexes: dict[str, matching.Index]) -> dict[str, Any]:
    from bench.matching import verdicts

    found = {}
    for title, key, questions, _ in sets:
        answers = [_asked(one["question"], indexes[title], key) for one in questions]
        found[title] = verdicts(questions, answers)
    return found


def _asked(question: str, index: matching.Index, key: str) -> dict[str, Any]:
    verdict, matches = matching.merged_matches(matching.understand(question, index))
    return {"verdict": verdict.value, "keys": [getattr(match, key) for match in matches]}
