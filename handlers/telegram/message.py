"""From a Reply to the calls that show it in Telegram. Pure.

Lengths are UTF-16 units of the HTML as sent. Telegram counts without the tags, so this errs on the safe side.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from urllib.parse import urlsplit

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.events import DATA_BYTES, Block, BlockKind, Button, File, Outcome, Reply, Span
from handlers.telegram.photo import is_photo
from handlers.telegram.translate import Origin

TEXT_UNITS = 4096
CAPTION_UNITS = 1024
COLUMNS = 8  # buttons a row
BUTTONS = 100  # buttons a message
LONG_NOTE = 300  # units from which small print is folded away
FULL_ENOUGH = 4  # a message filled by less than a fourth is filled up rather than ended at a section
LONGEST_LINK = 512  # units; a longer address is shown as its words only

_LEAD = {BlockKind.ITEM: "• ", BlockKind.CHECK: "☐ "}
_BOLD = frozenset({BlockKind.HEADING, BlockKind.SECTION})
_POINTER, _DONE = "👇", "✓"  # messages that are there for their keyboard: no words, so no language
_SENTENCE_END = re.compile(r"(?<=[。！？；!?;\n])|(?<=\.)(?=\s)")
# what no message may carry: control characters other than line feed and tab, and halves of characters
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_UNSAFE_IN_NAME = re.compile(r'[\x00-\x1f\x7f"\\/:*?<>|\ud800-\udfff]+')


Keyboard = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove


@dataclass(frozen=True, slots=True)
class SendText:
    html: str
    keyboard: Keyboard | None = None


@dataclass(frozen=True, slots=True)
class EditText:
    """Put a text in the place of the message whose button was pressed."""

    message: int
    html: str
    keyboard: InlineKeyboardMarkup | None = None

    def as_new(self) -> SendText:
        """The same as a message of its own, where the old one cannot be changed any more."""
        return SendText(self.html, self.keyboard)


@dataclass(frozen=True, slots=True)
class SendDocument:
    file: File
    caption: str
    keyboard: Keyboard | None = None


@dataclass(frozen=True, slots=True)
class SendPhoto:
    file: File
    caption: str
    keyboard: Keyboard | None = None

    def as_document(self) -> SendDocument:
        """The same as a document, where Telegram takes it for no photo."""
        return SendDocument(self.file, self.caption, self.keyboard)


SendNew = SendText | SendDocument | SendPhoto
Call = SendNew | EditText


def calls(reply: Reply, origin: Origin) -> tuple[Call, ...]:
    """The calls that show `reply`, in order; buttons hang on the last. None if there is nothing to show.

    Raises ValueError for a button Telegram cannot carry.
    """
    shown: list[SendNew] = [*_texts(reply), *_files(reply)]
    if not shown:
        return ()
    inline, asking = keyboard(reply.buttons), None if origin.asked is not None else _contact_keyboard(reply)
    shown[-1] = replace(shown[-1], keyboard=inline or asking)
    if inline and asking:  # a message carries one keyboard
        shown.append(SendText(_POINTER, asking))
    if origin.contact:
        shown.insert(0, SendText(_DONE, ReplyKeyboardRemove()))
    only = shown[0] if len(shown) == 1 else None
    if reply.replaces and origin.pressed is not None and isinstance(only, SendText) and only.keyboard is inline:
        return (EditText(origin.pressed, only.html, inline),)
    return tuple(shown)


def _texts(reply: Reply) -> list[SendText]:
    if _fits_caption(reply):
        return []
    return [SendText(to_html(page)) for page in pages(reply.blocks, TEXT_UNITS)]


def _files(reply: Reply) -> list[SendDocument | SendPhoto]:
    """A picture that somebody sends in a talk is there to be looked at, a photo. What is opened out of a dossier, or
    issued, comes unchanged: materials are checked in their details."""
    caption = reply.blocks if _fits_caption(reply) else [b for b in reply.blocks if b.kind is BlockKind.HEADING][:1]
    html = to_html(caption)
    words = html if units(html) <= CAPTION_UNITS else ""
    talk = reply.outcome is Outcome.MESSAGE
    return [(SendPhoto if talk and is_photo(file) else SendDocument)(_named(file), words) for file in reply.files]


def _fits_caption(reply: Reply) -> bool:
    return len(reply.files) == 1 and units(to_html(reply.blocks)) <= CAPTION_UNITS


def _named(file: File) -> File:
    return replace(file, name=_UNSAFE_IN_NAME.sub("_", file.name).strip() or "document")


# --- text ---------------------------------------------------------------------------------------


def units(text: str) -> int:
    """Length as Telegram counts: UTF-16 code units."""
    return len(text) + sum(1 for character in text if character > "\uffff")


def to_html(blocks: Iterable[Block]) -> str:
    """Blocks as Telegram's HTML; notes that follow one another share a quotation."""
    lines: list[str] = []
    for is_note, run in groupby(blocks, key=lambda block: block.kind is BlockKind.NOTE):
        if is_note:
            lines.append(_quotation("\n".join(_line(block) for block in run)))
            continue
        for block in run:
            if block.kind is BlockKind.SECTION and lines:
                lines.append("")
            lines.append(_line(block))
    return "\n".join(lines).strip("\n")


def _quotation(note: str) -> str:
    if not note.strip():
        return ""
    return f"<blockquote{' expandable' if units(note) > LONG_NOTE else ''}>{note}</blockquote>"


def _line(block: Block) -> str:
    words = "".join(_span(span, block.kind in _BOLD) for span in block.spans)
    return _LEAD.get(block.kind, "") + words if words else ""


