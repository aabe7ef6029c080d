"""The tables of moves as Markdown and as state diagrams: what docs/casework.md shows between its marks.

`described(text)` puts them in; a test holds the document to the data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable

from bot.casework import case, engagement
from bot.casework.table import Demand, Row, Table, Whither
from bot.casework.terms import Role, Term


def move_table(table: Table) -> str:
    """A row a move: from where, to where, by whom, demanding what, under which conditions."""
    head = "| 动作 Move | 从 From | 到 To | 谁 Who | 须有 Demands | 条件 Conditions |\n|---|---|---|---|---|---|\n"
    return head + "".join(_line(row, table) for row in table.rows)


def diagram(table: Table, first: Term) -> str:
    """The moves that change the state, as a Mermaid state diagram. An edge is labelled with all moves that take it."""
    edges: dict[tuple[Term, Term], list[Term]] = defaultdict(list)
    for state, row in table:
        for target in _targets(state, row, table):
            edges[state, target].append(row.move)
    states = [state for state, _ in table]
    names = [f"    {state} : {state.zh}" for state in dict.fromkeys([first, *states])]
    arrows = [f"    {one} --> {two} : {'、'.join(move.zh for move in by)}" for (one, two), by in edges.items()]
    ends = [f"    {state} --> [*]" for state in dict.fromkeys(states) if not any(one is state for one, _ in edges)]
    lines = ["```mermaid", "stateDiagram-v2", *names, f"    [*] --> {first}", *arrows, *ends, "```"]
    return "\n".join(lines) + "\n"


PARTS: dict[str, Callable[[], str]] = {
    "case table": lambda: move_table(case.TABLE),
    "case diagram": lambda: diagram(case.TABLE, case.State.DRAFT),
    "engagement table": lambda: move_table(engagement.TABLE),
    "engagement diagram": lambda: diagram(engagement.TABLE, engagement.Step.CONSULTED),
}


def described(document: str) -> str:
    """The document with each part between `<!-- part -->` and `<!-- /part -->` as the data have it.

    Raises KeyError for a part nobody knows.
    """
    marked = re.compile(r"(<!-- (?P<part>[a-z ]+) -->\n).*?(<!-- /(?P=part) -->)", re.DOTALL)
    return marked.sub(lambda found: f"{found[1]}\n{PARTS[found['part']]()}\n{found[3]}", document)


def _line(row: Row, table: Table) -> str:
    cells = (
        f"{row.move.zh} `{row.move}`",
        _states(row, table),
        _whither(row.to),
        _roles(row),
        _demands(row),
        "、".join(f"`{check.__name__.lstrip('_')}`" for check in row.when + row.that) or "–",
    )
    return f"| {' | '.join(cells)} |\n"


def _states(row: Row, table: Table) -> str:
    every = set(type(row.of[0]))
    return "任何状态 any" if set(row.of) == every else "、".join(state.zh for state in row.of)


def _whither(to: Term | Whither) -> str:
    match to:
        case Whither.STAY:
            return "不变 same"
        case Whither.BACK:
            return "中止前的状态 back"
        case _:
            return to.zh


def _roles(row: Row) -> str:
    return "、".join(role.zh for role in Role if role in row.by)


def _demands(row: Row) -> str:
    always = "、".join(_named(demand) for demand in row.demands)
    besides = "、".join(_named(demand) for demand in row.on_behalf)
    return "；".join(part for part in (always, f"他人代为时另须 {besides}" if besides else "") if part) or "–"


def _named(demand: Demand) -> str:
    return f"{demand.zh} `{demand}`"


def _targets(state: Term, row: Row, table: Table) -> tuple[Term, ...]:
    match row.to:
        case Whither.STAY:
            return ()
        case Whither.BACK:
            into = (other.of for _, other in table if other.to is state)
            return tuple(dict.fromkeys(one for of in into for one in of))
    return (row.to,)
