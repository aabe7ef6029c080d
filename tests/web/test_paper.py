"""The notice on paper: right text, right pages, nothing lost."""

from __future__ import annotations

import datetime as dt
import io
import re

import pypdf
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.assistant import Assistant
from bot.events import Block, BlockKind, Language, Span
from bot.paper import FONT, pdf
from knowledge.catalogue import Catalogue

DAY = dt.date(2026, 11, 23)
LINK = "https://ban.example.gov.cn/items/id_card_apply"


def block(kind: BlockKind, text: str, **look: object) -> Block:
    return Block(kind, (Span(text, **look),))  # type: ignore[arg-type]


HEADING = block(BlockKind.HEADING, "居民身份证补领")
SHORT = (
    HEADING,
    block(BlockKind.SECTION, "要带什么"),
    block(BlockKind.CHECK, "居民户口簿（原件 1 份）"),
    block(BlockKind.ITEM, "法定 60 日"),
    block(BlockKind.NOTE, "待核实，以窗口告知为准。"),
)


def paper(blocks: tuple[Block, ...], **changed: object) -> bytes:
    given = {"title": "居民身份证补领", "language": "zh", "footer": "咨询投诉：12345", "printed_on": DAY, "link": None}
    return pdf(blocks, **(given | changed))  # type: ignore[arg-type]


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages)


def words_of(content: bytes) -> str:
    """All text without white space: where lines break does not matter."""
    return re.sub(r"\s", "", text_of(content))


def test_chinese_text_can_be_taken_out_again() -> None:
    words = words_of(paper(SHORT))
    for expected in (
        "居民身份证补领",
        "要带什么",
        "☐居民户口簿（原件1份）",
        "•法定60日",
        "待核实，以窗口告知为准。",
        "咨询投诉：12345",
    ):
        assert expected in words


def test_every_character_of_gbk_is_in_the_font() -> None:
    pairs = (bytes((high, low)) for high in range(0x81, 0xFF) for low in range(0x40, 0xFF))
    every = {character for pair in pairs for character in pair.decode("gbk", "ignore") if character.isprintable()}
    assert len(every) > 21_000
    known = TTFont(FONT).getBestCmap()
    # ≒ is not in the original font either
    assert {character for character in every if ord(character) not in known} == {"≒"}


def test_what_the_font_does_not_have_is_a_visible_box() -> None:
    assert "好□了" in words_of(paper((HEADING, block(BlockKind.PARAGRAPH, "好😀了"))))


def test_invisible_characters_leave_no_box() -> None:
    hidden = "户\u200b口\u202e簿\ufeff\ufe0f"
    assert "带户口簿来" in words_of(paper((HEADING, block(BlockKind.PARAGRAPH, f"带{hidden}来"))))


def test_the_same_paper_is_the_same_bytes() -> None:
    assert paper(SHORT, link=LINK, caption="扫码看") == paper(SHORT, link=LINK, caption="扫码看")


def test_another_day_is_another_paper() -> None:
    tomorrow = paper(SHORT, printed_on=DAY + dt.timedelta(days=1))
    assert "2026-11-24" in text_of(tomorrow)
    assert tomorrow != paper(SHORT)


def test_metadata_says_what_and_in_which_language() -> None:
    reader = pypdf.PdfReader(io.BytesIO(paper(SHORT)))
    assert reader.metadata is not None
    assert reader.metadata.title == "居民身份证补领"
    assert reader.metadata.creation_date == dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
    assert reader.root_object["/Lang"] == "zh-CN"
    assert reader.root_object["/MarkInfo"]["/Marked"]


def test_titles_and_texts_are_tagged_in_reading_order() -> None:
    reader = pypdf.PdfReader(io.BytesIO(paper(SHORT)))
    document = reader.root_object["/StructTreeRoot"]["/K"][0].get_object()
    kinds = [element.get_object()["/S"] for element in document["/K"]]
    assert kinds == ["/H1", "/H2", "/P", "/P", "/Note"]


def test_a_paper_without_a_heading_gets_its_title_as_one() -> None:
    assert text_of(paper(SHORT[1:])).startswith("居民身份证补领")


def test_a_long_notice_is_numbered_and_complete() -> None:
    lines = tuple(block(BlockKind.CHECK, f"材料{number}：" + "居民户口簿原件和复印件" * 5) for number in range(60))
    content = paper((HEADING, *lines))
    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"{number} / {len(pages)}" in page.extract_text()
        assert "咨询投诉：12345" in page.extract_text()
    words = words_of(content)
    assert all(f"材料{number}：" in words for number in range(60))


@pytest.mark.parametrize("lines", range(26, 33))
def test_a_title_never_ends_a_page(lines: int) -> None:
    filler = tuple(block(BlockKind.PARAGRAPH, f"第{number}行") for number in range(lines))
    content = paper((HEADING, *filler, block(BlockKind.SECTION, "多少钱"), block(BlockKind.ITEM, "四十元")))
    with_title = [
        page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages if "多少钱" in page.extract_text()
    ]
    assert len(with_title) == 1
    assert "四十元" in with_title[0]


def test_a_link_is_a_code_and_can_be_followed() -> None:
    reader = pypdf.PdfReader(io.BytesIO(paper(SHORT, link=LINK, caption="扫码看最新内容")))
    links = [note.get_object()["/A"]["/URI"] for note in reader.pages[0]["/Annots"]]
    assert links == [LINK]
    assert "扫码看最新内容" in reader.pages[0].extract_text()


@pytest.mark.parametrize("link", ["javascript:alert(1)", "file:///etc/passwd", "tg://resolve?domain=x"])
def test_only_web_addresses_become_links(link: str) -> None:
    content = paper((HEADING, Block(BlockKind.PARAGRAPH, (Span("点这里", href=link),))), link=link)
    assert "/Annots" not in pypdf.PdfReader(io.BytesIO(content)).pages[0]
    assert "点这里" in text_of(content)


@settings(max_examples=12, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(BlockKind), st.text(max_size=300)), max_size=12), st.text(max_size=60))
def test_any_text_makes_a_paper(blocks: list[tuple[BlockKind, str]], title: str) -> None:
    content = paper(tuple(block(kind, text) for kind, text in blocks), title=title, footer=title, link=LINK)
    assert len(pypdf.PdfReader(io.BytesIO(content)).pages) >= 1


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_item_of_the_catalogue_can_be_printed(
    catalogue: Catalogue, assistant: Assistant, language: Language
) -> None:
    """All notices as one document: a character that the font lacks, or a line that gets lost, would show."""
    codes = catalogue.codes()[:: 1 if language == "zh" else 4]  # reading Latin back takes long
    notices = [notice for code in codes if (notice := assistant.notice(code, language)) is not None]
    assert len(notices) == len(codes)
    words = words_of(paper(tuple(one for notice in notices for one in notice.blocks), language=language))
    assert "□" not in words
    for notice in notices:
        assert re.sub(r"\s", "", notice.blocks[0].text) in words
