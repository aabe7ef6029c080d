"""What the console shows of a hall, for one member of staff: the inbox, the people, the complaints. Plain data, and
nothing they may not see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.casework.clock import Light
from bot.casework.refusal import Refusal, Why
from bot.casework.table import Demand
from bot.casework.terms import Role
from bot.desk import staff, views
from bot.desk.access import OVERSEERS, halls_served, halls_shown, knows_line, sees_line, stands_in_for
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.records import Filter, Line, Member, Scope
from bot.desk.status import is_engagement

PAGE = 20  # dossiers of one page of an inbox
LOOKED_THROUGH = 100  # lines that a search reads; it shows a page of those the member may see
COMPLAINTS = 50

SCOPES: Mapping[Role, tuple[Scope, ...]] = {
    Role.AGENT: (Scope.MINE, Scope.OFFERED, Scope.POOR),
    Role.CLERK: (Scope.WINDOW,),
    Role.COORDINATOR: (Scope.UNASSIGNED, Scope.HALL, Scope.POOR),
    Role.MANAGER: (Scope.UNASSIGNED, Scope.HALL, Scope.POOR),
    Role.SUPERVISOR: (Scope.HALL, Scope.POOR),
}
TEAM_HEADS = frozenset({Role.COORDINATOR, Role.MANAGER})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which page of which inbox."""

    scope: Scope | None = None  # None: the first that the member has
    hall: str = ""  # its code; empty: all that the member serves
    state: str = ""
    light: Light | None = None
    closed: bool = False
    page: int = 1  # from 1


# --- inbox --------------------------------------------------------------------------------------


def scopes(member: Member) -> tuple[Scope, ...]:
    """The inboxes that a member's roles have, each once."""
    own = {scope for role in member.roles for scope in SCOPES.get(role, ())}
    return tuple(scope for scope in Scope if scope in own)


