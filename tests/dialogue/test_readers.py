"""What is typed into a form: an answer, a refusal that says what is wrong, or no answer at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bot.assistant import Assistant
from bot.casework.refusal import Refusal, Why
from bot.desk.desk import Desk
from bot.dialogue import applying, status, wanting
from bot.dialogue.forms import Given, Heard, Partly
from bot.dialogue.state import Filling, State, Turn
from bot.events import Chat, Event, Pressed, Said, SentContact
from knowledge.catalogue import Catalogue

PERSON, ORGANISATION = {"applicant_kind": "person"}, {"applicant_kind": "organisation"}
ID, CREDIT = "371302198511120021", "91371321MA3C12345D"
CASE = "37132120261123000994"  # a number as it might be

Reader = Callable[[Turn, Filling, Heard], Given | Partly | Refusal | None]


@pytest.fixture
def turn(assistant: Assistant, catalogue: Catalogue) -> Iterator[Turn]:
    desk: Desk = assistant.read(lambda desk: desk)
    yield Turn(State(), "zh", catalogue, desk, Chat("terminal", "x"), desk.today)


def read(turn: Turn, reader: Reader, event: Event, answers: dict[str, Any] | None = None, draft: Any = None) -> Any:
    """The answer, the refusal's why, a draft, or None."""
    understood = turn.knowledge.understand(event.text) if isinstance(event, Said) else None
    given = reader(turn, Filling("book", "", answers or {}, draft=draft), Heard(event, understood))
    match given:
        case Given(value):
            return value
        case Partly(found):
            return found
        case Refusal():
            return given.why
    return None


@pytest.mark.parametrize(
    ("typed", "answers", "name"),
    [
        ("王小明", PERSON, "王小明"),
        ("  Anna   Weber ", PERSON, "Anna Weber"),
        ("阿卜杜拉·买买提", PERSON, "阿卜杜拉·买买提"),
        ("临沂恒达机械有限公司", ORGANISATION, "临沂恒达机械有限公司"),
        ("山东沂蒙食品厂", ORGANISATION, "山东沂蒙食品厂"),
        ("Shandong Example Trading Co., Ltd.", ORGANISATION, "Shandong Example Trading Co., Ltd."),
        ("呵呵文化传媒公司", ORGANISATION, "呵呵文化传媒公司"),
        ("哪吒汽车有限公司", ORGANISATION, "哪吒汽车有限公司"),
        ("王", PERSON, Why.BAD_NAME),
        ("王" * 101, PERSON, Why.BAD_NAME),
        ("补办身份证要多少钱", PERSON, None),
        ("怎么注册公司", ORGANISATION, None),
        ("补办身份证", PERSON, None),
        ("what does it cost?", PERSON, None),
        ("谢谢", PERSON, None),
        ("我的事办到哪了", PERSON, None),
    ],
)
def test_names(turn: Turn, typed: str, answers: dict[str, Any], name: Any) -> None:
    assert read(turn, applying.read_name, Said(typed), answers) == name


@pytest.mark.parametrize(
    ("typed", "answers", "number"),
    [
        (ID, PERSON, ID),
        (" 371302 19851112 0021 ", PERSON, ID),
        ("３７１３０２１９８５１１１２００２１", PERSON, ID),
        (ID[:-1] + "2", PERSON, Why.BAD_IDENTITY),
        ("12345", PERSON, Why.BAD_IDENTITY),
        (CREDIT.lower(), ORGANISATION, CREDIT),
        (ID, ORGANISATION, Why.BAD_CREDIT_CODE),
        (CREDIT[:-1] + "X", ORGANISATION, Why.BAD_CREDIT_CODE),
        ("没有身份证怎么办？", PERSON, None),
        ("身份证号是18位吗", PERSON, None),
        (CASE, PERSON, None),
    ],
)
def test_identity_numbers(turn: Turn, typed: str, answers: dict[str, Any], number: Any) -> None:
    found = read(turn, applying.read_identity, Said(typed), answers)
    assert (found["number"] if isinstance(found, dict) else found) == number


