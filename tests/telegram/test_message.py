"""Replies as Telegram shows them: markup, splitting, buttons."""

from __future__ import annotations

import html
import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bot.events import LANGUAGES, Block, BlockKind, Button, File, Outcome, Reply, Span
from handlers.telegram.message import (
    CAPTION_UNITS,
    TEXT_UNITS,
    EditText,
    SendDocument,
    SendPhoto,
    SendText,
    calls,
    keyboard,
    pages,
    to_html,
    units,
)
from handlers.telegram.translate import Origin


def block(kind: BlockKind, *spans: str | Span) -> Block:
    return Block(kind, tuple(span if isinstance(span, Span) else Span(span) for span in spans))


def reply(*blocks: Block, **more) -> Reply:
    return Reply(Outcome.NOTICE, "zh", blocks, **more)


def shown(markup: str) -> str:
    """What a person sees of Telegram's HTML."""
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def test_every_kind_of_block() -> None:
    blocks = (
        block(BlockKind.HEADING, "护照"),
        block(BlockKind.PARAGRAPH, "是什么", Span("重点", bold=True)),
        block(BlockKind.SECTION, "要带什么"),
        block(BlockKind.CHECK, "身份证"),
        block(BlockKind.ITEM, Span("法律", href="https://flk.npc.gov.cn/?a=1&b=2")),
        block(BlockKind.NOTE, "一"),
        block(BlockKind.NOTE, "二"),
    )
    assert to_html(blocks).splitlines() == [
        "<b>护照</b>",
        "是什么<b>重点</b>",
        "",
        "<b>要带什么</b>",
        "☐ 身份证",
        '• <a href="https://flk.npc.gov.cn/?a=1&amp;b=2">法律</a>',
        "<blockquote>一",
        "二</blockquote>",
    ]


def test_small_print_is_folded_when_it_is_long() -> None:
    assert to_html([block(BlockKind.NOTE, "短")]) == "<blockquote>短</blockquote>"
    assert to_html([block(BlockKind.NOTE, "长" * 400)]).startswith("<blockquote expandable>")


def test_what_people_write_is_never_markup() -> None:
    assert to_html([block(BlockKind.PARAGRAPH, "<b>&amp;</b> \x00\ud800")]) == "&lt;b&gt;&amp;amp;&lt;/b&gt; "


@pytest.mark.parametrize("address", ["javascript:alert(1)", "tel:12345", "/items/x", "http://", "https://[", "x" * 600])
def test_an_address_telegram_does_not_open_is_words_only(address: str) -> None:
    assert to_html([block(BlockKind.ITEM, Span("来源", href=address))]) == "• 来源"


def test_a_long_notice_is_split_at_its_sections() -> None:
    sections = [(block(BlockKind.SECTION, f"第{n}节"), block(BlockKind.PARAGRAPH, "字" * 1500)) for n in range(6)]
    split = list(pages([b for section in sections for b in section], TEXT_UNITS))
    assert len(split) == 3
    assert all(page[0].kind is BlockKind.SECTION for page in split)


def test_a_section_that_is_too_long_is_split_between_its_entries_and_keeps_its_title() -> None:
    blocks = [block(BlockKind.SECTION, "材料"), *(block(BlockKind.CHECK, f"{n}号" + "材" * 600) for n in range(20))]
    split = list(pages(blocks, TEXT_UNITS))
    assert [b for page in split for b in page] == blocks
    assert split[0][0].kind is BlockKind.SECTION and len(split[0]) > 1


def test_a_block_that_is_too_long_is_split_between_sentences() -> None:
    sentence = "这是一句话" * 40 + "。"
    split = list(pages([block(BlockKind.PARAGRAPH, sentence * 50)], TEXT_UNITS))
    assert len(split) > 1
    assert all(b.text.endswith("。") for page in split for b in page)


text = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=60)
spans = st.builds(
    Span,
    st.one_of(text, text.map(lambda words: (words + "。") * 90), st.just("𠮷&" * 3000)),
    bold=st.booleans(),
    code=st.booleans(),
    href=st.sampled_from(["", "", "https://www.gov.cn/a?b=1&c=2"]),
)
one_block = st.builds(Block, st.sampled_from(list(BlockKind)), st.lists(spans, max_size=4).map(tuple))
blocks = st.lists(one_block, max_size=12)


@given(blocks)
@settings(max_examples=60, deadline=None)
def test_split_messages_fit_and_lose_nothing(written: list[Block]) -> None:
    split = list(pages(written, TEXT_UNITS))
    for page in split:
        assert shown(to_html(page)).strip() and units(to_html(page)) <= TEXT_UNITS

    def words(parts) -> str:
        return re.sub(r"\s|• |☐ ", "", "".join(part.text for part in parts))

    assert words(b for page in split for b in page) == words(written)


def test_units_are_those_of_utf_16() -> None:
    assert units("a汉𠮷😀") == len("a汉𠮷😀".encode("utf-16-le")) // 2 == 6


def test_every_item_fits_in_every_language(catalogue, assistant) -> None:
    for code in catalogue.codes():
        for language in LANGUAGES:
            notice = assistant.notice(code, language)
            for call in calls(notice, Origin()):
                assert isinstance(call, SendText) and 0 < units(call.html) <= TEXT_UNITS, (code, language)


