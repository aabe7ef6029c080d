"""The console over HTTP, as a browser without scripts sees it: who gets in, who sees what, and every form there is."""

from __future__ import annotations

import datetime as dt
import io
import re
from dataclasses import dataclass, field
from typing import Any

import httpx
import pypdf
import pytest

from bot.casework.engagement import Act
from bot.casework.standing import Credit, Delivery, Move, Opinion, Procedure
from bot.desk import messages, staff
from bot.desk.dossier import Filed
from bot.events import Chat, Commanded, Incoming
from bot.outbox import Outbox
from tests.desk.scene import HALL, HOTEL, OTHER_HALL, TOBACCO
from tests.web.conftest import SETTINGS
from tests.web.forms import Form, Page
from tests.web.hall import COMPANY, DEFERRING, NAMES, PICTURE, SHOP, House, plain, received, secret


@pytest.fixture(autouse=True)
def clock(house: House) -> None:
    """Every test begins on the same morning."""
    house.scene.on("03-02")


def form_for(page: Page, name: str, value: str) -> Form:
    """The form that carries a hidden field with this value."""
    found = [form for form in page.forms if form.hidden.get(name) == value]
    assert len(found) == 1, (name, value, [form.hidden for form in page.forms])
    return found[0]


def send(client: httpx.Client, form: Form, **given: Any) -> httpx.Response:
    """Fill a form in and send it. Only what it asks for can be given; boxes ticked already stay so unless given."""
    assert set(given) <= set(form.fields), set(given) - set(form.fields)
    ticked: dict[str, Any] = {}
    for name, value in form.ticked:
        ticked.setdefault(name, []).append(value)
    return client.post(form.action.partition("#")[0], data={**form.hidden, **ticked, **given})


# --- the way in ---


def test_looking_at_the_link_does_not_use_it_up_pressing_the_button_does(house: House) -> None:
    path = f"/console/login/{secret(house.scene, 'agent')}"
    with house.visit() as web:
        assert web.get(path).status_code == web.get(path).status_code == 200  # a preview, then the person
        entered = web.post(path)
        assert (entered.status_code, entered.headers["location"]) == (303, "/console")
        cookie = entered.headers["set-cookie"].lower()
        for attribute in ("httponly", "samesite=strict", "path=/console"):
            assert attribute in cookie
        assert NAMES["agent"][0] in web.get("/console").text
    with house.visit() as other:
        for again in (other.get(path), other.post(path)):
            assert again.status_code == 410
            assert "/console" in Page(again.text).text
        assert other.get("/console").status_code == 403


def test_the_link_is_good_for_minutes_and_the_session_for_hours(house: House) -> None:
    path = f"/console/login/{secret(house.scene, 'agent')}"
    with house.visit() as web:
        house.scene.on("03-02", 9, 41)
        assert web.post(path).status_code == 410
    with house.visit("agent") as web:
        house.scene.on("03-02", 17, 40)
        assert web.get("/console").status_code == 200
        house.scene.on("03-02", 17, 42)
        assert "发 /console" in Page(web.get("/console").text).text


def test_behind_https_the_cookie_goes_over_https_only(house: House) -> None:
    with house.visit(**{"X-Forwarded-Proto": "https"}) as web:
        cookie = web.post(f"/console/login/{secret(house.scene, 'agent')}").headers["set-cookie"]
    assert "Secure" in cookie


def test_what_was_filled_in_when_the_session_ended_can_be_sent_after_logging_in_again(house: House) -> None:
    number, _ = house.booked(TOBACCO)
    with house.visit("agent") as web:
        note = form_for(Page(web.get(f"/console/dossiers/{number}").text), "act", "note")
        house.scene.on("03-03")
        late = send(web, note, note="电话里说好了")
        assert late.status_code == 403
        web.post(f"/console/login/{secret(house.scene, 'agent')}")
        kept = form_for(Page(late.text), "act", "note")
        assert send(web, kept).status_code == 303
    assert house.scene.dossier(number).engagement.events[-1].details.note == "电话里说好了"


def test_logging_out_ends_the_session_and_not_only_the_cookie(house: House) -> None:
    with house.visit("agent") as web:
        session = web.cookies["bangban_console"]
        assert web.post("/console/logout").status_code == 200
    with house.visit(Cookie=f"bangban_console={session}") as again:
        assert again.get("/console").status_code == 403


