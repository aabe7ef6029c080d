"""The pages over HTTP, as a browser without scripts sees them."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pypdf
import pytest
import segno
import sqlalchemy as sa
import yaml

from bot.assistant import Assistant, Outside
from bot.desk.booking import book
from bot.desk.change import Change, Done, Tell
from bot.events import LANGUAGES, Language, Outcome, Say
from bot.render import Renderer
from bot.store import Store
from bot.store.schema import chats, updates
from bot.vault import Vault
from handlers.web.app import create_app
from handlers.web.session import chat_of
from knowledge.catalogue import Catalogue
from tests.conftest import NOW, SEAL, chance
from tests.desk.scene import request
from tests.web.conftest import SETTINGS, TEMPLATES, Clock, MakeApp, running
from tests.web.forms import Page, ask, press

PAGES = ("/", "/items", "/items?q=身份证", "/items?for=organisation", "/items/id_card_apply", "/help", "/api/docs")
WORDS = {
    language: yaml.safe_load((TEMPLATES / language / "web.yaml").read_text(encoding="utf-8")) for language in LANGUAGES
}


# --- the conversation ---


def test_a_question_is_answered_on_a_whole_page(web: httpx.Client) -> None:
    page = ask(web, "补办身份证要多少钱")
    assert "补办身份证要多少钱" in page.headings
    assert "居民身份证申领、换领、补领" in page.headings
    assert "40" in page.text


def test_the_materials_are_a_list_to_tick_off(web: httpx.Client) -> None:
    assert Page(web.get("/items/id_card_apply").text).checkboxes >= 3


def test_a_situation_is_asked_and_its_button_narrows_the_answer(web: httpx.Client) -> None:
    asked = ask(web, "办身份证")
    assert "您是哪种情况？" in asked.text
    told = press(web, asked, "丢了补办")
    assert "丢了补办" in told.headings
    assert "您的情形：丢了补办" in told.text
    assert "旧居民身份证" not in told.text


def test_the_same_form_sent_twice_is_one_question(server: str, make_app: MakeApp) -> None:
    with httpx.Client(base_url=server) as web:
        form = next(form for form in Page(web.get("/").text).forms if any(not name for _, name, _ in form.buttons))
        sent = {**form.hidden, "said": "/simple"}
        first, second = Page(web.post("/chat", data=sent).text), Page(web.post("/chat", data=sent).text)
        assert first.outcomes == second.outcomes == ["simple_on"]  # and not off again
        third = Page(web.post("/chat", data={**sent, "nonce": "another-form-of-the-page"}).text)
        assert third.outcomes == ["simple_off"]


def test_the_same_form_with_other_words_is_another_question(web: httpx.Client) -> None:
    form = next(form for form in Page(web.get("/").text).forms if any(not name for _, name, _ in form.buttons))
    fee = Page(web.post("/chat", data={**form.hidden, "said": "补办身份证要多少钱"}).text)
    passport = Page(web.post("/chat", data={**form.hidden, "said": "护照多少钱"}).text)
    assert fee.headings != passport.headings


def test_two_visitors_do_not_share_a_conversation(server: str) -> None:
    with httpx.Client(base_url=server) as one, httpx.Client(base_url=server) as other:
        ask(one, "补办身份证要多少钱")
        assert "居民身份证" not in ask(other, "要几天").text


def test_cookies_switched_off_still_gets_an_answer(server: str) -> None:
    answer = httpx.post(f"{server}/chat", data={"said": "补办身份证要多少钱"}, headers={"Accept-Language": "zh"})
    assert "居民身份证申领、换领、补领" in Page(answer.text).headings


def test_clearing_begins_again_with_nobody_known(web: httpx.Client) -> None:
    page = ask(web, "补办身份证要多少钱")
    before = web.cookies["bangban_session"]
    cleared = press(web, page, "清空对话")
    assert "您要办什么事？" in cleared.headings
    assert web.cookies["bangban_session"] != before
    assert "居民身份证" not in ask(web, "要几天").text


def test_what_somebody_wrote_is_shown_as_text(web: httpx.Client) -> None:
    evil = '<script>alert(1)</script><img src=x onerror="alert(2)">'
    html = httpx.post(f"{web.base_url}/chat", data={"said": evil}).text
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert evil in Page(html).text


@pytest.mark.parametrize(
    "said", ["", "   ", "\u200b\u202e\ufeff", "😀" * 50, "a" * 5000, "\x00\x01", "/nothing", "///"]
)
def test_anything_gets_a_calm_answer(web: httpx.Client, said: str) -> None:
    answer = web.post("/chat", data={"nonce": "nonce-for-" + "anything", "said": said})
    assert answer.status_code == 200
    assert 'class="reply"' in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_example_on_the_first_page_is_answered(server: str, language: Language) -> None:
    for example in WORDS[language]["chat"]["examples"]:
        with httpx.Client(base_url=server, headers={"Accept-Language": language}) as web:
            first = Page(web.get("/").text)
            form, name, value = first.button(example)
            outcomes = Page(web.post(form.action, data={**form.hidden, name: value}).text).outcomes
            assert outcomes, example
            assert set(outcomes) <= {"notice", "situation", "choose", "plan"}, (example, outcomes)


def test_a_fault_of_ours_is_a_sentence_with_the_same_form_to_send_again(
    catalogue: Catalogue, renderer: Renderer, tmp_path: Path, make_app: MakeApp
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'faulty.db'}", SEAL)
    assistant = Assistant(lambda: catalogue, store, renderer, lambda: NOW, chance())
    with running(make_app(assistant=assistant)) as address, httpx.Client(base_url=address) as web:
        web.get("/")
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE chats RENAME TO elsewhere"))
        failed = web.post("/chat", data={"nonce": "one-and-the-same", "said": "补办身份证要多少钱"})
        assert failed.status_code == 503
        assert "再试一次" in failed.text
        assert "Traceback" not in failed.text
        with store.engine.begin() as connection:
            connection.execute(sa.text("ALTER TABLE elsewhere RENAME TO chats"))
        again = press(web, Page(failed.text), "再试一次")
        assert "居民身份证申领、换领、补领" in again.headings
    store.close()


# --- language and text size ---


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en-US,en;q=0.9", "en"),
        ("fr,en;q=0.5", "en"),
        ("en;q=0.1, zh;q=0.9", "zh-CN"),
        ("fr", "zh-CN"),
        ("", "zh-CN"),
        ("en;q=nonsense", "zh-CN"),
        (",;q=,en" * 1000, "en"),
    ],
)
def test_the_page_speaks_the_browsers_language(server: str, header: str, expected: str) -> None:
    assert Page(httpx.get(server, headers={"Accept-Language": header}).text).language == expected


@pytest.mark.parametrize("path", PAGES)
def test_the_language_in_an_address_wins_and_is_kept(web: httpx.Client, path: str) -> None:
    separator = "&" if "?" in path else "?"
    page = web.get(f"{path}{separator}lang=en")
    assert Page(page.text).language == page.headers["content-language"] == "en"
    assert Page(web.get(path).text).language == "en"


def test_the_switch_changes_the_page_and_the_conversation(web: httpx.Client) -> None:
    ask(web, "补办身份证要多少钱")
    english = press(web, Page(web.get("/items?q=身份证&for=person").text), "EnglishSwitch to English")
    assert english.language == "en"
    assert "Services for “身份证”" in english.headings
    assert "Resident" in ask(web, "补办身份证要多少钱").text


def test_a_language_chosen_in_the_conversation_is_the_pages_too(web: httpx.Client) -> None:
    assert ask(web, "/lang en").language == "en"
    assert Page(web.get("/help").text).language == "en"


def test_large_text_changes_the_page_and_the_answers(web: httpx.Client) -> None:
    press(web, Page(web.get("/").text), "大字版")
    html = web.get("/").text
    assert '<html lang="zh-CN" class="simple">' in html
    short = ask(web, "补办身份证要多少钱").text
    press(web, Page(html), "标准版")
    assert 'class="simple"' not in web.get("/").text
    assert len(ask(web, "补办身份证要多少钱").text) > len(short)


def test_large_text_is_still_there_in_a_new_session(web: httpx.Client) -> None:
    press(web, Page(web.get("/").text), "大字版")
    web.cookies.delete("bangban_session")
    ask(web, "补办身份证要多少钱")
    assert 'class="simple"' in web.get("/").text


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_nobody_is_led_to_another_site(web: httpx.Client, back: str) -> None:
    assert web.post("/preferences", data={"language": "en", "back": back}).headers["location"] == "/"


def test_both_languages_have_the_same_words() -> None:
    def shape(node: object) -> object:
        return {key: shape(value) for key, value in node.items()} if isinstance(node, dict) else type(node).__name__

    assert shape(WORDS["zh"]) == shape(WORDS["en"])


# --- the catalogue ---


def test_items_can_be_searched_in_peoples_words(web: httpx.Client) -> None:
    assert "/items/id_card_apply" in Page(web.get("/items", params={"q": "身份证丢了"}).text).links


def test_every_item_can_be_reached_by_leafing_through(web: httpx.Client, catalogue: Catalogue) -> None:
    address, seen = "/items", set()
    while address:
        page = web.get(address).text
        seen |= set(re.findall(r'href="/items/(\w+)"', page))
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        address = onward[1] if onward else ""
    assert seen == set(catalogue.codes())


def test_a_department_and_an_applicant_narrow_the_list(web: httpx.Client) -> None:
    html = web.get("/items", params={"department": "公安派出所", "for": "person"}).text
    codes = set(re.findall(r'href="/items/(\w+)"', html))
    assert "id_card_apply" in codes
    assert "company_establish" not in codes


@pytest.mark.parametrize("page", ["0", "-1", "999999", "x", "9" * 5000, "１"])
def test_a_page_number_that_makes_no_sense_shows_a_page(web: httpx.Client, page: str) -> None:
    assert web.get("/items", params={"page": page}).status_code == 200


def test_nothing_found_says_what_to_do(web: httpx.Client) -> None:
    html = web.get("/items", params={"department": "没有这个部门"}).text
    assert "12345" in html
    assert "没有找到" in html


def test_an_item_has_its_guide_and_its_situations(web: httpx.Client) -> None:
    whole = Page(web.get("/items/id_card_apply").text)
    lost = Page(web.get("/items/id_card_apply?kind=lost").text)
    assert "旧居民身份证" in whole.text
    assert "旧居民身份证" not in lost.text
    assert "/items/id_card_apply.pdf?kind=lost&lang=zh" in lost.links


def test_a_situation_that_does_not_exist_is_left_out(web: httpx.Client) -> None:
    odd = Page(web.get("/items/id_card_apply?kind=nonsense&other=1").text)
    assert odd.headings == Page(web.get("/items/id_card_apply").text).headings


@pytest.mark.parametrize(("language", "name"), [("zh", "居民身份证申领"), ("en", "Resident identity card")])
def test_the_paper_is_the_guide(web: httpx.Client, language: str, name: str) -> None:
    answer = web.get("/items/id_card_apply.pdf", params={"lang": language})
    assert answer.headers["content-type"] == "application/pdf"
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.content)).pages)
    assert name in text
    assert "12345" in text


def test_the_code_leads_to_the_public_address(make_app: MakeApp) -> None:
    with running(make_app(public_url="https://ban.example.gov.cn", telegram_bot="a_bot")) as address:
        for query, link in (
            ("", "https://ban.example.gov.cn/items/id_card_apply"),
            ("?to=telegram", "https://t.me/a_bot?start=item_id_card_apply"),
        ):
            svg = httpx.get(f"{address}/items/id_card_apply/qr.svg{query}").content
            expected = io.BytesIO()
            segno.make(link, error="m", micro=False).save(expected, kind="svg", border=4)
            paths = [re.findall(r' d="([^"]+)"', image)[-1] for image in (svg.decode(), expected.getvalue().decode())]
            assert paths[0] == paths[1]


def test_without_a_bot_there_is_no_way_to_telegram(make_app: MakeApp) -> None:
    with running(make_app()) as address:
        assert "t.me" not in httpx.get(f"{address}/items/id_card_apply").text
        assert httpx.get(f"{address}/items/id_card_apply/qr.svg?to=telegram").status_code == 404


# --- what goes wrong ---


@pytest.mark.parametrize(
    "path", ["/nowhere", "/items/nothing", "/items/nothing.pdf", "/items/nothing/qr.svg", "/static/../app.py"]
)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_there_is_a_kind_page(web: httpx.Client, path: str, language: str) -> None:
    answer = web.get(path, params={"lang": language})
    assert answer.status_code == 404
    page = Page(answer.text)
    assert WORDS[language]["problems"]["title"] in page.headings
    assert "/items" in page.links
    assert "12345" in page.text


def test_a_wrong_method_is_a_kind_page(web: httpx.Client) -> None:
    answer = web.get("/chat")
    assert answer.status_code == 405
    assert "请回到首页" in answer.text


def test_a_fault_in_a_page_is_a_kind_page(catalogue: Catalogue, make_app: MakeApp, assistant: Assistant) -> None:
    from handlers.web.app import create_app
    from tests.web.conftest import SETTINGS

    def no_more_tokens() -> str:
        raise OSError

    with running(create_app(SETTINGS, assistant, lambda: catalogue, no_more_tokens, Clock())) as address:
        answer = httpx.get(address, headers={"Accept-Language": "zh"})
        assert answer.status_code == 500
        assert "我们这边出了故障" in answer.text
        assert "OSError" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/chat", "/clear", "/preferences"])
def test_a_form_on_another_site_does_nothing(web: httpx.Client, path: str, headers: dict[str, str]) -> None:
    web.get("/")
    answer = web.post(path, data={"said": "/simple", "simple": "on"}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_our_own_form_is_taken(web: httpx.Client) -> None:
    own = str(web.base_url).rstrip("/")
    for headers in ({"Origin": own}, {"Sec-Fetch-Site": "same-origin", "Origin": own}, {}):
        assert web.post("/chat", data={"said": "你好"}, headers=headers).status_code == 200


def test_a_long_body_is_refused_before_it_is_read(web: httpx.Client) -> None:
    answer = web.post("/chat", data={"said": "好" * 100_000})
    assert answer.status_code == 413
    assert "太长" in answer.text


def test_a_long_body_that_hides_its_length_is_refused(web: httpx.Client) -> None:
    answer = web.post("/chat", content=iter([b"said="] + [b"a" * 10_000] * 20))
    assert answer.status_code == 413


def test_a_body_that_never_ends_is_given_up(make_app: MakeApp) -> None:
    import socket

    with running(make_app(body_seconds=0.2)) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"POST /chat HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nsaid=")
            assert connection.recv(100).startswith(b"HTTP/1.1 408")


def test_too_many_questions_get_a_friendly_sentence_and_then_an_answer(make_app: MakeApp) -> None:
    clock = Clock()
    with running(make_app(clock, questions_a_minute=3)) as address, httpx.Client(base_url=address) as web:
        web.get("/")
        answers = [web.post("/chat", data={"said": "补办身份证要多少钱"}) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert "您问得太快了" in answers[-1].text
        assert "补办身份证要多少钱" in answers[-1].text  # kept, to be sent again
        clock.now += 20
        assert "居民身份证" in press(web, Page(answers[-1].text), "再试一次").text


def test_one_address_cannot_keep_everybody_else_out(make_app: MakeApp) -> None:
    with running(make_app(requests_a_minute=5)) as address:
        codes = [httpx.get(f"{address}/help").status_code for _ in range(6)]
        assert codes == [200] * 5 + [429]
        assert httpx.get(f"{address}/static/style.css").status_code == 200


# --- headers ---


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/healthz", "/api/items", "/robots.txt", "/static/chat.js"])
def test_every_answer_is_locked_down(web: httpx.Client, path: str) -> None:
    headers = web.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_what_the_policy_forbids(web: httpx.Client, path: str) -> None:
    html = web.get(path).text
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=\"/static/)", html)
    assert not re.search(r"""(?:src|href)="(?:https?:)?//(?!t\.me/)[^"]*\.(?:js|css|png|woff)""", html)


def test_the_session_is_a_cookie_that_scripts_and_other_sites_cannot_use(server: str, make_app: MakeApp) -> None:
    cookie = httpx.get(server).headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "max-age" not in cookie
    assert "secure" not in cookie
    with running(make_app(public_url="https://ban.example.gov.cn")) as address:
        answer = httpx.get(address)
        assert "; secure" in answer.headers["set-cookie"].lower()
        assert "strict-transport-security" in answer.headers


def test_what_is_kept_does_not_name_the_session(
    make_app: MakeApp, catalogue: Catalogue, renderer: Renderer, tmp_path: Path
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'kept.db'}", SEAL)
    assistant = Assistant(lambda: catalogue, store, renderer, lambda: NOW, chance())
    with running(make_app(assistant=assistant)) as address, httpx.Client(base_url=address) as web:
        ask(web, "补办身份证要多少钱")
        session = web.cookies["bangban_session"]
    kept = [
        {name: SEAL.open(value) for name, value in row.items()}
        for table in (chats, updates)
        for row in rows(store, table)
    ]
    store.close()
    assert "id_card_apply" in str(kept)
    assert session not in str(kept)
    assert session.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("kept.db*"))


def rows(store: Store, table: sa.Table) -> list[dict[str, object]]:
    with store.engine.connect() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def test_the_conversation_is_never_cached_and_files_are(web: httpx.Client) -> None:
    assert web.get("/").headers["cache-control"] == "no-store"
    style = re.search(r'href="(/static/style\.css\?v=\w+)"', web.get("/").text)
    assert style
    assert "immutable" in web.get(style[1]).headers["cache-control"]


def test_it_says_that_it_is_well(web: httpx.Client, catalogue: Catalogue) -> None:
    assert web.get("/healthz").json() == {"status": "ok", "catalogue": catalogue.version}
    assert web.get("/favicon.ico", follow_redirects=True).headers["content-type"].startswith("image/svg+xml")
    assert "Disallow: /chat" in web.get("/robots.txt").text
    assert dt.date.fromisoformat(catalogue.built)


# --- what comes without a question ---


@pytest.fixture
def letterbox(catalogue: Catalogue, renderer: Renderer, tmp_path: Path) -> Iterator[Letterbox]:
    """A web page whose assistant a test can let write to a visitor."""
    store = Store(f"sqlite:///{tmp_path / 'letters.db'}", SEAL)
    vault = Vault(tmp_path / "files", SEAL, 1000)
    outside = Outside(files=vault.read)
    assistant = Assistant(lambda: catalogue, store, renderer, lambda: NOW, chance(), outside=outside)
    numbers = itertools.count()
    token = lambda: f"unguessable-only-outside-tests-{next(numbers)}"  # noqa: E731
    app = create_app(SETTINGS, assistant, lambda: catalogue, token, Clock(), vault)
    with running(app) as address, httpx.Client(base_url=address, headers={"Accept-Language": "zh"}) as web:
        web.get("/")
        yield Letterbox(assistant, web, tmp_path / "files")
    store.close()


@dataclass
class Letterbox:
    assistant: Assistant
    web: httpx.Client
    files: Path

    def write(self, outcome: Outcome = Outcome.THANKS) -> None:
        """A letter to the visitor, as a member of staff's move sends one."""
        to = chat_of(self.web.cookies["bangban_session"])
        self.assistant.perform(lambda desk: Done(Change(letters=(Tell(to, Say(outcome)),))))

    def book(self) -> str:
        """A booking of the visitor's; its number."""
        chat = chat_of(self.web.cookies["bangban_session"])
        done = self.assistant.perform(lambda desk: book(desk, chat, "zh", request()))
        assert isinstance(done, Done)
        return str(done.facts["number"])

    def look(self) -> httpx.Response:
        """What the page does by itself every 20 seconds."""
        return self.web.get("/chat/letters", headers={"HX-Request": "true"})


