"""Who of the staff is talking, and what everybody else is told: each role sees and does only its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bot.casework.terms import Role
from bot.desk.records import Member
from bot.dialogue import notices
from bot.dialogue.state import Move, Turn
from bot.events import Choice, Outcome, Say

A = TypeVar("A")

# who handles or oversees cases; the others of the staff have other work
HANDLING = frozenset({Role.AGENT, Role.CLERK, Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR})


def member(turn: Turn) -> Member | None:
    """The member of staff who talks here; None for everybody else."""
    return turn.desk.records.member(turn.chat)


def roles(turn: Turn) -> list[str]:
    """The roles of whoever talks here, in the order of the field's list; empty for everybody who is no staff."""
    found = member(turn)
    return [role.value for role in Role if found and role in found.roles]


def standing(turn: Turn) -> dict[str, Any]:
    """What HELP and JOINED say of somebody's place: `roles`, and whether there is an `inbox` for them."""
    held = roles(turn)
    return {"roles": held, "inbox": bool(HANDLING & set(held))}


def for_staff(rule: Callable[[Turn, Member, A], Move]) -> Callable[[Turn, A], Move]:
    """A rule for members of staff. Others are told how to get in, and what they can do; a button of the staff's that
    somebody presses who is none (any more) is an old one."""

    def guarded(turn: Turn, argument: A) -> Move:
        found = member(turn)
        if found is None:
            return notices.stale(turn) if isinstance(argument, tuple) else not_staff(turn)
        return rule(turn, found, argument)

    return guarded


def for_role(role: Role) -> Callable[[Callable[[Turn, Member, A], Move]], Callable[[Turn, A], Move]]:
    """A rule for the members who have a role; the others of the staff are told whose it is."""

    def guard(rule: Callable[[Turn, Member, A], Move]) -> Callable[[Turn, A], Move]:
        def checked(turn: Turn, found: Member, argument: A) -> Move:
            return rule(turn, found, argument) if role in found.roles else not_yours(turn, role)

        return for_staff(checked)

    return guard


def not_staff(turn: Turn) -> Move:
    return _not_in(turn, "citizen")


def bad_invitation(turn: Turn) -> Move:
    return _not_in(turn, "invitation")


def not_yours(turn: Turn, role: Role) -> Move:
    """Another role's business."""
    return _not_in(turn, "role", role.value)


def hidden(turn: Turn) -> Move:
    """A dossier or case that is not there, or not for this member to see: one and the same."""
    return _not_in(turn, "hidden")


def _not_in(turn: Turn, why: str, role: str = "") -> Move:
    """`why`: citizen, invitation, role, hidden."""
    own = roles(turn)
    row = (Choice("in", term="inbox"),) if own else (Choice("h", term="help"), Choice("a", term="agent"))
    return turn.state.idle(), (Say(Outcome.NOT_STAFF, {"why": why, "role": role, "roles": own}, (row,)),)