def _span(span: Span, bold: bool) -> str:
    words = html.escape(_UNSENDABLE.sub("", span.text), quote=False)
    if not words:
        return ""
    if span.code:  # Telegram lets code stand alone only
        return f"<code>{words}</code>"
    if _linkable(span.href):
        words = f'<a href="{html.escape(span.href)}">{words}</a>'
    return f"<b>{words}</b>" if bold or span.bold else words


def _linkable(url: str) -> bool:
    """Whether Telegram opens it: a web or tg: address with a real host."""
    if len(url) > LONGEST_LINK:
        return False
    try:
        parts = urlsplit(url)
        return parts.scheme in ("https", "http", "tg") and bool(parts.hostname) and not _UNSENDABLE.search(url)
    except ValueError:
        return False


# --- splitting ----------------------------------------------------------------------------------


def pages(blocks: Sequence[Block], limit: int) -> Iterator[tuple[Block, ...]]:
    """Blocks in messages of at most `limit` units: split before a section, a long section between blocks,
    a long block between sentences."""
    written = tuple(filter(_visible, blocks))
    if _size(written) <= limit:  # nearly always
        if written:
            yield written
        return
    page: tuple[Block, ...] = ()
    for section in _sections(written):
        for piece in _pieces(page, section, limit):
            if page and _size(page + piece) > limit:
                yield page
                page = ()
            page += piece
    yield page


def _pieces(page: tuple[Block, ...], section: tuple[Block, ...], limit: int) -> Iterable[tuple[Block, ...]]:
    """What of a section must stay in one message: all of it, unless it is too long or would leave a page near empty."""
    if _size(page + section) <= limit or (_size(section) <= limit and _size(page) >= limit // FULL_ENOUGH):
        return [section]
    half = limit // 2 - 2  # a title and the block after it stay together
    return _titled([cut for block in section for cut in _cut(block, half)])


def _visible(block: Block) -> bool:
    """Whether there is anything to see; Telegram refuses messages without."""
    return bool(_UNSENDABLE.sub("", block.text).strip())


def _size(blocks: tuple[Block, ...]) -> int:
    return units(to_html(blocks))


def _sections(blocks: Sequence[Block]) -> list[tuple[Block, ...]]:
    sections: list[tuple[Block, ...]] = []
    for block in blocks:
        if block.kind is BlockKind.SECTION or not sections:
            sections.append(())
        sections[-1] += (block,)
    return sections


def _titled(blocks: list[Block]) -> Iterator[tuple[Block, ...]]:
    title: tuple[Block, ...] = ()
    for block in blocks:
        if block.kind in _BOLD and not title:
            title = (block,)
        else:
            yield (*title, block)
            title = ()
    if title:
        yield title


def _cut(block: Block, limit: int) -> list[Block]:
    """A block in blocks of at most `limit` units, cut between sentences where there are any."""
    if _size((block,)) <= limit:
        return [block]
    cuts: list[Block] = []
    spans: tuple[Span, ...] = ()
    for span in block.spans:
        for part in _parts(span, limit // 2):
            if spans and _size((replace(block, spans=(*spans, part)),)) > limit:
                cuts.append(replace(block, spans=spans))
                spans = ()
            spans += (part,)
    return list(filter(_visible, [*cuts, replace(block, spans=spans)]))


def _parts(span: Span, limit: int) -> Iterator[Span]:
    """A span in parts of at most `limit` units, each of whole sentences where they fit."""
    part, used = "", 0
    for sentence in _SENTENCE_END.split(span.text):
        for piece in _pieces_of(sentence, limit):
            length = units(html.escape(piece))
            if part and used + length > limit:
                yield replace(span, text=part)
                part, used = "", 0
            part, used = part + piece, used + length
    yield replace(span, text=part)


def _pieces_of(sentence: str, limit: int) -> Iterator[str]:
    """A sentence, or what fits of it, character by character."""
    piece, used = "", 0
    for character in sentence:
        length = units(html.escape(character))
        if piece and used + length > limit:
            yield piece
            piece, used = "", 0
        piece, used = piece + character, used + length
    yield piece


# --- buttons ------------------------------------------------------------------------------------


def keyboard(rows: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    """Rows of buttons, at most eight a row and a hundred in all; None if there are none.

    Raises ValueError for data over 64 bytes: a shortened one would mean something else.
    """
    shown: list[list[InlineKeyboardButton]] = []
    left = BUTTONS
    for row in rows:
        buttons = [key for key in map(_button, row) if key is not None][:left]
        left -= len(buttons)
        shown += [buttons[at : at + COLUMNS] for at in range(0, len(buttons), COLUMNS)]
    return InlineKeyboardMarkup(shown) if shown else None


def _contact_keyboard(reply: Reply) -> ReplyKeyboardMarkup | None:
    """The keyboard that shares one's own telephone number; only private chats have it."""
    asking = [button.label for row in reply.buttons for button in row if button.contact]
    rows = [[KeyboardButton(_UNSENDABLE.sub("", label), request_contact=True)] for label in asking[:1]]
    return ReplyKeyboardMarkup(rows, resize_keyboard=True, one_time_keyboard=True) if rows else None


def _button(button: Button) -> InlineKeyboardButton | None:
    """A button, or None for what is none here: an address only the web page can open, or a contact's own keyboard."""
    label = _UNSENDABLE.sub("", button.label)
    if button.contact:
        return None
    if button.url:
        return InlineKeyboardButton(label, url=button.url) if _linkable(button.url) and _public(button.url) else None
    if not 1 <= len(button.data.encode()) <= DATA_BYTES:
        raise ValueError(f"button data of {len(button.data.encode())} bytes")
    return InlineKeyboardButton(label, callback_data=button.data)


def _public(url: str) -> bool:
    """Telegram refuses buttons to hosts without a domain, such as localhost."""
    parts = urlsplit(url)
    return parts.scheme == "tg" or "." in (parts.hostname or "")