def test_letters_are_on_the_next_page_that_is_loaded_once(letterbox: Letterbox) -> None:
    letterbox.write()
    assert Page(letterbox.web.get("/").text).outcomes == ["thanks"]
    assert Page(letterbox.web.get("/").text).outcomes == []


def test_letters_stand_below_the_answer_of_a_page_without_scripts(letterbox: Letterbox) -> None:
    letterbox.write()
    answer = letterbox.web.post("/chat", data={"said": "补办身份证要多少钱"})
    assert Page(answer.text).outcomes == ["notice", "thanks"]


def test_an_open_page_gets_letters_by_itself_and_mostly_nothing(letterbox: Letterbox) -> None:
    assert letterbox.look().status_code == 204
    letterbox.write()
    came = letterbox.look()
    assert "给您的新消息" in Page(came.text).headings
    assert "<html" not in came.text
    assert came.headers["cache-control"] == "no-store"
    assert letterbox.look().status_code == 204


def test_letters_are_for_nobody_else(letterbox: Letterbox) -> None:
    letterbox.write()
    for cookies in ({}, {"bangban_session": "somebody-elses-session-of-this-page"}):
        other = httpx.get(f"{letterbox.web.base_url}/chat/letters", headers={"HX-Request": "true"}, cookies=cookies)
        assert other.status_code == 204


