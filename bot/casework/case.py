"""A case (办件): its table of moves, what may be done now, and the event that doing it makes.

    attempt(case, action, now, rules) = the event, or why not

The table is the whole procedure: a move it doesn't have from a state does not exist. The checks below it are the law's
conditions; each is named for what it lets pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from bot.casework.clock import answer_by, reckon
from bot.casework.materials import HERE, Status
from bot.casework.refusal import Refusal, Why
from bot.casework.rules import LimitKind, Rules
from bot.casework.standing import (
    FINAL,
    Credit,
    Details,
    Event,
    Move,
    Opening,
    Opinion,
    Standing,
    State,
    advance,
    fold,
)
from bot.casework.table import Demand, Row, Table, Whither
from bot.casework.terms import STAFF, Actor, Role, day_of


@dataclass(frozen=True, slots=True)
class Case:
    """A case: its events, and what they add up to."""

    events: tuple[Event, ...]
    standing: Standing = field(compare=False)

    @classmethod
    def of(cls, events: Iterable[Event]) -> Case:
        """Raises ValueError where the events don't begin with an opening."""
        kept = tuple(events)
        return cls(kept, fold(kept))

    def then(self, event: Event) -> Case:
        """The case after one more event."""
        return Case((*self.events, event), advance(self.standing, event))

    @property
    def state(self) -> State:
        return self.standing.state

    @property
    def closed(self) -> bool:
        return self.state in FINAL


@dataclass(frozen=True, slots=True)
class Action:
    """What somebody wants to do."""

    move: Move
    by: Actor
    details: Details = Details()


@dataclass(frozen=True, slots=True)
class Trial:
    """Everything the checks may look at."""

    standing: Standing
    details: Details
    today: dt.date
    rules: Rules


@dataclass(frozen=True, slots=True)
class Option:
    """A move that is open, and what it demands of whoever asked."""

    move: Move
    demands: tuple[Demand, ...]


# --- whether a move is open now -----------------------------------------------------------------


def _answer_window_open(trial: Trial) -> Refusal | None:
    """Art. 32 (4): five working days after the materials came, the application counts as accepted."""
    last = answer_by(trial.standing, trial.rules)
    return Refusal(Why.TOO_LATE, day=last.day) if last and trial.today > last.day else None


def _answer_window_passed(trial: Trial) -> Refusal | None:
    last = answer_by(trial.standing, trial.rules)
    return Refusal(Why.TOO_EARLY, day=last.day) if last and trial.today <= last.day else None


def _opinions_in(trial: Trial) -> Refusal | None:
    invitation = trial.standing.invitation
    if invitation is None:
        return None
    opinions = invitation.opinions(trial.today)
    if waiting := tuple(name for name, opinion in opinions.items() if opinion is None):
        return Refusal(Why.OPINIONS_OPEN, names=waiting, day=invitation.deadline)
    objecting = tuple(name for name, opinion in opinions.items() if opinion is Opinion.OBJECTION)
    return Refusal(Why.OBJECTION, names=objecting) if objecting else None


def _nobody_invited(trial: Trial) -> Refusal | None:
    return Refusal(Why.ALREADY_INVITED) if trial.standing.invitation else None


def _invited_in_time(trial: Trial) -> Refusal | None:
    invitation = trial.standing.invitation
    if invitation is None:
        return Refusal(Why.NOT_INVITED)
    return Refusal(Why.TOO_LATE, day=invitation.deadline) if trial.today > invitation.deadline else None


def _nothing_missing(trial: Trial) -> Refusal | None:
    missing = trial.standing.checklist.missing()
    return Refusal(Why.MATERIALS_MISSING, names=missing) if missing else None


def _nothing_outstanding(trial: Trial) -> Refusal | None:
    """What was deferred must be here before the decision."""
    checklist = trial.standing.checklist
    absent = (*checklist.missing(), *checklist.having(Status.DEFERRED))
    return Refusal(Why.MATERIALS_MISSING, names=absent) if absent else None


def _item_takes_deferral(trial: Trial) -> Refusal | None:
    return None if trial.standing.opening.deferral else Refusal(Why.DEFERRAL_EXCLUDED)


def _item_takes_commitment(trial: Trial) -> Refusal | None:
    return None if trial.standing.opening.commitment else Refusal(Why.COMMITMENT_EXCLUDED)


