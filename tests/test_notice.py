"""What is asked and what is told: situations, charges, dates. Tables for rules."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from knowledge.catalogue import Catalogue
from knowledge.matching.decision import Aspect
from knowledge.model import ANY, Item
from knowledge.notice import Charge, Section, compose, next_situation, preselect, tier

TODAY = dt.date(2026, 11, 23)
BASE: dict[str, Any] = {
    "code": "licence",
    "name": {"zh": "许可"},
    "sources": [{"title": "《示例法》"}],
    "checked": "2026-11-22",
    "situations": [
        {
            "code": "who",
            "question": {"zh": "谁来办？"},
            "options": [
                {"code": "person", "label": {"zh": "个人"}, "words": ["个人", "自己"]},
                {"code": "firm", "label": {"zh": "单位"}, "words": ["公司", "个人独资"]},
            ],
        },
        {
            "code": "why",
            "question": {"zh": "为什么？"},
            "when": {"who": ["person"]},
            "options": [
                {"code": "lost", "label": {"zh": "丢了"}, "words": ["丢"]},
                {"code": "torn", "label": {"zh": "坏了"}, "words": ["坏"]},
            ],
        },
    ],
    "materials": [
        {"name": {"zh": "申请表"}, "evidence": "law"},
        {"name": {"zh": "旧证"}, "when": {"why": ["torn"]}, "evidence": "law"},
    ],
    "fees": [
        {
            "name": {"zh": "工本费"},
            "amount": "10",
            "when": {"who": ["person"]},
            "evidence": "law",
            "basis": "《示例法》第一条",
        },
        {
            "name": {"zh": "工本费"},
            "amount": "0",
            "when": {"who": ["firm"]},
            "evidence": "law",
            "basis": "《示例法》第一条",
        },
    ],
}


def item(**changes: Any) -> Item:
    return Item.model_validate(BASE | changes)


def told(found: Item, chosen: dict[str, str] | None = None, today: dt.date = TODAY) -> Any:
    return compose(found, chosen or {}, today, lambda code: None)


@pytest.mark.parametrize(
    ("aspect", "chosen", "asked"),
    [
        (None, {}, "who"),
        (Aspect.FEE, {}, "who"),
        (Aspect.FEE, {"who": "person"}, None),  # why it is needed does not change the fee
        (Aspect.MATERIALS, {"who": "person"}, "why"),
        (Aspect.MATERIALS, {"who": "firm"}, None),  # not asked of organisations
        (Aspect.PLACE, {}, None),
        (None, {"who": ANY, "why": ANY}, None),
        (None, {"who": "person", "why": "lost"}, None),
    ],
)
def test_only_what_changes_the_answer_is_asked(
    aspect: Aspect | None, chosen: dict[str, str], asked: str | None
) -> None:
    situation = next_situation(item(), chosen, aspect)
    assert (situation.code if situation else None) == asked


@pytest.mark.parametrize(
    ("question", "chosen"),
    [
        ("我自己办", {"who": "person"}),
        ("个人独资企业怎么办", {"who": "firm"}),  # the longer word decides
        ("公司的证丢了", {"who": "firm", "why": "lost"}),
        ("丢了又坏了", {}),  # two equally good words leave it open
        ("怎么办", {}),
    ],
)
def test_a_question_answers_situations_by_itself(question: str, chosen: dict[str, str]) -> None:
    assert preselect(item(), question) == chosen


@pytest.mark.parametrize(
    ("fees", "free", "charge"),
    [
        ([], [], Charge.UNKNOWN),
        ([{"name": {"zh": "费"}, "evidence": "recalled"}], [], Charge.CHARGED),
        ([], [{"basis": "《示例法》第二条", "evidence": "law"}], Charge.FREE),
        ([{"name": {"zh": "费"}, "amount": "0", "evidence": "law"}], [], Charge.FREE),
        ([{"name": {"zh": "费"}, "amount": "5", "evidence": "law"}], [{"evidence": "law"}], Charge.MIXED),
    ],
)
def test_nothing_recorded_is_unknown_and_never_free(fees: list[Any], free: list[Any], charge: Charge) -> None:
    assert told(item(fees=fees, free=free)).charge is charge


def test_a_fee_holds_between_its_dates_and_on_both_of_them() -> None:
    fee = {"name": {"zh": "费"}, "amount": "5", "since": "2026-01-01", "until": "2026-06-30", "evidence": "law"}
    found = item(fees=[fee])
    days = {dt.date(2025, 12, 31): 0, dt.date(2026, 1, 1): 1, dt.date(2026, 6, 30): 1, dt.date(2026, 7, 1): 0}
    assert {day: len(told(found, today=day).fees) for day in days} == days


def test_rows_of_open_situations_are_marked_and_none_is_left_out() -> None:
    notice = told(item())
    assert [fee.amount for fee in notice.fees] == [Decimal(10), Decimal(0)]
    assert [option.label.zh for option in notice.labels(notice.fees[0])] == ["个人"]
    assert notice.labels(told(item(), {"who": "person"}).fees[0]) != ()
    assert told(item(), {"who": "person"}).labels(notice.fees[0]) == ()


def test_materials_not_recorded_are_not_the_same_as_none_needed() -> None:
    assert told(item(materials=None)).materials is None
    assert told(item(materials=[])).materials == ()


def test_sections_with_nothing_to_say_are_left_out_but_never_the_ones_everybody_asks_for() -> None:
    sections = told(item(materials=None, fees=[])).sections
    assert {Section.MATERIALS, Section.FEE, Section.LIMIT, Section.PLACE, Section.BASIS} <= set(sections)
    assert Section.STEPS not in sections


def test_parts_of_a_plan_follow_its_situations_and_a_missing_part_is_left_out() -> None:
    plan = item(
        materials=None, fees=[], parts=[{"item": "a", "when": {"who": ["firm"]}}, {"item": "b"}, {"item": "gone"}]
    )
    lookup = {"a": item(code="a"), "b": item(code="b")}.get
    assert [part.item.code for part in compose(plan, {"who": "person"}, TODAY, lookup).parts] == ["b"]
    assert [part.item.code for part in compose(plan, {}, TODAY, lookup).parts] == ["a", "b"]


@pytest.mark.parametrize(
    ("levels", "handler"),
    [(["县级"], "371321"), (["市级"], "371300"), (["市级", "乡级"], "371321001"), ([], None), (["省级"], None)],
)
def test_what_a_tier_lacks_the_next_one_up_does(catalogue: Catalogue, levels: list[str], handler: str | None) -> None:
    township = next(region for region in catalogue.regions if region.code == "371321001")
    found = tier(item(levels=levels), catalogue.regions.path(township.code))
    assert (found.code if found else None) == handler