def test_the_api_gives_letters_too(letterbox: Letterbox) -> None:
    letterbox.write()
    sent = {"session": letterbox.web.cookies["bangban_session"], "event": {"type": "said", "text": "谢谢"}}
    first, again = (letterbox.web.post("/api/chat", json={**sent, "update_id": str(n)}).json() for n in range(2))
    assert [one["outcome"] for one in first["letters"]] == ["thanks"]
    assert again["letters"] == []


def test_a_file_that_nobody_asked_for_is_answered_and_not_kept(letterbox: Letterbox) -> None:
    assert 'type="file"' not in letterbox.web.get("/").text
    answer = letterbox.web.post("/chat/file", files={"file": ("照片.png", b"\x89PNG\r\n\x1a\n", "image/png")})
    assert Page(answer.text).outcomes == ["unexpected"]
    assert list(letterbox.files.iterdir()) == []


def test_a_file_that_is_awaited_is_kept_under_a_name_of_ours_and_sent_on(letterbox: Letterbox) -> None:
    number = letterbox.book()
    talking = letterbox.web.post("/chat", data={"press": f"j:{number}|找代办员"})
    form = next(form for form in Page(talking.text).forms if "file" in form.fields)
    assert form.action == "/chat/file#latest"
    picture = b"\x89PNG\r\n\x1a\n" + b"picture"
    sent = {"data": form.hidden, "files": {"file": ("../../身份证.png", picture, "text/html")}}
    for _ in range(2):  # the same form twice is one file
        answer = letterbox.web.post("/chat/file", **sent)
        assert Page(answer.text).outcomes == ["sent_on"]
    dossier = letterbox.assistant.read(lambda desk: desk.records.dossier(number))
    assert dossier is not None
    (file,) = dossier.files.values()
    assert (file.media_type, file.size) == ("image/png", len(picture))
    assert file.id in {one.name for one in letterbox.files.iterdir()}
    opened = letterbox.web.get(f"/files/{number}/{file.id}?lang=zh")
    assert (opened.content, opened.headers["content-type"]) == (picture, "image/png")
    assert opened.headers["cache-control"] == "no-store"
    assert httpx.get(f"{letterbox.web.base_url}/files/{number}/{file.id}").status_code == 404


