"""A reply as a printable A4 document (PDF).

Pure: the same arguments give the same bytes. The font lies in `bot/fonts` and is embedded, so the paper looks
the same everywhere; the text can be searched, copied and read aloud (tagged, in reading order, with its language).
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import segno
from fpdf import FPDF, TextMode, ViewerPreferences
from fpdf.fonts import TTFFont

from bot.events import Block, BlockKind, Language, Span
from bot.typesetting import Line, break_lines

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.ttf"
UNKNOWN = "□"  # stands for a character the font does not have

_LANGUAGE = {"zh": "zh-CN", "en": "en"}
_WIDTH, _HEIGHT = 210.0, 297.0  # A4, mm
_SIDE, _TOP, _BOTTOM = 20.0, 18.0, 13.0  # margins, mm
_POINT = 25.4 / 72  # mm
_QR = 27.0  # mm, with its quiet zone
_QUIET = 2  # modules of white around the QR code; the paper around it is white too
_CAPTION_WIDTH = 34.0  # mm
_INK, _GREY, _BLUE, _RULE = (26, 29, 33), (82, 86, 92), (11, 72, 107), (190, 196, 202)


@dataclass(frozen=True, slots=True)
class _Look:
    """How a kind of block is set. Sizes in points, lengths in mm."""

    size: float
    leading: float  # line height, in font sizes
    before: float  # space above
    tag: str  # PDF structure type
    bold: bool = False
    colour: tuple[int, int, int] = _INK
    marker: str = ""
    indent: float = 0.0

    @property
    def height(self) -> float:
        return self.size * self.leading * _POINT


_LOOKS = {
    BlockKind.HEADING: _Look(size=19, leading=1.4, before=0, tag="/H1", bold=True, colour=_BLUE),
    BlockKind.SECTION: _Look(size=13, leading=1.5, before=5, tag="/H2", bold=True, colour=_BLUE),
    BlockKind.PARAGRAPH: _Look(size=11, leading=1.6, before=1.6, tag="/P"),
    BlockKind.ITEM: _Look(size=11, leading=1.6, before=1.2, tag="/P", marker="•", indent=6),
    BlockKind.CHECK: _Look(size=11, leading=1.6, before=1.6, tag="/P", marker="☐", indent=7),
    BlockKind.NOTE: _Look(size=9, leading=1.55, before=1.6, tag="/Note", colour=_GREY),
}
_FOOT = _Look(size=8.5, leading=1.5, before=0, tag="/Artifact", colour=_GREY)
_CAPTION = _Look(size=8, leading=1.4, before=0, tag="/Caption", colour=_GREY)


@dataclass(frozen=True, slots=True)
class _Set:
    """A block broken into lines."""

    look: _Look
    lines: tuple[Line, ...]

    @property
    def keeps_next(self) -> bool:
        """A title never ends a page."""
        return self.look.bold


@dataclass(frozen=True, slots=True)
class _Placed:
    """A stretch of a block's lines on one page, `top` mm from its upper edge."""

    look: _Look
    lines: tuple[Line, ...]
    top: float
    first: bool  # the block begins here: it gets its marker


Page = tuple[_Placed, ...]


def pdf(
    blocks: Sequence[Block],
    *,
    title: str,
    language: Language,
    footer: str,
    printed_on: dt.date,
    link: str | None,
    caption: str = "",
) -> bytes:
    """The document that shows `blocks`, as bytes of a PDF file.

    `title` is the document's name in its metadata, and is printed as its heading where `blocks` begin with none;
    `footer` (source, date, hotline) stands on every page beside the day of printing and the page's number. `link` is
    printed as a QR code with `caption` below it; only http(s) links are printed or made clickable.
    """
    canvas = _Canvas(title, language, printed_on)
    if not blocks or blocks[0].kind is not BlockKind.HEADING:
        blocks = (Block(BlockKind.HEADING, (Span(title),)), *blocks)
    foot = canvas.set_lines((Span(footer),), _FOOT, _WIDTH - 2 * _SIDE - 42)
    code = link if link is not None and _is_web(link) else None
    aside = canvas.set_lines((Span(caption),), _CAPTION, _CAPTION_WIDTH) if code and caption else ()
    clear = _TOP + _QR + len(aside) * _CAPTION.height + 2 if code else 0.0
    floor = _HEIGHT - _BOTTOM - max(len(foot), 1) * _FOOT.height - 5
    pages = _paginate(_typeset(canvas, blocks, clear), floor)
    for number, page in enumerate(pages, start=1):
        canvas.add_page()
        for placed in page:
            canvas.draw(placed)
        if code and number == 1:
            canvas.draw_code(code, aside)
        canvas.draw_foot(foot, floor, f"{printed_on.isoformat()} · {number} / {len(pages)}")
    return bytes(canvas.output())


def _typeset(canvas: _Canvas, blocks: Sequence[Block], clear: float) -> Iterator[_Set]:
    """Blocks as lines; those beside the QR code (above `clear`, mm from the page's edge) leave room for it."""
    y = _TOP
    for block in blocks:
        look = _LOOKS[block.kind]
        width = _WIDTH - 2 * _SIDE - look.indent - (_CAPTION_WIDTH + 4 if y < clear else 0)
        lines = canvas.set_lines(block.spans, look, width)
        y += look.before + len(lines) * look.height
        yield _Set(look, lines)


