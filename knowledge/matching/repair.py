"""Mending text by sound: pinyin decoded, homophones put right, against a dictionary of domain words.

Sounds are toneless syllables with the confusions of northern and southern speakers and of hasty typing folded
together (zh=z, ch=c, sh=s, ng=n, l=n at the start, f=h kept apart).
"""

from __future__ import annotations

import itertools
import operator
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

_FOLD = (("zh", "z"), ("ch", "c"), ("sh", "s"))
_LATIN_RUN = re.compile(r"[a-zü']+")
LONGEST = 8  # syllables of the longest domain word that is looked for


@cache
def sounds() -> dict[str, str]:
    """Character → its first toneless syllable, from pypinyin's table."""
    from pypinyin.constants import PINYIN_DICT

    table: dict[str, str] = {}
    for code in range(0x4E00, 0x9FA6):
        reading = PINYIN_DICT.get(code, "").split(",")[0]
        plain = unicodedata.normalize("NFD", reading.replace("ü", "v"))
        syllable = "".join(one for one in plain if one.isascii() and one.isalpha())
        if syllable:
            table[chr(code)] = syllable
    return table


@cache
def syllables() -> frozenset[str]:
    """Every toneless syllable there is."""
    return frozenset(sounds().values()) | {"lv", "nv", "lve", "nve"}


def fold(syllable: str) -> str:
    """The syllable with confusable sounds folded together."""
    for sound, plain in _FOLD:
        if syllable.startswith(sound):
            syllable = plain + syllable[len(sound) :]
            break
    if syllable.endswith(("ang", "eng", "ing")):
        syllable = syllable[:-1]
    return syllable.replace("v", "u")


def cut_pinyin(run: str, known: frozenset[str]) -> list[str] | None:
    """A run of letters as syllables, longest first with backing up; None where it is no pinyin."""
    best: list[list[str] | None] = [None] * (len(run) + 1)
    best[0] = []
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is None or run[start:end] not in known:
                continue
            here = best[end]
            if here is None or len(before) + 1 < len(here):
                best[end] = [*before, run[start:end]]
    return best[len(run)]


def pinyin_of(text: str, known: frozenset[str]) -> list[str] | None:
    """The syllables of a text typed in pinyin, or None where it is not typed so.

    Single letters and short unknown words (「ck ylj」) are passed over; two thirds of the letters have to be pinyin.
    """
    found: list[str] = []
    letters = read = 0
    for run in (one.replace("'", "") for one in _LATIN_RUN.findall(text)):
        letters += len(run)
        cut = cut_pinyin(run, known) if len(run) > 1 else None
        if cut is None or sum(len(one) == 1 for one in cut) > 1:
            continue
        read += len(run)
        found += cut
    if letters < 4 or len(found) < 2 or read * 3 < letters * 2:
        return None
    # English words can be read as syllables by chance (change, women, pan, sudan): pinyin has them all so
    return found if read == letters or len(found) >= 4 else None


@dataclass(slots=True)
class Mender:
    """Domain words by how they sound.

    `words`: folded syllables joined by a space → the weightiest word that sounds so, `weight`: how much it is used;
    `known`: all domain words; `sound`: character → folded syllable. `begins`, `begins_heard`: the first two characters
    of known words, and the first two sounds of `words`.
    """

    words: dict[str, str]
    weight: dict[str, float]
    sound: dict[str, str]
    known: frozenset[str]
    syllables: frozenset[str]
    folded: dict[str, str] = field(default_factory=dict)
    begins: frozenset[str] = field(init=False)
    begins_heard: frozenset[tuple[str, str]] = field(init=False)

    def __post_init__(self) -> None:
        self.begins = frozenset(word[:2] for word in self.known)
        pairs = {word[:2] for word in self.words.values()}
        self.begins_heard = frozenset((self.sound[pair[0]], self.sound[pair[1]]) for pair in pairs)

    @classmethod
    def of(
        cls, words: Mapping[str, float], sound: Mapping[str, str], usual: frozenset[str], known: Iterable[str]
    ) -> Mender:
        """`words`: domain words with weights; `sound`: character → folded syllable; `known`: all syllables."""
        by_sound: dict[str, str] = {}
        get = sound.get
        for word in sorted(words, key=words.__getitem__):  # the weightiest last: of words that sound alike it stays
            parts = [get(character) for character in word]
            if len(word) >= 2 and None not in parts:
                by_sound[" ".join(parts)] = word  # type: ignore[arg-type]
        weight = {word: words[word] for word in by_sound.values()}
        known = frozenset(known)
        return cls(by_sound, weight, dict(sound), frozenset(words) | usual, known, {one: fold(one) for one in known})

    def decode(self, found: list[str]) -> str:
        """Syllables as the likeliest domain words; what no word covers is left out."""
        heard = [self.folded.get(one, fold(one)) for one in found]
        best: list[tuple[float, str]] = [(0.0, "")]
        for end in range(1, len(heard) + 1):
            score, text = best[end - 1]
            choice = (score, text)
            for start in range(max(0, end - LONGEST), end - 1):
                word = self.words.get(" ".join(heard[start:end]))
                if word is None:
                    continue
                length = end - start
                gain = best[start][0] + length * length + 0.1 * min(self.weight[word], 20.0)
                if gain > choice[0]:
                    choice = (gain, best[start][1] + word)
            best.append(choice)
        return best[-1][1]

    def mend(self, text: str) -> str:
        """`text` with runs replaced that sound like a domain word but are none; the same text if there are none."""
        heard = [self.sound.get(character, "") for character in text]
        spoken = " ".join(heard)
        starts = [0, *itertools.accumulate(len(one) + 1 for one in heard)]  # of each syllable in `spoken`
        done: list[str] = []
        place = 0
        while place < len(text):
            put = text[place]
            for length in range(self._longest(text, heard, place), 1, -1):
                run = text[place : place + length]
                if run in self.known:
                    put = run
                    break
                word = self.words.get(spoken[starts[place] : starts[place + length] - 1])
                # a short word is mended only when one of its characters already stands right
                if word is not None and (length >= 4 or any(map(operator.eq, run, word))):
                    put = word
                    break
            done.append(put)
            place += len(put)
        return "".join(done)

    def _longest(self, text: str, heard: list[str], place: int) -> int:
        """How long a word may be that the text from `place` on begins with, 1 where none begins so: mostly."""
        if text[place : place + 2] not in self.begins and tuple(heard[place : place + 2]) not in self.begins_heard:
            return 1
        near = heard[place : place + LONGEST]
        return near.index("") if "" in near else len(near)
