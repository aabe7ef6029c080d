"""A case as a list of events, and what can be read off them: the nouns and the fold.

An event keeps the state it led to. So a history means what it meant when it was made, however the table of moves
changes later, and reading it needs no rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from bot.casework.materials import Checklist, Needed, Status
from bot.casework.rules import LimitKind, Span, Stop
from bot.casework.terms import Actor, Role, Term
from knowledge.model import Handling


class State(Term):
    """Where a case stands: the states of a Shandong city's hall system, and 中止 (行政审批代办)."""

    DRAFT = "draft", "未提交"
    PREVIEW_SUBMITTED = "preview_submitted", "预审已提交"
    PREVIEW_RETURNED = "preview_returned", "预审退回"
    PREVIEW_PASSED = "preview_passed", "预审通过"
    AWAITING_RECEIPT = "awaiting_receipt", "待接件"
    RECEIVED = "received", "已接件"
    SUPPLEMENT = "supplement", "待补办"
    ACCEPTED = "accepted", "已受理"
    ACCEPTED_SUPPLEMENT = "accepted_supplement", "已受理待补办"
    PROCEDURE = "procedure", "暂停计时"
    APPROVED = "approved", "审批通过"
    REJECTED = "rejected", "审批不通过"
    COMPLETED = "completed", "正常办结"
    DELIVERED = "delivered", "送达"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    WITHDRAWN = "withdrawn", "撤销申请"
    SUSPENDED = "suspended", "中止"
    TERMINATED = "terminated", "异常终止"


FINAL = frozenset({State.DELIVERED, State.NOT_ACCEPTED, State.WITHDRAWN, State.TERMINATED})

# who is awaited: what a status line says; nobody once the case is at its end
AWAITS: dict[State, Role] = {
    State.DRAFT: Role.APPLICANT,
    State.PREVIEW_SUBMITTED: Role.AGENT,
    State.PREVIEW_RETURNED: Role.APPLICANT,
    State.PREVIEW_PASSED: Role.APPLICANT,
    State.AWAITING_RECEIPT: Role.CLERK,
    State.RECEIVED: Role.CLERK,
    State.SUPPLEMENT: Role.APPLICANT,
    State.ACCEPTED: Role.CLERK,
    State.ACCEPTED_SUPPLEMENT: Role.APPLICANT,
    State.PROCEDURE: Role.CLERK,
    State.APPROVED: Role.CLERK,
    State.REJECTED: Role.CLERK,
    State.COMPLETED: Role.CLERK,
    State.SUSPENDED: Role.APPLICANT,
}


class Move(Term):
    OPEN = "open", "建立办件"
    SUBMIT_PREVIEW = "submit_preview", "提交预审"
    INVITE = "invite", "联合预审邀请"
    GIVE_OPINION = "give_opinion", "部门意见"
    RETURN_PREVIEW = "return_preview", "预审退回"
    PASS_PREVIEW = "pass_preview", "预审通过"
    SUBMIT = "submit", "提交申请"
    RECEIVE = "receive", "接件"
    RECORD_MATERIALS = "record_materials", "材料登记"
    CHECK_MATERIALS = "check_materials", "材料核验"
    REQUEST_SUPPLEMENT = "request_supplement", "一次性告知补正"
    SUPPLY = "supply", "提交补正"
    ACCEPT = "accept", "受理"
    ACCEPT_DEFERRED = "accept_deferred", "容缺受理"
    ACCEPT_ON_COMMITMENT = "accept_on_commitment", "告知承诺受理"
    ACCEPT_BY_SILENCE = "accept_by_silence", "逾期未告知视为受理"
    REFUSE_ACCEPTANCE = "refuse_acceptance", "不予受理"
    START_PROCEDURE = "start_procedure", "启动特别程序"
    PROLONG_PROCEDURE = "prolong_procedure", "延长特别程序"
    END_PROCEDURE = "end_procedure", "特别程序结束"
    EXTEND = "extend", "批准延长期限"
    APPROVE = "approve", "审批通过"
    REJECT = "reject", "审批不通过"
    COMPLETE = "complete", "办结"
    DELIVER = "deliver", "送达"
    WITHDRAW = "withdraw", "撤回申请"
    SUSPEND = "suspend", "中止"
    RESUME = "resume", "续办"
    LAPSE = "lapse", "逾期未补终止"
    TERMINATE = "terminate", "终止"
    NOTE = "note", "备注"


class Procedure(Term):
    """What is not counted (行政许可法 Art. 45), and nothing else."""

    HEARING = "hearing", "听证"
    TENDER = "tender", "招标"
    AUCTION = "auction", "拍卖"
    INSPECTION = "inspection", "检验"
    TESTING = "testing", "检测"
    QUARANTINE = "quarantine", "检疫"
    APPRAISAL = "appraisal", "鉴定"
    EXPERT_REVIEW = "expert_review", "专家评审"


