"""Every article of law the catalogue cites exists in the law's text, where that text is at hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from knowledge.catalogue import Catalogue

_CITED = re.compile(r"《([^》]+)》(?:（[^）]*）)?((?:第[零一二三四五六七八九十百千、至和第条款项（）]+条)+)")
_NUMBERS = re.compile(r"[零一二三四五六七八九十百千]+")
_ARTICLE = re.compile(r"第([零一二三四五六七八九十百千]+)条(?:之[一二三四五六七八九十])?")
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}


def number(words: str) -> int:
    """一百零五 → 105."""
    total = digit = 0
    for word in words:
        if word in _DIGITS:
            digit = _DIGITS[word]
        else:
            total += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[word]
            digit = 0
    return total + digit


def citations(text: str) -> Iterator[tuple[str, int]]:
    """(law, article) of every citation in a text: 《X法》第五、十至十二条 cites 5, 10, 12."""
    for law, articles in _CITED.findall(text):
        for words in _NUMBERS.findall(re.sub(r"第[^第条]*[款项]", "", articles)):
            yield law.removeprefix("中华人民共和国"), number(words)


@cache
def articles_of(path: Path) -> frozenset[int]:
    return frozenset(number(words) for words in _ARTICLE.findall(path.read_text(encoding="utf-8")))


def text_of(shared: Path, law: str) -> Path | None:
    """The law's text in force: of dated copies the latest."""
    found = [*shared.glob(f"law/{law}.md"), *shared.glob(f"law/{law}_*.md"), *shared.glob(f"law/rules/{law}*.md")]
    return max(found, key=lambda path: path.stem) if found else None


@pytest.mark.parametrize(
    ("words", "value"), [("五", 5), ("十", 10), ("十二", 12), ("二十", 20), ("一百零五", 105), ("一千二百四十二", 1242)]
)
def test_numbers_are_read(words: str, value: int) -> None:
    assert number(words) == value


def test_lists_of_articles_are_read() -> None:
    cited = list(citations("《居民身份证法》第五、十、二十一条；《民法典》第一千零四十六至一千零四十九条"))
    assert cited == [
        ("居民身份证法", 5),
        ("居民身份证法", 10),
        ("居民身份证法", 21),
        ("民法典", 1046),
        ("民法典", 1049),
    ]


def test_every_cited_article_is_in_the_law(catalogue: Catalogue, shared: Path) -> None:
    missing, checked = [], 0
    for item in catalogue.items():
        for law, article in set(citations(item.model_dump_json())):
            path = text_of(shared, law)
            if path is not None:
                checked += 1
                if article not in articles_of(path):
                    missing.append(f"{item.code}: 《{law}》第{article}条")
    assert not missing
    assert checked > 500, "the citations were not found"


def test_what_is_graded_law_cites_a_text_that_was_read(catalogue: Catalogue, shared: Path) -> None:
    """A row graded `law` names a law, and that law's text is one of those at hand."""
    unread = []
    for item in catalogue.items():
        rows = [*(item.materials or ()), *item.fees, *item.free, *item.statutory, *item.promised]
        for row in rows:
            if row.evidence == "law" and not any(text_of(shared, law) for law, _ in citations(row.basis or "")):
                unread.append(f"{item.code}: {row.basis}")
    assert not unread