def _deadline_missed(trial: Trial) -> Refusal | None:
    """The deadline of a supplement, or of a material promised under 容缺, has passed."""
    standing = trial.standing
    waits = standing.underneath in (State.SUPPLEMENT, State.ACCEPTED_SUPPLEMENT)
    deadline = standing.asked[-1].deadline if waits else standing.checklist.deferred_until()
    if deadline is None:
        return Refusal(Why.NOT_FROM_HERE)
    return Refusal(Why.TOO_EARLY, day=deadline) if trial.today <= deadline else None


def _extendable(trial: Trial) -> Refusal | None:
    """Art. 42: once, and before the limit has passed."""
    if trial.standing.extended:
        return Refusal(Why.ALREADY_EXTENDED)
    reckoning = reckon(trial.standing, LimitKind.STATUTORY, trial.today, trial.rules)
    if reckoning is None:
        return Refusal(Why.NO_LIMIT)
    return Refusal(Why.TOO_LATE, day=reckoning.due) if reckoning.overdue else None


# --- whether what comes with it will do ---------------------------------------------------------


def _deadline_ahead(trial: Trial) -> Refusal | None:
    deadline = trial.details.deadline
    farthest = trial.today + dt.timedelta(days=trial.rules.farthest_deadline)
    if deadline is None or trial.today < deadline <= farthest:
        return None
    return Refusal(Why.DEADLINE_FAR, day=farthest) if deadline > farthest else Refusal(Why.DEADLINE_PAST, day=deadline)


def _later_than_told(trial: Trial) -> Refusal | None:
    told, deadline = trial.standing.stops[-1].told_until, trial.details.deadline
    return Refusal(Why.DEADLINE_PAST, day=told) if told and deadline and deadline <= told else None


def _on_the_list(trial: Trial) -> Refusal | None:
    """Art. 31: nothing may be asked for that has nothing to do with the item."""
    unknown = trial.standing.checklist.unknown(trial.details.materials)
    return Refusal(Why.UNKNOWN_MATERIAL, names=unknown) if unknown else None


def _asked_once(trial: Trial) -> Refusal | None:
    """Art. 32 (4): everything at once. One list before acceptance and one after; asking again only repeats them."""
    after = trial.standing.accepted_on is not None
    earlier = [set(asked.materials) for asked in trial.standing.asked if asked.after_acceptance is after]
    if not earlier:
        return None
    new = tuple(name for name in trial.details.materials if name not in earlier[0])
    return Refusal(Why.ASKED_ONCE, names=new) if new else None


def _all_supplied(trial: Trial) -> Refusal | None:
    lacking = set(trial.standing.checklist.having(Status.WANTED)) - set(trial.details.materials)
    return Refusal(Why.MATERIALS_MISSING, names=tuple(sorted(lacking))) if lacking else None


def _received_before_checked(trial: Trial) -> Refusal | None:
    here = trial.standing.checklist.having(*HERE)
    absent = tuple(name for name in trial.details.materials if name not in here)
    return Refusal(Why.NOT_RECEIVED, names=absent) if absent else None


def _names_all_missing(trial: Trial) -> Refusal | None:
    """What is accepted without a material names every material it is accepted without."""
    unnamed = tuple(name for name in trial.standing.checklist.missing() if name not in trial.details.materials)
    return Refusal(Why.MATERIALS_MISSING, names=unnamed) if unnamed else None


def _only_absent(trial: Trial) -> Refusal | None:
    """Only what is not here can be deferred or replaced."""
    here = set(trial.standing.checklist.having(*HERE)) & set(trial.details.materials)
    return Refusal(Why.ALREADY_HERE, names=tuple(sorted(here))) if here else None


def _main_materials_here(trial: Trial) -> Refusal | None:
    main = trial.standing.checklist.main(trial.details.materials)
    return Refusal(Why.NOT_DEFERRABLE, names=main) if main else None


def _in_good_credit(trial: Trial) -> Refusal | None:
    return Refusal(Why.DISCREDITED) if trial.details.credit is Credit.BARRED else None


def _was_invited(trial: Trial) -> Refusal | None:
    invitation = trial.standing.invitation
    asked = invitation.departments if invitation else ()
    return None if trial.details.department in asked else Refusal(Why.NOT_INVITED, names=(trial.details.department,))


def _opinion_reasoned(trial: Trial) -> Refusal | None:
    """Silence is nobody's to give, and anything but consent says why."""
    match trial.details.opinion:
        case Opinion.SILENT:
            return Refusal(Why.LACKING, names=(Demand.OPINION,))
        case Opinion.CONDITIONAL | Opinion.OBJECTION if not trial.details.reason.strip():
            return Refusal(Why.REASON_NEEDED, names=(Demand.REASON,))
    return None


