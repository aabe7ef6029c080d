"""The tables of moves as Markdown and as state diagrams: what docs/casework.md shows between its marks.

`described(text)` puts them in; a test holds the document to the data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from bot.casework import case, engagement
from bot.casework.standing import State
from bot.casework.table import Demand, Row, Table, Whither
from bot.casework.terms import Role, Term

AnyTable = Table[Any, Any, Any]
AnyRow = Row[Any, Any, Any]

_MANY = 5  # a move from more states than this is drawn from one node for all of them


def move_table(table: AnyTable) -> str:
    """A row a move: from where, to where, by whom, demanding what, under which conditions."""
    head = "| 动作 Move | 从 From | 到 To | 谁 Who | 须有 Demands | 条件 Conditions |\n|---|---|---|---|---|---|\n"
    return head + "".join(_line(row) for row in table.rows)


def diagram(table: AnyTable, first: Term) -> str:
    """The moves that change the state, as a Mermaid state diagram. An edge is labelled with all moves that take it."""
    states = list(dict.fromkeys([first, *(state for state, _ in table)]))
    many = _many(table)
    edges: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in table.rows:
        for edge in _edges(row, many):
            edges[edge].append(row.move.zh)
    lines = ["```mermaid", "stateDiagram-v2", *(f"    {state} : {state.zh}" for state in states)]
    if many:
        lines.append(f"    any : {'、'.join(state.zh for state in many)}（任一 any of these）")
    lines.append(f"    [*] --> {first}")
    lines += [f"    {one} --> {two} : {'、'.join(moves)}" for (one, two), moves in edges.items()]
    leaving = {one for one, _ in edges}
    lines += [f"    {state} --> [*]" for state in states if state not in leaving and state not in many]
    return "\n".join([*lines, "```", ""])


PARTS: dict[str, Callable[[], str]] = {
    "case table": lambda: move_table(case.TABLE),
    "case diagram": lambda: diagram(case.TABLE, State.DRAFT),
    "engagement table": lambda: move_table(engagement.TABLE),
    "engagement diagram": lambda: diagram(engagement.TABLE, engagement.Step.CONSULTED),
}


def described(document: str) -> str:
    """The document with each part between `<!-- part -->` and `<!-- /part -->` as the data have it.

    Raises KeyError for a part nobody knows.
    """
    marked = re.compile(r"(<!-- (?P<part>[a-z ]+) -->\n).*?(<!-- /(?P=part) -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}\n{PARTS[found['part']]()}\n{found[3]}", document)


def _line(row: AnyRow) -> str:
    cells = (
        f"{row.move.zh} `{row.move}`",
        "任何状态 any"
        if set(row.of) == set(type(row.of[0]).__members__.values())
        else "、".join(state.zh for state in row.of),
        _whither(row.to),
        "、".join(role.zh for role in Role if role in row.by),
        _demands(row),
        "、".join(f"`{check.__name__.lstrip('_')}`" for check in row.when + row.that) or "–",
    )
    return f"| {' | '.join(cells)} |\n"


def _from(states: tuple[Term, ...]) -> str:
    every = type(states[0]).__members__.values()
    return "任何状态 any" if set(states) == set(every) else "、".join(state.zh for state in states)


def _whither(to: Term | Whither) -> str:
    match to:
        case Whither.STAY:
            return "不变 same"
        case Whither.BACK:
            return "中止前的状态 as before"
        case _:
            return to.zh


def _demands(row: AnyRow) -> str:
    always = "、".join(_named(demand) for demand in row.demands)
    besides = "、".join(_named(demand) for demand in row.on_behalf)
    return "；".join(part for part in (always, f"他人代为时另须 {besides}" if besides else "") if part) or "–"


def _named(demand: Demand) -> str:
    return f"{demand.zh} `{demand}`"


def _many(table: AnyTable) -> tuple[Term, ...]:
    """The states that several moves leave together, to be drawn as one node."""
    large = [row.of for row in table.rows if len(row.of) > _MANY and row.to is not Whither.STAY]
    return min(large, key=len, default=())


def _edges(row: AnyRow, many: tuple[Term, ...]) -> list[tuple[str, str]]:
    if row.to is Whither.STAY:
        return []
    target = "any" if row.to is Whither.BACK else str(row.to)
    together = bool(many) and set(many) <= set(row.of)
    alone = [state for state in row.of if not together or state not in many]
    return [("any", target)] * together + [(str(state), target) for state in alone]