def test_a_form_from_another_site_does_nothing(house: House) -> None:
    number, _ = house.booked(TOBACCO)
    with house.visit("agent") as web:
        note = form_for(Page(web.get(f"/console/dossiers/{number}").text), "act", "note")
        sent = {**note.hidden, "note": "x"}
        foreign = web.post(note.action.partition("#")[0], data=sent, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert house.scene.dossier(number).engagement.events[-1].act is Act.BEGIN


@pytest.mark.parametrize("path", ["", "/me", "/dossiers/x", "/cases/x"])
def test_no_page_is_kept_by_anything_on_the_way(house: House, path: str) -> None:
    with house.visit("agent") as web:
        answer = web.get(f"/console{path}")
    assert answer.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


# --- who sees what ---

TABS = {
    "agent": ["mine", "offered", "poor"],
    "clerk": ["window"],
    "coordinator": ["unassigned", "hall", "poor"],
    "manager": ["unassigned", "hall", "poor"],
    "supervisor": ["hall", "poor"],
    "keeper": [],
}
ALL = {"hotel", "fresh", "poor"}
SEES = {
    "agent": ALL,
    "second": {"fresh"},
    "clerk": {"hotel", "poor"},
    "coordinator": ALL,
    "manager": ALL,
    "supervisor": ALL,
    "keeper": set(),
    "elsewhere": set(),
    "coordinator_elsewhere": set(),
}


@pytest.mark.parametrize("who", TABS)
def test_each_role_has_its_own_inboxes(house: House, who: str) -> None:
    with house.visit(who) as web:
        links = Page(web.get("/console").text).links
    assert [link.removeprefix("/console?scope=") for link in links if "scope=" in link] == TABS[who]


@pytest.mark.parametrize("who", SEES)
def test_a_dossier_is_shown_to_those_who_have_to_do_with_it_and_is_not_there_for_others(house: House, who: str) -> None:
    own = {"hotel": "accepted", "fresh": "fresh_case", "poor": "closed"}
    with house.visit(who) as web:
        dossiers = {one for one in own if web.get(f"/console/dossiers/{house.numbers[one]}").status_code == 200}
        cases = {
            one for one, case in own.items() if web.get(f"/console/cases/{house.numbers[case]}").status_code == 200
        }
        absent = web.get("/console/dossiers/DB37132120260302999999")
        foreign = [web.get(f"/console/dossiers/{house.numbers[one]}") for one in own if one not in SEES[who]]
        found = Page(web.post("/console", data={"q": COMPANY.name}).text).links
    assert dossiers == cases == SEES[who]
    assert {answer.status_code for answer in (absent, *foreign)} == {404}
    assert {Page(answer.text).text for answer in foreign} <= {Page(absent.text).text}  # one and the same
    assert (f"/console/dossiers/{house.numbers['hotel']}" in found) is ("hotel" in SEES[who])


def test_what_is_only_offered_shows_no_more_of_the_applicant_than_is_needed(house: House) -> None:
    path = f"/console/dossiers/{house.numbers['fresh']}"
    with house.visit("second") as web:
        assert "DEMO-0002" not in web.get(path).text
    with house.visit("clerk") as web:
        assert "DEMO-0001" in web.get(f"/console/cases/{house.numbers['accepted']}").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=accepted", {"hotel"}),
        ("state=applied", {"fresh"}),
        ("light=red", set()),
        ("state=nonsense&light=nonsense&page=nonsense", ALL),
    ],
)
def test_an_inbox_is_filtered(house: House, query: str, found: set[str]) -> None:
    with house.visit("coordinator") as web:
        links = Page(web.get(f"/console?scope=hall&{query}").text).links
    own = {one for one in ALL if f"/console/dossiers/{house.numbers[one]}" in links}
    assert own == found


def booked_elsewhere(house: House) -> str:
    chat = Chat("terminal", f"applicant {next(house.chats)}")
    return str(house.scene.book(TOBACCO, chat=chat, applicant=SHOP, region=OTHER_HALL).facts["number"])


def test_whoever_serves_several_halls_sees_all_of_them_and_chooses_one(house: House) -> None:
    here, there = house.booked(TOBACCO)[0], booked_elsewhere(house)

    def listed(query: str) -> tuple[set[str], Page]:
        page = Page(web.get(f"/console?scope=hall{query}").text)
        more = [Page(web.get(link).text).links for link in page.links if "page=" in link]
        links = {*page.links, *(link for links in more for link in links)}
        return {one for one in (here, there) if f"/console/dossiers/{one}" in links}, page

    with house.visit("city") as web:
        every, page = listed("")
        assert every == {here, there}
        assert "所有大厅，共" in page.text
        assert "沂水县" in page.text
        (sieve,) = [form for form in page.forms if "hall" in form.fields]
        chosen = web.get(sieve.action, params={**sieve.hidden, "hall": OTHER_HALL})
        assert f"/console/dossiers/{there}" in Page(chosen.text).links
        (found, page) = listed(f"&hall={OTHER_HALL}")
        assert found == {there}
        assert f"/console?scope=unassigned&hall={OTHER_HALL}" in page.links  # the other lists are that hall's as well
        assert listed(f"&hall={HALL}")[0] == {here}
        assert f"/console/dossiers/{there}" in Page(web.post("/console", data={"q": there}).text).links
        assert web.get(f"/console/dossiers/{there}").status_code == 200


