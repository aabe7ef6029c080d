"""First step of a question: bounded, cleaned, in simplified characters, cut into clauses.

Nothing here looks at the catalogue. Whatever arrives (10,000 characters, lone surrogates, control and
direction marks, full-width Latin, traditional characters) leaves as a short plain string.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib import resources

LONG_TEXT = 40  # characters from which a message may be mostly background
HEAD, TAIL = 700, 300  # characters kept of a long message: people say what they want first or last
_RUN = re.compile(r"(.)\1{3,}", re.S)  # aaaaaaa → aaa: bounds what an n-gram can count
_BREAK = re.compile(r"[，,。.!！?？;；:：、…~～\n\r\t|/]+|\s{2,}")
_HAN = re.compile(r"[㐀-䶿一-鿿]")
_LATIN = re.compile(r"[a-z]")
_SPACE_BETWEEN_HAN = re.compile(r"(?<=[㐀-鿿])\s+(?=[㐀-鿿])")
_DOT_IN_NUMBER = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass(frozen=True, slots=True)
class Text:
    """A message after cleaning."""

    plain: str  # lower case, simplified, without invisible characters
    clauses: tuple[str, ...]  # the same, cut at punctuation; never empty strings
    language: str  # zh or en
    hanzi: int  # how many Chinese characters
    latin: int  # how many Latin letters


@cache
def simplified_characters() -> dict[int, int]:
    """Traditional → simplified, character by character ({code point: code point}), from OpenCC's own table."""
    file = resources.files("opencc") / "dictionary" / "TSCharacters.txt"
    table: dict[int, int] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        traditional, _, simplified = line.partition("\t")
        first = simplified.split(" ")[0]
        # 著 and 乾 are read as they stand: 著名 and 乾陵 are common in simplified text too
        if len(traditional) == len(first) == 1 and traditional not in "著乾":
            table[ord(traditional)] = ord(first)
    return table


def _visible(text: str) -> str:
    if text.replace("\n", " ").isprintable():  # none of these categories: nearly every text
        return text
    kept = []
    for character in text:
        category = unicodedata.category(character)
        if category in ("Cf", "Cs", "Co", "Cn"):
            continue
        kept.append(" " if category == "Cc" and character not in "\n" else character)
    return "".join(kept)


def bounded(text: str) -> str:
    """The first and last part of an over-long message."""
    return text if len(text) <= HEAD + TAIL else text[:HEAD] + "\n" + text[-TAIL:]


def clean(text: str, simplified: dict[int, int]) -> str:
    """`text` without invisible characters, NFKC, simplified, lower case, runs shortened."""
    text = _visible(bounded(text))
    text = bounded(unicodedata.normalize("NFKC", text)).translate(simplified).lower()
    text = _RUN.sub(r"\1\1\1", text)
    return _SPACE_BETWEEN_HAN.sub("", text).strip()


def cut(text: str) -> tuple[str, ...]:
    """The clauses of `text`, without the marks between them."""
    return tuple(part.strip() for part in _BREAK.split(_DOT_IN_NUMBER.sub("·", text)) if part.strip())


def normalise(text: str, simplified: dict[int, int]) -> Text:
    """`text` cleaned and cut; `simplified` is the table of `simplified_characters()`."""
    plain = clean(text, simplified)
    hanzi = len(_HAN.findall(plain))
    latin = len(_LATIN.findall(plain))
    language = "en" if latin >= 3 and hanzi * 4 < latin else "zh"
    return Text(plain, cut(plain), language, hanzi, latin)