def _paginate(sets: Iterable[_Set], floor: float) -> list[Page]:
    """Lines on pages, none below `floor`; a title goes to the next page with what it is the title of."""
    todo = list(sets)
    pages: list[list[_Placed]] = [[]]
    y = _TOP
    for at, block in enumerate(todo):
        y += block.look.before if pages[-1] else 0
        if pages[-1] and y + _least(todo[at:]) > floor:
            pages.append([])
            y = _TOP
        rest, first = block.lines, True
        while rest:
            fits = max(1, int((floor - y) / block.look.height + 1e-6))
            pages[-1].append(_Placed(block.look, rest[:fits], y, first))
            y += len(rest[:fits]) * block.look.height
            rest, first = rest[fits:], False
            if rest:
                pages.append([])
                y = _TOP
    return [tuple(page) for page in pages]


def _least(sets: Sequence[_Set]) -> float:
    """The height (mm) that the first of `sets` needs at least: titles with the beginning of what follows."""
    height = 0.0
    for block in sets:
        height += block.look.before + block.look.height * (len(block.lines) if block.keeps_next else 1)
        if not block.keeps_next:
            break
    return height


class _Canvas(FPDF):
    """The document being drawn."""

    def __init__(self, title: str, language: Language, printed_on: dt.date) -> None:
        super().__init__(format="A4", unit="mm")
        self.set_margin(0)
        self.set_auto_page_break(False)
        self.add_font("notice", "", FONT)
        self.set_font("notice", size=11)
        assert isinstance(self.current_font, TTFFont)
        self._known = frozenset(self.current_font.cmap)
        self._marks: Counter[int] = Counter()  # elements tagged so far, by page
        self.set_title(title)
        self.set_lang(_LANGUAGE[language])
        self.set_creation_date(dt.datetime.combine(printed_on, dt.time(), dt.UTC))
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)

    def set_lines(self, spans: Iterable[Span], look: _Look, width: float) -> tuple[Line, ...]:
        """`spans` as lines of `width` mm in `look`'s size."""
        self.set_font_size(look.size)
        printable = (replace(span, text=self._printable(span.text)) for span in spans)
        return tuple(break_lines(printable, width, self.get_string_width))

    def _printable(self, text: str) -> str:
        """What can be printed of `text`: invisible characters go, unknown ones show as a box."""
        text = unicodedata.normalize("NFC", text).replace("\t", " ")
        seen = (c for c in text if c == "\n" or not _is_invisible(c))
        return "".join(c if c == "\n" or ord(c) in self._known else UNKNOWN for c in seen)

    def draw(self, placed: _Placed) -> None:
        look = placed.look
        with self._tagged(look.tag):
            if look.marker and placed.first:
                self._write(_SIDE, placed.top, (Span(look.marker),), look)
            for at, line in enumerate(placed.lines):
                self._write(_SIDE + look.indent, placed.top + at * look.height, line, look)

    def draw_code(self, link: str, caption: Sequence[Line]) -> None:
        """The QR code of `link` in the upper right corner, as squares: sharp at any printer's resolution."""
        rows = [bytes(row) for row in segno.make(link, error="m", micro=False).matrix_iter(border=_QUIET)]
        side = _QR / len(rows)
        left = _WIDTH - _SIDE - (_CAPTION_WIDTH + _QR) / 2
        self.set_fill_color(0)
        with self._tagged("/Figure", alt=link):
            for y, row in enumerate(rows):
                for x, dark in enumerate(row):
                    if dark:
                        self.rect(left + x * side, _TOP + y * side, side, side, style="F")
        self.link(left, _TOP, _QR, _QR, link, alt_text=link)
        with self._tagged(_CAPTION.tag):
            for at, line in enumerate(caption):
                self.set_font_size(_CAPTION.size)
                indent = (_CAPTION_WIDTH - sum(self.get_string_width(span.text) for span in line)) / 2
                top = _TOP + _QR + at * _CAPTION.height
                self._write(_WIDTH - _SIDE - _CAPTION_WIDTH + indent, top, line, _CAPTION)

    def draw_foot(self, lines: Sequence[Line], floor: float, stamp: str) -> None:
        self._out("/Artifact BMC")
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.line(_SIDE, floor + 3, _WIDTH - _SIDE, floor + 3)
        top = floor + 4.5
        for at, line in enumerate(lines):
            self._write(_SIDE, top + at * _FOOT.height, line, _FOOT)
        self.set_font_size(_FOOT.size)
        self._write(_WIDTH - _SIDE - self.get_string_width(stamp), top, (Span(stamp),), _FOOT)
        self._out("EMC")

    def _write(self, x: float, top: float, line: Line, look: _Look) -> None:
        """One line whose box begins at `x`, `top`. Bold is the regular weight with its outline drawn."""
        self.set_font_size(look.size)
        self.set_text_color(*look.colour)
        self.set_draw_color(*look.colour)
        baseline = top + (look.height + look.size * _POINT * 0.72) / 2
        for span in line:
            bold = look.bold or span.bold
            self.text_mode = TextMode.FILL_STROKE if bold else TextMode.FILL
            self.set_line_width(look.size * _POINT * 0.022)
            self.text(x, baseline, span.text)
            width = self.get_string_width(span.text)
            if _is_web(span.href):
                self.link(x, top, width, look.height, span.href, alt_text=span.text)
            x += width

    @contextmanager
    def _tagged(self, kind: str, alt: str | None = None) -> Iterator[None]:
        """What is drawn inside is one element of the document's structure, `kind` a PDF structure type."""
        number = self._marks[self.page]
        self._marks[self.page] += 1
        self._add_marked_content(struct_type=kind, mcid=number, alt_text=alt)
        self._out(f"{kind} <</MCID {number}>> BDC")
        yield
        self._out("EMC")


def _is_web(link: str) -> bool:
    return link.startswith(("https://", "http://"))


def _is_invisible(character: str) -> bool:
    """Controls, format characters (zero-width, bidirectional), variation selectors."""
    return unicodedata.category(character) in {"Cc", "Cf"} or "\ufe00" <= character <= "\ufe0f"
