"""What is to be done, where, and with how much help: the questions of the booking form about the matter itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot.casework.applicants import project_code
from bot.casework.engagement import Kind
from bot.casework.refusal import Refusal, Why
from bot.desk.booking import single_items
from bot.dialogue import hearing
from bot.dialogue.applying import pressed
from bot.dialogue.forms import Field, Given, Heard, Partly, Rows
from bot.dialogue.state import Filling, Turn
from bot.events import Choice
from knowledge.matching.decision import Understanding, Verdict

OFFERED = 4  # never more than four candidates
REGIONS_A_ROW = 3
NEAR = 0.03  # a probability below this is no likeness at all
DONE = "done"
NOTHING: Mapping[str, Any] = {"items": [], "project": "", "offered": []}


def of_items(codes: Iterable[str]) -> dict[str, Any]:
    """The answer that these items are."""
    return {"items": list(codes), "project": ""}


def understood_items(turn: Turn, understood: Understanding | None) -> tuple[list[str], list[str]]:
    """Items that are clearly meant, and candidates for what is not clear."""
    clear: list[str] = []
    near: list[str] = []
    for need in understood.needs if understood else ():
        known = [one.code for one in need.matches if one.score >= NEAR and turn.knowledge.item(one.code)]
        if need.verdict is Verdict.ANSWER:
            clear += known[:1]
        elif need.verdict is Verdict.CHOOSE:
            near += known
    return clear, [one for one in dict.fromkeys(near) if one not in clear][:OFFERED]


# --- items --------------------------------------------------------------------------------------


def _draft(filling: Filling) -> Mapping[str, Any]:
    """What was chosen so far; while it is being changed, what was chosen before."""
    before = (filling.before or {}).get("items") or {}
    return {**NOTHING, **before, **(filling.draft or {})}


def read_items(turn: Turn, filling: Filling, heard: Heard) -> Given | Partly | Refusal | None:
    """One item after the other, until 「就这些」."""
    draft, data = _draft(filling), pressed(heard)
    if data == DONE and (draft["items"] or draft["project"]):
        return Given({"items": draft["items"], "project": draft["project"]})
    if data and data[0] == "+" and data[1:] in draft["offered"]:
        return _added(turn, draft, [data[1:]])
    if data and data[0] == "-":
        return Partly({**draft, "items": [one for one in draft["items"] if one != data[1:]], "offered": []})
    text = hearing.words_given(heard)
    return None if data or text is None else _read_words(turn, draft, text, heard.understood)


def is_project(text: str) -> bool:
    """Whether it is a project's code, in which a case's number may be seen."""
    return not isinstance(project_code(text), Refusal)


def _read_words(turn: Turn, draft: Mapping[str, Any], text: str, understood: Understanding | None) -> Partly | Refusal:
    project = project_code(text)
    if not isinstance(project, Refusal):
        return Partly({**draft, "project": project.text, "offered": []})
    if sum(sign.isdigit() for sign in text) >= 10:
        return project  # meant to be a code, and none
    clear, near = understood_items(turn, understood)
    if clear:
        return _added(turn, draft, clear)
    return Partly({**draft, "offered": near}) if near else Refusal(Why.NO_SUCH_ITEM)


def _added(turn: Turn, draft: Mapping[str, Any], codes: list[str]) -> Partly | Refusal:
    items = list(dict.fromkeys([*draft["items"], *codes]))
    most = turn.desk.office.items_at_most
    if len(single_items(turn.desk, tuple(items))) > most:
        return Refusal(Why.TOO_MANY, number=most)
    return Partly({**draft, "items": items, "offered": []})


def _item_choices(turn: Turn, filling: Filling) -> Rows:
    draft = _draft(filling)
    offered = tuple((Choice(f"+{code}", label=_title(turn, code)),) for code in draft["offered"])
    chosen = tuple((Choice(f"-{code}", label=f"✕ {_title(turn, code)}"),) for code in draft["items"])
    done = ((Choice(DONE, term="items_done"),),) if draft["items"] or draft["project"] else ()
    return (*offered, *done, *chosen)


def _title(turn: Turn, code: str) -> str:
    item = turn.knowledge.item(code)
    return item.title(turn.language) if item else code


def _item_facts(turn: Turn, filling: Filling) -> Mapping[str, Any]:
    draft = _draft(filling)
    return {"items": draft["items"], "project": draft["project"], "offered": draft["offered"]}


# --- where, and how much help -------------------------------------------------------------------


def read_region(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    if data := pressed(heard):
        return Given(data) if turn.knowledge.regions.get(data) else None
    text = hearing.words_given(heard)
    found = turn.knowledge.regions.find(text) if text else None
    if found:
        return Given(found.code)
    return None if text is None or heard.asks_something else Refusal(Why.NO_SUCH_PLACE)


def _region_choices(turn: Turn, filling: Filling) -> Rows:
    regions, city = turn.knowledge.regions, turn.knowledge.hall.region
    here = [one for one in (regions.get(city), *regions.children(city)) if one]
    choices = [Choice(one.code, label=one.name.say(turn.language)) for one in here]
    return tuple(tuple(choices[at : at + REGIONS_A_ROW]) for at in range(0, len(choices), REGIONS_A_ROW))


def read_kind(turn: Turn, filling: Filling, heard: Heard) -> Given | None:
    data = pressed(heard)
    return Given(data) if data in set(Kind) else None


def _kind_choices(turn: Turn, filling: Filling) -> Rows:
    return tuple((Choice(kind.value, term=f"proxy_kind.{kind}"),) for kind in Kind)


WHAT = (
    Field("items", read_items, _item_choices, facts=_item_facts, show=lambda turn, value: dict(value),
          is_number=is_project),
    Field("region", read_region, _region_choices, show=lambda turn, value: {"region": value}),
    Field("kind", read_kind, _kind_choices, show=lambda turn, value: {"term": ["proxy_kind", value]}),
)  # fmt: skip
