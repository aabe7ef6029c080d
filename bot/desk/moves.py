"""Doing something with a case or an engagement: what is open to somebody, and the doing of it with all that follows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.casework import case as cases
from bot.casework import engagement as engagements
from bot.casework.engagement import Act
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Details, Move
from bot.casework.table import Demand
from bot.casework.terms import Actor, Role
from bot.desk import appointments, notices
from bot.desk.access import acting_agent, agents_for, handling_roles, may_see, roles_on
from bot.desk.change import Change, Done
from bot.desk.desk import Desk
from bot.desk.dossier import SYSTEM, Acted, Dossier, Issued, Moved, applicant_of
from bot.desk.log import appended, noted
from bot.desk.papers import ACT_PAPERS, MOVE_PAPERS, paper_id
from bot.desk.records import Member
from bot.events import Chat

# what the desk brings by itself: the paper that a move issues, and the entrustment staff act on
BROUGHT = frozenset({Demand.DOCUMENT, Demand.ENTRUSTMENT})


@dataclass(frozen=True, slots=True)
class Open:
    """Something somebody may do now: in which role, and what they are asked for."""

    what: Move | Act
    role: Role
    demands: tuple[Demand, ...]
    optional: tuple[Demand, ...] = ()  # may be given besides


# materials may come with these even where the table does not demand them
_WITH_MATERIALS = frozenset({Move.RETURN_PREVIEW, Move.RECEIVE, Move.ACCEPT_ON_COMMITMENT, Move.SUPPLY, Move.SUBMIT})
_WITH_REASON = frozenset({Move.GIVE_OPINION, Move.WITHDRAW})


def open_moves(desk: Desk, member: Member, dossier: Dossier, case: str) -> tuple[Open, ...]:
    """What a member of staff may do with a case now, each once, in the table's order."""
    found: dict[Move, Open] = {}
    for role in handling_roles(desk, member, dossier):
        for option in cases.moves(dossier.cases[case], role, desk.now, desk.office.rules):
            if Demand.ENTRUSTMENT not in option.demands or dossier.entrustment:
                asked = tuple(one for one in option.demands if one not in BROUGHT)
                found.setdefault(option.move, Open(option.move, role, asked, _optional(option.move)))
    order = list(Move)
    return tuple(sorted(found.values(), key=lambda one: order.index(one.what)))  # type: ignore[arg-type]


def open_acts(desk: Desk, member: Member, dossier: Dossier) -> tuple[Open, ...]:
    """What a member of staff may do with the engagement now."""
    found: dict[Act, Open] = {}
    for role in roles_on(desk, member, dossier):
        for option in engagements.acts(dossier.engagement, Actor(member.id, role), _around(desk, dossier)):
            if option.act is not Act.ADD_CASE and _possible(option, dossier):
                asked = tuple(one for one in option.demands if one not in BROUGHT)
                found.setdefault(option.act, Open(option.act, role, asked))
    order = list(Act)
    return tuple(sorted(found.values(), key=lambda one: order.index(one.what)))  # type: ignore[arg-type]


def may_add_item(desk: Desk, member: Member, dossier: Dossier) -> bool:
    """Whoever handles the engagement may find that one more item is needed; until it is closed."""
    acts = {one.what for one in open_acts(desk, member, dossier)}
    handles = set(roles_on(desk, member, dossier)) & {Role.AGENT, Role.COORDINATOR}
    return bool(handles) and not dossier.closed and bool(acts & {Act.OFFER_HAND_OVER, Act.ASSIGN})


def own_moves(desk: Desk, dossier: Dossier, case: str) -> tuple[Move, ...]:
    """What the applicant may do with a case of their own now."""
    return tuple(one.move for one in cases.moves(dossier.cases[case], Role.APPLICANT, desk.now, desk.office.rules))


def own_acts(desk: Desk, dossier: Dossier) -> tuple[Act, ...]:
    """What the applicant may do with their own engagement now."""
    by = applicant_of(dossier.opened.chat)
    return tuple(one.act for one in engagements.acts(dossier.engagement, by, _around(desk, dossier)))


def _possible(option: engagements.Option, dossier: Dossier) -> bool:
    """An entrustment is the applicant's to give: staff enter the signed one only where it came in as a file."""
    return Demand.ENTRUSTMENT not in option.demands or bool(dossier.entrustment or dossier.signed_papers)


def _optional(move: Move) -> tuple[Demand, ...]:
    extra = [Demand.MATERIALS] if move in _WITH_MATERIALS else []
    return tuple(extra + ([Demand.REASON] if move in _WITH_REASON else []))


# --- the doing ----------------------------------------------------------------------------------


def move_case(desk: Desk, member: Member, case: str, move: Move, details: Details) -> Done | Refusal:
    """A member of staff moves a case, in the first of their roles that may."""
    dossier = desk.records.dossier_of(case)
    if dossier is None or not may_see(desk, member, dossier):
        return Refusal(Why.NO_MATCH)
    if not (roles := handling_roles(desk, member, dossier)):
        return Refusal(Why.NOT_RESPONSIBLE)
    able = [one for one in open_moves(desk, member, dossier, case) if one.what is move]
    role = able[0].role if able else _admitted(dossier.cases[case], move, roles)
    return moved(desk, dossier, case, Actor(member.id, role), move, details)


def move_own(desk: Desk, chat: Chat, case: str, move: Move, details: Details) -> Done | Refusal:
    """The applicant moves a case of their own."""
    dossier = desk.records.dossier_of(case)
    if dossier is None or dossier.opened.chat != chat:
        return Refusal(Why.NO_MATCH)
    return moved(desk, dossier, case, applicant_of(chat), move, details)


