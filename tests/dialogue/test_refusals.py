"""Every refusal is worded in both languages, and none leaves a person without a next step."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.casework.refusal import Refusal, Why
from bot.casework.terms import CHINA
from bot.dialogue.forms import refusal_facts
from bot.events import LANGUAGES, Language, Outcome, Say
from bot.render import Renderer
from knowledge.catalogue import Catalogue

MOMENT = dt.datetime(2026, 11, 30, 9, 0, 12, tzinfo=CHINA)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("why", list(Why))
def test_every_refusal_is_worded(why: Why, language: Language, renderer: Renderer, catalogue: Catalogue) -> None:
    refusal = Refusal(why, names=("公司章程",), day=MOMENT.date(), moment=MOMENT, number=7)
    say = Say(Outcome.REFUSED, {"refusal": refusal_facts(refusal)})
    text = renderer.reply(say, language, False, catalogue).text
    assert text.count("。" if language == "zh" else ".") > 0
    assert "{" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_filled_in_is_never_markup(language: Language, renderer: Renderer, catalogue: Catalogue) -> None:
    refusal = Refusal(Why.MATERIALS_MISSING, names=("<b>章程</b> & {{ 1 }}",))
    reply = renderer.reply(Say(Outcome.REFUSED, {"refusal": refusal_facts(refusal)}), language, False, catalogue)
    assert "<b>章程</b> & {{ 1 }}" in reply.text
    assert not any(span.bold for block in reply.blocks for span in block.spans)


def test_a_moment_is_told_in_whole_minutes_and_never_too_early() -> None:
    assert refusal_facts(Refusal(Why.WAIT, moment=MOMENT))["moment"] == "2026-11-30T09:01:00+08:00"
    whole = MOMENT.replace(second=0)
    assert refusal_facts(Refusal(Why.WAIT, moment=whole))["moment"] == "2026-11-30T09:00:00+08:00"
