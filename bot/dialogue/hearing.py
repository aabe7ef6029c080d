"""Telling an answer to a form from a question put in between, where an answer can be anything."""

from __future__ import annotations

import re

from bot.desk.status import numbers_in
from bot.dialogue.forms import Heard
from bot.dialogue.state import Turn
from bot.events import Said
from knowledge.matching.decision import Kind

_ASKING = re.compile(
    r"[?？]|吗|怎么|咋|如何|多少|什么|啥|哪里|哪儿|哪些|哪个|哪天|在哪|到哪|几天|几点|几个|要不要|能不能|可不可以|是不是|会不会"
    r"|有没有|为何|干嘛|干吗|谁能"
    r"|\b(?:how|what|where|when|which|why|who|can i|do i|does|do you|is it|is my|are there|must i)\b",
    re.IGNORECASE,
)
# what an organisation's name ends in: such a name is one, whatever item its words remind of
_ORGANISATION = re.compile(
    r"(?:公司|厂|店|部|行|院|校|社|中心|集团|协会|农场|工作室)$"
    r"|\b(?:ltd|limited|llc|inc|co|corp|corporation|company|gmbh|plc)\.?$",
    re.IGNORECASE,
)
_ANSWERS = frozenset({Kind.SERVICE, Kind.NOISE})  # kinds of message that may be an answer


def said(heard: Heard) -> str | None:
    """The words that came in, if it was words."""
    return heard.event.text.strip() if isinstance(heard.event, Said) else None


def asks(text: str) -> bool:
    """Whether the words put a question."""
    return _ASKING.search(text) is not None


def words_given(heard: Heard) -> str | None:
    """Any words but a question: what somebody writes of their own accord."""
    text = said(heard)
    return None if text is None or asks(text) else text


def name_given(heard: Heard) -> str | None:
    """Words that may be a name; None for a question or a wish."""
    text = words_given(heard)
    if text is None or _ORGANISATION.search(text):
        return text
    kind = heard.understood.kind if heard.understood else Kind.SERVICE
    return text if kind in _ANSWERS and not heard.asks_something else None


def number_given(turn: Turn, heard: Heard) -> str | None:
    """Words that may be somebody's number, right or wrong; None for a question, a wish, or a case's number."""
    text = words_given(heard)
    if text is None or numbers_in(turn.desk, text):
        return None
    return text if any(sign.isdigit() for sign in text) else name_given(heard)
