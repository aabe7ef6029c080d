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
        paper=Paper(**kept["paper"]) if kept["paper"] else None,
        replaces=kept["replaces"],
    )
