"""A case's number in the middle of a form: what is looked up, what is an answer, and what waits meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.assistant import Assistant
from bot.desk.desk import Desk
from bot.dialogue import status
from bot.dialogue.forms import Heard
from bot.dialogue.state import Filling, State, Step, Turn
from bot.dialogue.table import FORMS
from bot.events import Chat, Said, SentContact
from knowledge.catalogue import Catalogue

CASE, DOSSIER = "37132120261123000994", "DB37132120261123000011"
PROJECT = "2603-371302-04-01-000001"  # its digits could be a case's number


@pytest.fixture
def turn(assistant: Assistant, catalogue: Catalogue) -> Iterator[Turn]:
    desk = assistant.read(lambda desk: desk)
    yield Turn(State(), "zh", catalogue, desk, Chat("terminal", "x"), desk.today)


def is_look_up(turn: Turn, text: str, form: str = "move", asking: str = "reason") -> bool:
    return status.is_look_up(turn, FORMS[form], Filling(form, asking), Heard(Said(text)))


@pytest.mark.parametrize(
    "text",
    [
        CASE,
        DOSSIER,
        f"{CASE}、{DOSSIER}",
        "３７１３２１２０２６１１２３０００９９４",
        "3713-2120-2611-2300-0994。",
        "db 3713 2120 2611 2300 0011",
        f"编号：{CASE}",
        f"{CASE} 办到哪一步了？",
        f"请帮我查一下 {CASE} 的进度",
        f"{CASE} ABCD2345",
        f"查 {CASE}，密码是ＡＢＣＤ２３４５",
        f"What is the status of {CASE}, please?",
        f"Case {CASE} password abcd2345",
    ],
)
def test_a_number_and_nothing_else_is_looked_up(turn: Turn, text: str) -> None:
    assert is_look_up(turn, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "等材料",
        "37132120261123000995",  # its check character is wrong
        "371302198511120021",
        f"与 {CASE} 合并办理",
        f"{CASE} 已经退回过",
        f"as in {CASE}, the lease is missing",
    ],
)
def test_anything_else_is_the_forms(turn: Turn, text: str) -> None:
    assert not is_look_up(turn, text)


def test_what_is_not_written_is_no_look_up(turn: Turn) -> None:
    contact = Heard(SentContact("+8613800000000", own=True))
    assert not status.is_look_up(turn, FORMS["book"], Filling("book", "telephone"), contact)


@pytest.mark.parametrize(
    ("form", "asking", "text"),
    [
        ("status", "number", CASE),
        ("complain", "text", CASE),
        ("complain", "about", CASE),
        ("search", "sought", CASE),
        ("book", "items", PROJECT),
    ],
)
def test_a_number_that_is_asked_for_is_the_answer(turn: Turn, form: str, asking: str, text: str) -> None:
    assert is_look_up(turn, text, "move", "reason")
    assert not is_look_up(turn, text, form, asking)


@pytest.mark.parametrize("asking", ["name", "identity", "items", "region", "telephone", "call_at", ""])
def test_everywhere_else_in_a_booking_it_is_looked_up(turn: Turn, asking: str) -> None:
    assert is_look_up(turn, CASE, "book", asking)


def test_the_form_that_waits_is_kept_with_the_conversation() -> None:
    outer = Filling("book", "identity", {"name": "王芳"}, asked=4, draft={"items": []})
    state = State(Step.FORM, form=Filling("status", "password", {"number": CASE}, asked=5, outer=outer))
    assert State.from_json(json.loads(json.dumps(state.to_json()))) == state


def test_a_look_up_in_a_look_up_takes_its_place(assistant: Assistant, turn: Turn) -> None:
    """However many numbers are typed, one form waits."""
    booking = Filling("book", "identity")

    def typed(desk: Desk) -> list[Filling | None]:
        state, forms = State(Step.FORM, form=booking), []
        for number in (CASE, "37130220261123000998", CASE):
            state, _ = status.numbers_told(replace(turn, state=state, desk=desk), (number,), number)
            forms.append(state.form)
        return forms

    assert [(one.form, one.outer) for one in assistant.read(typed) if one] == [("status", booking)] * 3
