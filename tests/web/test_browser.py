"""The web page in a real browser: what a person sees, hears and presses."""

from __future__ import annotations

import io
import os
import re
import unicodedata
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Route, expect

from tests.conftest import ROOT
from tests.web.chromium import Visit, accessible, ask, too_small
from tests.web.conftest import MakeApp, running

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/items",
    "/items?q=身份证",
    "/items/id_card_apply?kind=lost",
    "/items/company_establish",
    "/help",
    "/api/docs",
    "/nowhere",
)
QUESTION = "补办身份证要多少钱"


# --- the conversation ---


def test_a_question_is_answered_in_place(visit: Visit) -> None:
    page = visit()
    page.evaluate("window.sameDocument = true")
    ask(page, QUESTION)
    log = page.get_by_role("log", name="对话")
    expect(log.get_by_role("heading", name="居民身份证申领、换领、补领")).to_be_visible()
    expect(log.get_by_role("heading", name="多少钱", exact=True)).to_be_visible()
    expect(log).to_contain_text("40元")
    assert page.evaluate("window.sameDocument")
    expect(log.get_by_role("article", name="回答")).to_be_focused()
    expect(page.get_by_role("textbox")).to_have_value("")
    expect(page.get_by_role("button", name=QUESTION)).to_be_hidden()  # the examples have made room


def test_an_example_is_a_question(visit: Visit) -> None:
    page = visit()
    page.get_by_role("button", name=QUESTION).click()
    expect(page.get_by_role("log")).to_contain_text("居民身份证申领、换领、补领")


def test_a_situation_is_chosen_and_the_answer_fits_it(visit: Visit) -> None:
    page = visit()
    ask(page, "办身份证")
    page.get_by_role("button", name="丢了补办").click()
    last = page.locator(".exchange").nth(1)
    expect(last).to_contain_text("您的情形：丢了补办")
    expect(last.get_by_role("heading", level=2)).to_have_text("您选 丢了补办")
    expect(last.get_by_role("checkbox").first).to_be_visible()


def test_pressing_twice_asks_once(visit: Visit) -> None:
    page = visit()
    page.get_by_role("textbox").fill("/simple")
    page.get_by_role("button", name="问", exact=True).dblclick()
    expect(page.locator("html.simple")).to_have_count(1)
    expect(page.locator(".exchange")).to_have_count(1)


def test_saying_the_same_again_is_said_again(visit: Visit) -> None:
    page = visit()
    for said in (QUESTION, "/cancel", "/cancel"):
        ask(page, said)
    outcomes = [reply.get_attribute("data-outcome") for reply in page.locator(".reply").all()]
    assert outcomes[-2:] == ["cancelled", "nothing_to_cancel"]


def test_the_conversation_is_kept_in_the_tab_until_it_is_cleared(visit: Visit) -> None:
    page = visit()
    ask(page, QUESTION)
    page.get_by_role("checkbox").first.check()
    page.goto("/help")
    page.goto("/")
    expect(page.locator(".exchange")).to_have_count(1)
    expect(page.get_by_role("checkbox").first).to_be_checked()
    page.evaluate("window.sameDocument = true")
    page.get_by_role("button", name="要带什么").click()  # what was kept still works, and in place
    expect(page.locator(".exchange")).to_have_count(2)
    assert page.evaluate("window.sameDocument")
    page.get_by_role("button", name="清空对话").click()
    expect(page.get_by_role("button", name=QUESTION)).to_be_visible()
    page.reload()
    expect(page.locator(".exchange")).to_have_count(0)
    assert "身份证" not in page.evaluate("JSON.stringify(sessionStorage)")


def test_another_tab_does_not_see_the_conversation(visit: Visit) -> None:
    page = visit()
    ask(page, QUESTION)
    other = page.context.new_page()
    other.goto("/")
    expect(other.locator(".exchange")).to_have_count(0)