class Opinion(Term):
    CONSENT = "consent", "同意"
    CONDITIONAL = "conditional", "有条件同意"
    OBJECTION = "objection", "不同意"
    SILENT = "silent", "逾期未反馈视为同意"  # never given, only read off the deadline


class Delivery(Term):
    WINDOW = "window", "窗口领取"
    POST = "post", "邮寄"
    ELECTRONIC = "electronic", "电子送达"
    AGENT = "agent", "代办员送达"


class Credit(Term):
    CLEAR = "clear", "信用良好"
    BARRED = "barred", "失信"


@dataclass(frozen=True, slots=True)
class Opening:
    """What a case is about: a snapshot of the catalogue on the day it was opened, and no personal data."""

    number: str  # 办件编号
    item: str  # the item's code
    catalogue: str  # the catalogue's version
    region: str  # GB/T 2260
    engagement: str = ""  # the entrustment it belongs to, if an agent handles it
    handling: Handling | None = None
    promised: Span | None = None  # None: not recorded, so nothing is promised
    statutory: Span | None = None
    joint: bool = False  # 统一办理, 联合办理, 集中办理 (行政许可法 Art. 26)
    extension: int | None = None  # working days, where a law sets another extension than Art. 42
    deferral: bool = False  # 容缺受理 is open for the item
    commitment: bool = False  # 告知承诺 is open for the item: no high-risk matter
    materials: tuple[Needed, ...] | None = None  # None: the catalogue has no list

    def limit(self, kind: LimitKind) -> Span | None:
        return self.promised if kind is LimitKind.PROMISED else self.statutory


@dataclass(frozen=True, slots=True)
class Details:
    """What comes with a move. The table says which of these a move demands; texts are what people wrote."""

    reason: str = ""
    basis: str = ""  # document and article
    document: str = ""  # the paper that was issued or received, as the file store names it
    entrustment: str = ""  # the 委托书 or request of the applicant that somebody else acts on
    commitment: str = ""  # the signed letter of commitment
    remedy: str = ""  # what the applicant can do now: another authority, reconsideration, litigation
    approval: str = ""  # who approved, under which document
    credit: Credit | None = None  # the result of the credit check
    deadline: dt.date | None = None
    days: int | None = None  # working days
    materials: tuple[str, ...] = ()
    procedure: Procedure | None = None
    departments: tuple[str, ...] = ()
    department: str = ""
    opinion: Opinion | None = None
    delivery: Delivery | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: who did what, when, in which role, and the state it led to."""

    at: dt.datetime
    by: Actor
    move: Move
    to: State
    on: dt.date  # the day it takes effect; earlier than `at` only where the law dates it back (Art. 32 (4))
    details: Details = Details()
    opening: Opening | None = None  # with the first event only


@dataclass(frozen=True, slots=True)
class StandStill:
    """A stretch in which the clock stood still: the days after `began`, up to and including `ended`."""

    stop: Stop
    began: dt.date
    ended: dt.date | None = None
    told_until: dt.date | None = None  # a special procedure's last day as it was told in writing

    def covers(self, day: dt.date) -> bool:
        """Whether `day` began inside the stretch, and inside the time that was told."""
        last = min((one for one in (self.ended, self.told_until) if one), default=dt.date.max)
        return self.began < day <= last

    def overran(self, day: dt.date) -> bool:
        """Whether `day` is past what was told while the procedure was still going on: such a day counts."""
        told = self.told_until
        return told is not None and told < day and (self.ended is None or day <= self.ended)


@dataclass(frozen=True, slots=True)
class Asked:
    """A supplement that was asked for."""

    materials: tuple[str, ...]
    deadline: dt.date
    after_acceptance: bool


@dataclass(frozen=True, slots=True)
class OpinionGiven:
    department: str
    opinion: Opinion
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """A joint pre-review: who was asked until when, and what they said (the last word of each counts)."""

    departments: tuple[str, ...]
    deadline: dt.date
    given: tuple[OpinionGiven, ...] = ()

    def opinions(self, today: dt.date) -> dict[str, Opinion | None]:
        """Each department's opinion; None while it may still answer; after the deadline silence is consent."""
        unsaid = Opinion.SILENT if today > self.deadline else None
        said = {one.department: one.opinion for one in self.given}
        return {department: said.get(department, unsaid) for department in self.departments}


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that can be read off a case's events."""

    opening: Opening
    state: State = State.DRAFT
    last_at: dt.datetime | None = None
    suspended_from: State | None = None
    checklist: Checklist = Checklist()
    received_on: dt.date | None = None  # the materials, at the window or as a supplement: Art. 32 counts from here
    accepted_on: dt.date | None = None
    decided_on: dt.date | None = None
    granted: bool = False
    completed_on: dt.date | None = None
    closed_on: dt.date | None = None  # delivered, refused, withdrawn or terminated
    stops: tuple[StandStill, ...] = ()
    asked: tuple[Asked, ...] = ()
    invitation: Invitation | None = None
    extended: int = 0  # working days

    @property
    def underneath(self) -> State:
        """The state, or the one that 中止 interrupted: suspending stops no clock by itself."""
        return self.suspended_from or self.state

    def ended_on(self, kind: LimitKind) -> dt.date | None:
        """When a limit's clock stopped for good: the statutory one with the decision, the promised one with 办结."""
        done = self.decided_on if kind is LimitKind.STATUTORY else self.completed_on
        return done or self.closed_on


