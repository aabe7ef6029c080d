"""Who of the staff may see a dossier, and in which of their roles they may act on it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from bot.casework.assignment import acting_for
from bot.casework.standing import State
from bot.casework.terms import Actor, Role
from bot.desk.desk import Desk
from bot.desk.dossier import Dossier
from bot.desk.halls import halls
from bot.desk.records import Line, Member
from bot.events import Chat

OVERSEERS = frozenset({Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR})
# what a window has to do with: everything that was handed in, and joint pre-reviews
AT_THE_WINDOW = frozenset(State) - {State.DRAFT, State.PREVIEW_RETURNED, State.PREVIEW_PASSED}


def serves(desk: Desk, member: Member, hall: str) -> bool:
    """Whether a member's hall is `hall` or the one above it."""
    return not member.revoked and (member.hall == hall or desk.catalogue.regions.covers(member.hall, hall))


def halls_served(desk: Desk, member: Member) -> tuple[str, ...]:
    """Codes of the halls a member serves, the own one first."""
    below = (one for one in halls(desk) if one != member.hall)
    return (member.hall, *(one for one in below if serves(desk, member, one)))


def halls_shown(desk: Desk, member: Member, chosen: str) -> tuple[str, ...]:
    """The halls whose dossiers a list shows a member: the chosen one, if they serve it, else all they serve."""
    served = halls_served(desk, member)
    return (chosen,) if chosen in served else served


def acting_agent(desk: Desk, dossier: Dossier) -> str:
    """Who acts on the dossier today: the agent responsible, or the one who stands in."""
    absences = [one.absence for one in desk.records.members(dossier.hall) if one.absence]
    return acting_for(dossier.responsible, absences, desk.today) if dossier.responsible else ""


def stands_in_for(desk: Desk, member: Member) -> tuple[Member, ...]:
    """Absent colleagues whose dossiers the member looks after today."""
    team = desk.records.members(member.hall)
    absences = [one.absence for one in team if one.absence]
    away = (one for one in team if one.absence and one.id != member.id)
    return tuple(one for one in away if acting_for(one.id, absences, desk.today) == member.id)


def is_agent_of(desk: Desk, member: Member, dossier: Dossier) -> bool:
    return member.id in {dossier.responsible, acting_agent(desk, dossier)} - {""}


def may_see(desk: Desk, member: Member, dossier: Dossier) -> bool:
    """Overseers see their hall's, the window what was handed in, agents their own and what is offered to them; nobody
    sees as staff what they applied for themselves."""
    return bool(roles_on(desk, member, dossier))


def roles_on(desk: Desk, member: Member, dossier: Dossier) -> tuple[Role, ...]:
    """The roles somebody may act in on a dossier, the most particular first."""
    if not serves(desk, member, dossier.hall) or member.chat == dossier.opened.chat:
        return ()
    mine = is_agent_of(desk, member, dossier)
    open_to = {Role.AGENT} if mine or _is_offered(member, dossier) else set[Role]()
    handed_in = any(case.state in AT_THE_WINDOW for case in dossier.cases.values())
    if handed_in and not mine and member.id not in dossier.agents:
        open_to.add(Role.CLERK)  # whoever hands a case in does not decide on it
    order = (Role.AGENT, Role.CLERK, Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR)
    return tuple(role for role in order if role in member.roles & (open_to | OVERSEERS))


def handling_roles(desk: Desk, member: Member, dossier: Dossier) -> tuple[Role, ...]:
    """Those in which somebody may work on its cases, write to its applicant and know who that is: an offer alone gives
    none."""
    mine = is_agent_of(desk, member, dossier)
    return tuple(role for role in roles_on(desk, member, dossier) if mine or role is not Role.AGENT)


def knows(desk: Desk, member: Member, dossier: Dossier) -> bool:
    """Whether the applicant's data, papers, files and messages are shown in full."""
    return bool(handling_roles(desk, member, dossier))


def open_to(desk: Desk, chat: Chat, dossier: Dossier) -> bool:
    """Whether who talks in a chat may have a dossier's papers and files: who booked it, and the staff who know whose it
    is."""
    member = desk.records.member(chat)
    return dossier.opened.chat == chat or (member is not None and knows(desk, member, dossier))


def _is_offered(member: Member, dossier: Dossier) -> bool:
    standing = dossier.engagement.standing
    offered = dossier.offer is not None and member.id in dossier.offer.to and not standing.responsible
    return offered or standing.hand_over_to == member.id


# --- the same, read off a line instead of the whole log -------------------------------------------


def sees_line(desk: Desk, member: Member, line: Line, acts_for: Collection[str]) -> bool:
    """As `may_see`. `acts_for`: ids of `stands_in_for`."""
    if not serves(desk, member, line.hall) or member.chat == line.chat:
        return False
    offered = (member.id in line.offered_to and not line.responsible) or line.hand_over_to == member.id
    return knows_line(member, line, acts_for) or (Role.AGENT in member.roles and offered)


def knows_line(member: Member, line: Line, acts_for: Collection[str]) -> bool:
    """As `knows`, for a line that the member sees."""
    if member.roles & OVERSEERS or line.responsible in (member.id, *acts_for):
        return True
    return Role.CLERK in member.roles and any(one.state in AT_THE_WINDOW for one in line.cases)


# --- who they are ---------------------------------------------------------------------------------


def agents_for(desk: Desk, dossier: Dossier) -> tuple[Member, ...]:
    """The agents of the dossier's hall, but for one who applied for it."""
    return tuple(
        one for one in desk.records.members(dossier.hall) if Role.AGENT in one.roles and one.chat != dossier.opened.chat
    )


def acting(member: Member, role: Role) -> Actor:
    return Actor(member.id, role)


def at_the_window(desk: Desk, dossier: Dossier) -> tuple[Member, ...]:
    """The clerks of a dossier's hall, but for its agents; where none is left, the city's."""
    agents = dossier.agents | {dossier.responsible, acting_agent(desk, dossier)}
    return tuple(members_with(desk, dossier.hall, Role.CLERK, but=agents))


def members_with(desk: Desk, hall: str, role: Role, but: Collection[str] = ()) -> Iterable[Member]:
    """The hall's staff in a role, without those whose ids `but` has; where none is left, the city's."""
    for place in (hall, desk.catalogue.hall.region):
        if found := [one for one in desk.records.members(place) if role in one.roles and one.id not in but]:
            return found
    return ()