def test_a_question_from_an_items_page_joins_the_conversation(visit: Visit) -> None:
    page = visit()
    ask(page, "护照多少钱")
    page.goto("/items/id_card_apply")
    page.get_by_role("button", name="就这件事提问").click()
    expect(page.locator(".exchange")).to_have_count(2)
    page.goto("/")
    expect(page.locator(".exchange")).to_have_count(2)


def test_without_a_network_it_says_so_and_sends_again(visit: Visit) -> None:
    page = visit()
    page.context.set_offline(True)
    page.get_by_role("textbox").fill(QUESTION)
    page.get_by_role("button", name="问", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("网络断了")
    page.context.set_offline(False)
    expect(page.get_by_role("textbox")).to_have_value(QUESTION)
    page.get_by_role("button", name="问", exact=True).click()
    expect(page.get_by_role("log")).to_contain_text("居民身份证")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_asking_too_fast_is_told_in_the_conversation(visit: Visit, make_app: MakeApp) -> None:
    with running(make_app(questions_a_minute=1)) as address:
        page = visit(base=address)
        ask(page, QUESTION)
        page.get_by_role("textbox").fill("护照多少钱")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("您问得太快了")
        expect(page.get_by_role("button", name="再试一次")).to_be_visible()
        page.get_by_role("button", name="再试一次").click()
        expect(page.get_by_role("alert")).to_have_count(1)
        page.context.close()


def test_what_somebody_wrote_is_never_markup(visit: Visit) -> None:
    page = visit()
    evil = "<img src=x onerror=document.title='taken'><b>办身份证</b>"
    ask(page, evil)
    expect(page.locator(".asked")).to_contain_text(evil)
    page.reload()
    expect(page.locator(".asked")).to_contain_text(evil)
    assert page.title() != "taken"


def test_enter_sends_and_shift_enter_is_a_new_line(visit: Visit) -> None:
    page = visit()
    field = page.get_by_role("textbox")
    field.press_sequentially("补办身份证")
    field.press("Shift+Enter")
    field.press_sequentially("多少钱")
    expect(page.locator(".exchange")).to_have_count(0)
    field.press("Enter")
    expect(page.locator(".asked")).to_contain_text("补办身份证\n多少钱")


def test_what_is_written_while_an_answer_comes_stays_and_can_be_sent(visit: Visit) -> None:
    page = visit()
    ask(page, "办身份证")
    held: list[Route] = []
    page.route("**/chat", lambda route: held.append(route))
    field = page.get_by_role("textbox")
    for begin in (
        lambda: page.get_by_role("button", name="丢了补办").click(),
        lambda: field.press_sequentially("护照多少钱\n"),
    ):
        with page.expect_request("**/chat"):
            begin()
        field.fill("开个饭店")
        answers = page.locator(".exchange").count()
        held.pop().continue_()
        expect(page.locator(".exchange")).to_have_count(answers + 1)
        expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)
        expect(field).to_be_focused()
        expect(field).to_have_value("开个饭店")
        field.clear()
    page.unroute("**/chat")
    ask(page, "开个饭店")


def test_enter_that_belongs_to_the_input_method_does_not_send(visit: Visit) -> None:
    page = visit()
    page.get_by_role("textbox").fill("shenfen")
    page.get_by_role("textbox").dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})
    ask(page, QUESTION)
    expect(page.locator(".asked")).to_have_text(f"您问 {QUESTION}")


@pytest.mark.parametrize(("said", "number"), [("着火了", "119"), ("有人晕倒了快救命", "120"), ("我不想活了", "12356")])
def test_in_danger_the_number_is_one_tap_away(visit: Visit, said: str, number: str) -> None:
    page = visit()
    ask(page, said)
    expect(page.get_by_role("link", name=f"拨打 {number}")).to_have_attribute("href", f"tel:{number}")


# --- keyboard, no scripts, languages ---


