"""Line breaking: what a reader would notice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.events import Span
from bot.typesetting import break_lines


def lines(text: str, width: float) -> list[str]:
    """Lines of `text`, a Chinese character being two wide and a Latin one one."""
    broken = break_lines((Span(text),), width, lambda part: sum(2 if ord(c) > 0x2E80 else 1 for c in part))
    return ["".join(span.text for span in line) for line in broken]


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        ("带身份证原件", 6, ["带身份", "证原件"]),
        ("带身份证，原件", 8, ["带身份", "证，原件"]),
        ("依《民法典》办", 4, ["依", "《民", "法", "典》", "办"]),
        ("Bring your identity card", 10, ["Bring your", "identity", "card"]),
        ("办理passport要", 8, ["办理", "passport", "要"]),
        ("https://example.gov.cn", 10, ["https://ex", "ample.gov.", "cn"]),
        ("一\n二", 10, ["一", "二"]),
        ("", 10, [""]),
        ("字", 1, ["字"]),
    ],
)
def test_lines_break_where_they_may(text: str, width: float, expected: list[str]) -> None:
    assert lines(text, width) == expected


def test_the_look_of_every_word_is_kept() -> None:
    spans = (Span("收费"), Span("四十元", bold=True), Span("整"))
    broken = break_lines(spans, 8, lambda part: 2 * len(part))
    assert broken == [(Span("收费"), Span("四十", bold=True)), (Span("元", bold=True), Span("整"))]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.integers(1, 40))
def test_nothing_but_white_space_is_lost(text: str, width: int) -> None:
    assert "".join("".join(lines(text, width)).split()) == "".join(text.split())
