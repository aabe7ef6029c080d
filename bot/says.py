"""A Say as JSON and back: what is committed with an update and in the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.events import Choice, Outcome, Paper, Say


def say_to_json(say: Say) -> dict[str, Any]:
    return asdict(say)


def say_from_json(kept: Mapping[str, Any]) -> Say:
    return Say(
        outcome=Outcome(kept["outcome"]),
        facts=kept["facts"],
        choices=tuple(tuple(Choice(**choice) for choice in row) for row in kept["choices"]),
        papers=tuple(Paper(**paper) for paper in _papers(kept)),
        replaces=kept["replaces"],
    )


def _papers(kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A letter queued before there were several papers has one, or none."""
    return kept["papers"] if "papers" in kept else [kept["paper"]] if kept.get("paper") else []
