"""An engagement (代办): one entrustment that may cover several cases, and who is responsible for it.

Steps as in 苏州 DB3205/T 1077-2023: 咨询 → 申请 → 受理 → 委托 → 承办 → (中止 → 续办) → 办结 | 终止 → 归档 → 回访.
Free of charge and voluntary: the applicant may cancel at every step, and stays the declarant.

首问负责: whoever was asked first is responsible until somebody else has taken over; an offer changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import reduce

from bot.casework.refusal import Refusal, Why
from bot.casework.table import Demand, Row, Table, Whither
from bot.casework.terms import STAFF, Actor, Role, Term


class Kind(Term):
    FULL = "full", "全程代办"  # the agent acts, on an entrustment and complete materials
    PARTIAL = "partial", "环节帮办"  # advice and help with single steps
    ON_SITE = "on_site", "现场导办"  # company in the hall


class Step(Term):
    CONSULTED = "consulted", "咨询"
    APPLIED = "applied", "申请"
    ADMITTED = "admitted", "受理"
    ENTRUSTED = "entrusted", "委托"
    HANDLING = "handling", "承办"
    SUSPENDED = "suspended", "中止"
    CLOSED = "closed", "办结"
    TERMINATED = "terminated", "终止"
    ARCHIVED = "archived", "归档"
    FOLLOWED_UP = "followed_up", "回访"


class Act(Term):
    """What can be done with an engagement."""

    OPEN = "open", "咨询登记"
    APPLY = "apply", "申请代办"
    TAKE = "take", "认领"
    ASSIGN = "assign", "指派"
    OFFER_HAND_OVER = "offer_hand_over", "提出移交"
    TAKE_OVER = "take_over", "接手"
    DECLINE_HAND_OVER = "decline_hand_over", "谢绝移交"
    ADMIT = "admit", "出具受理单"
    ENTRUST = "entrust", "签署委托书"
    BEGIN = "begin", "开始承办"
    ADD_CASE = "add_case", "纳入办件"
    SUSPEND = "suspend", "中止"
    RESUME = "resume", "续办"
    CLOSE = "close", "办结"
    TERMINATE = "terminate", "终止"
    CANCEL = "cancel", "申请人取消"
    ARCHIVE = "archive", "归档"
    FOLLOW_UP = "follow_up", "回访"
    NOTE = "note", "备注"


class Exclusion(Term):
    """What no agent may handle."""

    SECRET = "secret", "涉密或涉及国家安全事项"  # 青岛 2022
    IN_PERSON = "in_person", "依法须由申请人本人到场"  # 行政许可法 Art. 29; only 全程代办 is excluded


@dataclass(frozen=True, slots=True)
class Booking:
    """What was asked for: a snapshot, and no personal data."""

    number: str
    hall: str  # GB/T 2260 code
    kind: Kind
    applicant: str  # an opaque key
    items: tuple[str, ...] = ()  # item codes
    project: str = ""  # 24-character project code
    secret: bool = False
    in_person: bool = False


def exclusion(booking: Booking) -> Exclusion | None:
    """Why no agent may take this on."""
    if booking.secret:
        return Exclusion.SECRET
    return Exclusion.IN_PERSON if booking.in_person and booking.kind is Kind.FULL else None


@dataclass(frozen=True, slots=True)
class Details:
    reason: str = ""
    document: str = ""  # 受理单, 中止单, 办结(终止)单, as the file store names it
    entrustment: str = ""  # 委托书, 续办委托书
    case: str = ""  # a case's number
    agent: str = ""  # an agent's id
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    at: dt.datetime
    by: Actor
    act: Act
    to: Step
    details: Details = Details()
    booking: Booking | None = None  # with the first event only


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that can be read off an engagement's events."""

    booking: Booking
    step: Step = Step.CONSULTED
    last_at: dt.datetime | None = None
    responsible: str = ""  # staff id; empty: nobody was asked yet, the coordinator answers
    hand_over_to: str = ""  # who was asked to take over and has not yet
    cases: tuple[str, ...] = ()
    closed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Engagement:
    events: tuple[Event, ...]
    standing: Standing = field(compare=False)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Engagement:
        """Raises ValueError where the events don't begin with an opening."""
        kept = tuple(events)
        return cls(kept, fold(kept))

    def then(self, event: Event) -> Engagement:
        return Engagement((*self.events, event), advance(self.standing, event))

    @property
    def step(self) -> Step:
        return self.standing.step


def fold(events: Iterable[Event]) -> Standing:
    """Read an engagement's standing off its events. Raises ValueError where they don't begin with an opening."""
    first, *rest = events
    if first.booking is None or first.act is not Act.OPEN:
        raise ValueError("an engagement begins with its opening")
    asked_first = first.by.id if first.by.role in STAFF else ""
    return reduce(advance, rest, Standing(first.booking, first.to, first.at, asked_first))


