"""Identity, credit and project codes, telephones, and what others may see of them."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as some
from stdnum.cn import ric, uscc

from bot.casework.applicants import (
    Identity,
    IdentityKind,
    ProjectCode,
    Telephone,
    identify,
    masked_name,
    masked_number,
    masked_telephone,
    name,
    project_code,
    telephone,
)
from bot.casework.refusal import Refusal, Why

TODAY = dt.date(2026, 3, 2)
PERSON, FIRM, OTHER = IdentityKind.RESIDENT_ID, IdentityKind.CREDIT_CODE, IdentityKind.OTHER


def resident(region: str = "371302", born: str = "19900101", serial: str = "001") -> str:
    body = region + born + serial
    return body + ric.calc_check_digit(body + "0")


def firm(body: str = "91371300MA3C00000") -> str:
    return body + uscc.calc_check_digit(body)


@pytest.mark.parametrize(
    ("kind", "typed", "number"),
    [
        (PERSON, resident(), resident()),
        (PERSON, f" {resident()[:6]} {resident()[6:14]}-{resident()[14:].lower()} ", resident()),
        (PERSON, "".join(chr(ord(sign) + 0xFEE0) for sign in resident()), resident()),  # full width
        (PERSON, resident(region="371399"), resident(region="371399")),  # not in the table of places
        (FIRM, firm().lower(), firm()),
        (FIRM, firm("N2371302MF0000001"), firm("N2371302MF0000001")),  # a village collective
        (OTHER, "e1234 5678", "E12345678"),
    ],
)
def test_what_is_taken(kind: IdentityKind, typed: str, number: str) -> None:
    assert identify(kind, typed, TODAY) == Identity(kind, number)


@pytest.mark.parametrize(
    ("kind", "typed", "why"),
    [
        (PERSON, "", Why.BAD_IDENTITY),
        (PERSON, resident()[:-1], Why.BAD_IDENTITY),
        (PERSON, resident(born="19900230"), Why.BAD_IDENTITY),  # no such day
        (PERSON, resident(born="20270101"), Why.BAD_IDENTITY),  # not born yet
        (PERSON, resident(region="371399", born="19901301"), Why.BAD_IDENTITY),
        (PERSON, "这是我的身份证号码请查收谢谢您了啊", Why.BAD_IDENTITY),
        (FIRM, firm()[:-1] + "I", Why.BAD_CREDIT_CODE),
        (FIRM, resident(), Why.BAD_CREDIT_CODE),
        (OTHER, "E12", Why.BAD_DOCUMENT),
        (OTHER, "E1234567890123456789012", Why.BAD_DOCUMENT),
    ],
)
def test_what_is_not(kind: IdentityKind, typed: str, why: Why) -> None:
    assert identify(kind, typed, TODAY) == Refusal(why)


@given(some.dates(dt.date(1930, 1, 1), TODAY), some.integers(0, 999), some.integers(0, 16), some.integers(1, 9))
def test_one_wrong_digit_is_found(born: dt.date, serial: int, place: int, by: int) -> None:
    number = resident(born=f"{born:%Y%m%d}", serial=f"{serial:03}")
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert isinstance(identify(PERSON, number, TODAY), Identity)
    assert identify(PERSON, wrong, TODAY) == Refusal(Why.BAD_IDENTITY)


@given(some.text(max_size=40), some.sampled_from(IdentityKind))
def test_anything_may_be_typed(text: str, kind: IdentityKind) -> None:
    for outcome in (identify(kind, text, TODAY), telephone(text), project_code(text), name(text)):
        assert isinstance(outcome, Identity | Telephone | ProjectCode | Refusal | str)


@pytest.mark.parametrize(
    ("typed", "e164", "mobile"),
    [
        ("138 0539 1234", "+8613805391234", True),
        ("１３８０５３９１２３４", "+8613805391234", True),
        ("+86-138-0539-1234", "+8613805391234", True),
        ("0539-8888888", "+865398888888", False),
        ("+44 20 7946 0958", "+442079460958", False),
    ],
)
def test_telephones(typed: str, e164: str, mobile: bool) -> None:
    assert telephone(typed) == Telephone(e164, mobile)


@pytest.mark.parametrize("typed", ["", "12345", "138053912", "我没有电话", "+999 1"])
def test_what_is_no_telephone(typed: str) -> None:
    assert telephone(typed) == Refusal(Why.BAD_TELEPHONE)


@pytest.mark.parametrize(
    "typed", ["2603-371321-04-01-123456", "2603－371321－04－01－12345x", "260337132104011234567890"]
)
def test_project_codes_of_24_characters(typed: str) -> None:
    code = project_code(typed)
    assert isinstance(code, ProjectCode) and len(code.text) == 24
    assert (code.time, code.region, code.department, code.type) == ("2603", "371321", "04", "01")


@pytest.mark.parametrize("typed", ["", "2603-371321-04-01-12345", "2603-3713-2104-01-123456", "26033713210401123456"])
def test_what_is_no_project_code(typed: str) -> None:
    assert project_code(typed) == Refusal(Why.BAD_PROJECT_CODE)


@pytest.mark.parametrize(("typed", "kept"), [(" 张  三 ", "张 三"), ("José Núñez", "José Núñez"), ("王\n五", "王 五")])
def test_names(typed: str, kept: str) -> None:
    assert name(typed) == kept


@pytest.mark.parametrize("typed", ["", "张", "123", "长" * 101, "李\u202e四"])
def test_what_is_no_name(typed: str) -> None:
    assert name(typed) == Refusal(Why.BAD_NAME)


# --- masking ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "masked"),
    [
        (masked_name("张三"), "张**"),
        (masked_name("John Smith"), "J** S**"),
        (masked_name("临沂某某食品有限公司"), "临**"),
        (masked_number("371302199001010015"), "371*************15"),
        (masked_number("E12345678"), "E********"),
        (masked_telephone("+8613805391234"), "138****1234"),
        (masked_telephone("+442079460958"), "***********58"),
    ],
)
def test_what_is_shown(shown: str, masked: str) -> None:
    assert shown == masked


@given(some.from_regex(r"[0-9A-Z]{5,20}", fullmatch=True))
def test_of_a_number_no_more_than_five_characters_are_shown(number: str) -> None:
    masked = masked_number(number)
    assert len(masked) == len(number)
    assert sum(sign != "*" for sign in masked) <= 5 and "*" in masked


@given(some.text(some.characters(categories=["L"]), min_size=1, max_size=30))
def test_a_masked_name_does_not_tell_its_length(full: str) -> None:
    assert masked_name(full) == full[0] + "**"
