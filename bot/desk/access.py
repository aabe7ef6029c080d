"""Who of the staff may see a dossier, and in which of their roles they may act on it."""

from __future__ import annotations

from collections.abc import Iterable

from bot.casework.assignment import acting_for
from bot.casework.standing import State
from bot.casework.terms import Actor, Role
from bot.desk.desk import Desk
from bot.desk.dossier import Dossier
from bot.desk.records import Member
from bot.events import Chat

OVERSEERS = frozenset({Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR})
# what a window has to do with: everything that was handed in, and joint pre-reviews
AT_THE_WINDOW = frozenset(State) - {State.DRAFT, State.PREVIEW_RETURNED, State.PREVIEW_PASSED}


def serves(desk: Desk, member: Member, hall: str) -> bool:
    """Whether a member's hall is `hall` or the one above it."""
    return not member.revoked and (member.hall == hall or desk.catalogue.regions.covers(member.hall, hall))


def acting_agent(desk: Desk, dossier: Dossier) -> str:
    """Who acts on the dossier today: the agent responsible, or the one who stands in."""
    absences = [one.absence for one in desk.records.members(dossier.hall) if one.absence]
    return acting_for(dossier.responsible, absences, desk.today) if dossier.responsible else ""


def is_agent_of(desk: Desk, member: Member, dossier: Dossier) -> bool:
    return member.id in {dossier.responsible, acting_agent(desk, dossier)} - {""}


def may_see(desk: Desk, member: Member, dossier: Dossier) -> bool:
    """Overseers see their hall's, the window what was handed in, agents their own and what is offered to them."""
    if not serves(desk, member, dossier.hall):
        return False
    if member.roles & OVERSEERS or is_agent_of(desk, member, dossier):
        return True
    if Role.AGENT in member.roles and _is_offered(member, dossier):
        return True
    return Role.CLERK in member.roles and any(case.state in AT_THE_WINDOW for case in dossier.cases.values())


def open_to(desk: Desk, chat: Chat, dossier: Dossier) -> bool:
    """Whether who talks in a chat may have a dossier's papers and files: who booked it, and the staff who see it."""
    member = desk.records.member(chat)
    return dossier.opened.chat == chat or (member is not None and may_see(desk, member, dossier))


def _is_offered(member: Member, dossier: Dossier) -> bool:
    standing = dossier.engagement.standing
    offered = dossier.offer is not None and member.id in dossier.offer.to and not standing.responsible
    return offered or standing.hand_over_to == member.id


def roles_on(desk: Desk, member: Member, dossier: Dossier) -> tuple[Role, ...]:
    """The roles somebody may act in on a dossier, the most particular first."""
    if not may_see(desk, member, dossier):
        return ()
    mine = is_agent_of(desk, member, dossier) or _is_offered(member, dossier)
    order = (Role.AGENT, Role.CLERK, Role.COORDINATOR, Role.MANAGER, Role.CASHIER, Role.SUPERVISOR)
    return tuple(role for role in order if role in member.roles and (role is not Role.AGENT or mine))


def acting(member: Member, role: Role) -> Actor:
    return Actor(member.id, role)


def members_with(desk: Desk, hall: str, role: Role) -> Iterable[Member]:
    """The hall's staff in a role; where it has none, the city's."""
    here = [one for one in desk.records.members(hall) if role in one.roles]
    return here or [one for one in desk.records.members(desk.catalogue.hall.region) if role in one.roles]
