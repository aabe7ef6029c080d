"""Who works here: invited once, joined from a chat, away, revoked; and the way into the console."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import replace

from bot.casework import applicants
from bot.casework.assignment import Absence
from bot.casework.refusal import Refusal, Why
from bot.casework.terms import STAFF, Role
from bot.desk.change import Change, Done, Tell
from bot.desk.desk import Desk
from bot.desk.halls import halls
from bot.desk.records import Member, Ticket, TicketKind
from bot.events import Chat, Choice, Outcome, Say

FARTHEST_ABSENCE = 366  # days


def digest(secret: str) -> str:
    """What is kept of a ticket's secret. The secret is long and random, so a plain hash will do."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invite(desk: Desk, roles: Iterable[Role], hall: str, expertise: Iterable[str] = ()) -> Done | Refusal:
    """A one-time invitation. `facts`: `code`, `expires_at`."""
    wanted = frozenset(roles) & STAFF
    if not wanted or desk.catalogue.regions.get(hall) is None:
        return Refusal(Why.LACKING, names=("role",) if not wanted else ("hall",))
    code = desk.chance.token()[:24]
    expires = desk.now + dt.timedelta(days=desk.office.invitation_days)
    facts = {"roles": sorted(wanted), "hall": hall, "expertise": sorted(expertise)}
    ticket = Ticket(TicketKind.INVITATION, digest(code), expires, facts)
    return Done(Change(tickets=(ticket,)), facts={"code": code, "expires_at": expires.isoformat()})


def invite_by(
    desk: Desk, member: Member, roles: Iterable[Role], expertise: Iterable[str] = (), hall: str = ""
) -> Done | Refusal:
    """As `invite`, by a member: an admin to any role in any hall, a manager to any but admin in the own one, which is
    meant where no `hall` is given."""
    wanted, place = frozenset(roles), hall or member.hall
    if wanted - invitable(member) or place not in invitable_halls(desk, member):
        return Refusal(Why.NOT_YOURS, names=(Role.ADMIN.value,))
    return invite(desk, wanted, place, expertise)


def invitable_halls(desk: Desk, member: Member) -> tuple[str, ...]:
    """Codes of the halls a member may invite to, the own one first."""
    if Role.ADMIN not in member.roles:
        return (member.hall,)
    return (member.hall, *(one for one in halls(desk) if one != member.hall))


def invitable(member: Member) -> frozenset[Role]:
    """The roles a member may invite to."""
    if Role.ADMIN in member.roles:
        return STAFF
    return STAFF - {Role.ADMIN} if Role.MANAGER in member.roles else frozenset()


def join(desk: Desk, chat: Chat, code: str, name: str) -> Done | Refusal:
    """Somebody with an invitation becomes a member, or gets its roles added. `facts`: `member`, `roles`, `hall`."""
    ticket = desk.records.ticket(digest(code))
    if not _good(desk, ticket, TicketKind.INVITATION):
        return Refusal(Why.EXPIRED)
    assert ticket is not None
    called = applicants.name(name)
    if isinstance(called, Refusal):
        return called
    roles = frozenset(role for role in STAFF if role.value in ticket.facts["roles"])
    expertise = frozenset(ticket.facts.get("expertise", ()))
    known = desk.records.member(chat)
    if known and known.hall != ticket.facts["hall"]:
        return Refusal(Why.OTHER_HALL)
    member = (
        replace(known, roles=known.roles | roles, expertise=known.expertise | expertise, name=called)
        if known
        else Member(desk.chance.token().lstrip("-")[:16], called, roles, ticket.facts["hall"], chat, expertise)
    )
    change = Change(members=(member,), tickets=(replace(ticket, used_at=desk.now),))
    return Done(change, facts={"member": member.id, "name": called, "roles": sorted(member.roles), "hall": member.hall})


def is_good_invitation(desk: Desk, code: str) -> bool:
    """Whether an invitation can still be used: asked before a name is."""
    return _good(desk, desk.records.ticket(digest(code)), TicketKind.INVITATION)