def test_a_file_that_is_awaited_and_no_document_is_refused_in_words(letterbox: Letterbox) -> None:
    letterbox.web.post("/chat", data={"press": f"j:{letterbox.book()}|找代办员"})
    for content in (b"MZ program", b""):
        answer = letterbox.web.post("/chat/file", files={"file": ("a.png", content)})
        assert "没有收下" in Page(answer.text).text
    assert list(letterbox.files.iterdir()) == []


def test_a_paper_is_for_whoever_booked_and_not_there_for_anybody_else(letterbox: Letterbox) -> None:
    number = letterbox.book()
    dossier = letterbox.assistant.read(lambda desk: desk.records.dossier(number))
    assert dossier is not None
    (receipt, _) = dossier.papers
    paper = letterbox.web.get(f"/papers/{receipt}.pdf?lang=zh")
    assert "代办服务受理单" in "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.content)).pages)
    assert paper.headers["cache-control"] == "no-store"
    other = {"bangban_session": "somebody-elses-session-of-this-page"}
    for answer in (
        httpx.get(f"{letterbox.web.base_url}/papers/{receipt}.pdf"),
        httpx.get(f"{letterbox.web.base_url}/papers/{receipt}.pdf", cookies=other),
        letterbox.web.get("/papers/none.pdf"),
    ):
        assert answer.status_code == 404
        assert "/status" in answer.text


def test_files_that_arrive_at_once_are_limited(make_app: MakeApp) -> None:
    with running(make_app(files_at_once=0)) as address:
        answer = httpx.post(f"{address}/chat/file", files={"file": ("a.png", b"x")})
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")