def test_everything_can_be_done_with_the_keyboard_alone(visit: Visit) -> None:
    page = visit()
    keyboard = page.keyboard
    keyboard.press("Tab")
    expect(page.get_by_role("link", name="跳到正文")).to_be_focused()
    keyboard.press("Enter")
    keyboard.press("Tab")
    expect(page.get_by_role("textbox")).to_be_focused()
    keyboard.type("办身份证")
    keyboard.press("Enter")
    expect(page.get_by_role("article")).to_be_focused()
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="第一次办")).to_be_focused()
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(page.get_by_role("button", name="丢了补办")).to_be_focused()
    keyboard.press("Enter")
    answer = page.get_by_role("article").nth(1)
    expect(answer).to_be_focused()
    keyboard.press("Tab")
    box = answer.get_by_role("checkbox").first
    expect(box).to_be_focused()
    keyboard.press("Space")
    expect(box).to_be_checked()
    for _ in range(40):
        keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == "清空对话":
            break
    keyboard.press("Enter")
    expect(page.locator(".exchange")).to_have_count(0)


def test_the_focus_can_always_be_seen(visit: Visit) -> None:
    page = visit("/items/id_card_apply")
    for _ in range(20):
        page.keyboard.press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outline")
        assert "3px" in outline, outline


def test_without_scripts_everything_works(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    ask_field = page.get_by_role("textbox")
    ask_field.fill("办身份证")
    page.get_by_role("button", name="问", exact=True).click()
    expect(page.get_by_role("heading", name="您问 办身份证")).to_be_visible()
    page.get_by_role("button", name="丢了补办").click()
    expect(page.locator(".exchange")).to_have_count(1)
    expect(page.locator(".reply")).to_contain_text("您的情形：丢了补办")
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html.simple")).to_have_count(1)
    page.get_by_role("button", name="Switch to English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What do you need to get done?")
    page.goto("/items/id_card_apply")
    page.get_by_label("Lost").check()
    page.get_by_role("button", name="Show for this case").click()
    expect(page).to_have_url(re.compile("kind=lost"))
    expect(page.get_by_label("Lost")).to_be_checked()
    expect(page.get_by_role("button", name="Print this page")).to_be_hidden()  # it would do nothing


def test_english_speakers_are_spoken_to_in_english(visit: Visit) -> None:
    page = visit(locale="en-GB")
    assert page.locator("html").get_attribute("lang") == "en"
    ask(page, "How much does a replacement ID card cost?")
    expect(page.get_by_role("article")).to_have_attribute("lang", "en")
    expect(page.get_by_role("article")).to_contain_text("identity card")
    page.get_by_role("button", name="切换到中文").click()
    assert page.locator("html").get_attribute("lang") == "zh-CN"
    expect(page.locator(".exchange")).to_have_count(1)
    ask(page, QUESTION)
    expect(page.get_by_role("article").nth(1)).to_have_attribute("lang", "zh-CN")


def test_a_language_chosen_in_the_conversation_turns_the_page(visit: Visit) -> None:
    page = visit()
    page.get_by_role("textbox").fill("/lang en")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".exchange")).to_have_count(1)


# --- what is taken home ---


def test_the_paper_can_be_downloaded_from_an_answer(visit: Visit) -> None:
    page = visit()
    ask(page, QUESTION)
    page.get_by_role("button", name="打印（PDF）").click()
    link = page.get_by_role("article").last.get_by_role("link", name="打印版（PDF）")
    answer = page.request.get(link.get_attribute("href") or "")
    text = "".join(part.extract_text() for part in pypdf.PdfReader(io.BytesIO(answer.body())).pages)
    assert "居民身份证申领、换领、补领" in text
    assert "丢了补办" in text


