"""The matcher's bench runs on a tiny catalogue, counts as score.py counts, and writes only between its markers."""

from __future__ import annotations

import datetime as dt
import importlib.util
from dataclasses import replace
from pathlib import Path

import pytest

from bench import matching as bench
from bench.ablation import SWITCHES
from bench.peers import PEERS, Rows, installed
from knowledge.matching import build_index, understand
from knowledge.matching.candidates import channels
from knowledge.matching.lexicon import read_lexicon
from knowledge.matching.needs import read
from knowledge.model import Item, Source, Text

NAMES = ("居民身份证补领", "内资公司设立登记", "企业职工退休申请")
QUESTIONS = (("身份证丢了怎么补", NAMES[0]), ("公司设立登记要什么", NAMES[1]), ("职工退休怎么申请", NAMES[2]))


def _item(code: str, name: str) -> Item:
    return Item(code=code, name=Text(zh=name), sources=(Source(title="name"),), checked=dt.date(2026, 1, 1))


@pytest.fixture
def tiny(tmp_path: Path) -> tuple[bench.Case, Path]:
    """Three items in two regions, of which the second has only two."""
    items = [_item(f"t{place}", name) for place, name in enumerate(NAMES)]
    rows = Rows([(name, name) for name in NAMES], bench.region_codes(2), 5)
    questions = [{"question": said, "accept": [right], "kind": "short"} for said, right in QUESTIONS]
    case = bench.Case("tiny", "name", rows, questions)
    case.save(tmp_path / "tiny", items)
    return case, tmp_path / "tiny"


def test_rows_fill_one_region_after_the_other(tiny: tuple[bench.Case, Path]) -> None:
    first, second = tiny[0].rows.regions
    assert [(key, region) for key, _, region in tiny[0].rows] == [
        *((name, first) for name in NAMES),
        *((name, second) for name in NAMES[:2]),
    ]


def test_every_method_is_measured_or_said_to_be_missing(tiny: tuple[bench.Case, Path]) -> None:
    case, folder = tiny
    measured = [bench.measure(case, folder, method, 60) for method in (bench.OURS, bench.UNMEANT, *PEERS)]
    for one in measured:
        if one.method in PEERS and not installed(PEERS[one.method]):
            assert one.why_not == "not installed"
            continue
        assert (one.why_not, one.questions) == ("", len(QUESTIONS)), one.method
        assert None not in (one.build, one.memory, one.disk, one.load, one.p50, one.p99)
        assert one.top3 == (None if one.method == bench.UNMEANT else 100), one.method
        assert (one.bad is None) == (one.method in PEERS)
    assert measured[0].top1 == 100
    assert {found["verdict"] for found in measured[0].found} <= {"answer", "choose"}
    table = bench.comparison_table(measured)
    assert [method for method in (bench.OURS, *PEERS) if method not in table] == []


def test_without_meaning_nothing_is_compared_by_meaning() -> None:
    index = build_index([_item("t1", NAMES[0]), _item("t2", NAMES[1])], replace(read_lexicon(), services=()))
    with bench.without(bench.UNMEANT):
        assert not channels(read("身份证丢了", "zh", index), index).centre.any()
    assert channels(read("身份证丢了", "zh", index), index).centre.any()


def test_a_method_that_takes_too_long_is_stopped(tiny: tuple[bench.Case, Path]) -> None:
    measured = bench.measure(*tiny, next(iter(PEERS)), 0.001)
    assert measured.why_not.startswith("index not within")
    assert measured.top1 is None


def test_measures_are_those_of_the_score_table(shared: Path) -> None:
    questions = [
        {"accept": ["a"], "kind": "x"},
        {"accept": ["a", "b"], "kind": "x", "needs": [["a"], ["b"]]},
        {"accept": ["c"], "kind": "x"},
        {"accept": [], "kind": "x"},
        {"accept": [], "kind": "x"},
    ]
    found = [
        {"keys": ["a", "b"], "verdict": "answer"},
        {"keys": ["x", "b", "y", "a"], "verdict": "choose"},
        {"keys": ["a", "x", "y", "c"], "verdict": "answer"},
        {"keys": ["a"], "verdict": "answer"},
        {"keys": [], "verdict": "none"},
    ]
    spec = importlib.util.spec_from_file_location("score", shared / "eval" / "score.py")
    assert spec and spec.loader
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    shares: dict[str, list[bool]] = {}
    for asked, one in zip(questions, found, strict=True):
        decision = {"decision": one["verdict"], "matches": [{"name": key} for key in one["keys"]]}
        for name, held in score.measures({**asked, "needs_accept": asked.get("needs")}, decision).items():
            shares.setdefault(name, []).append(held)
    ours = bench.verdicts(questions, found)
    assert {name: 100 * sum(held) / len(held) for name, held in shares.items()} == pytest.approx(
        {name: value for name, value in ours.items() if name != "n"}
    )


def test_calibration_counts_each_question_once() -> None:
    questions = [{"accept": ["a"]}, {"accept": ["b"]}, {"accept": []}]
    found = [{"keys": ["a"], "score": 1.0}, {"keys": ["a"], "score": 0.95}, {"keys": [], "score": None}]
    assert bench.bins(questions, found) == [{"low": 0.9, "n": 2, "said": pytest.approx(0.975), "held": 0.5}]


def test_tables_go_between_their_markers_only(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: one -->\nold\n<!-- measured -->\nafter\n", encoding="utf-8")
    bench.put(page, {"one": r"| \1 |", "two": "nowhere"})
    assert page.read_text(encoding="utf-8") == ("before\n<!-- measured: one -->\n| \\1 |\n<!-- measured -->\nafter\n")


def test_every_part_that_the_ablation_takes_out_is_there_to_be_taken_out() -> None:
    """A part that the matcher no longer has would be passed over with a line on stderr only."""
    lexicon = replace(read_lexicon(), services=())
    index = build_index([_item("t1", NAMES[0]), _item("t2", NAMES[1])], lexicon)
    for switch in SWITCHES.values():
        with switch():
            for said, _ in QUESTIONS:
                assert understand(said, index).needs