@pytest.mark.parametrize(
    ("event", "number"),
    [
        (Said("138 0539 1234"), "+8613805391234"),
        (Said("０５３９－８１２３４５６"), "+865398123456"),
        (Said("+49 30 901820"), "+4930901820"),
        (SentContact("+8613805391234", own=True), "+8613805391234"),
        (SentContact("12", own=True), Why.BAD_TELEPHONE),
        (Said("12345678"), Why.BAD_TELEPHONE),
        (Said("打哪个电话好？"), None),
        (Pressed("contact"), None),
    ],
)
def test_telephones(turn: Turn, event: Event, number: Any) -> None:
    assert read(turn, applying.read_telephone, event) == number


@pytest.mark.parametrize(
    ("typed", "given"),
    [("工作日下午", "工作日下午"), ("晚" * 101, Why.TOO_LONG), ("几点下班？", None)],
)
def test_when_to_call(turn: Turn, typed: str, given: Any) -> None:
    assert read(turn, applying.read_call, Said(typed)) == given


@pytest.mark.parametrize(
    ("typed", "region"),
    [
        ("沂南", "371321"),
        ("沂南县大庄镇", "371321109"),
        ("Yinan County", "371321"),
        ("北京", Why.NO_SUCH_PLACE),
        ("补办身份证要多少钱", None),
    ],
)
def test_places(turn: Turn, typed: str, region: Any) -> None:
    assert read(turn, wanting.read_region, Said(typed)) == region


@pytest.mark.parametrize(
    ("typed", "items", "project"),
    [
        ("公司注册", ["company_establish"], ""),
        ("2611-371321-04-01-12345A", [], "2611-371321-04-01-12345A"),
        ("2611－371321－04－01－12345a", [], "2611-371321-04-01-12345A"),
    ],
)
def test_items_and_project_codes(turn: Turn, typed: str, items: list[str], project: str) -> None:
    found = read(turn, wanting.read_items, Said(typed))
    assert (found["items"], found["project"]) == (items, project)


def test_what_is_no_item_is_said_to_be_none_and_nothing_chosen_is_lost(turn: Turn) -> None:
    draft = {"items": ["project_filing"], "project": "", "offered": []}
    assert read(turn, wanting.read_items, Said("2611-371321-04-01"), draft=draft) is Why.BAD_PROJECT_CODE
    more = read(turn, wanting.read_items, Said("公司注册"), draft=draft)
    assert more["items"] == ["project_filing", "company_establish"]
    assert read(turn, wanting.read_items, Pressed("-project_filing"), draft=more)["items"] == ["company_establish"]
    assert read(turn, wanting.read_items, Pressed("done"), draft=more) == {"items": more["items"], "project": ""}
    assert read(turn, wanting.read_items, Pressed("done")) is None


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        (CASE, CASE),
        ("３７１３２１２０２６１１２３０００９９４", CASE),
        ("编号 3713-2120-2611-2300-0994 谢谢", CASE),
        ("12345", Why.BAD_NUMBER),
        ("编号在哪里看？", None),
    ],
)
def test_case_numbers(turn: Turn, typed: str, number: Any) -> None:
    assert read(turn, status.read_number, Said(typed)) == number


@pytest.mark.parametrize(
    ("text", "password"),
    [
        (f"{CASE} ABCD2345", "ABCD2345"),
        (f"查 {CASE}，密码ａｂｃｄ２３４５", "ABCD2345"),
        (f"{CASE} 密码是 ABCD2345", "ABCD2345"),
        (CASE, ""),
        (f"{CASE} 2026", ""),
        ("3713 2120 2611 2300 0994", ""),
    ],
)
def test_passwords_in_a_message(turn: Turn, text: str, password: str) -> None:
    assert status.password_in(turn, text) == password