def test_a_guide_prints_as_a_guide_and_not_as_a_web_page(visit: Visit) -> None:
    page = visit("/items/id_card_apply?kind=lost")
    page.emulate_media(media="print")
    for hidden in (page.get_by_role("navigation", name="网站导航"), page.get_by_role("button", name="打印本页")):
        expect(hidden).to_be_hidden()
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    # Chromium's PDF calls some glyphs by the radicals that look the same (⺠ for 民): normalised where Unicode can
    text = unicodedata.normalize("NFKC", "".join(part.extract_text() for part in printed.pages))
    assert "身份证申领" in text
    assert "12345" in text
    assert "大字版" not in text


def test_the_print_button_prints(visit: Visit) -> None:
    page = visit("/items/id_card_apply")
    page.evaluate("window.print = () => { window.printed = true }")
    page.get_by_role("button", name="打印本页").click()
    assert page.evaluate("window.printed")


def test_what_the_person_needs_is_found_in_the_catalogue(visit: Visit) -> None:
    page = visit()
    page.get_by_role("link", name="个人办的事").click()
    expect(page.get_by_label("个人")).to_be_checked()
    page.get_by_role("searchbox").fill("身份证丢了")
    page.get_by_role("button", name="搜索").click()
    page.get_by_role("link", name="居民身份证申领、换领、补领").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("居民身份证申领、换领、补领")


# --- everybody ---


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_no_page_has_a_barrier(visit: Visit, path: str, scheme: str) -> None:
    page = visit(path, color_scheme=scheme)
    accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "said", [QUESTION, "办身份证", "着火了", "我不想活了", "会飞的猪怎么办证", "你好", "/lang", "/region"]
)
def test_no_answer_has_a_barrier(visit: Visit, said: str, scheme: str) -> None:
    page = visit(color_scheme=scheme)
    ask(page, said)
    accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/items", "/items/id_card_apply", "/help"])
def test_large_text_has_the_highest_contrast(visit: Visit, path: str, scheme: str) -> None:
    """7:1 (WCAG 2.2, 1.4.6)."""
    page = visit(path, color_scheme=scheme)
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html.simple")).to_have_count(1)
    if path == "/":
        ask(page, QUESTION)
    accessible(page, rules={"color-contrast-enhanced": {"enabled": True}})


def test_light_and_dark_are_what_the_person_set(visit: Visit) -> None:
    brightness = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).reduce((a, b) => a + Number(b), 0)"
    assert visit(color_scheme="light").evaluate(brightness) > 600
    assert visit(color_scheme="dark").evaluate(brightness) < 150


@pytest.mark.parametrize("size", ["100%", "200%"])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_narrow_phone_needs_no_sideways_scrolling(visit: Visit, language: str, size: str) -> None:
    """320 px wide (WCAG 2.2, 1.4.10) and with letters of double size (1.4.4)."""
    page = visit(viewport={"width": 320, "height": 640}, locale=language)
    ask(page, QUESTION)
    for path in (None, *PAGES):
        if path:
            page.goto(path)
        page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


@pytest.mark.parametrize("path", PAGES)
def test_what_is_pressed_is_large_enough_for_a_finger(visit: Visit, path: str) -> None:
    page = visit(path)
    assert too_small(page) == []


def test_who_wants_no_motion_gets_none(visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    page.evaluate("document.getElementById('thinking').classList.add('htmx-request')")
    assert page.evaluate("getComputedStyle(document.getElementById('thinking'), '::before').animationName") == "none"


def test_the_picture_in_the_readme(visit: Visit, tmp_path: Path) -> None:
    """The picture is what the page shows: asked, answered, nothing retouched. BANGBAN_SCREENSHOTS=1 renews it."""
    folder = ROOT / "docs" / "images" if os.environ.get("BANGBAN_SCREENSHOTS") == "1" else tmp_path
    page = visit(viewport={"width": 960, "height": 1000}, device_scale_factor=2, reduced_motion="reduce")
    ask(page, QUESTION)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.screenshot(path=folder / "web-chat.png", animations="disabled")
    assert (folder / "web-chat.png").stat().st_size > 50_000
