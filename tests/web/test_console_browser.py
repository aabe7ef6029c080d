"""The console in a real browser: with the keyboard alone, at any width, light and dark, large, and without barriers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from bot.casework.standing import Move, Procedure, State
from bot.desk import messages
from bot.desk.dossier import Filed
from bot.events import Chat
from handlers.web.session import chat_of
from tests.conftest import ROOT
from tests.desk.scene import HOTEL, OTHER_HALL, TOBACCO, known
from tests.web.chromium import PHONE, Visit, accessible, ask, too_small
from tests.web.hall import COMPANY, PICTURE, SHOP, House, entrusted, plain, received, secret

pytestmark = pytest.mark.browser

DESKTOP = {"width": 1100, "height": 900}
PAGES = {
    "agent": [
        "",
        "?scope=offered",
        "?scope=mine&state=accepted",
        "/dossiers/{hotel}",
        "/cases/{waiting}",
        "/me",
        "/dossiers/{hotel}/items?q=开饭店",
        "/dossiers/{hotel}/record",
    ],
    "clerk": ["", "/cases/{accepted}", "/cases/{waiting}"],
    "coordinator": ["?scope=hall", "/dossiers/{fresh}", "/team"],
    "manager": ["/me", "/cases/{accepted}"],
    "supervisor": ["?scope=poor", "/complaints", "/dossiers/{poor}", "/dossiers/{poor}/record", "/dossiers/none"],
    "keeper": [""],
    "admin": ["/me"],
    "city": ["?scope=hall", "?scope=hall&hall=371323"],
}


def enter(visit: Visit, house: House, who: str, **how: Any) -> Page:
    """A browser in which somebody has logged in with the button."""
    page = visit(f"/console/login/{secret(house.scene, who)}", base=house.address, **how)
    page.locator("main button").click()
    expect(page.locator("footer")).to_be_visible()
    return page


def every_page(house: House, who: str) -> list[str]:
    return [f"/console{path}".format(**house.numbers) for path in PAGES[who]]


def unfold(page: Page) -> None:
    """Open everything that can be opened."""
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")


# --- the keyboard alone ---


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if wanted.evaluate("(one) => one === document.activeElement"):
            return
    raise AssertionError(f"no way with Tab to {wanted}")


def press(page: Page, wanted: Locator, key: str = "Enter") -> None:
    reach(page, wanted)
    page.keyboard.press(key)


def make(page: Page, move: str) -> None:
    """Open a move's form and confirm it."""
    press(page, page.locator("summary", has_text=move).filter(has_text=move).first)
    press(page, page.get_by_role("button", name=f"确定{move}", exact=True))
    expect(page.get_by_role("status")).to_contain_text(move)