def fold(events: Iterable[Event]) -> Standing:
    """Read a case's standing off its events. Raises ValueError where they don't begin with an opening."""
    first, *rest = events
    if first.opening is None or first.move is not Move.OPEN:
        raise ValueError("a case begins with its opening")
    standing = Standing(
        first.opening, state=first.to, last_at=first.at, checklist=Checklist.of(first.opening.materials)
    )
    return reduce(advance, rest, standing)


def advance(before: Standing, event: Event) -> Standing:
    """The standing after one more event."""
    changed = replace(
        before,
        state=event.to,
        last_at=event.at,
        checklist=_checklist(before, event),
        suspended_from=before.underneath if event.to is State.SUSPENDED else None,
        stops=_stops(before, event),
    )
    return _dated(_asked(changed, event), before, event)


_BRINGS = frozenset({Move.SUBMIT_PREVIEW, Move.SUBMIT, Move.RECEIVE, Move.RECORD_MATERIALS, Move.SUPPLY})
_MARKS = {
    Move.CHECK_MATERIALS: Status.CHECKED,
    Move.RETURN_PREVIEW: Status.WANTED,
    Move.REQUEST_SUPPLEMENT: Status.WANTED,
    Move.ACCEPT_DEFERRED: Status.DEFERRED,
    Move.ACCEPT_ON_COMMITMENT: Status.COMMITTED,
}


def _checklist(before: Standing, event: Event) -> Checklist:
    names = event.details.materials
    if event.move in _BRINGS:
        return before.checklist.received(names)
    if event.move in _MARKS:
        return before.checklist.marked(names, _MARKS[event.move], event.details.deadline)
    return before.checklist


_STANDS_STILL = {State.ACCEPTED_SUPPLEMENT: Stop.SUPPLEMENT, State.PROCEDURE: Stop.PROCEDURE}


def _stops(before: Standing, event: Event) -> tuple[StandStill, ...]:
    stop = _STANDS_STILL.get(event.to)
    if event.move is Move.PROLONG_PROCEDURE:
        *earlier, last = before.stops
        return (*earlier, replace(last, told_until=event.details.deadline))
    if event.to is before.state or State.SUSPENDED in (event.to, before.state):
        # 中止 on top of a standstill leaves it as it is; what ends the case from there ends it too
        return _ended(before.stops, event.on) if event.to in FINAL else before.stops
    closed = _ended(before.stops, event.on)
    if stop is None:
        return closed
    told = event.details.deadline if stop is Stop.PROCEDURE else None
    return (*closed, StandStill(stop, event.on, told_until=told))


def _ended(stops: tuple[StandStill, ...], day: dt.date) -> tuple[StandStill, ...]:
    return tuple(one if one.ended else replace(one, ended=day) for one in stops)


def _asked(standing: Standing, event: Event) -> Standing:
    given = event.details
    match event.move:
        case Move.REQUEST_SUPPLEMENT:
            assert given.deadline is not None
            asked = Asked(given.materials, given.deadline, after_acceptance=event.to is State.ACCEPTED_SUPPLEMENT)
            return replace(standing, asked=(*standing.asked, asked))
        case Move.SUBMIT_PREVIEW:
            return replace(standing, invitation=None)  # what is reviewed is new
        case Move.INVITE:
            assert given.deadline is not None
            return replace(standing, invitation=Invitation(given.departments, given.deadline))
        case Move.GIVE_OPINION:
            assert given.opinion is not None and standing.invitation is not None
            said = (*standing.invitation.given, OpinionGiven(given.department, given.opinion, given.reason))
            return replace(standing, invitation=replace(standing.invitation, given=said))
        case Move.EXTEND:
            assert given.days is not None
            return replace(standing, extended=given.days)
    return standing


def _dated(standing: Standing, before: Standing, event: Event) -> Standing:
    if event.to is before.state or State.SUSPENDED in (event.to, before.state):
        return replace(standing, closed_on=event.on) if event.to in FINAL and before.state not in FINAL else standing
    match event.to:
        case State.RECEIVED:
            return replace(standing, received_on=event.on)
        case State.ACCEPTED if standing.accepted_on is None:
            return replace(standing, accepted_on=event.on)
        case State.APPROVED | State.REJECTED:
            return replace(standing, decided_on=event.on, granted=event.to is State.APPROVED)
        case State.COMPLETED:
            return replace(standing, completed_on=event.on)
    return replace(standing, closed_on=event.on) if event.to in FINAL else standing