@pytest.mark.parametrize("hall", [OTHER_HALL, "371300", "371399", "' OR 1=1", "%00"])
def test_whoever_serves_one_hall_has_no_choice_and_sees_no_other(house: House, hall: str) -> None:
    here, there = house.booked(TOBACCO)[0], booked_elsewhere(house)
    with house.visit("coordinator") as web:
        plain_page, page = (Page(web.get(f"/console?scope=hall&{query}").text) for query in ("", f"hall={hall}"))
        search = web.post("/console", data={"q": there})
        opened = Page(web.get(f"/console?scope=hall&hall={hall}&page=2").text).links
    assert not [form for form in page.forms if "hall" in form.fields]
    assert [link for link in page.links if "/dossiers/" in link] == [
        link for link in plain_page.links if "/dossiers/" in link
    ]
    for links in (page.links, opened, Page(search.text).links):
        assert f"/console/dossiers/{there}" not in links
    assert here


def test_an_inbox_has_pages(house: House) -> None:
    for _ in range(21):
        house.booked(TOBACCO)
    with house.visit("supervisor") as web:
        first = Page(web.get("/console").text).links
        (more,) = [link for link in first if "page=" in link]
        second = Page(web.get(more).text).links
    listed = [{link for link in links if "/dossiers/" in link} for links in (first, second)]
    assert len(listed[0]) == 20
    assert listed[1]
    assert not listed[0] & listed[1]


@pytest.mark.parametrize("words", ["DEMO-0001", "13800000001", "示范旅馆有限公司"])
def test_people_are_found_by_name_telephone_and_number_and_no_address_ever_has_them(house: House, words: str) -> None:
    with house.visit("agent") as web:
        answer = web.post("/console", data={"q": words})
        page = Page(answer.text)
    assert f"/console/dossiers/{house.numbers['hotel']}" in page.links
    assert words not in str(answer.url)
    assert all(words not in link for link in page.links)


# --- cases: every move there is ---

Steps = list[tuple[str, Move, dict[str, Any]]]
SUBMITTED: Steps = [("agent", Move.SUBMIT, {})]
PREVIEWED: Steps = [("agent", Move.SUBMIT_PREVIEW, {})]
SOON, LATER = dt.date(2026, 3, 12), dt.date(2026, 3, 20)
INVITED: Steps = [*PREVIEWED, ("clerk", Move.INVITE, {"departments": ("住建局", "消防救援大队"), "deadline": SOON})]
ALL_HERE, BUT_THE_LAST, NOTHING = "all", "but the last", "nothing"  # what was handed in at the window
ACCEPTED: Steps = [("clerk", Move.ACCEPT, {})]
BASIS, REASON, REMEDY = {"basis": "《行政许可法》第三十二条"}, {"reason": "材料不全"}, {"remedy": "补齐后可以重新申请"}
PROCEDURE: Steps = [
    ("clerk", Move.START_PROCEDURE, {"procedure": Procedure.EXPERT_REVIEW, "deadline": SOON, **BASIS}),
]
APPROVED: Steps = [*ACCEPTED, ("clerk", Move.APPROVE, {})]
COMPLETED: Steps = [*APPROVED, ("clerk", Move.COMPLETE, {})]
ASKED = "asked"


@dataclass(frozen=True)
class Try:
    """How a case comes to where a move is open, who makes it, and what they fill in."""

    who: str
    given: dict[str, Any] = field(default_factory=dict)
    handed_in: str = ""
    before: Steps = field(default_factory=list)
    on: str = ""
    item: str = TOBACCO


