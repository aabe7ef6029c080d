"""Days as people write them."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.dialogue.dates import read_day

TODAY = dt.date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-12-15", "2026-12-15"),
        ("2026/12/5", "2026-12-05"),
        ("2026.12.15", "2026-12-15"),
        ("20261215", "2026-12-15"),
        ("２０２６年１２月１５日", "2026-12-15"),
        ("2026年12月15号", "2026-12-15"),
        ("12月15日", "2026-12-15"),
        ("12-15", "2026-12-15"),
        ("1月5日", "2027-01-05"),
        ("11月23日", "2026-11-23"),
        ("11月20日", "2026-11-20"),  # just past: taken for what it is, so that it can be refused
        ("9月1日", "2027-09-01"),
        ("2月29日", "2028-02-29"),
        ("15 December", "2026-12-15"),
        ("15th Dec 2026", "2026-12-15"),
        ("Dec. 15, 2026", "2026-12-15"),
        ("5 Jan", "2027-01-05"),
        ("明天", "2026-11-24"),
        ("tomorrow", "2026-11-24"),
        ("3天", "2026-11-26"),
        ("10 days", "2026-12-03"),
        ("5个工作日", "2026-11-30"),
        ("5 working days", "2026-11-30"),
        ("30工作日内", "2027-01-05"),
        ("999个工作日", None),
        ("2026-02-30", None),
        ("13月1日", None),
        ("要带什么", None),
        ("", None),
        ("12", None),
    ],
)
def test_a_day_is_read(text: str, day: str | None) -> None:
    found = read_day(text, TODAY)
    if text == "999个工作日":
        assert found is not None and found.year >= 2028  # bounded, and far enough to be refused as too far
    else:
        assert (found.isoformat() if found else None) == day