BUTTONS = ((Button("一", data="a"),), (Button("二", data="b"), Button("网", url="https://www.gov.cn")))


def test_buttons_hang_on_the_last_message_only() -> None:
    long = [block(BlockKind.SECTION, "节"), block(BlockKind.PARAGRAPH, "字" * 3000)] * 2
    first, last = calls(reply(*long, buttons=BUTTONS), Origin())
    assert first.keyboard is None
    assert last.keyboard is not None and [len(row) for row in last.keyboard.inline_keyboard] == [1, 2]


def test_a_reply_takes_the_place_of_the_pressed_message_if_it_is_one_message() -> None:
    short, long = block(BlockKind.PARAGRAPH, "好"), block(BlockKind.PARAGRAPH, "长。" * 4000)
    assert calls(reply(short, replaces=True), Origin(pressed=9)) == (EditText(9, "好"),)
    assert calls(reply(short, replaces=False), Origin(pressed=9)) == (SendText("好"),)
    assert calls(reply(short, replaces=True), Origin()) == (SendText("好"),)
    assert all(isinstance(call, SendText) for call in calls(reply(long, replaces=True), Origin(pressed=9)))


def test_a_short_reply_is_the_caption_of_its_document() -> None:
    file = File('办 "护照"/须知.pdf', "application/pdf", b"%PDF")
    (call,) = calls(reply(block(BlockKind.HEADING, "护照"), files=(file,), buttons=BUTTONS), Origin(pressed=3))
    assert isinstance(call, SendDocument) and call.caption == "<b>护照</b>" and call.keyboard is not None
    assert call.file.name == "办 _护照_须知.pdf"


def test_a_long_reply_goes_before_its_document() -> None:
    file = File("a.pdf", "application/pdf", b"%PDF")
    written = (block(BlockKind.HEADING, "护照"), block(BlockKind.PARAGRAPH, "字" * CAPTION_UNITS))
    words, document = calls(reply(*written, files=(file,), buttons=BUTTONS), Origin())
    assert isinstance(words, SendText) and words.keyboard is None
    assert isinstance(document, SendDocument) and document.keyboard is not None


PHOTO, SCAN = "image/jpeg", "image/png"


def picture(media_type: str, width: int = 40, height: int = 30) -> File:
    content = io.BytesIO()
    Image.new("1" if media_type == SCAN else "L", (width, height)).save(content, media_type.partition("/")[2])
    return File("文件 a.x", media_type, content.getvalue())


def sent_in_a_talk(file: File) -> Reply:
    return Reply(Outcome.MESSAGE, "zh", (block(BlockKind.PARAGRAPH, "发来一个文件"),), (BUTTONS[0],), (file,))


@pytest.mark.parametrize(
    "file",
    [picture(PHOTO), picture(SCAN), picture(PHOTO, 20, 1), picture(SCAN, 9_500, 500), picture(SCAN, 500, 9_500)],
)
def test_a_picture_of_a_talk_is_a_photo(file: File) -> None:
    (call,) = calls(sent_in_a_talk(file), Origin())
    assert isinstance(call, SendPhoto) and call.file.content == file.content
    assert call.caption == "发来一个文件" and call.keyboard is not None
    assert call.as_document() == SendDocument(call.file, call.caption, call.keyboard)


@pytest.mark.parametrize(
    "file",
    [
        picture(SCAN, 9_501, 500),
        picture(PHOTO, 21, 1),
        picture("image/webp"),
        replace(picture(SCAN), media_type=PHOTO),
        replace(picture(PHOTO), content=picture(PHOTO).content + bytes(10 * 1024 * 1024)),
        File("a.jpg", PHOTO, b"\xff\xd8\xff broken"),
        File("a.pdf", "application/pdf", b"%PDF"),
    ],
    ids=["too large", "too narrow", "webp", "not what it says", "too many bytes", "broken", "pdf"],
)
def test_what_is_no_photo_to_telegram_is_a_document(file: File) -> None:
    (call,) = calls(sent_in_a_talk(file), Origin())
    assert isinstance(call, SendDocument)


def test_a_picture_that_is_opened_out_of_a_dossier_comes_as_it_was_sent() -> None:
    (call,) = calls(replace(sent_in_a_talk(picture(PHOTO)), outcome=Outcome.FILE), Origin())
    assert isinstance(call, SendDocument)


def test_nothing_to_show_is_no_call() -> None:
    assert calls(reply(), Origin()) == ()
    assert calls(reply(block(BlockKind.PARAGRAPH, "")), Origin()) == ()


def test_rows_and_buttons_keep_to_telegrams_numbers() -> None:
    shown = keyboard([[Button(str(n), data=str(n)) for n in range(150)]])
    assert shown is not None
    assert [len(row) for row in shown.inline_keyboard] == [8] * 12 + [4]
    assert keyboard([]) is None


@pytest.mark.parametrize("data", ["", "x" * 65, "办" * 22])
def test_data_telegram_cannot_carry_is_an_error(data: str) -> None:
    with pytest.raises(ValueError, match="bytes"):
        keyboard([[Button("一", data=data)]])


@pytest.mark.parametrize("url", ["tel:12345", "/items/a/notice.pdf", "http://localhost:8080/x"])
def test_addresses_only_the_web_page_opens_are_left_out(url: str) -> None:
    assert keyboard([[Button("一", url=url)]]) is None
