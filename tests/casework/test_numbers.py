"""Case numbers in and out of sentences, and query passwords."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from bot.casework.numbers import (
    ALPHABET,
    PASSWORD_LENGTH,
    NumberFormat,
    hash_password,
    is_password,
    make_password,
)

FORMAT = NumberFormat()
COMPLAINTS = NumberFormat(prefix="TS")
DAY = dt.date(2026, 3, 2)
NUMBER = FORMAT.make("371300", DAY, 17)
OTHER = FORMAT.make("371321", DAY, 18)


def test_a_number_is_region_date_serial_and_check() -> None:
    assert NUMBER[:-1] == "3713002026030200017" and len(NUMBER) == 20
    assert COMPLAINTS.make("371300", DAY, 17) == "TS" + NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        f"我的事办到哪了，{NUMBER}",
        f"{NUMBER[:6]} {NUMBER[6:14]} {NUMBER[14:]} 到哪一步了？",
        f"编号{NUMBER[:6]}-{NUMBER[6:14]}－{NUMBER[14:]}",
        "".join(chr(ord(sign) + 0xFEE0) for sign in NUMBER),
        f"第 1 个：{NUMBER.lower()}",
        f"1 {NUMBER} 2",  # other numbers around it
        f"密码 ABCD2345 {NUMBER}",
        " ".join(NUMBER),
    ],
)
def test_a_number_is_found_however_it_is_typed(typed: str) -> None:
    assert FORMAT.find(typed) == (NUMBER,)


def test_several_numbers_are_found_once_each_in_order() -> None:
    assert FORMAT.find(f"{OTHER} {NUMBER}，{OTHER}") == (OTHER, NUMBER)


@pytest.mark.parametrize(
    "typed",
    ["", "办到哪了", NUMBER[:-1], NUMBER + "1", "1" + NUMBER, "371302199001010015", "13800000000", NUMBER[:-1] + "A"],
)
def test_what_is_no_number(typed: str) -> None:
    assert FORMAT.find(typed) == ()


def test_numbers_of_another_kind_are_told_apart() -> None:
    complaint = COMPLAINTS.make("371300", DAY, 17)
    assert COMPLAINTS.find(f"投诉 {complaint.lower()}") == (complaint,)
    assert FORMAT.find(complaint) == () and COMPLAINTS.find(NUMBER) == ()


serials = some.integers(1, 99999)
days = some.dates(dt.date(2020, 1, 1), dt.date(2099, 12, 31))
regions = some.sampled_from(["371300", "371321", "371302"])


@given(regions, days, serials, some.text("1 -　、第号x", max_size=8), some.text(" ，。号\n", max_size=8))
def test_made_numbers_are_found_again(region: str, day: dt.date, serial: int, before: str, after: str) -> None:
    number = FORMAT.make(region, day, serial)
    assume(not before or before[-1] not in "1x")
    assert FORMAT.is_number(number) and FORMAT.find(before + number + after) == (number,)


@given(regions, days, serials, some.integers(0, 18), some.integers(1, 9))
def test_every_single_wrong_digit_is_found(region: str, day: dt.date, serial: int, place: int, by: int) -> None:
    number = FORMAT.make(region, day, serial)
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert not FORMAT.is_number(wrong)


@given(regions, days, serials, some.integers(0, 17))
def test_every_two_digits_swapped_are_found(region: str, day: dt.date, serial: int, place: int) -> None:
    number = FORMAT.make(region, day, serial)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not FORMAT.is_number(swapped)


@given(some.text(max_size=300))
def test_anything_may_be_said(text: str) -> None:
    assert all(FORMAT.is_number(number) for number in FORMAT.find(text))


@pytest.mark.parametrize(("region", "serial"), [("371300", 0), ("371300", 100000), ("37130X", 1), ("", -1)])
def test_a_number_that_has_no_room_is_a_programs_mistake(region: str, serial: int) -> None:
    with pytest.raises(ValueError, match="no number"):
        FORMAT.make(region, DAY, serial)


@pytest.mark.parametrize("given", [{"serial": 3}, {"prefix": "办"}, {"prefix": "TOOLONG"}])
def test_a_format_is_never_that_of_identity_numbers(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"18|prefix"):
        NumberFormat(**given)  # type: ignore[arg-type]


# --- passwords ----------------------------------------------------------------------------------

SALT = bytes(range(16))


def test_a_password_is_made_of_the_randomness_it_is_given() -> None:
    turn = itertools.count()
    assert make_password(lambda below: next(turn) % below) == ALPHABET[:PASSWORD_LENGTH]
    assert not set("01OIL") & set(ALPHABET)


def test_a_password_is_known_by_its_salted_hash() -> None:
    stored = hash_password("ABCD2345", SALT)
    assert "ABCD2345" not in stored
    assert (
        is_password("ABCD2345", stored)
        and is_password(" abcd 2345", stored)
        and is_password("ＡＢＣＤ２３４５", stored)
    )
    assert not is_password("ABCD2346", stored) and not is_password("", stored)
    assert hash_password("ABCD2345", bytes(16)) != stored


def test_an_absent_case_has_no_password() -> None:
    assert not is_password("", None) and not is_password("ABCD2345", None)