def _admitted(case: cases.Case, move: Move, roles: tuple[Role, ...]) -> Role:
    """A role the table admits to the move, so that the refusal says what else is wrong."""
    row = cases.TABLE.cell(case.state, move)
    return next((role for role in roles if row and role in row.by), roles[0])


def moved(desk: Desk, dossier: Dossier, case: str, by: Actor, move: Move, details: Details) -> Done | Refusal:
    """The move itself. `facts`: `case`, `move`, `to`, `paper` (its id, or None)."""
    kind = MOVE_PAPERS.get(move)
    paper = paper_id(kind, case, dossier.length + 1) if kind else ""
    entrustment = "" if by.role is Role.APPLICANT else dossier.entrustment
    brought = replace(details, document=details.document or paper, entrustment=details.entrustment or entrustment)
    event = cases.attempt(dossier.cases[case], cases.Action(move, by, brought), desk.now, desk.office.rules)
    if isinstance(event, Refusal):
        return event
    after = noted(desk, dossier, by, Moved(case, event))
    if kind:
        after = noted(desk, after, by, Issued(paper, kind, case))
    change = Change(appended=(appended(desk, dossier, after),), letters=notices.moved(desk, after, case, event))
    return Done(change, after, {"case": case, "move": move.value, "to": event.to.value, "paper": paper or None})


def act(desk: Desk, member: Member, number: str, what: Act, details: engagements.Details) -> Done | Refusal:
    """A member of staff does something with an engagement."""
    dossier = desk.records.dossier(number)
    if dossier is None or not (roles := roles_on(desk, member, dossier)):
        return Refusal(Why.NO_MATCH) if dossier is None or not _was_offered(member, dossier) else Refusal(Why.TAKEN)
    if what in (Act.ASSIGN, Act.OFFER_HAND_OVER) and (refused := _unfit(desk, dossier, details.agent)):
        return refused
    able = [one for one in open_acts(desk, member, dossier) if one.what is what]
    role = able[0].role if able else _may_act(dossier, what, roles)
    return acted(desk, dossier, Actor(member.id, role), what, details)


def act_own(desk: Desk, chat: Chat, number: str, what: Act, details: engagements.Details) -> Done | Refusal:
    """The applicant does something with their own engagement."""
    dossier = desk.records.dossier(number)
    if dossier is None or dossier.opened.chat != chat:
        return Refusal(Why.NO_MATCH)
    return acted(desk, dossier, applicant_of(chat), what, details)


def _was_offered(member: Member, dossier: Dossier) -> bool:
    return dossier.offer is not None and member.id in dossier.offer.to


def _may_act(dossier: Dossier, what: Act, roles: tuple[Role, ...]) -> Role:
    row = engagements.TABLE.cell(dossier.engagement.step, what)
    return next((role for role in roles if row and role in row.by), roles[0])


def _unfit(desk: Desk, dossier: Dossier, agent: str) -> Refusal | None:
    """Whoever is to take it on is an agent of the hall who is there."""
    found = next((one for one in agents_for(desk, dossier) if one.id == agent), None)
    if found is None:
        return Refusal(Why.OTHER_HALL)
    if found.absence and found.absence.covers(desk.today):
        return Refusal(Why.ABSENT)
    return None


def acted(desk: Desk, dossier: Dossier, by: Actor, what: Act, details: engagements.Details) -> Done | Refusal:
    """The act itself, and what it takes the cases with: a cancelled engagement ends none of them by itself.

    `facts`: `number`, `act`, `to`, `paper` (its id, or None).
    """
    if what is Act.ADD_CASE:  # comes with the case itself: booking.add_item
        return Refusal(Why.NOT_FROM_HERE)
    kind = ACT_PAPERS.get(what)
    paper = paper_id(kind, dossier.number, dossier.length + 1) if kind else ""
    brought = replace(
        details, document=details.document or paper, entrustment=details.entrustment or _signed(dossier, what, by)
    )
    action = engagements.Action(what, by, brought)
    event = engagements.attempt(dossier.engagement, action, desk.now, _around(desk, dossier))
    if isinstance(event, Refusal):
        return event
    after = noted(desk, dossier, by, Acted(event))
    if kind:
        after = noted(desk, after, by, Issued(paper, kind))
    change = Change(appended=(appended(desk, dossier, after),), letters=notices.acted(desk, after, event))
    if after.closed and not dossier.closed:
        change = change.and_(appointments.give_up(desk, after))
    facts = {"number": dossier.number, "act": what.value, "to": event.to.value, "paper": paper or None}
    return Done(change, after, facts)


def _signed(dossier: Dossier, what: Act, by: Actor) -> str:
    """What staff enter as the applicant's entrustment where the act demands one, and nowhere else: a picture sent in a
    talk is none."""
    row = engagements.TABLE.cell(dossier.engagement.step, what)
    if row is None or by.role is Role.APPLICANT or Demand.ENTRUSTMENT not in row.demanded(by.role):
        return ""
    return dossier.entrustment or next(iter(dossier.signed_papers), "")


def _around(desk: Desk, dossier: Dossier) -> engagements.Around:
    return engagements.Around(dossier.opened_cases(), acting_agent(desk, dossier))


def happen_by_themselves(desk: Desk, dossier: Dossier) -> tuple[Done, ...]:
    """What the law lets happen without anybody doing it (行政许可法 Art. 32): one after the other."""
    done: list[Done] = []
    for case in dossier.cases:
        for move in cases.due_by_itself(dossier.cases[case], desk.now, desk.office.rules):
            result = moved(desk, dossier, case, SYSTEM, move, Details())
            if isinstance(result, Done) and result.dossier:
                dossier = result.dossier
                done.append(result)
    return tuple(done)
