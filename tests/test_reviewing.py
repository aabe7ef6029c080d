"""Questions nobody could answer become wording: grouped by likeness, decided once, and tested ever after."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as some

from bot.assistant import Assistant
from bot.events import Chat, Incoming, Said
from bot.store import Store
from handlers.lexicon_commands import ELSEWHERE, Files, Review
from knowledge.catalogue import Catalogue
from knowledge.reviewing import AliasTakenError, Kept, as_question, grouped, with_alias, with_elsewhere, with_phrase
from tests.conftest import ROOT


def kept(*questions: str) -> list[Kept]:
    return [Kept(number, question, ()) for number, question in enumerate(questions)]


def test_like_questions_are_one_group_and_the_largest_comes_first() -> None:
    groups = grouped(kept("高考成绩在哪查", "飞机票怎么退", "查高考成绩", "高考成绩哪里能查到"))
    assert [[one.question for one in group.questions] for group in groups] == [
        ["查高考成绩", "高考成绩在哪查", "高考成绩哪里能查到"],
        ["飞机票怎么退"],
    ]


@given(some.lists(some.text(max_size=20), max_size=12))
def test_no_question_is_lost_in_grouping(questions: list[str]) -> None:
    groups = grouped(kept(*questions))
    assert sorted(one.question for group in groups for one in group.questions) == sorted(questions)


def test_the_items_named_most_often_come_first() -> None:
    [group] = grouped([Kept(1, "查分", ("a", "b")), Kept(2, "查分数", ("b", "c"))])
    assert group.nearest == ("b", "a", "c")


@pytest.mark.parametrize("wording", ["身份证没了咋整", "lost: my card", "it's gone", "办证 #1", "yes"])
def test_an_alias_is_added_and_nothing_else_changes(wording: str) -> None:
    before = (ROOT / "knowledge" / "items" / "id_card_apply.yaml").read_text(encoding="utf-8")
    after = with_alias(before, wording)
    old, new = yaml.safe_load(before), yaml.safe_load(after)
    language = "en" if wording.isascii() else "zh"
    assert new["aliases"][language] == [*old["aliases"][language], wording]
    assert {key: value for key, value in new.items() if key != "aliases"} == {
        key: value for key, value in old.items() if key != "aliases"
    }
    with pytest.raises(AliasTakenError):
        with_alias(after, wording)


def test_an_item_without_aliases_gets_its_first() -> None:
    assert yaml.safe_load(with_alias("code: x\nchecked: 2026-11-22\n", "甲"))["aliases"] == {"zh": ["甲"]}


def test_phrases_and_refusals_are_added_where_they_belong() -> None:
    phrases = with_phrase(with_phrase("a:\n  - 甲\nb:\n  - 乙\n", "a", "丙"), "c", "丁")
    assert yaml.safe_load(phrases) == {"a": ["甲", "丙"], "b": ["乙"], "c": ["丁"]}
    services = with_elsewhere("kind: services\nfield: 复核\nservices:\n", "退机票", ["飞机票怎么退", "'x': y"])
    assert yaml.safe_load(services)["services"] == [
        {"elsewhere": True, "names": ["退机票"], "ask": ["飞机票怎么退", "'x': y"]}
    ]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A copy of what a review writes to."""
    shutil.copytree(ROOT / "knowledge" / "items", tmp_path / "items")
    (tmp_path / "lexicon").mkdir()
    return Files(tmp_path / "items", tmp_path / "lexicon", tmp_path / "phrases.yaml")


def review(store: Store, catalogue: Catalogue, files: Files, *typed: str) -> str:
    """What a keeper sees who types these lines and then ends the input."""
    lines: Iterator[str] = iter(typed)

    def ask(prompt: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    out = io.StringIO()
    Review(store, catalogue, files, ask, out).run()
    return out.getvalue()


def test_a_keeper_decides_and_the_files_say_so(
    assistant: Assistant, store: Store, catalogue: Catalogue, files: Files
) -> None:
    for number, question in enumerate(["高考成绩在哪查", "高考成绩怎么查", "飞机票怎么退"]):
        assistant.respond(Incoming(Chat("web", "x"), str(number), Said(question)))
    assert "高考成绩" in review(store, catalogue, files, "q"), "stopping decides nothing"
    assert len(store.unanswered(10)) == 3
    review(store, catalogue, files, "marriage_register", "高考成绩嘛", "x 退机票")
    assert store.unanswered(10) == []
    assert "高考成绩嘛" in (files.items / "marriage_register.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(files.phrases.read_text(encoding="utf-8")) == {
        "marriage_register": [as_question("高考成绩嘛")]
    }
    assert "退机票" in (files.lexicon / ELSEWHERE).read_text(encoding="utf-8")
    assert "Nothing to review" in review(store, catalogue, files)


def test_an_alias_another_item_has_is_refused_and_nothing_is_written(
    store: Store, catalogue: Catalogue, files: Files
) -> None:
    before = (files.items / "passport.yaml").read_text(encoding="utf-8")
    fault = Review(store, catalogue, files, input, io.StringIO()).learn("补身份证", "passport")
    assert "补身份证" in fault
    assert (files.items / "passport.yaml").read_text(encoding="utf-8") == before
    assert not files.phrases.exists()
