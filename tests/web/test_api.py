"""The HTTP API: the core's answers as JSON, exactly as its description says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.catalogue import Catalogue
from tests.conftest import ROOT
from tests.web.conftest import Clock, MakeApp, running
from tests.web.schemas import faults

SESSION = "a-session-of-these-tests"
Call = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def description(server: str) -> dict[str, Any]:
    found = httpx.get(f"{server}/api/openapi.json").json()
    assert isinstance(found, dict)
    return found


@pytest.fixture
def call(web: httpx.Client, description: dict[str, Any]) -> Call:
    """Calls the API and checks what comes back against the description, whatever it is."""

    def called(method: str, path: str, **given: Any) -> httpx.Response:
        answer = web.request(method, path, **given)
        operation = next(
            methods[method.lower()]
            for template, methods in description["paths"].items()
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        )
        described = operation["responses"][str(answer.status_code)]["content"]["application/json"]["schema"]
        assert faults(answer.json(), described, description) == []
        return answer

    return called


def say(call: Call, event: dict[str, Any], update: str, session: str = SESSION, **more: Any) -> list[dict[str, Any]]:
    answer = call("POST", "/api/chat", json={"session": session, "update_id": update, "event": event, **more})
    assert answer.status_code == 200, answer.text
    replies = answer.json()["replies"]
    assert isinstance(replies, list)
    return replies


def test_a_question_gets_its_answer(call: Call) -> None:
    answer = call("POST", "/api/ask", json={"question": "补办身份证要多少钱"}).json()
    assert answer["outcome"] == "notice"
    assert answer["language"] == "zh"
    assert "40元" in answer["text"]
    assert "发改价格〔2003〕2322号" in answer["text"]
    assert {"heading", "section", "check"} <= {block["kind"] for block in answer["blocks"]}
    assert any(button["data"] for row in answer["buttons"] for button in row)


def test_two_needs_get_two_answers(call: Call) -> None:
    answer = call("POST", "/api/ask", json={"question": "护照多少钱，另外社保卡丢了怎么办"}).json()
    assert len(answer["more"]) == 1


def test_a_question_leaves_nothing_behind(call: Call) -> None:
    call("POST", "/api/ask", json={"question": "补办身份证要多少钱"})
    assert "居民身份证" not in call("POST", "/api/ask", json={"question": "要几天"}).json()["text"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_language_asked_for_is_a_hint_that_the_question_overrules(call: Call, language: str) -> None:
    assert call("POST", "/api/ask", json={"question": "?", "language": language}).json()["language"] == language
    english = call("POST", "/api/ask", json={"question": "How much is a passport?", "language": language}).json()
    assert english["language"] == "en"


def test_a_conversation_goes_on_from_step_to_step(call: Call) -> None:
    [asked] = say(call, {"type": "said", "text": "办身份证"}, "1")
    assert asked["outcome"] == "situation"
    lost = next(button for row in asked["buttons"] for button in row if button["label"] == "丢了补办")
    [told] = say(call, {"type": "pressed", "data": lost["data"]}, "2")
    assert told["outcome"] == "notice"
    assert "您的情形：丢了补办" in told["text"]
    paper = next(button for row in told["buttons"] for button in row if "PDF" in button["label"])
    [printed] = say(call, {"type": "pressed", "data": paper["data"]}, "3")
    [file] = printed["files"]
    document = httpx.get(file["url"])
    assert document.headers["content-type"] == file["media_type"] == "application/pdf"
    assert document.content.startswith(b"%PDF")


def test_the_same_update_again_gets_the_same_and_does_nothing(call: Call) -> None:
    session = "a-session-that-repeats-itself"
    first = say(call, {"type": "commanded", "name": "simple"}, "1", session)
    assert first[0]["outcome"] == "simple_on"
    assert say(call, {"type": "commanded", "name": "simple"}, "1", session) == first
    assert say(call, {"type": "commanded", "name": "simple"}, "2", session)[0]["outcome"] == "simple_off"


def test_the_update_of_another_session_is_another_update(call: Call) -> None:
    one = say(call, {"type": "said", "text": "补办身份证要多少钱"}, "7", "the-session-of-one-caller")
    other = say(call, {"type": "said", "text": "护照多少钱"}, "7", "the-session-of-another-one")
    assert one != other


def test_the_deep_link_and_a_place_arrive(call: Call) -> None:
    started = say(
        call, {"type": "commanded", "name": "start", "argument": "item_id_card_apply"}, "d", "a-deep-link-session-x"
    )
    assert "居民身份证" in started[0]["text"]
    assert say(call, {"type": "place", "latitude": 35.1, "longitude": 118.3}, "p")[0]["outcome"] == "unexpected"


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        ("/api/ask", {}, "question"),
        ("/api/ask", {"question": ""}, "question"),
        ("/api/ask", {"question": 7}, "question"),
        ("/api/ask", {"question": "好" * 16_001}, "question"),
        ("/api/ask", {"question": "x", "language": "fr"}, "language"),
        ("/api/ask", {"question": "x", "colour": "red"}, "colour"),
        ("/api/ask", [], "body"),
        ("/api/chat", {"session": "short", "update_id": "1", "event": {"type": "said", "text": "x"}}, "session"),
        ("/api/chat", {"session": SESSION, "update_id": "", "event": {"type": "said", "text": "x"}}, "update_id"),
        ("/api/chat", {"session": SESSION, "update_id": "1", "event": {"type": "shouted", "text": "x"}}, "event"),
        ("/api/chat", {"session": SESSION, "update_id": "1", "event": {"type": "pressed", "data": "x" * 65}}, "event"),
        (
            "/api/chat",
            {"session": SESSION, "update_id": "1", "event": {"type": "place", "latitude": 91, "longitude": 0}},
            "latitude",
        ),
    ],
)
def test_a_wrong_request_is_named_in_both_languages(call: Call, path: str, body: Any, field: str) -> None:
    answer = call("POST", path, json=body)
    assert answer.status_code == 422
    assert answer.json()["error"] == "invalid"
    for language in ("zh", "en"):
        assert field in answer.json()["message"][language]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"null", b'"x"', b'{"question": "\\ud800"}'])
def test_what_is_no_json_is_refused(call: Call, body: bytes) -> None:
    answer = call("POST", "/api/ask", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422


def test_a_body_that_is_too_long_is_refused_in_json(call: Call) -> None:
    answer = call("POST", "/api/ask", json={"question": "好" * 100_000})
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"


def test_what_a_refusal_says_does_not_repeat_what_was_sent(call: Call) -> None:
    assert (
        "371302199001011234"
        not in call("POST", "/api/ask", json={"question": "x", "language": "371302199001011234"}).text
    )


def test_asking_too_fast_is_refused_in_json_and_passes(make_app: MakeApp) -> None:
    clock = Clock()
    with running(make_app(clock, questions_a_minute=2)) as address:
        ask = lambda: httpx.post(f"{address}/api/ask", json={"question": "护照多少钱"})  # noqa: E731
        assert [ask().status_code for _ in range(3)] == [200, 200, 429]
        assert ask().json()["error"] == "too_many"
        clock.now += 60
        assert ask().status_code == 200


def test_all_items_are_listed_a_hundred_at_a_time(call: Call, catalogue: Catalogue) -> None:
    listed: list[str] = []
    total = call("GET", "/api/items").json()["total"]
    while len(listed) < total:
        page = call("GET", "/api/items", params={"limit": 100, "offset": len(listed)}).json()
        listed += [item["code"] for item in page["items"]]
    assert listed == list(catalogue.codes())


def test_items_are_searched_and_narrowed(call: Call) -> None:
    assert call("GET", "/api/items", params={"q": "身份证丢了"}).json()["items"][0]["code"] == "id_card_apply"
    english = call("GET", "/api/items", params={"q": "passport", "language": "en"}).json()["items"]
    assert any("passport" in item["name"].lower() for item in english)
    people = call("GET", "/api/items", params={"audience": "person"}).json()["total"]
    assert 0 < people < call("GET", "/api/items").json()["total"]


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"limit": 101}, {"offset": -1}, {"audience": "dog"}, {"q": "x" * 201}])
def test_a_wrong_list_is_refused(call: Call, wrong: dict[str, Any]) -> None:
    assert call("GET", "/api/items", params=wrong).status_code == 422


def test_every_item_can_be_read_and_is_as_described(call: Call, catalogue: Catalogue) -> None:
    for code in catalogue.codes():
        found = call("GET", f"/api/items/{code}").json()
        assert found["item"]["code"] == code
        assert found["notice"]["outcome"] in ("notice", "plan")


def test_an_item_can_be_narrowed_to_a_situation(call: Call) -> None:
    assert "旧居民身份证" in call("GET", "/api/items/id_card_apply").json()["notice"]["text"]
    lost = call("GET", "/api/items/id_card_apply", params={"kind": "lost"}).json()
    assert "旧居民身份证" not in lost["notice"]["text"]


def test_an_item_that_is_gone_says_so(call: Call) -> None:
    answer = call("GET", "/api/items/nothing")
    assert answer.status_code == 404
    assert "查事项" in answer.json()["message"]["zh"]


@settings(max_examples=40, deadline=None)
@given(question=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400))
def test_any_question_gets_an_answer_as_described(server: str, description: dict[str, Any], question: str) -> None:
    answer = httpx.post(f"{server}/api/ask", json={"question": question})
    assert answer.status_code == 200
    schema = description["paths"]["/api/ask"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert faults(answer.json(), schema, description) == []
    assert answer.json()["text"].strip()


def test_everything_in_the_description_is_in_the_manual(description: dict[str, Any]) -> None:
    manual = (ROOT / "docs" / "http-api.md").read_text(encoding="utf-8")
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            assert f"{method.upper()} {path}" in manual
            for status in operation["responses"]:
                assert f"`{status}`" in manual
    for name in ("Update", "Question", "ReplyOut", "Wanted"):
        for field in description["components"]["schemas"].get(name, {"properties": {}})["properties"]:
            assert f"`{field}`" in manual, f"{name}.{field}"


def test_the_page_about_the_api_lists_every_operation(web: httpx.Client, description: dict[str, Any]) -> None:
    html = web.get("/api/docs").text
    for path, methods in description["paths"].items():
        for method in methods:
            assert f"{method.upper()} {path}" in html
