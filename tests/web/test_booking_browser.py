"""A booking in a real browser, from its first question to the status: the right keyboard, the focus, and no barrier."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.casework.standing import Move
from bot.desk.records import Line
from handlers.web.session import chat_of
from tests.conftest import ROOT
from tests.web.chromium import Visit, accessible, too_small
from tests.web.hall import House, entrusted, plain, received

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740}


@pytest.fixture(autouse=True)
def clock(house: House) -> None:
    house.scene.on("03-02")


def last(page: Page) -> Locator:
    return page.locator(".exchange").last


def say(page: Page, words: str) -> None:
    count = page.locator(".exchange").count()
    page.get_by_role("textbox").fill(words)
    page.get_by_role("textbox").press("Enter")
    expect(page.locator(".exchange")).to_have_count(count + 1)
    expect(page.get_by_role("textbox")).to_have_value("")


def press(page: Page, label: str) -> None:
    count = page.locator(".exchange").count()
    last(page).get_by_role("button", name=label, exact=True).click()
    expect(page.locator(".exchange")).to_have_count(count + 1)


def begun(visit: Visit, house: House, **how: object) -> Page:
    """The form at its question for the name."""
    page = visit(base=house.address, viewport=PHONE, **how)
    say(page, "/agent")
    press(page, "预约代办员")
    press(page, "个人")
    return page


def filled_in(page: Page) -> None:
    """From the name to the summary."""
    say(page, "示范申请人")
    press(page, "用护照或其他证件")
    say(page, "DEMO00001")
    say(page, "旅馆业特种行业许可")
    press(page, "就这些")
    press(page, "沂南县")
    press(page, "全程代办")
    say(page, "13800000009")
    press(page, "跳过")
    expect(last(page)).to_contain_text("请核对")


def own(page: Page, house: House) -> Line:
    session = next(one["value"] for one in page.context.cookies() if one["name"] == "bangban_session")
    (line,) = house.scene.read(lambda desk: desk.records.own(chat_of(session), 2))
    return line


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_step_of_a_booking_has_a_barrier(visit: Visit, house: House, scheme: str) -> None:
    page = begun(visit, house, color_scheme=scheme)
    accessible(page)
    filled_in(page)
    accessible(page)
    press(page, "确认")
    expect(last(page)).to_contain_text("查询密码")
    accessible(page)
    say(page, own(page, house).cases[0].number)
    expect(last(page)).to_contain_text("提交 › 受理")
    accessible(page)
    assert too_small(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_a_question_is_answered_with_the_keyboard_it_wants_and_where_one_is_writing(visit: Visit, house: House) -> None:
    page = begun(visit, house)
    field = page.get_by_role("textbox", name="写下您的回答")
    expect(field).to_have_attribute("autocomplete", "name")
    say(page, "示范申请人")
    expect(field).to_be_focused()  # the next answer is written there, too
    expect(field).to_have_attribute("autocapitalize", "characters")
    expect(field).to_have_attribute("autocomplete", "off")
    press(page, "不办了")
    expect(page.get_by_role("textbox", name="写下您要办的事")).to_have_attribute("autocomplete", "off")


def test_a_form_survives_that_its_page_is_loaded_again(visit: Visit, house: House) -> None:
    page = begun(visit, house)
    field = page.get_by_role("textbox", name="写下您的回答")
    expect(field).to_have_attribute("autocomplete", "name")
    page.goto("/")
    expect(field).to_have_attribute("autocomplete", "name")
    filled_in(page)
    page.reload()
    press(page, "确认")
    expect(last(page)).to_contain_text("预约好了")


def test_the_summary_offers_first_to_confirm_then_to_change_then_to_leave(visit: Visit, house: House) -> None:
    page = begun(visit, house)
    filled_in(page)
    labels = last(page).locator(".choices button").all_inner_texts()
    assert (labels[0], labels[-1]) == ("确认", "不办了")
    assert all(label.startswith("改") for label in labels[1:-1])
    assert "发送我的手机号" not in page.content()  # a page cannot vouch for a number
    expect(last(page).locator(".primary")).to_have_text("确认")


def test_papers_are_told_apart_and_open(visit: Visit, house: House) -> None:
    page = begun(visit, house)
    filled_in(page)
    press(page, "确认")
    links = last(page).locator("a.button")
    assert links.all_inner_texts() == ["代办服务受理单（PDF）", "代办服务委托书（PDF）"]
    answer = page.request.get(links.first.get_attribute("href") or "")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")


def test_the_picture_of_a_booking_in_the_documents(visit: Visit, house: House, tmp_path: Path) -> None:
    """What the page shows of a case that is made up. BANGBAN_SCREENSHOTS=1 renews it."""
    folder = ROOT / "docs" / "images" if os.environ.get("BANGBAN_SCREENSHOTS") == "1" else tmp_path
    page = begun(visit, house, device_scale_factor=2, reduced_motion="reduce")
    filled_in(page)
    press(page, "确认")
    line = own(page, house)
    case = line.cases[0].number
    entrusted(house.scene, line.number, chat=line.chat)
    received(house.scene, case)
    plain(house.scene, "clerk", case, Move.ACCEPT)
    house.scene.on("03-09")
    house.scene.assistant.letters(line.chat)
    page.set_viewport_size({"width": 760, "height": 900})
    say(page, case)
    page.screenshot(path=folder / "web-booking.png", animations="disabled")
    assert (folder / "web-booking.png").stat().st_size > 30_000