def advance(before: Standing, event: Event) -> Standing:
    """The standing after one more event."""
    after = replace(before, step=event.to, last_at=event.at)
    if event.to in (Step.CLOSED, Step.TERMINATED) and event.to is not before.step:
        after = replace(after, closed_at=event.at, hand_over_to="")
    match event.act:
        case Act.TAKE | Act.TAKE_OVER:
            return replace(after, responsible=event.by.id, hand_over_to="")
        case Act.ASSIGN if not before.responsible:
            return replace(after, responsible=event.details.agent)
        case Act.ASSIGN | Act.OFFER_HAND_OVER:
            return replace(after, hand_over_to=event.details.agent)
        case Act.DECLINE_HAND_OVER:
            return replace(after, hand_over_to="")
        case Act.ADD_CASE:
            return replace(after, cases=(*after.cases, event.details.case))
    return after


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody wants to do."""

    act: Act
    by: Actor
    details: Details = Details()


@dataclass(frozen=True, slots=True)
class Around:
    """What an engagement depends on that its own events don't say."""

    open_cases: tuple[str, ...] = ()  # numbers of its cases that are not at their end
    acting: str = ""  # who acts for the responsible agent today (assignment.acting_for)


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything the checks may look at."""

    standing: Standing
    by: Actor
    details: Details
    around: Around


@dataclass(frozen=True, slots=True)
class Option:
    act: Act
    demands: tuple[Demand, ...]


# --- whether an act is open now -----------------------------------------------------------------


def _not_excluded(trial: Trial) -> Refusal | None:
    why = exclusion(trial.standing.booking)
    return Refusal(Why.EXCLUDED, names=(why,)) if why else None


def _nobody_has_it(trial: Trial) -> Refusal | None:
    return Refusal(Why.TAKEN) if trial.standing.responsible else None


def _somebody_has_it(trial: Trial) -> Refusal | None:
    return None if trial.standing.responsible else Refusal(Why.NOT_RESPONSIBLE)


def _is_mine(trial: Trial) -> Refusal | None:
    """Staff act on what they are responsible for, or for an absent colleague; a coordinator on all of the hall's."""
    mine = {trial.standing.responsible, trial.around.acting} - {""}
    free = trial.by.role in (Role.APPLICANT, Role.COORDINATOR)
    return None if free or trial.by.id in mine else Refusal(Why.NOT_RESPONSIBLE)


def _offered_to_me(trial: Trial) -> Refusal | None:
    return None if trial.by.id == trial.standing.hand_over_to else Refusal(Why.NO_HAND_OVER)


def _all_cases_closed(trial: Trial) -> Refusal | None:
    open_cases = trial.around.open_cases
    return Refusal(Why.CASES_OPEN, names=open_cases) if open_cases else None


def _needs_no_entrustment(trial: Trial) -> Refusal | None:
    full = trial.standing.booking.kind is Kind.FULL
    return Refusal(Why.LACKING, names=(Demand.ENTRUSTMENT,)) if full else None


# --- whether what comes with it will do ---------------------------------------------------------


def _to_somebody_else(trial: Trial) -> Refusal | None:
    return Refusal(Why.SAME_PERSON) if trial.details.agent == trial.standing.responsible else None


def _case_is_new(trial: Trial) -> Refusal | None:
    return Refusal(Why.ALREADY_INCLUDED) if trial.details.case in trial.standing.cases else None


# --- the table ----------------------------------------------------------------------------------

_S, _A, _R, _D = Step, Act, Role, Demand

_ASKED = (_S.CONSULTED, _S.APPLIED)
_UNDER_WAY = (_S.ADMITTED, _S.ENTRUSTED, _S.HANDLING, _S.SUSPENDED)
_OPEN = (*_ASKED, *_UNDER_WAY)
_AGENTS = frozenset({_R.AGENT, _R.COORDINATOR})
_FIRST_ASKED = frozenset({_R.AGENT, _R.COORDINATOR, _R.CLERK})  # who may be responsible
_ONE_AGENT = frozenset({_R.AGENT})
_COORDINATOR = frozenset({_R.COORDINATOR})
_APPLICANTS = frozenset({_R.APPLICANT, _R.AGENT, _R.COORDINATOR})

EngagementRow = Row[Step, Act, Trial]