MOVES: dict[Move, Try] = {
    Move.SUBMIT_PREVIEW: Try("agent"),
    Move.INVITE: Try("clerk", {"departments": "住建局\n消防救援大队", "deadline": "2026-03-12"}, before=PREVIEWED),
    Move.GIVE_OPINION: Try("clerk", {"department": "住建局", "opinion": Opinion.CONSENT.value}, before=INVITED),
    Move.RETURN_PREVIEW: Try("agent", REASON, before=PREVIEWED),
    Move.PASS_PREVIEW: Try("agent", before=PREVIEWED),
    Move.SUBMIT: Try("agent"),
    Move.RECEIVE: Try("clerk", before=SUBMITTED),
    Move.RECORD_MATERIALS: Try("agent", {"materials": ["烟草专卖零售许可证新办申请表"]}),
    Move.CHECK_MATERIALS: Try("clerk", {"materials": ["烟草专卖零售许可证新办申请表"]}, ALL_HERE),
    Move.REQUEST_SUPPLEMENT: Try("clerk", {"deadline": "2026-03-12", **REASON}, NOTHING),
    Move.SUPPLY: Try("agent", {}, ASKED),
    Move.ACCEPT: Try("clerk", {}, ALL_HERE),
    Move.ACCEPT_DEFERRED: Try(
        "clerk",
        {
            "materials": ["固定经营场所证明"],
            "deadline": "2026-03-12",
            "commitment": "承诺书",
            "credit": Credit.CLEAR.value,
        },
        BUT_THE_LAST,
        item=DEFERRING,
    ),
    Move.ACCEPT_ON_COMMITMENT: Try("clerk", {"commitment": "承诺书", "credit": Credit.CLEAR.value}, NOTHING),
    Move.REFUSE_ACCEPTANCE: Try("clerk", REASON | BASIS | REMEDY, ALL_HERE),
    Move.START_PROCEDURE: Try("clerk", {"procedure": "hearing", "deadline": "2026-03-12", **BASIS}, ALL_HERE, ACCEPTED),
    Move.PROLONG_PROCEDURE: Try("clerk", {"deadline": "2026-03-20", **REASON}, ALL_HERE, [*ACCEPTED, *PROCEDURE]),
    Move.END_PROCEDURE: Try("clerk", {}, ALL_HERE, [*ACCEPTED, *PROCEDURE]),
    Move.EXTEND: Try("manager", {"days": "5", "approval": "局长批准", **REASON}, ALL_HERE, ACCEPTED),
    Move.APPROVE: Try("clerk", {}, ALL_HERE, ACCEPTED),
    Move.REJECT: Try("clerk", REASON | BASIS | REMEDY, ALL_HERE, ACCEPTED),
    Move.COMPLETE: Try("clerk", {}, ALL_HERE, APPROVED),
    Move.DELIVER: Try(
        "clerk", {"delivery": Delivery.WINDOW.value}, ALL_HERE, [*APPROVED, ("clerk", Move.COMPLETE, {})]
    ),
    Move.WITHDRAW: Try("agent"),
    Move.SUSPEND: Try("agent", REASON),
    Move.RESUME: Try("agent", {}, before=[("agent", Move.SUSPEND, REASON)]),
    Move.LAPSE: Try("clerk", BASIS | REMEDY, ASKED, on="03-27"),
    Move.TERMINATE: Try("coordinator", REASON | BASIS | REMEDY),
    Move.NOTE: Try("agent", {"note": "已电话说明"}),
}
BY_ITSELF = {Move.OPEN, Move.ACCEPT_BY_SILENCE}


def test_every_move_is_tried() -> None:
    assert set(MOVES) | BY_ITSELF == set(Move)


@pytest.mark.parametrize("move", MOVES)
def test_every_move_can_be_made_with_its_form(house: House, move: Move) -> None:
    tried, scene = MOVES[move], house.scene
    _, case = house.booked(tried.item)
    if tried.handed_in:
        here = {ALL_HERE: scene.required(case), BUT_THE_LAST: scene.required(case)[:-1]}.get(tried.handed_in, ())
        plain(scene, "agent", case, Move.SUBMIT)
        plain(scene, "clerk", case, Move.RECEIVE, materials=here)
    if tried.handed_in == ASKED:
        asked = {"materials": scene.required(case), "deadline": SOON, "reason": "材料不全"}
        plain(scene, "clerk", case, Move.REQUEST_SUPPLEMENT, **asked)
    for who, before, given in tried.before:
        plain(scene, who, case, before, **given)
    if tried.on:
        scene.on(tried.on)
    with house.visit(tried.who) as web:
        page = Page(web.get(f"/console/cases/{case}").text)
        answer = send(web, form_for(page, "move", move.value), **tried.given)
        assert answer.status_code == 303, Page(answer.text).text
        after = web.get(answer.headers["location"])
    assert 'role="status"' in after.text
    dossier = scene.read(lambda desk: desk.records.dossier_of(case))
    assert dossier is not None
    assert dossier.cases[case].events[-1].move is move
    assert dossier.cases[case].events[-1].by.role is NAMES[tried.who][1]


def test_a_form_asks_for_what_the_move_demands_and_for_nothing_else(house: House) -> None:
    _, case = house.booked(TOBACCO)
    received(house.scene, case)
    with house.visit("clerk") as web:
        page = Page(web.get(f"/console/cases/{case}").text)
    assert set(form_for(page, "move", "refuse_acceptance").fields) == {"reason", "basis", "remedy"}
    assert set(form_for(page, "move", "accept").fields) == set()
    assert set(form_for(page, "move", "request_supplement").fields) == {"materials", "reason", "deadline"}


def test_a_refusal_is_told_at_the_form_with_what_was_typed(house: House) -> None:
    _, case = house.booked(TOBACCO)
    received(house.scene, case)
    with house.visit("clerk") as web:
        page = Page(web.get(f"/console/cases/{case}").text)
        refused = send(web, form_for(page, "move", "refuse_acceptance"), reason="不属于<b>本部门", basis="", remedy="")
        assert refused.status_code == 422
        assert '<details class="act" id="act-refuse_acceptance" open>' in refused.text
        assert "不属于&lt;b&gt;本部门</textarea>" in refused.text
        assert 'role="alert"' in refused.text
        again = send(web, form_for(Page(refused.text), "move", "refuse_acceptance"), **(REASON | BASIS | REMEDY))
    assert again.status_code == 303


