"""Every item renders in every language and manner, under every situation, without a hole in it."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest

from bot.events import LANGUAGES, BlockKind, Language, Outcome, Say
from bot.markup import MarkupError, to_blocks
from bot.render import Renderer, yuan
from knowledge.catalogue import Catalogue
from knowledge.model import Item
from knowledge.notice import Section


def situations(item: Item) -> list[dict[str, str]]:
    """No situation chosen, and every combination of options."""
    choices = [[(situation.code, option.code) for option in situation.options] for situation in item.situations]
    return [{}, *(dict(chosen) for chosen in itertools.product(*choices))] if choices else [{}]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("simple", [False, True])
def test_every_item_renders(catalogue: Catalogue, renderer: Renderer, language: Language, simple: bool) -> None:
    for code in catalogue.codes():
        item = catalogue.item(code)
        assert item is not None
        outcome = Outcome.PLAN if item.parts else Outcome.NOTICE
        for chosen in situations(item):
            facts = {"item": code, "chosen": chosen, "aspect": None, "region": "371321", "today": "2026-11-23"}
            reply = renderer.reply(Say(outcome, facts), language, simple, catalogue)
            assert reply.blocks[0].kind is BlockKind.HEADING
            for hole in ("：None", ">None", "null", "Undefined", "{{", "{%", "；；", "。。", "()", "（）"):
                assert hole not in reply.text, f"{code} {chosen}: {hole}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_part_of_every_item_renders_and_comes_first_when_asked(
    catalogue: Catalogue, renderer: Renderer, language: Language
) -> None:
    titles = {section: renderer.term(language, "sections", section.value) for section in Section}
    aspects = {
        "fee": Section.FEE,
        "limit": Section.LIMIT,
        "place": Section.PLACE,
        "steps": Section.STEPS,
        "online": Section.ONLINE,
    }
    for code in catalogue.codes():
        for aspect, section in aspects.items():
            facts = {"item": code, "chosen": {}, "aspect": aspect, "region": None, "today": "2026-11-23"}
            reply = renderer.reply(Say(Outcome.NOTICE, facts), language, False, catalogue)
            first = next(block.text for block in reply.blocks if block.kind is BlockKind.SECTION)
            assert first == titles[section], code
        for section in Section:
            facts |= {"section": section.value, "aspect": None}
            assert renderer.reply(Say(Outcome.PART, facts), language, False, catalogue).text.strip()


def test_a_recalled_amount_is_never_shown(catalogue: Catalogue, renderer: Renderer) -> None:
    for code in catalogue.codes():
        item = catalogue.item(code)
        assert item is not None
        for fee in item.fees:
            assert fee.evidence != "recalled" or fee.amount is None, code


def test_what_is_only_recalled_is_marked(catalogue: Catalogue, renderer: Renderer) -> None:
    facts = {"item": "id_card_apply", "chosen": {"kind": "lost"}, "aspect": None, "region": None, "today": "2026-11-23"}
    text = renderer.reply(Say(Outcome.NOTICE, facts), "zh", False, catalogue).text
    assert "监护人居民身份证" in text and "【待核实】" in text and "以窗口告知为准" in text
    english = renderer.reply(Say(Outcome.NOTICE, facts), "en", False, catalogue).text
    assert "[to be confirmed]" in english


def test_an_item_that_left_the_catalogue_is_said_to_be_gone(catalogue: Catalogue, renderer: Renderer) -> None:
    facts = {"item": "gone", "chosen": {}, "aspect": None, "region": None, "today": "2026-11-23"}
    assert renderer.reply(Say(Outcome.NOTICE, facts), "zh", False, catalogue).outcome is Outcome.STALE


def test_a_fee_is_shown_from_the_day_it_is_in_force(catalogue: Catalogue, renderer: Renderer) -> None:
    """First cards have been free since 2018-04-01 (财税〔2018〕37号)."""
    facts = {"item": "id_card_apply", "chosen": {"kind": "first"}, "aspect": "fee", "region": None}
    before = Say(Outcome.NOTICE, facts | {"today": "2018-03-31"})
    after = Say(Outcome.NOTICE, facts | {"today": "2018-04-01"})
    assert "财税〔2018〕37号" not in renderer.reply(before, "zh", False, catalogue).text
    assert "财税〔2018〕37号" in renderer.reply(after, "zh", False, catalogue).text


def test_data_never_becomes_markup() -> None:
    blocks = to_blocks("<p>&lt;b&gt;x&lt;/b&gt; &amp;amp; <b>y</b></p>")
    assert [(span.text, span.bold) for span in blocks[0].spans] == [("<b>x</b> &amp; ", False), ("y", True)]


@pytest.mark.parametrize("html", ["<div>x</div>", "x", "<p>a</p>b", "<p><i>x</i></p>", "<b>x</b>", "</p>"])
def test_a_template_may_use_only_what_replies_have(html: str) -> None:
    with pytest.raises(MarkupError):
        to_blocks(html)


@pytest.mark.parametrize(
    ("amount", "written"), [("40", "40"), ("40.00", "40"), ("0.50", "0.5"), ("1200", "1200"), ("100", "100")]
)
def test_amounts_are_written_as_people_write_them(amount: str, written: str) -> None:
    assert yuan(Decimal(amount)) == written


def test_both_languages_have_the_same_words(renderer: Renderer) -> None:
    def keys(terms: object, path: str = "") -> set[str]:
        if not isinstance(terms, dict):
            return {path}
        return {key for name, value in terms.items() for key in keys(value, f"{path}.{name}")}

    zh, en = renderer._terms["zh"], renderer._terms["en"]
    assert keys(zh) == keys(en)
