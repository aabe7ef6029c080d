"""The questions in this folder, and what each of them may be used for.

`questions*.tsv`: a service's name (`-`: no service hall answers this) and questions for it;
`questions-fangchenggang.jsonl`: questions put to one real catalogue, with every item of it that is a right answer;
`backgrounds.txt`: what people tell around a question. Every fifth item is held out of all learning, with all of its
questions.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from typing import Any

import orjson

HERE = Path(__file__).parent
NOWHERE = "-"  # in place of a service's name: no service hall answers this


def questions() -> list[tuple[str, str]]:
    """(name of the service, question)."""
    rows = [
        line.split("\t")
        for path in sorted(HERE.glob("questions*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [(row[0], said) for row in rows for said in row[1:] if said.strip()]


def real_questions() -> list[dict[str, Any]]:
    """{question, kind, accept: names of items, needs_accept?: the same for each of two needs}."""
    return [orjson.loads(line) for line in (HERE / "questions-fangchenggang.jsonl").read_bytes().splitlines()]


def backgrounds() -> list[str]:
    return (HERE / "backgrounds.txt").read_text(encoding="utf-8").splitlines()


def held_out(name: str, said: str) -> bool:
    """Whether an item (or, of those that no hall answers, a question) is kept out of the learning."""
    return zlib.crc32((said if name == NOWHERE else name).encode()) % 5 == 0


def teaches_meaning(said: str) -> bool:
    """Three fifths of the questions teach meaning; the weights are learned from those that meaning has not seen."""
    return zlib.crc32(said.encode()) % 5 < 3


def for_meaning() -> list[tuple[str, str]]:
    """(name of the service, question) of those that teach meaning."""
    real = [
        (name.partition("（设区的市")[0].partition("（市级")[0], one["question"])
        for one in real_questions()
        if "needs_accept" not in one
        for name in one["accept"][:1]
    ]
    asked = [(name, said) for name, said in questions() if name != NOWHERE and not held_out(name, said)]
    return [(name, said) for name, said in (*asked, *real) if teaches_meaning(said)]


def for_weights() -> list[tuple[str, str]]:
    """(name of the service, question) of those that meaning has not seen; those of held-out items are among them."""
    return [
        (name, said)
        for name, said in questions()
        if name == NOWHERE or held_out(name, said) or not teaches_meaning(said)
    ]