def _extension_allowed(trial: Trial) -> Refusal | None:
    """Art. 42: ten working days, fifteen for joint handling, unless another law says otherwise."""
    opening, days = trial.standing.opening, trial.details.days or 0
    usual = trial.rules.joint_extension if opening.joint else trial.rules.extension
    most = usual if opening.extension is None else opening.extension
    if days < 1:
        return Refusal(Why.NOT_A_NUMBER_OF_DAYS)
    return Refusal(Why.EXTENSION_TOO_LONG, number=most) if days > most else None


# --- the table ----------------------------------------------------------------------------------

_S, _M, _R, _D = State, Move, Role, Demand

_PREVIEW = (_S.DRAFT, _S.PREVIEW_SUBMITTED, _S.PREVIEW_RETURNED, _S.PREVIEW_PASSED)
_BEFORE_ACCEPTANCE = (*_PREVIEW, _S.AWAITING_RECEIPT, _S.RECEIVED, _S.SUPPLEMENT)
_BEFORE_DECISION = (*_BEFORE_ACCEPTANCE, _S.ACCEPTED, _S.ACCEPTED_SUPPLEMENT, _S.PROCEDURE)

_ANYONE_HERE = frozenset({_R.APPLICANT, _R.AGENT, _R.CLERK})
_HALL = frozenset({_R.AGENT, _R.COORDINATOR, _R.CLERK})
_APPLICANTS = frozenset({_R.APPLICANT, _R.AGENT})  # an agent acts on an entrustment
_WINDOW = frozenset({_R.CLERK})  # who decides acts for the authority, never for the applicant
# 中止 and 续办 are the applicant's wish: an authority cannot gain time by them
_PROXY = frozenset({_R.APPLICANT, _R.AGENT, _R.COORDINATOR})
_HEADS = frozenset({_R.COORDINATOR, _R.MANAGER})

CaseRow = Row[State, Move, Trial]