ROWS: tuple[EngagementRow, ...] = (
    Row(_A.APPLY, (_S.CONSULTED,), _S.APPLIED, _APPLICANTS, when=(_not_excluded,)),
    # who is responsible
    Row(_A.TAKE, _OPEN, Whither.STAY, _ONE_AGENT, when=(_nobody_has_it,)),
    Row(_A.ASSIGN, _OPEN, Whither.STAY, _COORDINATOR, demands=(_D.AGENT, _D.REASON), that=(_to_somebody_else,)),
    Row(_A.OFFER_HAND_OVER, _OPEN, Whither.STAY, _FIRST_ASKED,
        demands=(_D.AGENT, _D.REASON), when=(_somebody_has_it, _is_mine), that=(_to_somebody_else,)),
    Row(_A.TAKE_OVER, _OPEN, Whither.STAY, _FIRST_ASKED, when=(_offered_to_me,)),
    Row(_A.DECLINE_HAND_OVER, _OPEN, Whither.STAY, _FIRST_ASKED, demands=(_D.REASON,), when=(_offered_to_me,)),
    # the work
    Row(_A.ADMIT, (_S.APPLIED,), _S.ADMITTED, _AGENTS,
        demands=(_D.DOCUMENT,), when=(_somebody_has_it, _is_mine, _not_excluded)),
    Row(_A.ENTRUST, (_S.ADMITTED,), _S.ENTRUSTED, _APPLICANTS, demands=(_D.ENTRUSTMENT,), when=(_is_mine,)),
    Row(_A.BEGIN, (_S.ADMITTED,), _S.HANDLING, _AGENTS, when=(_is_mine, _needs_no_entrustment)),
    Row(_A.BEGIN, (_S.ENTRUSTED,), _S.HANDLING, _AGENTS, when=(_is_mine,)),
    Row(_A.ADD_CASE, _OPEN, Whither.STAY, _APPLICANTS, demands=(_D.CASE,), when=(_is_mine,), that=(_case_is_new,)),
    Row(_A.SUSPEND, (_S.HANDLING,), _S.SUSPENDED, _APPLICANTS,
        demands=(_D.REASON,), on_behalf=(_D.DOCUMENT,), when=(_is_mine,)),
    Row(_A.RESUME, (_S.SUSPENDED,), _S.HANDLING, _APPLICANTS, demands=(_D.ENTRUSTMENT,), when=(_is_mine,)),
    # the end
    Row(_A.CLOSE, (_S.HANDLING,), _S.CLOSED, _AGENTS, demands=(_D.DOCUMENT,), when=(_is_mine, _all_cases_closed)),
    Row(_A.TERMINATE, _UNDER_WAY, _S.TERMINATED, _AGENTS, demands=(_D.REASON, _D.DOCUMENT), when=(_is_mine,)),
    Row(_A.TERMINATE, _ASKED, _S.TERMINATED, _AGENTS, demands=(_D.REASON,), when=(_is_mine,)),
    Row(_A.CANCEL, _OPEN, _S.TERMINATED, frozenset({_R.APPLICANT})),
    Row(_A.ARCHIVE, (_S.CLOSED, _S.TERMINATED), _S.ARCHIVED, _AGENTS, when=(_is_mine,)),
    Row(_A.FOLLOW_UP, (_S.ARCHIVED,), _S.FOLLOWED_UP, _AGENTS, demands=(_D.NOTE,)),
    Row(_A.NOTE, tuple(_S), Whither.STAY, STAFF, demands=(_D.NOTE,)),
)  # fmt: skip

TABLE: Table[Step, Act, Trial] = Table(ROWS, Details)


# --- what there is to do ------------------------------------------------------------------------


def open_engagement(booking: Booking, by: Actor, now: dt.datetime) -> Engagement:
    """A new engagement: 咨询. A member of staff who is asked is responsible from here on."""
    return Engagement.of([Event(now, by, Act.OPEN, Step.CONSULTED, booking=booking)])


def attempt(engagement: Engagement, action: Action, now: dt.datetime, around: Around) -> Event | Refusal:
    """The event that the action makes, or why it may not happen."""
    standing = engagement.standing
    trial = Trial(standing, action.by, action.details, around)
    row = TABLE.judge(standing.step, action.act, action.by.role, action.details, trial)
    if isinstance(row, Refusal):
        return row
    to = standing.step if isinstance(row.to, Whither) else row.to
    moment = max(now, standing.last_at) if standing.last_at else now
    return Event(moment, action.by, action.act, to, action.details)


def acts(engagement: Engagement, by: Actor, around: Around) -> tuple[Option, ...]:
    """What somebody may do now, in the table's order, each with what it demands."""
    trial = Trial(engagement.standing, by, Details(), around)
    rows = TABLE.open_to(engagement.step, by.role, trial)
    return tuple(Option(row.move, row.demanded(by.role)) for row in rows)