@pytest.mark.parametrize("deadline", ["2026-02-01", "someday", "2026-02-31", "9999-12-31", ""])
def test_a_deadline_that_cannot_be_is_refused_and_kept(house: House, deadline: str) -> None:
    _, case = house.booked(TOBACCO)
    plain(house.scene, "agent", case, Move.SUBMIT)
    plain(house.scene, "clerk", case, Move.RECEIVE)
    with house.visit("clerk") as web:
        form = form_for(Page(web.get(f"/console/cases/{case}").text), "move", "request_supplement")
        refused = send(web, form, deadline=deadline, reason="材料不全")
    assert refused.status_code == 422
    assert f'value="{deadline}"' in refused.text
    assert "材料不全</textarea>" in refused.text


def test_a_form_of_a_page_that_is_out_of_date_does_nothing_and_loses_nothing(house: House) -> None:
    _, case = house.booked(TOBACCO)
    received(house.scene, case)
    with house.visit("clerk") as web:
        page = Page(web.get(f"/console/cases/{case}").text)
        plain(house.scene, "clerk", case, Move.NOTE, note="另一位同事看过了")
        stale = send(web, form_for(page, "move", "refuse_acceptance"), **(REASON | BASIS | REMEDY))
        assert stale.status_code == 409
        assert "材料不全</textarea>" in stale.text
        assert "另一位同事看过了" in stale.text
        assert (
            send(web, form_for(Page(stale.text), "move", "refuse_acceptance"), **(REASON | BASIS | REMEDY)).status_code
            == 303
        )


def test_the_same_form_sent_twice_is_done_once(house: House) -> None:
    _, case = house.booked(TOBACCO)
    with house.visit("agent") as web:
        note = form_for(Page(web.get(f"/console/cases/{case}").text), "move", "note")
        assert [send(web, note, note="一次").status_code for _ in range(2)] == [303, 409]


def test_what_was_typed_is_kept_even_where_its_form_is_gone(house: House) -> None:
    _, case = house.booked(TOBACCO)
    received(house.scene, case)
    with house.visit("clerk") as web:
        page = Page(web.get(f"/console/cases/{case}").text)
        plain(house.scene, "clerk", case, Move.ACCEPT)
        stale = send(web, form_for(page, "move", "refuse_acceptance"), reason="写了很长的理由", basis="依据", remedy="")
    assert stale.status_code == 409
    assert "写了很长的理由" in Page(stale.text).text


def test_a_move_of_somebody_elses_is_refused_beneath_the_page(house: House) -> None:
    _, case = house.booked(TOBACCO)
    received(house.scene, case)
    with house.visit("agent") as web:
        page = web.get(f"/console/cases/{case}")
        assert 'value="accept"' not in page.text
        seen = Page(page.text).forms[1].hidden["seen"]
        forged = web.post(f"/console/cases/{case}", data={"move": "accept", "seen": seen})
        nonsense = web.post(f"/console/cases/{case}", data={"move": "nonsense", "seen": seen})
    assert forged.status_code == 422
    assert nonsense.status_code == 400


# --- dossiers: every act ---

ADMITTED = [("agent", Act.TAKE), ("agent", Act.ADMIT)]
ACTS: dict[Act, tuple[str, list[tuple[str, Act]], dict[str, Any]]] = {
    Act.TAKE: ("agent", [], {}),
    Act.ASSIGN: ("coordinator", [], {"agent": "second", "reason": "熟悉此类事项"}),
    Act.OFFER_HAND_OVER: ("agent", ADMITTED, {"agent": "second", "reason": "休假"}),
    Act.TAKE_OVER: ("second", [*ADMITTED, ("agent", Act.OFFER_HAND_OVER)], {}),
    Act.DECLINE_HAND_OVER: ("second", [*ADMITTED, ("agent", Act.OFFER_HAND_OVER)], {"reason": "手上已满"}),
    Act.ADMIT: ("agent", ADMITTED[:1], {}),
    Act.ENTRUST: ("agent", ADMITTED, {}),
    Act.BEGIN: ("agent", [*ADMITTED, ("agent", Act.ENTRUST)], {}),
    Act.SUSPEND: ("agent", [*ADMITTED, ("agent", Act.ENTRUST), ("agent", Act.BEGIN)], {"reason": "申请人要求暂停"}),
    Act.RESUME: ("agent", [*ADMITTED, *[("agent", one) for one in (Act.ENTRUST, Act.BEGIN, Act.SUSPEND)]], {}),
    Act.TERMINATE: ("agent", ADMITTED, {"reason": "申请人不办了"}),
    Act.ARCHIVE: ("agent", [*ADMITTED, ("agent", Act.TERMINATE)], {}),
    Act.FOLLOW_UP: ("agent", [*ADMITTED, ("agent", Act.TERMINATE), ("agent", Act.ARCHIVE)], {"note": "回访满意"}),
    Act.NOTE: ("agent", ADMITTED, {"note": "已电话联系"}),
}
APPLICANTS = {Act.OPEN, Act.APPLY, Act.ADD_CASE, Act.CANCEL}


def test_every_act_is_tried() -> None:
    assert set(ACTS) | APPLICANTS | {Act.CLOSE} == set(Act)  # closing: below, once all cases are at their end