def inbox(desk: Desk, member: Member, wanted: Wanted) -> dict[str, Any]:
    """`tabs` [{scope, total}], `scope` (None: the member's roles have no inbox), `hall` (one that is chosen, or empty),
    `halls` (codes of those to choose from), `lines`, `total`, `page`, `pages`."""
    own, served = scopes(member), halls_served(desk, member)
    hall = wanted.hall if wanted.hall in served else ""
    if not own:
        return {"tabs": [], "scope": None, "hall": "", "halls": [], "lines": [], "total": 0, "page": 1, "pages": 1}
    scope = wanted.scope if wanted.scope in own else own[0]
    shown = halls_shown(desk, member, hall)
    filters = {one: _filter(desk, member, one, shown) for one in own}
    offset = (max(1, wanted.page) - 1) * PAGE
    of_page = replace(filters[scope], closed=wanted.closed, offset=offset, limit=PAGE)
    found = desk.records.inbox(replace(of_page, state=wanted.state, light=wanted.light))
    tabs = [{"scope": one.value, "total": desk.records.inbox(filters[one]).total} for one in own]
    return {
        "tabs": tabs,
        "scope": scope.value,
        "hall": hall,
        "halls": list(served),
        "lines": [_line(desk, member, line, of_page.acts_for) for line in found.lines],
        "total": found.total,
        "page": max(1, wanted.page),
        "pages": max(1, -(-found.total // PAGE)),
    }


def _filter(desk: Desk, member: Member, scope: Scope, halls: tuple[str, ...]) -> Filter:
    """What a scope shows a member; of poor ratings those who oversee the hall see all, agents their own."""
    whole = scope is Scope.POOR and bool(member.roles & OVERSEERS)
    acts_for = tuple(one.id for one in stands_in_for(desk, member))
    return Filter(halls, scope, "" if whole else member.id, acts_for, limit=1)


def search(desk: Desk, member: Member, text: str) -> dict[str, Any]:
    """Dossiers by part of a number, an applicant's whole name, telephone or identity number: those the member may
    see. `lines`, `more`: whether there are others, `halls` as in `inbox`."""
    served = halls_served(desk, member)
    asked = Filter(served, Scope.HALL, search=text, closed=True, limit=LOOKED_THROUGH)
    page = desk.records.inbox(asked) if text.strip() else None
    acts_for = tuple(one.id for one in stands_in_for(desk, member))
    seen = [line for line in page.lines if sees_line(desk, member, line, acts_for)] if page else []
    more = len(seen) > PAGE or (page is not None and page.total > LOOKED_THROUGH)
    lines = [_line(desk, member, line, acts_for) for line in seen[:PAGE]]
    return {"lines": lines, "more": more, "halls": list(served)}


def _line(desk: Desk, member: Member, line: Line, acts_for: Collection[str]) -> dict[str, Any]:
    responsible = desk.records.colleague(line.responsible) if line.responsible else None
    facts = views.line_facts(line, full=knows_line(member, line, acts_for))
    return facts | {"agent": responsible.name if responsible else None, "hall": line.hall}


# --- people -------------------------------------------------------------------------------------


def people(desk: Desk, members: Iterable[Member]) -> list[dict[str, Any]]:
    """`id`, `name`, `roles`, `load`, `capacity`, `expertise`, `away` {last, deputy} or None."""
    return [
        {
            "id": one.id,
            "name": one.name,
            "roles": [role.value for role in Role if role in one.roles],
            "load": one.load,
            "capacity": one.capacity,
            "expertise": sorted(one.expertise),
            "away": away(desk, one),
        }
        for one in members
    ]


def away(desk: Desk, member: Member, also_later: bool = False) -> dict[str, Any] | None:
    """An absence under way, or with `also_later` one to come: `first`, `last`, `deputy` (a name)."""
    absence = member.absence
    if absence is None or absence.last < desk.today or not (also_later or absence.covers(desk.today)):
        return None
    deputy = desk.records.colleague(absence.deputy) if absence.deputy else None
    return {
        "first": absence.first.isoformat(),
        "last": absence.last.isoformat(),
        "deputy": deputy.name if deputy else None,
    }


def team(desk: Desk, member: Member) -> list[dict[str, Any]] | None:
    """The hall's staff, for those who assign; None for anybody else."""
    return people(desk, desk.records.members(member.hall)) if member.roles & TEAM_HEADS else None


def own_page(desk: Desk, member: Member) -> dict[str, Any]:
    """`roles`, `halls` (codes of those the member may invite to), `load`, `capacity`, `absence`, `deputies`
    [{id, name}], `today`."""
    deputies = [one for one in desk.records.members(member.hall) if Role.AGENT in one.roles and one.id != member.id]
    return {
        "roles": [role.value for role in Role if role in member.roles],
        "halls": list(staff.invitable_halls(desk, member)),
        "absence": away(desk, member, also_later=True),
        "deputies": [{"id": one.id, "name": one.name} for one in deputies],
        "load": member.load,
        "capacity": member.capacity,
        "today": desk.today.isoformat(),
    }


def complaints(desk: Desk, member: Member) -> list[dict[str, Any]] | None:
    """The hall's complaints, for its supervisors, as views.complaint_facts, and `engagement`: whether they are about
    one, or about a case. None for anybody else."""
    if Role.SUPERVISOR not in member.roles:
        return None
    return [
        views.complaint_facts(one) | {"engagement": is_engagement(desk, one.about)}
        for one in desk.records.complaints(member.hall, COMPLAINTS)
    ]


def be_away(desk: Desk, member: Member, first: dt.date | None, last: dt.date | None, deputy: str) -> Done | Refusal:
    """As staff.be_away; a day that is absent or could not be read is None."""
    if first is None or last is None:
        return Refusal(Why.LACKING, names=(Demand.DEADLINE.value,))
    return staff.be_away(desk, member, first, last, deputy)
