"""A table of moves: from which states, by which roles, to which state, and what a move demands.

A case and an engagement are each one such table (h11's idea: the table is the protocol). A missing cell is a refusal
and changes nothing; a table that contradicts itself is a `BadTable` when the program starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from enum import Enum
from typing import Any, Generic, TypeVar

from bot.casework.refusal import Refusal, Why
from bot.casework.terms import Role, Term

TEXT_LENGTH = 2000  # characters of any text that comes with a move
LIST_LENGTH = 100  # entries of any list


class BadTable(ValueError):
    """The table says two things at once, or demands what no move can bring."""


class Demand(Term):
    """What a move demands. The value names the field of the details that must not be empty."""

    REASON = "reason", "理由"
    BASIS = "basis", "依据"
    DOCUMENT = "document", "文书"
    ENTRUSTMENT = "entrustment", "委托书"
    COMMITMENT = "commitment", "承诺书"
    REMEDY = "remedy", "救济途径或下一步"
    APPROVAL = "approval", "批准文件"
    CREDIT = "credit", "信用核查"
    DEADLINE = "deadline", "期限"
    DAYS = "days", "天数"
    MATERIALS = "materials", "材料清单"
    PROCEDURE = "procedure", "特别程序种类"
    DEPARTMENTS = "departments", "邀请部门"
    DEPARTMENT = "department", "部门"
    OPINION = "opinion", "意见"
    DELIVERY = "delivery", "送达方式"
    NOTE = "note", "内容"
    CASE = "case", "办件编号"
    AGENT = "agent", "代办员"


class Whither(Enum):
    STAY = "stay"  # something is recorded, the state is the same
    BACK = "back"  # to where it was before 中止


StateT = TypeVar("StateT", bound=Term)
MoveT = TypeVar("MoveT", bound=Term)
TrialT = TypeVar("TrialT")  # what the checks of a table look at

Check = Callable[[TrialT], Refusal | None]


@dataclass(frozen=True, slots=True)
class Row(Generic[StateT, MoveT, TrialT]):
    """A move, and the states it is possible in."""

    move: MoveT
    of: tuple[StateT, ...]
    to: StateT | Whither
    by: frozenset[Role]
    demands: tuple[Demand, ...] = ()
    on_behalf: tuple[Demand, ...] = ()  # demanded besides, when it isn't the applicant who makes the applicant's move
    when: tuple[Check[TrialT], ...] = ()  # whether the move is open now, whatever comes with it
    that: tuple[Check[TrialT], ...] = ()  # whether what comes with it will do

    def demanded(self, role: Role) -> tuple[Demand, ...]:
        """What the move demands of this role."""
        return self.demands if role is Role.APPLICANT else self.demands + self.on_behalf


class Table(Generic[StateT, MoveT, TrialT]):
    """state × move → row."""

    def __init__(self, rows: tuple[Row[StateT, MoveT, TrialT], ...], details: type) -> None:
        """Raises BadTable for a cell given twice, and for a demand that `details` has no field for."""
        self.rows = rows
        self._cells: dict[tuple[StateT, MoveT], Row[StateT, MoveT, TrialT]] = {}
        known = {field.name for field in fields(details)}
        for row in rows:
            if unknown := {str(demand) for demand in row.demands + row.on_behalf} - known:
                raise BadTable(f"{row.move} demands {', '.join(sorted(unknown))}")
            for state in row.of:
                if (state, row.move) in self._cells:
                    raise BadTable(f"{state} × {row.move} is given twice")
                self._cells[state, row.move] = row

    def __iter__(self) -> Iterator[tuple[StateT, Row[StateT, MoveT, TrialT]]]:
        return ((state, row) for (state, _), row in self._cells.items())

    def cell(self, state: StateT, move: MoveT) -> Row[StateT, MoveT, TrialT] | None:
        return self._cells.get((state, move))

    def judge(
        self, state: StateT, move: MoveT, role: Role, details: Any, trial: TrialT
    ) -> Row[StateT, MoveT, TrialT] | Refusal:
        """The row that lets the move happen, or why it may not."""
        row = self.cell(state, move)
        if row is None:
            return Refusal(Why.NOT_FROM_HERE)
        if role not in row.by:
            return Refusal(Why.NOT_YOURS, names=tuple(sorted(row.by)))
        return (
            _first(row.when, trial)
            or _lacking(row.demanded(role), details)
            or _too_long(details)
            or _first(row.that, trial)
            or row
        )

    def open_to(self, state: StateT, role: Role, trial: TrialT) -> tuple[Row[StateT, MoveT, TrialT], ...]:
        """The rows a role may choose from now. `trial` carries no details: the `when` checks don't look at them."""
        rows = (row for (of, _), row in self._cells.items() if of is state)
        return tuple(row for row in rows if role in row.by and _first(row.when, trial) is None)


def _first(checks: tuple[Check[TrialT], ...], trial: TrialT) -> Refusal | None:
    return next((refusal for check in checks if (refusal := check(trial))), None)


def _lacking(demands: tuple[Demand, ...], details: Any) -> Refusal | None:
    absent = tuple(str(demand) for demand in demands if _is_empty(getattr(details, demand)))
    return Refusal(Why.LACKING, names=absent) if absent else None


def _is_empty(given: Any) -> bool:
    match given:
        case Enum():
            return False
        case str():
            return not given.strip()
        case tuple():
            return not given or any(_is_empty(one) for one in given)
    return given is None


def _too_long(details: Any) -> Refusal | None:
    names = tuple(field.name for field in fields(details) if _exceeds(getattr(details, field.name)))
    return Refusal(Why.TOO_LONG, names=names) if names else None


def _exceeds(given: Any) -> bool:
    if isinstance(given, tuple):
        return len(given) > LIST_LENGTH or any(_exceeds(one) for one in given)
    return isinstance(given, str) and len(given) > TEXT_LENGTH
