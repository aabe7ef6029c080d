"""Breaking text into lines: Chinese between any two characters, Latin between words, marks where they belong.

Pure. Follows the two rules of Chinese line breaking that readers notice (GB/T 15834-2011, 5.1): a closing mark never
begins a line, an opening mark never ends one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.events import Span

Measure = Callable[[str], float]  # width of a text, in any unit
Line = tuple[Span, ...]

_CLOSING = frozenset("、，。．·：；？！）》〉」』】〕〗］｝”’…—～%％℃,.:;?!)]}>")
_OPENING = frozenset("（《〈「『【〔〖［｛“‘([{<￥¥")


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a line that is not broken: pieces of spans, in order."""

    spans: Line
    space: bool = False  # white space: dropped where a line ends
    end: bool = False  # a line break that the text itself asks for

    def width(self, measure: Measure) -> float:
        return sum(measure(span.text) for span in self.spans)


def break_lines(spans: Iterable[Span], width: float, measure: Measure) -> list[Line]:
    """`spans` as lines no wider than `width` (in `measure`'s unit); a word wider than a line is cut.

    There is always at least one line. A character wider than `width` stands alone on its line.
    """
    lines: list[list[Span]] = [[]]
    left = width
    for piece in _pieces(spans):
        for part in _cut(piece, width, measure):
            needed = part.width(measure)
            if part.end or (needed > left and lines[-1] and not part.space):
                lines.append([])
                left = width
            if part.end or (part.space and not lines[-1]):
                continue
            lines[-1].extend(part.spans)
            left -= needed
    return [_joined(line) for line in lines]


def _pieces(spans: Iterable[Span]) -> Iterator[_Piece]:
    """What may not be broken: a Latin word, or a Chinese character with the marks that cling to it."""
    word: list[Span] = []
    for span in spans:
        for character in span.text:
            mark = replace(span, text=character)
            if character == "\n" or character.isspace():
                if word:
                    yield _Piece(tuple(word))
                    word = []
                yield _Piece((mark,), space=character != "\n", end=character == "\n")
            else:
                if word and _may_break(word[-1].text, character):
                    yield _Piece(tuple(word))
                    word = []
                word.append(mark)
    if word:
        yield _Piece(tuple(word))


def _may_break(before: str, after: str) -> bool:
    if after in _CLOSING or before in _OPENING:
        return False
    return _is_wide(before) or _is_wide(after)


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _cut(piece: _Piece, width: float, measure: Measure) -> Iterator[_Piece]:
    """The piece, or its characters one by one where it would not fit on a line of its own."""
    if piece.width(measure) <= width:
        yield piece
    else:
        yield from (_Piece((span,)) for span in piece.spans)


def _joined(spans: Sequence[Span]) -> Line:
    """Neighbours of the same look as one span; no white space at the end."""
    line: list[Span] = []
    for span in spans:
        if line and replace(line[-1], text=span.text) == span:
            line[-1] = replace(line[-1], text=line[-1].text + span.text)
        else:
            line.append(span)
    if line:
        line[-1] = replace(line[-1], text=line[-1].text.rstrip())
    return tuple(span for span in line if span.text)
