"""Questions about a form itself: what each is taken for, and that the form goes on."""

from __future__ import annotations

import itertools

import pytest

from bot.assistant import Assistant
from bot.dialogue import asides
from bot.dialogue.table import FORMS
from bot.events import Chat, Commanded, Incoming, Outcome, Pressed, Reply, Said
from bot.render import Renderer

BEGUN = ("a::go", "f:1:v:person", "王芳")


class Talk:
    def __init__(self, assistant: Assistant) -> None:
        self._assistant, self._numbers = assistant, itertools.count()

    def __call__(self, line: str) -> tuple[Reply, ...]:
        event = Commanded(line[1:]) if line.startswith("/") else Pressed(line) if line[1:2] == ":" else Said(line)
        return self._assistant.respond(Incoming(Chat("terminal", "x"), str(next(self._numbers)), event, "zh"))


@pytest.fixture
def filling_in(assistant: Assistant) -> Talk:
    """Somebody who is asked for the number of their identity card."""
    talk = Talk(assistant)
    for line in BEGUN:
        (reply,) = talk(line)
    assert "居民身份证号码" in reply.text
    return talk


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("为什么要身份证号", "委托书上要写明是谁委托的"),
        ("为啥要这个？", "委托书上要写明是谁委托的"),
        ("为什么要填电话", "代办员要打电话和您核对材料"),
        ("干嘛要我的手机号", "代办员要打电话和您核对材料"),
        ("收费吗", "不收费"),
        ("办这个花钱吗", "不收费"),
        ("保密吗", "加密保存，只给经办"),
        ("会不会泄露我的信息", "加密保存，只给经办"),
        ("密码在哪里看", "8位，只显示那一次"),
        ("Why do you need my ID number?", "委托书上要写明是谁委托的"),
        ("is it free?", "不收费"),
    ],
)
def test_it_is_answered_and_the_question_is_put_again(filling_in: Talk, asked: str, told: str) -> None:
    answer, again = filling_in(asked)
    assert (answer.outcome, again.outcome) == (Outcome.ASIDE, Outcome.FORM)
    assert told in answer.text
    assert "居民身份证号码" in again.text
    (after,) = filling_in("371302198511120021")
    assert "要办什么" in after.text


@pytest.mark.parametrize("asked", ["补办身份证要多少钱", "办护照收费吗", "社保卡密码忘了怎么办"])
def test_a_question_about_an_item_is_the_catalogues(filling_in: Talk, asked: str) -> None:
    assert Outcome.ASIDE not in {reply.outcome for reply in filling_in(asked)}


def test_without_a_form_nothing_is_an_aside(assistant: Assistant) -> None:
    assert Outcome.ASIDE not in {reply.outcome for reply in Talk(assistant)("为什么要身份证号")}


def test_the_words_are_about_forms_and_fields_that_exist(renderer: Renderer) -> None:
    known = asides.words()
    named = {field.name for form in known["forms"] for field in FORMS[form].fields}
    assert set(known["fields"]) <= named
    listed = [word for kind in ("topics", "fields") for words in known[kind].values() for word in words]
    assert [word for word in listed if word != word.casefold()] == []
    for language in ("zh", "en"):
        for topic in known["topics"]:
            assert renderer.term(language, "asides", topic)
        for form in known["forms"]:
            for field in FORMS[form].fields:
                assert renderer.term(language, "forms", form, field.name, "ask")