@pytest.mark.parametrize("act", ACTS)
def test_every_act_can_be_done_with_its_form(house: House, act: Act) -> None:
    who, before, given = ACTS[act]
    scene, chat = house.scene, Chat("terminal", f"act {act}")
    booked = scene.book(TOBACCO, chat=chat).facts
    signed = Filed("signed-power-of-attorney", "application/pdf", 1, "0" * 64)
    scene.do(lambda desk: messages.send_file(desk, chat, None, booked["number"], signed))
    second = scene.who("second").id
    for earlier, done in before:
        details = {"reason": "理由", "agent": second} if done is Act.OFFER_HAND_OVER else {"reason": "理由"}
        scene.act(earlier, booked["number"], done, **details)
    filled = {name: second if name == "agent" else value for name, value in given.items()}
    with house.visit(who) as web:
        page = Page(web.get(f"/console/dossiers/{booked['number']}").text)
        answer = send(web, form_for(page, "act", act.value), **filled)
    assert answer.status_code == 303, Page(answer.text).text
    assert scene.dossier(booked["number"]).engagement.events[-1].act is act


def test_an_engagement_is_closed_once_its_cases_are_at_their_end(house: House) -> None:
    number, case = house.booked(TOBACCO)
    with house.visit("agent") as web:
        assert 'value="close"' not in web.get(f"/console/dossiers/{number}").text
        plain(house.scene, "agent", case, Move.WITHDRAW)
        page = Page(web.get(f"/console/dossiers/{number}").text)
        assert send(web, form_for(page, "act", "close")).status_code == 303
    assert house.scene.dossier(number).closed


# --- one more item, and all that happened ---


def test_an_item_is_added_by_what_people_call_it(house: House) -> None:
    number, case = house.booked(TOBACCO)
    with house.visit("agent") as web:
        path = f"/console/dossiers/{number}/items"
        assert path in Page(web.get(f"/console/dossiers/{number}").text).links
        assert "没有找到" in web.get(path, params={"q": "qqqqqq"}).text
        page = Page(web.get(path, params={"q": "开旅馆要办的证"}).text)
        form = next(
            form for form in page.forms if ("item", HOTEL) in [(name, value) for _, name, value in form.buttons]
        )
        done = web.post(form.action, data={**form.hidden, "item": HOTEL})
        assert done.status_code == 303
        assert 'role="status"' in web.get(done.headers["location"]).text
        assert web.post(form.action, data={**form.hidden, "item": HOTEL}).status_code == 409  # sent twice
        seen = house.scene.dossier(number).engagement.events
        again = web.post(form.action, data={"seen": len(seen), "item": HOTEL})
        assert again.status_code == 422
        assert "已经在这次代办里" in again.text
    opened = house.scene.dossier(number).cases
    assert [one.standing.opening.item for one in opened.values()] == [TOBACCO, HOTEL]
    assert case in opened


def test_an_item_is_added_by_whoever_handles_the_dossier_and_nobody_else(house: House) -> None:
    number, case = house.booked(TOBACCO)
    plain(house.scene, "agent", case, Move.SUBMIT)
    seen = len(house.scene.dossier(number).engagement.events)
    for who, status in {"clerk": 422, "supervisor": 422, "second": 404, "coordinator_elsewhere": 404}.items():
        with house.visit(who) as web:
            path = f"/console/dossiers/{number}/items"
            assert web.get(path).status_code == 404
            assert web.post(path, data={"item": HOTEL, "seen": seen}).status_code == status
    assert list(house.scene.dossier(number).cases) == [case]


def test_the_record_says_who_did_what_and_when_from_the_booking_on(house: House) -> None:
    with house.visit("supervisor") as web:
        page = Page(web.get(f"/console/dossiers/{house.numbers['hotel']}/record").text)
        rated = Page(web.get(f"/console/dossiers/{house.numbers['poor']}/record").text).text
    said = [
        "预约 ",
        "推给代办员 示范代办员甲",
        "认领",
        "签署委托书",
        "接件",
        "受理",
        "出具文书",
        "收到文件",
        "还缺什么请告诉我",
        "还差一份租赁合同",
    ]
    places = [page.text.index(one) for one in said]
    assert places[:4] == sorted(places[:4])
    assert "2026年3月2日（周一） 9:30 代办员 示范代办员甲" in page.text
    assert COMPANY.telephone in page.text
    assert "问了三次才有人回" in rated
    for who, status in {"agent": 200, "second": 404, "coordinator_elsewhere": 404, "": 403}.items():
        with house.visit(who) as web:
            assert web.get(f"/console/dossiers/{house.numbers['hotel']}/record").status_code == status
    with house.visit("second") as web:  # merely offered
        assert web.get(f"/console/dossiers/{house.numbers['fresh']}/record").status_code == 404