ROWS: tuple[CaseRow, ...] = (
    # pre-review
    Row(_M.SUBMIT_PREVIEW, (_S.DRAFT, _S.PREVIEW_RETURNED), _S.PREVIEW_SUBMITTED, _APPLICANTS,
        on_behalf=(_D.ENTRUSTMENT,), that=(_on_the_list,)),
    Row(_M.INVITE, (_S.PREVIEW_SUBMITTED,), Whither.STAY, _HALL,
        demands=(_D.DEPARTMENTS, _D.DEADLINE), when=(_nobody_invited,), that=(_deadline_ahead,)),
    Row(_M.GIVE_OPINION, (_S.PREVIEW_SUBMITTED,), Whither.STAY, frozenset({_R.CLERK, _R.COORDINATOR}),
        demands=(_D.DEPARTMENT, _D.OPINION), when=(_invited_in_time,), that=(_was_invited, _opinion_reasoned)),
    Row(_M.RETURN_PREVIEW, (_S.PREVIEW_SUBMITTED,), _S.PREVIEW_RETURNED, _HALL,
        demands=(_D.REASON,), that=(_on_the_list,)),
    Row(_M.PASS_PREVIEW, (_S.PREVIEW_SUBMITTED,), _S.PREVIEW_PASSED, _HALL, when=(_opinions_in,)),
    # application and receipt
    Row(_M.SUBMIT, (_S.DRAFT, _S.PREVIEW_PASSED), _S.AWAITING_RECEIPT, _APPLICANTS,
        on_behalf=(_D.ENTRUSTMENT,), that=(_on_the_list,)),
    Row(_M.RECEIVE, (_S.AWAITING_RECEIPT,), _S.RECEIVED, _WINDOW, that=(_on_the_list,)),
    Row(_M.RECORD_MATERIALS, _BEFORE_DECISION, Whither.STAY, _ANYONE_HERE,
        demands=(_D.MATERIALS,), that=(_on_the_list,)),
    Row(_M.CHECK_MATERIALS, _BEFORE_DECISION, Whither.STAY, frozenset({_R.AGENT, _R.CLERK}),
        demands=(_D.MATERIALS,), that=(_on_the_list, _received_before_checked)),
    # supplements
    Row(_M.REQUEST_SUPPLEMENT, (_S.RECEIVED,), _S.SUPPLEMENT, _WINDOW,
        demands=(_D.MATERIALS, _D.REASON, _D.DEADLINE, _D.DOCUMENT),
        when=(_answer_window_open,), that=(_on_the_list, _asked_once, _names_all_missing, _deadline_ahead)),
    Row(_M.REQUEST_SUPPLEMENT, (_S.ACCEPTED,), _S.ACCEPTED_SUPPLEMENT, _WINDOW,
        demands=(_D.MATERIALS, _D.REASON, _D.DEADLINE, _D.DOCUMENT),
        that=(_on_the_list, _asked_once, _names_all_missing, _deadline_ahead)),
    Row(_M.SUPPLY, (_S.SUPPLEMENT,), _S.RECEIVED, _ANYONE_HERE,
        on_behalf=(_D.ENTRUSTMENT,), that=(_on_the_list, _all_supplied)),
    Row(_M.SUPPLY, (_S.ACCEPTED_SUPPLEMENT,), _S.ACCEPTED, _ANYONE_HERE,
        on_behalf=(_D.ENTRUSTMENT,), that=(_on_the_list, _all_supplied)),
    # acceptance
    Row(_M.ACCEPT, (_S.RECEIVED,), _S.ACCEPTED, _WINDOW,
        demands=(_D.DOCUMENT,), when=(_nothing_missing,)),
    Row(_M.ACCEPT_DEFERRED, (_S.RECEIVED,), _S.ACCEPTED, _WINDOW,
        demands=(_D.MATERIALS, _D.DEADLINE, _D.COMMITMENT, _D.CREDIT, _D.DOCUMENT), when=(_item_takes_deferral,),
        that=(_in_good_credit, _on_the_list, _only_absent, _main_materials_here, _names_all_missing, _deadline_ahead)),
    Row(_M.ACCEPT_ON_COMMITMENT, (_S.RECEIVED,), _S.ACCEPTED, _WINDOW,
        demands=(_D.COMMITMENT, _D.CREDIT, _D.DOCUMENT), when=(_item_takes_commitment,),
        that=(_in_good_credit, _on_the_list, _only_absent, _names_all_missing)),
    Row(_M.ACCEPT_BY_SILENCE, (_S.RECEIVED,), _S.ACCEPTED, frozenset({_R.SYSTEM}), when=(_answer_window_passed,)),
    Row(_M.REFUSE_ACCEPTANCE, (_S.RECEIVED,), _S.NOT_ACCEPTED, _WINDOW,
        demands=(_D.REASON, _D.BASIS, _D.DOCUMENT, _D.REMEDY), when=(_answer_window_open,)),
    # examination
    Row(_M.START_PROCEDURE, (_S.ACCEPTED,), _S.PROCEDURE, _WINDOW,
        demands=(_D.PROCEDURE, _D.BASIS, _D.DEADLINE, _D.DOCUMENT), that=(_deadline_ahead,)),
    Row(_M.PROLONG_PROCEDURE, (_S.PROCEDURE,), Whither.STAY, _WINDOW,
        demands=(_D.REASON, _D.DEADLINE, _D.DOCUMENT), that=(_deadline_ahead, _later_than_told)),
    Row(_M.END_PROCEDURE, (_S.PROCEDURE,), _S.ACCEPTED, _WINDOW, demands=(_D.DOCUMENT,)),
    Row(_M.EXTEND, (_S.ACCEPTED, _S.ACCEPTED_SUPPLEMENT, _S.PROCEDURE), Whither.STAY, frozenset({_R.MANAGER}),
        demands=(_D.REASON, _D.DAYS, _D.APPROVAL, _D.DOCUMENT), when=(_extendable,), that=(_extension_allowed,)),
    Row(_M.APPROVE, (_S.ACCEPTED,), _S.APPROVED, _WINDOW, demands=(_D.DOCUMENT,), when=(_nothing_outstanding,)),
    Row(_M.REJECT, (_S.ACCEPTED,), _S.REJECTED, _WINDOW,
        demands=(_D.REASON, _D.BASIS, _D.DOCUMENT, _D.REMEDY)),
    # the end
    Row(_M.COMPLETE, (_S.APPROVED, _S.REJECTED), _S.COMPLETED, _WINDOW, demands=(_D.DOCUMENT,)),
    Row(_M.DELIVER, (_S.COMPLETED,), _S.DELIVERED, frozenset({_R.CLERK, _R.AGENT}),
        demands=(_D.DELIVERY, _D.DOCUMENT)),
    Row(_M.WITHDRAW, (*_BEFORE_DECISION, _S.SUSPENDED), _S.WITHDRAWN, _ANYONE_HERE, on_behalf=(_D.ENTRUSTMENT,)),
    Row(_M.SUSPEND, _BEFORE_DECISION, _S.SUSPENDED, _PROXY,
        demands=(_D.REASON,), on_behalf=(_D.ENTRUSTMENT, _D.DOCUMENT)),
    Row(_M.RESUME, (_S.SUSPENDED,), Whither.BACK, _PROXY, on_behalf=(_D.ENTRUSTMENT,)),
    Row(_M.LAPSE, (_S.SUPPLEMENT, _S.ACCEPTED, _S.ACCEPTED_SUPPLEMENT), _S.TERMINATED, _WINDOW,
        demands=(_D.BASIS, _D.DOCUMENT, _D.REMEDY), when=(_deadline_missed,)),
    Row(_M.TERMINATE, (*_BEFORE_DECISION, _S.SUSPENDED), _S.TERMINATED, _HEADS,
        demands=(_D.REASON, _D.BASIS, _D.DOCUMENT, _D.REMEDY)),
    Row(_M.NOTE, tuple(_S), Whither.STAY, STAFF, demands=(_D.NOTE,)),
)  # fmt: skip

