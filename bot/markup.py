"""From what a template wrote to blocks: the few HTML elements templates may use, and nothing else.

    <h1> heading · <h2> section · <p> paragraph · <li> list entry · <li class="check"> checklist entry ·
    <small> note · inline <b>, <code>, <a href>

Jinja's autoescape keeps data from becoming markup; an element that is not listed here is a fault of the template.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from bot.events import Block, BlockKind, Span

_BLOCKS = {
    "h1": BlockKind.HEADING,
    "h2": BlockKind.SECTION,
    "p": BlockKind.PARAGRAPH,
    "li": BlockKind.ITEM,
    "small": BlockKind.NOTE,
}
_INLINE = {"b", "code", "a"}
_SPACE = re.compile(r"\s+")
# a line break in a template between two Chinese characters is layout, not a word space
_CJK_SPACE = re.compile(r"(?<=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]) (?=[\u3000-\u303f\u3400-\u9fff\uff00-\uffef])")


class MarkupError(ValueError):
    """A template used an element that replies do not have."""


def to_blocks(html: str) -> tuple[Block, ...]:
    """Parse what a template rendered; raises MarkupError. Text outside a block element is a fault too."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    return tuple(parser.blocks)


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._kind: BlockKind | None = None
        self._spans: list[Span] = []
        self._inline: list[tuple[str, str]] = []  # open inline elements with their href

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _BLOCKS and self._kind is None:
            check = tag == "li" and given.get("class") == "check"
            self._kind = BlockKind.CHECK if check else _BLOCKS[tag]
        elif tag in _INLINE and self._kind is not None:
            self._inline.append((tag, given.get("href") or ""))
        else:
            raise MarkupError(f"<{tag}> at {self.getpos()}")

    def handle_endtag(self, tag: str) -> None:
        if tag in _INLINE and self._inline and self._inline[-1][0] == tag:
            self._inline.pop()
        elif tag in _BLOCKS and self._kind is not None:
            self._close_block()
        else:
            raise MarkupError(f"</{tag}> at {self.getpos()}")

    def handle_data(self, data: str) -> None:
        if self._kind is None:
            if data.strip():
                raise MarkupError(f"text outside a block: {data.strip()[:40]!r}")
            return
        names = {name for name, _ in self._inline}
        href = next((href for name, href in self._inline if name == "a"), "")
        self._spans.append(Span(data, bold="b" in names, code="code" in names, href=href))

    def _close_block(self) -> None:
        spans = _tidy(self._spans)
        if spans and self._kind is not None:
            self.blocks.append(Block(self._kind, spans))
        self._kind, self._spans, self._inline = None, [], []


def _tidy(spans: list[Span]) -> tuple[Span, ...]:
    """White space as HTML has it: runs are one space, none at the ends, none between Chinese characters."""
    tidy: list[Span] = []
    for span in spans:
        text = _CJK_SPACE.sub("", _SPACE.sub(" ", span.text))
        if not tidy or tidy[-1].text.endswith(" "):
            text = text.lstrip(" ")
        if text:
            tidy.append(Span(text, span.bold, span.code, span.href))
    if tidy:
        last = tidy[-1]
        tidy[-1] = Span(last.text.rstrip(" "), last.bold, last.code, last.href)
    return tuple(span for span in tidy if span.text)