def revoke(desk: Desk, member: str) -> Done | Refusal:
    """Somebody leaves: what they are responsible for stays theirs in the log until somebody takes it over."""
    found = desk.records.colleague(member)
    if found is None or found.revoked:
        return Refusal(Why.NO_MATCH)
    return Done(Change(members=(replace(found, revoked=True),)), facts={"member": member})


def be_away(desk: Desk, member: Member, first: dt.date, last: dt.date, deputy: str = "") -> Done | Refusal:
    """Away from `first` to `last`; a deputy of the same hall, who is told, looks after the dossiers; responsibility
    stays. `facts`: `first`, `last`, `back` (False), `deputy` (name or None), `load`."""
    if last < first or last < desk.today:
        return Refusal(Why.DEADLINE_PAST, day=last)
    if (last - desk.today).days > FARTHEST_ABSENCE:
        return Refusal(Why.DEADLINE_FAR, day=desk.today + dt.timedelta(days=FARTHEST_ABSENCE))
    if deputy:
        found = desk.records.colleague(deputy)
        if found is None or found.revoked or found.hall != member.hall or Role.AGENT not in found.roles:
            return Refusal(Why.OTHER_HALL)
        if deputy == member.id:
            return Refusal(Why.SAME_PERSON)
    away = replace(member, absence=Absence(member.id, first, last, deputy))
    heir = desk.records.colleague(deputy) if deputy else None
    facts = {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "back": False,
        "deputy": heir.name if heir else None,
        "load": member.load,
    }
    say = Say(Outcome.AWAY, facts | {"of": member.name}, ((Choice("in:mine", term="inbox"),),))
    letters = (Tell(heir.chat, say),) if heir and heir.chat else ()
    return Done(Change(members=(away,), letters=letters), facts=facts)


def be_back(desk: Desk, member: Member) -> Done:
    return Done(Change(members=(replace(member, absence=None),)))


# --- the console --------------------------------------------------------------------------------


def login_link(desk: Desk, member: Member) -> Done:
    """A one-time way into the console. `facts`: `secret`, `expires_at`."""
    secret = desk.chance.token()
    expires = desk.now + dt.timedelta(minutes=desk.office.login_minutes)
    ticket = Ticket(TicketKind.LOGIN, digest(secret), expires, {"member": member.id})
    return Done(Change(tickets=(ticket,)), facts={"secret": secret, "expires_at": expires.isoformat()})


def is_good_login(desk: Desk, secret: str) -> bool:
    """Whether a login link can still be used: looked at before it is."""
    return _good(desk, desk.records.ticket(digest(secret)), TicketKind.LOGIN)


def log_in(desk: Desk, secret: str) -> Done | Refusal:
    """Use a login link. `facts`: `session` (the console's cookie), `member`."""
    ticket = desk.records.ticket(digest(secret))
    if not _good(desk, ticket, TicketKind.LOGIN):
        return Refusal(Why.EXPIRED)
    assert ticket is not None
    session = desk.chance.token()
    expires = desk.now + dt.timedelta(hours=desk.office.session_hours)
    opened = Ticket(TicketKind.SESSION, digest(session), expires, {"member": ticket.facts["member"]})
    change = Change(tickets=(replace(ticket, used_at=desk.now), opened))
    return Done(change, facts={"session": session, "member": ticket.facts["member"]})


def log_out(desk: Desk, session: str) -> Done:
    ticket = desk.records.ticket(digest(session))
    if not _good(desk, ticket, TicketKind.SESSION):
        return Done()
    assert ticket is not None
    return Done(Change(tickets=(replace(ticket, used_at=desk.now),)))


def who(desk: Desk, session: str) -> Member | None:
    """The member of staff behind a console session."""
    ticket = desk.records.ticket(digest(session))
    if not _good(desk, ticket, TicketKind.SESSION):
        return None
    assert ticket is not None
    member = desk.records.colleague(ticket.facts["member"])
    return member if member and not member.revoked else None


def _good(desk: Desk, ticket: Ticket | None, kind: TicketKind) -> bool:
    return ticket is not None and ticket.kind is kind and ticket.used_at is None and desk.now < ticket.expires_at