def test_two_agents_take_one_booking_and_one_is_told_that_it_is_gone(house: House) -> None:
    number = house.scene.book(TOBACCO, chat=Chat("terminal", "race")).facts["number"]
    with house.visit("agent") as one, house.visit("second") as other:
        forms = [form_for(Page(web.get(f"/console/dossiers/{number}").text), "act", "take") for web in (one, other)]
        assert send(one, forms[0]).status_code == 303
        assert send(other, forms[1]).status_code in (404, 409)
    assert house.scene.dossier(number).responsible == house.scene.who("agent").id


# --- talking, files, papers ---


def writing(page: Page) -> Form:
    """The form for a message to the applicant."""
    return next(form for form in page.forms if "text" in form.fields and "matter" not in form.hidden)


def test_what_an_agent_writes_goes_to_the_applicant_once(house: House) -> None:
    number, _ = house.booked(TOBACCO)
    house.scene.told()
    with house.visit("agent") as web:
        page = Page(web.get(f"/console/dossiers/{number}").text)
        write = next(form for form in page.forms if "text" in form.fields and "matter" not in form.hidden)
        assert [send(web, write, text="请带原件\r\n周三前").status_code for _ in range(2)] == [303, 409]
        empty = send(
            web,
            next(f for f in Page(web.get(f"/console/dossiers/{number}").text).forms if "text" in f.fields),
            text=" ",
        )
        assert empty.status_code == 422
    dossier = house.scene.dossier(number)
    assert [one.body.text for one in dossier.messages] == ["请带原件\n周三前"]  # type: ignore[union-attr]


def test_that_messages_do_not_arrive_is_shown_until_the_applicant_writes(house: House) -> None:
    chat = Chat("terminal", "lost")
    number = house.scene.book(TOBACCO, chat=chat).facts["number"]
    house.scene.act("agent", number, Act.TAKE)
    (case,) = house.scene.dossier(number).cases
    paths = (f"/console/dossiers/{number}", f"/console/cases/{case}")
    letters = Outbox(house.scene.store, chat.channel, lambda: house.scene.now).due(house.scene.now, 100)
    house.scene.assistant.unreached(next(one for one in letters if one.chat == chat), "Forbidden")
    with house.visit("agent") as web:
        assert all("消息送不到申请人。请打电话联系" in Page(web.get(path).text).text for path in paths)
        house.scene.assistant.respond(Incoming(chat, "back", Commanded("help")))
        assert not any("消息送不到申请人" in web.get(path).text for path in paths)


def test_a_file_is_shown_to_who_may_see_it_as_what_it_is(house: House) -> None:
    name = next(iter(house.scene.dossier(house.numbers["hotel"]).files))
    path = f"/console/files/{house.numbers['hotel']}/{name}"
    with house.visit("clerk") as web:
        answer = web.get(path)
        assert answer.content == PICTURE
        assert answer.headers["content-type"] == "image/png"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"].startswith("inline")
        assert answer.headers["cache-control"] == "no-store"
        assert web.get(f"/console/files/{house.numbers['poor']}/{name}").status_code == 404  # not of this dossier
    for who in ("second", "keeper", "coordinator_elsewhere", ""):
        with house.visit(who) as web:
            assert web.get(path).status_code in (403, 404)


def test_a_file_for_the_applicant_is_kept_by_its_content_and_sent_on(house: House) -> None:
    number, _ = house.booked(TOBACCO)
    path = f"/console/dossiers/{number}/files"
    with house.visit("agent") as web:
        assert 'enctype="multipart/form-data"' in web.get(f"/console/dossiers/{number}").text
        evil = web.post(path, files={"file": ("photo.png", b"MZ program", "image/png")})
        assert evil.status_code == 422
        assert web.post(path, files={"file": ("a.exe", PICTURE, "application/x-msdownload")}).status_code == 303
    (kept,) = house.scene.dossier(number).files.values()
    assert (kept.media_type, house.vault.read(kept.id)) == ("image/png", PICTURE)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(house: House) -> None:
    number, _ = house.booked(TOBACCO)
    with house.visit("agent") as web:
        answer = web.post(
            f"/console/dossiers/{number}/files", files={"file": ("a.png", b"x" * (SETTINGS.file_bytes + 100_000))}
        )
        assert answer.status_code == 413
        large = web.post(f"/console/dossiers/{number}", data={"text": "x" * 100_000, "seen": "0"})
        assert large.status_code == 413  # only where files are sent


def test_a_paper_is_a_pdf_for_who_may_see_its_dossier(house: House) -> None:
    with house.visit("clerk") as web:
        (link,) = [
            one for one in Page(web.get(f"/console/cases/{house.numbers['accepted']}").text).links if ".pdf" in one
        ]
        answer = web.get(link)
        text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
        assert "受理通知书" in text
        assert COMPANY.name in text
        assert web.get(link.replace("-acceptance", "-approval")).status_code == 404
    for who in ("second", "coordinator_elsewhere", ""):
        with house.visit(who) as web:
            assert web.get(link).status_code in (403, 404)


# --- the hall ---