TABLE: Table[State, Move, Trial] = Table(ROWS, Details)

OPENERS = frozenset({Role.APPLICANT, Role.AGENT, Role.COORDINATOR, Role.CLERK})

_ACCEPTS = frozenset({Move.ACCEPT, Move.ACCEPT_DEFERRED, Move.ACCEPT_ON_COMMITMENT, Move.ACCEPT_BY_SILENCE})


# --- what there is to do ------------------------------------------------------------------------


def open_case(opening: Opening, by: Actor, now: dt.datetime) -> Case | Refusal:
    """A new case, 未提交."""
    if by.role not in OPENERS:
        return Refusal(Why.NOT_YOURS, names=tuple(sorted(OPENERS)))
    return Case.of([Event(now, by, Move.OPEN, State.DRAFT, day_of(now), opening=opening)])


def attempt(case: Case, action: Action, now: dt.datetime, rules: Rules) -> Event | Refusal:
    """The event that the action makes, to be appended with `case.then`; or why it may not happen.

    A `now` before the last event (two workers' clocks) is taken for the last event's moment: history has one direction.
    """
    trial, moment = _trial(case.standing, action.details, now, rules)
    row = TABLE.judge(case.state, action.move, action.by.role, action.details, trial)
    if isinstance(row, Refusal):
        return row
    to, on = _next(case.standing, row.to), _takes_effect(trial, action.move)
    return Event(moment, action.by, action.move, to, on, _clean(action.details))


def moves(case: Case, role: Role, now: dt.datetime, rules: Rules) -> tuple[Option, ...]:
    """What a role may do now, in the table's order, each with what it demands."""
    trial, _ = _trial(case.standing, Details(), now, rules)
    return tuple(Option(row.move, row.demanded(role)) for row in TABLE.open_to(case.state, role, trial))


def due_by_itself(case: Case, now: dt.datetime, rules: Rules) -> tuple[Move, ...]:
    """What the law lets happen by itself and has not been recorded yet: the caller attempts it as Role.SYSTEM."""
    return tuple(option.move for option in moves(case, Role.SYSTEM, now, rules))


def _trial(standing: Standing, details: Details, now: dt.datetime, rules: Rules) -> tuple[Trial, dt.datetime]:
    moment = max(now, standing.last_at) if standing.last_at else now
    return Trial(standing, details, day_of(moment), rules), moment


def _next(standing: Standing, to: State | Whither) -> State:
    match to:
        case Whither.STAY:
            return standing.state
        case Whither.BACK:
            assert standing.suspended_from is not None
            return standing.suspended_from
    return to


def _takes_effect(trial: Trial, move: Move) -> dt.date:
    """Today; but an acceptance after the answer window is dated back to the day the materials came (Art. 32 (4))."""
    received = trial.standing.received_on
    if move in _ACCEPTS and received is not None and _answer_window_open(trial) is not None:
        return received
    return trial.today


def _clean(details: Details) -> Details:
    """The details as they are kept: no name twice."""
    return replace(
        details,
        materials=tuple(dict.fromkeys(details.materials)),
        departments=tuple(dict.fromkeys(details.departments)),
    )