def log_in(visit: Visit, house: House, who: str) -> Page:
    page = visit(f"/console/login/{secret(house.scene, who)}", base=house.address, viewport=DESKTOP)
    press(page, page.get_by_role("button", name="登录", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("收件箱")
    return page


def test_a_case_goes_from_booking_to_delivery_with_the_keyboard_alone(visit: Visit, house: House) -> None:
    scene, chat = house.scene, Chat("terminal", "keyboard")
    booked = scene.book(TOBACCO, chat=chat, applicant=SHOP).facts
    number, case = booked["number"], booked["cases"][0]["number"]
    signed = Filed("signed-power-of-attorney", "application/pdf", 1, "0" * 64)
    scene.do(lambda desk: messages.send_file(desk, chat, None, number, signed))

    agent = log_in(visit, house, "agent")
    press(agent, agent.get_by_role("link", name="待我接手"))
    press(agent, agent.locator(f"h3 a[href='/console/dossiers/{number}']"))
    for act in ("认领", "出具受理单", "签署委托书", "开始承办"):
        make(agent, act)
    press(agent, agent.locator("h3 a", has_text="烟草专卖零售许可证核发"))
    make(agent, "提交申请")
    press(agent, agent.get_by_role("button", name="退出"))
    expect(agent.get_by_role("heading", level=1)).to_have_text("已退出")

    clerk = log_in(visit, house, "clerk")
    reach(clerk, clerk.get_by_role("searchbox"))
    clerk.keyboard.type(case)
    clerk.keyboard.press("Enter")
    press(clerk, clerk.locator(f"a[href='/console/cases/{case}']"))
    press(clerk, clerk.locator("#act-receive summary"))
    for box in clerk.locator("#act-receive input[type=checkbox]").all():
        press(clerk, box, "Space")
    press(clerk, clerk.get_by_role("button", name="确定接件"))
    for move in ("受理", "审批通过", "办结"):
        make(clerk, move)
    press(clerk, clerk.locator("#act-deliver summary"))
    press(clerk, clerk.locator("#act-deliver input[type=radio]").first, "Space")
    press(clerk, clerk.get_by_role("button", name="确定送达"))
    expect(clerk.get_by_role("status")).to_contain_text("送达")

    dossier = scene.dossier(number)
    assert dossier.cases[case].state is State.DELIVERED
    assert len(dossier.cases[case].standing.checklist.missing()) == 0


def test_a_hall_is_chosen_with_the_keyboard_and_kept_from_list_to_list(visit: Visit, house: House) -> None:
    chat = Chat("terminal", "of the next hall")
    there = house.scene.book(TOBACCO, chat=chat, applicant=SHOP, region=OTHER_HALL).facts["number"]
    page = log_in(visit, house, "city")
    press(page, page.locator(".sieve summary"))
    hall = page.get_by_label("大厅", exact=True)
    reach(page, hall)
    for _ in range(hall.locator("option").count()):
        if hall.input_value() != OTHER_HALL:
            page.keyboard.press("ArrowDown")
    press(page, page.get_by_role("button", name="筛选"))
    expect(page.locator("#found")).to_contain_text("沂水县")
    expect(hall).to_have_value(OTHER_HALL)
    press(page, page.get_by_role("link", name="全大厅"))
    expect(page.locator("#found")).to_contain_text("沂水县")
    expect(page.locator(f"a[href='/console/dossiers/{there}']")).to_be_visible()
    expect(page.locator(f"a[href='/console/dossiers/{house.numbers['hotel']}']")).to_have_count(0)


def test_a_refused_form_is_where_the_eye_and_the_reader_are(visit: Visit, house: House) -> None:
    _, case = house.booked(TOBACCO)
    received(house.scene, case)
    page = enter(visit, house, "clerk")
    page.goto(f"/console/cases/{case}")
    page.locator("#act-refuse_acceptance summary").click()
    page.locator("#act-refuse_acceptance textarea").first.fill("不属于本部门")
    page.evaluate("document.querySelectorAll('[required]').forEach((one) => { one.required = false })")
    page.get_by_role("button", name="确定不予受理").click()
    alert = page.locator("#act-refuse_acceptance").get_by_role("alert")
    expect(alert).to_be_in_viewport()
    expect(page.locator("#act-refuse_acceptance textarea").first).to_have_value("不属于本部门")
    accessible(page)


def test_it_works_without_scripts(visit: Visit, house: House) -> None:
    number, _ = house.booked(TOBACCO)
    page = enter(visit, house, "agent", java_script_enabled=False)
    page.goto(f"/console/dossiers/{number}")
    page.get_by_label("写给申请人").fill("材料齐了")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已发给申请人")
    expect(page.locator(".talk")).to_contain_text("材料齐了")


# --- the applicant's side of it, on the web page ---


def booked_by(page: Page, house: House) -> str:
    """A booking of the visitor's, which an agent has taken."""
    session = next(one["value"] for one in page.context.cookies() if one["name"] == "bangban_session")
    chat = chat_of(session)
    number = str(house.scene.book(TOBACCO, chat=chat, applicant=SHOP).facts["number"])
    entrusted(house.scene, number, chat=chat)
    house.scene.assistant.letters(chat)  # the news of that are read
    return number


def test_what_an_agent_writes_appears_by_itself_and_takes_nobodys_focus(visit: Visit, house: House) -> None:
    page = visit(base=house.address)
    page.clock.install()
    page.reload()
    number = booked_by(page, house)
    page.get_by_role("textbox").fill("我正在写")
    house.scene.do(lambda desk: messages.write(desk, known(desk, "agent"), number, "请带原件来"))
    page.clock.fast_forward(21_000)
    log = page.get_by_role("log")
    expect(log).to_contain_text("请带原件来")
    expect(log.get_by_role("heading", name="给您的新消息")).to_be_visible()
    expect(page.get_by_role("textbox")).to_be_focused()
    expect(page.get_by_role("textbox")).to_have_value("我正在写")
    accessible(page)
    page.clock.fast_forward(21_000)
    page.reload()
    expect(page.get_by_role("log")).to_contain_text("请带原件来")  # kept in the tab, and there once
    expect(page.get_by_role("article")).to_have_count(1)


def test_without_a_network_looking_for_letters_troubles_nobody(visit: Visit, house: House) -> None:
    page = visit(base=house.address)
    page.clock.install()
    page.reload()
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        page.clock.fast_forward(21_000)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_file_is_sent_where_one_is_awaited(visit: Visit, house: House) -> None:
    page = visit(base=house.address)
    number = booked_by(page, house)
    expect(page.get_by_label("发送文件")).to_have_count(0)
    ask(page, number)
    page.get_by_role("button", name="联系代办员").last.click()
    expect(page.get_by_label("发送文件")).to_be_visible()
    accessible(page)
    page.get_by_label("发送文件").set_input_files({"name": "照片.png", "mimeType": "image/png", "buffer": PICTURE})
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator(".asked").last).to_contain_text("照片.png")
    assert [one.media_type for one in house.scene.dossier(number).files.values()] == ["image/png"]


# --- everybody ---


@pytest.mark.parametrize("width", ["phone", "desktop"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("who", PAGES)
def test_no_page_has_a_barrier(visit: Visit, house: House, who: str, scheme: str, width: str) -> None:
    page = enter(visit, house, who, color_scheme=scheme, viewport=PHONE if width == "phone" else DESKTOP)
    for path in every_page(house, who):
        page.goto(path)
        unfold(page)
        accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_of_the_door_have_no_barrier(visit: Visit, house: House, scheme: str) -> None:
    path = f"/console/login/{secret(house.scene, 'agent')}"
    page = visit(path, base=house.address, color_scheme=scheme)
    accessible(page)
    page.locator("main button").click()
    page.locator("footer button").click()
    accessible(page)  # logged out
    for closed in (path, "/console"):
        page.goto(closed)
        accessible(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_large_text_has_the_highest_contrast(visit: Visit, house: House, scheme: str) -> None:
    """7:1 (WCAG 2.2, 1.4.6)."""
    page = enter(visit, house, "clerk", color_scheme=scheme)
    page.get_by_role("button", name="大字版").click()
    for path in every_page(house, "clerk"):
        page.goto(path)
        unfold(page)
        accessible(page, rules={"color-contrast-enhanced": {"enabled": True}})


@pytest.mark.parametrize("size", ["100%", "200%"])
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_a_narrow_phone_needs_no_sideways_scrolling(visit: Visit, house: House, language: str, size: str) -> None:
    """320 px wide (WCAG 2.2, 1.4.10) and with letters of double size (1.4.4)."""
    for who in PAGES:
        page = enter(visit, house, who, viewport={"width": 320, "height": 640}, locale=language)
        for path in every_page(house, who):
            page.goto(path)
            unfold(page)
            page.evaluate(f"document.documentElement.style.fontSize = '{size}'")
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path


def test_what_is_pressed_is_large_enough_for_a_finger(visit: Visit, house: House) -> None:
    for who in PAGES:
        page = enter(visit, house, who)
        for path in every_page(house, who):
            page.goto(path)
            unfold(page)
            assert too_small(page) == [], path


def test_the_light_says_the_same_without_its_colour(visit: Visit, house: House) -> None:
    page = enter(visit, house, "agent")
    light = page.locator(".light").first
    expect(light).to_contain_text("正常")
    expect(light.locator(".sign")).to_have_text("●")


# --- the pictures in the documents ---


def test_the_pictures_in_the_documents(visit: Visit, house: House, tmp_path: Path) -> None:
    """They are what the pages show of a hall that is made up. BANGBAN_SCREENSHOTS=1 renews them."""
    folder = ROOT / "docs" / "images" if os.environ.get("BANGBAN_SCREENSHOTS") == "1" else tmp_path
    number, case = _a_month(house)
    how = {"viewport": {"width": 1000, "height": 900}, "device_scale_factor": 2, "reduced_motion": "reduce"}
    page = visit(f"/console/login/{secret(house.scene, 'clerk')}", base=house.address, **how)
    _picture(page, folder / "console-login.png", 460)
    page.locator("main button").click()
    page.goto(f"/console/cases/{case}")
    page.locator("#act-request_supplement").evaluate("(one) => { one.open = true }")
    _picture(page, folder / "console-case.png", 1150)
    page = enter(visit, house, "coordinator", **how)
    page.goto("/console?scope=hall")
    _picture(page, folder / "console-inbox.png", 1000)
    page = enter(visit, house, "agent", **how)
    page.goto(f"/console/dossiers/{number}")
    _picture(page, folder / "console-dossier.png", 1150)


def _picture(page: Page, path: Path, height: int) -> None:
    page.set_viewport_size({"width": 1000, "height": height})
    page.screenshot(path=path, animations="disabled")
    assert path.stat().st_size > 30_000


def _a_month(house: House) -> tuple[str, str]:
    """Cases that began on different days of March, as they stand on the first of April: with every light. The number
    of a dossier with several cases, and of a case that is examined."""
    scene = house.scene
    for day, moves in (("03-05", ()), ("03-20", ()), ("03-10", (Move.START_PROCEDURE,))):
        scene.on(day)
        _, case = house.booked(HOTEL)
        received(scene, case)
        plain(scene, "clerk", case, Move.ACCEPT)
        for move in moves:
            until = scene.now.date().replace(month=4, day=20)
            plain(scene, "clerk", case, move, procedure=Procedure.INSPECTION, basis="第四十五条", deadline=until)
    chat = Chat("terminal", "picture")
    number = scene.book(HOTEL, TOBACCO, "individual_business", applicant=COMPANY, chat=chat).facts["number"]
    entrusted(scene, number, chat=chat)
    first, second, _ = scene.dossier(number).cases
    received(scene, first)
    plain(scene, "clerk", first, Move.ACCEPT)
    plain(scene, "agent", second, Move.SUBMIT)
    plain(scene, "clerk", second, Move.RECEIVE, materials=scene.required(second)[:2])
    scene.do(lambda desk: messages.write_own(desk, chat, number, "旅馆的许可大概哪天能下来？"))
    scene.on("04-01")
    for line in scene.read(lambda desk: desk.records.own(chat, 9)):
        scene.tick(line.number)
    scene.assistant.tick()
    return number, second