def test_the_supervisor_answers_a_complaint_once_and_nobody_else_sees_it(house: House) -> None:
    number = house.numbers["complaint"]
    for who in ("agent", "coordinator", "clerk"):
        with house.visit(who) as web:
            assert web.get("/console/complaints").status_code == 404
            web.post("/console/complaints", data={"complaint": number, "text": "不归我"})
    with house.visit("supervisor") as web:
        form = form_for(Page(web.get("/console/complaints").text), "complaint", number)
        assert send(web, form, text="  ").status_code == 422
        assert send(web, form, text="已向您致歉").status_code == 303
        assert send(web, form, text="再答一次").status_code == 422
        assert "已向您致歉" in web.get("/console/complaints").text


def test_a_poor_rating_waits_in_a_list_until_it_is_put_right(house: House) -> None:
    path = f"/console/dossiers/{house.numbers['poor']}"

    def listed(who: str) -> list[str]:
        with house.visit(who) as web:
            return [link for link in Page(web.get("/console?scope=poor").text).links if "/dossiers/" in link]

    for who in ("agent", "coordinator", "manager", "supervisor"):
        assert listed(who) == [path]
    assert listed("second") == []
    with house.visit("agent") as web:
        form = form_for(Page(web.get(path).text), "matter", house.numbers["closed"])
        assert send(web, form, text="").status_code == 422
        assert send(web, form, text="已当面道歉并改了排班").status_code == 303
        assert "matter" not in {name for one in Page(web.get(path).text).forms for name in one.hidden}
    assert house.numbers["closed"] in house.scene.dossier(house.numbers["poor"]).rectified
    assert listed("supervisor") == listed("agent") == []


def test_the_team_is_for_those_who_assign(house: House) -> None:
    for who in ("coordinator", "manager"):
        with house.visit(who) as web:
            page = web.get("/console/team")
            assert NAMES["second"][0] in page.text
            assert "邻县" not in page.text
    for who in ("agent", "clerk", "keeper"):
        with house.visit(who) as web:
            assert web.get("/console/team").status_code == 404


def test_somebody_is_away_and_back(house: House) -> None:
    with house.visit("second") as web:
        form = next(form for form in Page(web.get("/console/me").text).forms if "first" in form.fields)
        away = {"do": "away", "deputy": house.scene.who("agent").id}
        refused = web.post("/console/me", data={**away, "first": "2026-03-10", "last": "2026-03-09"})
        assert refused.status_code == 422
        assert 'value="2026-03-10"' in refused.text
        assert set(form.fields) == {"first", "last", "deputy"}
        assert web.post("/console/me", data={**away, "first": "2026-03-09", "last": "2026-03-10"}).status_code == 303
        absence = house.scene.who("second").absence
        assert absence is not None
        assert absence.last == dt.date(2026, 3, 10)
        assert web.post("/console/me", data={"do": "back"}).status_code == 303
    assert house.scene.who("second").absence is None


def test_a_manager_invites_and_the_invitation_is_shown_once(house: House) -> None:
    with house.visit("manager") as web:
        shown = web.post("/console/me", data={"do": "invite", "roles": ["agent", "clerk"]})
        assert shown.status_code == 200
        assert "/join " in shown.text
        assert "/join " not in web.get("/console/me").text
        assert web.post("/console/me", data={"do": "invite", "roles": ["admin"]}).status_code == 422
        assert web.post("/console/me", data={"do": "invite"}).status_code == 422
    with house.visit("agent") as web:
        assert "/join " not in web.post("/console/me", data={"do": "invite", "roles": ["clerk"]}).text


def test_an_admin_invites_to_any_hall_and_a_manager_to_the_own(house: House) -> None:
    def invited(who: str, hall: str) -> Any:
        with house.visit(who) as web:
            form = next(form for form in Page(web.get("/console/me").text).forms if "roles" in form.fields)
            assert ("hall" in form.fields) is (who == "admin")
            shown = web.post("/console/me", data={"do": "invite", "roles": ["clerk"], "hall": hall})
        code = re.search(r"/join (\w[\w-]*)", shown.text)
        return house.scene.read(lambda desk: desk.records.ticket(staff.digest(code[1]))) if code else shown.status_code

    assert invited("admin", OTHER_HALL).facts["hall"] == OTHER_HALL
    assert invited("admin", "").facts["hall"] == invited("manager", "").facts["hall"] == HALL
    assert invited("manager", OTHER_HALL) == 422
    assert invited("admin", "371321102") == 422  # a township has no hall


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_speaks_both_languages(house: House, language: str) -> None:
    hotel, accepted = house.numbers["hotel"], house.numbers["accepted"]
    paths = ["", "?scope=poor", "/me", "/complaints", f"/dossiers/{hotel}", f"/dossiers/{hotel}/record"]
    paths += [f"/cases/{accepted}", "/dossiers/none"]
    with house.visit("supervisor", **{"Accept-Language": language}) as web:
        for path in paths:
            page = Page(web.get(f"/console{path}").text)
            assert page.language == language
            assert ("Console" in page.text) is (language == "en")
