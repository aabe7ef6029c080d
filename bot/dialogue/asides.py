"""A question about the form itself, put while it is filled in: why something is asked, what it costs, who sees it.

What the questions are known by is data (`asides.yaml`); the form is taken up again after the answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from bot.dialogue import hearing
from bot.dialogue.forms import Form, Heard
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Outcome, Say
from knowledge.matching.decision import Verdict

CLEAR = 0.8  # probability of an item from which the words ask about that item and not about the form
_FILE = Path(__file__).with_name("asides.yaml")


@cache
def words() -> Mapping[str, Any]:
    """`forms`: whose they are; `topics` and `fields`: what each is known by, in lower case."""
    found: dict[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return found


def hear(turn: Turn, form: Form, filling: Filling, heard: Heard) -> Move | None:
    """The answer to a question about the form; None for everything else."""
    text = (hearing.said(heard) or "").casefold()
    if form.name not in words()["forms"] or not hearing.asks(text) or _about_an_item(heard):
        return None
    topic = _known("topics", text)
    if not topic:
        return None
    named = _known("fields", text)
    field = named if form.field(named) else filling.asking
    return turn.state, (Say(Outcome.ASIDE, {"form": form.name, "field": field, "topic": topic}),)


def _known(kind: str, text: str) -> str:
    return next((name for name, known in words()[kind].items() if any(word in text for word in known)), "")


def _about_an_item(heard: Heard) -> bool:
    needs = heard.understood.needs if heard.understood else ()
    return any(need.verdict is Verdict.ANSWER and need.matches[0].score >= CLEAR for need in needs)
