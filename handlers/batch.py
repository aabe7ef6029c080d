"""Decisions for a file of questions: how the matcher is measured."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.dialogue.state import Knowledge
from knowledge.matching import merged_matches
from knowledge.matching.decision import Understanding


def decide_all(knowledge: Knowledge, lines: Iterable[str]) -> Iterator[dict[str, Any]]:
    """A decision for each JSON line {"id", "question"}; blank lines are passed over.

    Raises ValueError naming the line that is no such object.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            identity, question = row["id"], str(row["question"])
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"第 {number} 行不是带 id 和 question 的 JSON。 Line {number} is no JSON with id and question."
            ) from error
        yield {"id": identity, **decide(knowledge.understand(question))}


def decide(understood: Understanding) -> dict[str, Any]:
    """One decision for a whole message: the needs' matches in turn, first the best of each."""
    verdict, found = merged_matches(understood)
    matches = [{"code": match.code, "name": match.name, "score": round(match.score, 4)} for match in found]
    return {"decision": verdict.value, "matches": matches}
