"""From questions nobody could answer to better wording: grouping them by likeness, and the edits a decision makes.

Pure: texts in, texts out. The files stay as their keepers wrote them; an edit adds a line or a word to a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import yaml
from rapidfuzz import fuzz

LIKE = 62.0  # per cent of rapidfuzz's token ratio from which two questions are of one group
WIDTH = 110  # columns a list is wrapped at
_PLAIN = re.compile(r"[\w\u4e00-\u9fff（）“”·][^:#,\[\]{}?&*!|>'\"%@`]*")
_ALIASES = re.compile(r"(?ms)^aliases:.*?(?=^\S|\Z)")


@dataclass(frozen=True, slots=True)
class Kept:
    """A question kept for the keepers."""

    id: int
    question: str
    nearest: tuple[str, ...]  # item codes, best first


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that ask much the same, the plainest (shortest) first."""

    questions: tuple[Kept, ...]

    @property
    def nearest(self) -> tuple[str, ...]:
        """The items nearest to any of them, the most often named first."""
        codes = [code for kept in self.questions for code in kept.nearest]
        return tuple(sorted(dict.fromkeys(codes), key=lambda code: (-codes.count(code), codes.index(code))))


class AliasTakenError(ValueError):
    """The wording is already an alias of the item."""


def grouped(questions: Iterable[Kept]) -> list[Group]:
    """Questions in groups of likeness, the largest first. One joins the first group whose shortest it is like."""
    groups: list[list[Kept]] = []
    for kept in sorted(questions, key=lambda kept: (len(kept.question), kept.id)):
        for group in groups:
            if fuzz.token_ratio(_loose(kept.question), _loose(group[0].question)) >= LIKE:
                group.append(kept)
                break
        else:
            groups.append([kept])
    return [Group(tuple(group)) for group in sorted(groups, key=len, reverse=True)]


def _loose(question: str) -> str:
    """Characters apart, so that rapidfuzz's tokens are characters: Chinese has no spaces to split at."""
    return " ".join(re.sub(r"\W+", "", question.casefold()))


def with_alias(item_file: str, wording: str) -> str:
    """An item's file with one alias more; raises AliasTakenError."""
    aliases = yaml.safe_load(item_file).get("aliases") or {}
    language = "en" if wording.isascii() else "zh"
    words = [str(word) for word in aliases.get(language, ())]
    if wording in words:
        raise AliasTakenError(wording)
    aliases[language] = [*words, wording]
    block = "aliases:\n" + "".join(_flow(key, aliases[key]) for key in ("zh", "en") if aliases.get(key))
    if _ALIASES.search(item_file):
        return _ALIASES.sub(lambda _: block, item_file, count=1)
    return item_file.rstrip("\n") + "\n" + block


def as_question(wording: str) -> str:
    """A wording as somebody would ask it. What was really asked is not kept: it may say more about the person."""
    return f"how do I get: {wording}" if wording.isascii() else f"{wording}怎么办"


def with_phrase(phrases_file: str, code: str, phrase: str) -> str:
    """The golden phrases with one more, so that what was decided stays decided."""
    block = re.search(rf"(?m)^{re.escape(code)}:\n((?:  .*\n)*)", phrases_file)
    line = f"  - {_quoted(phrase)}\n"
    if block is None:
        return phrases_file.rstrip("\n") + f"\n{code}:\n{line}"
    return phrases_file[: block.end()] + line + phrases_file[block.end() :]


def with_elsewhere(services_file: str, name: str, asked: Sequence[str]) -> str:
    """A services file with one more thing that no hall offers, so that it is refused rather than guessed at."""
    asks = ", ".join(map(_quoted, asked))
    return services_file.rstrip("\n") + f"\n  - {{elsewhere: true, names: [{_quoted(name)}], ask: [{asks}]}}\n"


def _flow(key: str, words: Sequence[str]) -> str:
    """`  key: [a, b, …]`, wrapped."""
    lines, line = [], f"  {key}: ["
    for place, word in enumerate(words):
        text = _quoted(word) + ("]" if place == len(words) - 1 else ", ")
        if len(line) + len(text) > WIDTH and not line.endswith("["):
            lines.append(line.rstrip())
            line = " " * (len(key) + 5)
        line += text
    return "\n".join([*lines, line]) + "\n"


def _quoted(word: str) -> str:
    if _PLAIN.fullmatch(word) and yaml.safe_load(word) == word:
        return word
    return "'" + word.replace("'", "''") + "'"
