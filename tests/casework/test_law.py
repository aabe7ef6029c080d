"""What the law says about a case, sentence by sentence. A lawyer may object to the names of these tests."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bot.casework.case import due_by_itself
from bot.casework.clock import answer_by, deliver_by, reckon
from bot.casework.materials import Status
from bot.casework.refusal import Why
from bot.casework.rules import LimitKind, Span, statutory_default
from bot.casework.standing import Credit, Move, Opinion, Procedure, State
from bot.casework.table import Demand
from bot.casework.terms import Role
from tests.casework.walks import OPENING, PLAN, PROOF, RULES, SITE, Walk, day

CLERK, APPLICANT, AGENT, SYSTEM = Role.CLERK, Role.APPLICANT, Role.AGENT, Role.SYSTEM
LONG_AGO = ("03-02", "03-09", "03-10")  # Monday: received; Monday: fifth working day; Tuesday: too late

# --- 行政许可法 Art. 29, 31 ----------------------------------------------------------------------


def test_an_agent_applies_on_an_entrustment_only() -> None:
    assert Walk().refused(Move.SUBMIT, AGENT, entrustment="").names == (Demand.ENTRUSTMENT,)
    assert Walk().do(Move.SUBMIT, AGENT).state is State.AWAITING_RECEIPT


def test_the_applicant_needs_no_entrustment() -> None:
    assert Walk().do(Move.SUBMIT, APPLICANT, entrustment="").state is State.AWAITING_RECEIPT


def test_nothing_may_be_asked_for_that_has_nothing_to_do_with_the_item() -> None:
    refusal = Walk().received(PLAN).refused(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE, PROOF, "技术资料"))
    assert (refusal.why, refusal.names) == (Why.UNKNOWN_MATERIAL, ("技术资料",))


# --- Art. 32 ------------------------------------------------------------------------------------


def test_what_is_missing_must_be_said_within_five_working_days() -> None:
    received, last, late = LONG_AGO
    walk = Walk(received).received(PLAN)
    deadline = answer_by(walk.standing, RULES)
    assert deadline is not None and deadline.day == day(last)
    asked = {"materials": (SITE, PROOF)}
    assert walk.on(late).refused(Move.REQUEST_SUPPLEMENT, CLERK, **asked).why is Why.TOO_LATE
    assert walk.on(last).do(Move.REQUEST_SUPPLEMENT, CLERK, **asked).state is State.SUPPLEMENT


def test_silence_for_five_working_days_is_acceptance_from_the_day_the_materials_came() -> None:
    received, last, late = LONG_AGO
    walk = Walk(received).received(PLAN)
    assert due_by_itself(walk.on(last).case, walk.now, RULES) == ()
    assert due_by_itself(walk.on(late).case, walk.now, RULES) == (Move.ACCEPT_BY_SILENCE,)
    walk.do(Move.ACCEPT_BY_SILENCE, SYSTEM)
    assert (walk.state, walk.standing.accepted_on) == (State.ACCEPTED, day(received))


def test_nobody_but_the_law_makes_silence_acceptance() -> None:
    walk = Walk("03-02").received().on("03-10")
    assert all(walk.refused(Move.ACCEPT_BY_SILENCE, role).why is Why.NOT_YOURS for role in Role if role is not SYSTEM)


@pytest.mark.parametrize("move", [Move.ACCEPT, Move.ACCEPT_ON_COMMITMENT])
def test_an_acceptance_after_the_five_days_is_dated_back_to_the_materials(move: Move) -> None:
    received, last, late = LONG_AGO
    assert Walk(received).received().on(late).do(move, CLERK).standing.accepted_on == day(received)
    assert Walk(received).received().on(last).do(move, CLERK).standing.accepted_on == day(last)


def test_after_the_five_days_acceptance_can_no_longer_be_refused() -> None:
    received, last, late = LONG_AGO
    walk = Walk(received).received(PLAN)
    assert walk.on(late).refused(Move.REFUSE_ACCEPTANCE, CLERK).why is Why.TOO_LATE
    assert walk.on(last).do(Move.REFUSE_ACCEPTANCE, CLERK).state is State.NOT_ACCEPTED


def test_everything_missing_is_said_at_once() -> None:
    refusal = Walk().received(PLAN).refused(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE,))
    assert (refusal.why, refusal.names) == (Why.MATERIALS_MISSING, (PROOF,))


def test_nothing_new_is_asked_for_a_second_time() -> None:
    walk = Walk().received(PLAN).do(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE, PROOF))
    walk.do(Move.SUPPLY, APPLICANT, materials=(SITE, PROOF))
    refusal = walk.refused(Move.REQUEST_SUPPLEMENT, CLERK, materials=(PLAN, SITE))
    assert (refusal.why, refusal.names) == (Why.ASKED_ONCE, (PLAN,))
    assert walk.do(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE,)).state is State.SUPPLEMENT  # it did not do


def test_a_supplement_is_complete_when_all_that_was_asked_is_here() -> None:
    walk = Walk().received(PLAN).do(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE, PROOF))
    assert walk.refused(Move.SUPPLY, APPLICANT, materials=(SITE,)).names == (PROOF,)
    walk.do(Move.RECORD_MATERIALS, APPLICANT, materials=(SITE,))
    assert walk.do(Move.SUPPLY, APPLICANT, materials=(PROOF,)).state is State.RECEIVED


def test_five_days_begin_anew_when_the_supplement_comes() -> None:
    walk = Walk("03-02").received(PLAN).do(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE, PROOF))
    walk.on("03-11").do(Move.SUPPLY, APPLICANT, materials=(SITE, PROOF))
    deadline = answer_by(walk.standing, RULES)
    assert deadline is not None and deadline.day == day("03-18")


def test_incomplete_materials_are_not_accepted() -> None:
    assert Walk().received(PLAN, SITE).refused(Move.ACCEPT, CLERK).names == (PROOF,)


@pytest.mark.parametrize("move", [Move.ACCEPT, Move.REFUSE_ACCEPTANCE])
def test_acceptance_and_refusal_are_written(move: Move) -> None:
    assert Walk().received().refused(move, CLERK, document=" ").names == (Demand.DOCUMENT,)


def test_a_refusal_gives_reason_basis_and_whom_to_ask_instead() -> None:
    refusal = Walk().received().refused(Move.REFUSE_ACCEPTANCE, CLERK, reason="", basis="", remedy="")
    assert refusal.names == (Demand.REASON, Demand.BASIS, Demand.REMEDY)


# --- Art. 38 ------------------------------------------------------------------------------------


def test_a_rejection_gives_reasons_and_names_reconsideration_and_litigation() -> None:
    walk = Walk().accepted()
    assert walk.refused(Move.REJECT, CLERK, reason="", remedy="").names == (Demand.REASON, Demand.REMEDY)
    assert walk.do(Move.REJECT, CLERK).state is State.REJECTED


# --- Art. 42 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("joint", "days"), [(False, 20), (True, 45)])
def test_without_another_law_a_licence_takes_twenty_days_and_joint_handling_forty_five(joint: bool, days: int) -> None:
    assert statutory_default(joint) == Span(days)


@pytest.mark.parametrize(("joint", "most"), [(False, 10), (True, 15)])
def test_the_limit_may_be_extended_by_ten_days_or_fifteen_for_joint_handling(joint: bool, most: int) -> None:
    walk = Walk(opening=replace(OPENING, joint=joint)).accepted()
    refusal = walk.refused(Move.EXTEND, Role.MANAGER, days=most + 1)
    assert (refusal.why, refusal.number) == (Why.EXTENSION_TOO_LONG, most)
    before = reckon(walk.standing, LimitKind.STATUTORY, walk.today, RULES)
    walk.do(Move.EXTEND, Role.MANAGER, days=most)
    after = reckon(walk.standing, LimitKind.STATUTORY, walk.today, RULES)
    assert before and after and after.total == before.total + most


def test_another_law_may_set_another_extension() -> None:
    walk = Walk(opening=replace(OPENING, extension=30)).accepted()
    assert walk.refused(Move.EXTEND, Role.MANAGER, days=31).number == 30


@pytest.mark.parametrize("days", [0, -3])
def test_an_extension_is_at_least_a_day(days: int) -> None:
    assert Walk().accepted().refused(Move.EXTEND, Role.MANAGER, days=days).why is Why.NOT_A_NUMBER_OF_DAYS


def test_an_extension_needs_approval_and_its_reasons_told() -> None:
    walk = Walk().accepted()
    refusal = walk.refused(Move.EXTEND, Role.MANAGER, approval="", reason="", document="")
    assert set(refusal.names) == {Demand.APPROVAL, Demand.REASON, Demand.DOCUMENT}
    assert walk.refused(Move.EXTEND, CLERK).why is Why.NOT_YOURS


def test_a_limit_is_extended_once() -> None:
    walk = Walk().accepted().do(Move.EXTEND, Role.MANAGER)
    assert walk.refused(Move.EXTEND, Role.MANAGER).why is Why.ALREADY_EXTENDED


def test_a_limit_that_has_passed_is_not_extended() -> None:
    walk = Walk("03-02").accepted()  # twenty working days: 30 March
    assert walk.on("03-31").refused(Move.EXTEND, Role.MANAGER).why is Why.TOO_LATE
    assert walk.on("03-30").do(Move.EXTEND, Role.MANAGER).standing.extended == 5


def test_an_extension_does_not_move_the_promise() -> None:
    walk = Walk().accepted()
    before = reckon(walk.standing, LimitKind.PROMISED, walk.today, RULES)
    walk.do(Move.EXTEND, Role.MANAGER)
    assert reckon(walk.standing, LimitKind.PROMISED, walk.today, RULES) == before


def test_where_no_limit_is_recorded_none_is_extended() -> None:
    walk = Walk(opening=replace(OPENING, statutory=None)).accepted()
    assert walk.refused(Move.EXTEND, Role.MANAGER).why is Why.NO_LIMIT


# --- Art. 44 ------------------------------------------------------------------------------------


def test_a_licence_is_delivered_within_ten_working_days_of_the_decision() -> None:
    deadline = deliver_by(Walk("03-02").approved().standing, RULES)
    assert deadline is not None and deadline.day == day("03-16")


def test_a_rejection_has_no_licence_to_deliver() -> None:
    assert deliver_by(Walk().accepted().do(Move.REJECT, CLERK).standing, RULES) is None


# --- Art. 45 ------------------------------------------------------------------------------------


def test_the_special_procedures_are_those_of_article_45() -> None:
    assert [one.zh for one in Procedure] == ["听证", "招标", "拍卖", "检验", "检测", "检疫", "鉴定", "专家评审"]


def test_a_special_procedure_is_notified_in_writing_with_the_time_it_needs() -> None:
    refusal = Walk().accepted().refused(Move.START_PROCEDURE, CLERK, document="", deadline=None)
    assert set(refusal.names) == {Demand.DOCUMENT, Demand.DEADLINE}


def test_the_time_of_a_special_procedure_is_not_counted() -> None:
    walk = Walk("03-02").accepted().on("03-04")
    walk.do(Move.START_PROCEDURE, CLERK, deadline=day("03-20")).on("03-11").do(Move.END_PROCEDURE, CLERK)
    reckoning = reckon(walk.standing, LimitKind.STATUTORY, day("03-12"), RULES)
    assert reckoning and reckoning.used == 3  # 3 and 4 March, and the 12th


def test_time_beyond_what_was_told_in_writing_is_counted() -> None:
    walk = Walk("03-02").accepted().on("03-04").do(Move.START_PROCEDURE, CLERK, deadline=day("03-06"))
    reckoning = reckon(walk.standing, LimitKind.STATUTORY, day("03-11"), RULES)
    assert reckoning and reckoning.used == 2 + 3  # 3 and 4 March; 9, 10, 11 March
    assert reckoning.stopped is None


def test_a_special_procedure_is_prolonged_by_another_written_notice() -> None:
    walk = Walk("03-02").accepted().on("03-04").do(Move.START_PROCEDURE, CLERK, deadline=day("03-06"))
    assert walk.refused(Move.PROLONG_PROCEDURE, CLERK, deadline=day("03-06")).why is Why.DEADLINE_PAST
    walk.do(Move.PROLONG_PROCEDURE, CLERK, deadline=day("03-13"))
    reckoning = reckon(walk.standing, LimitKind.STATUTORY, day("03-11"), RULES)
    assert reckoning and reckoning.used == 2


# --- 容缺受理, 告知承诺 ---------------------------------------------------------------------------


def deferred(walk: Walk) -> Walk:
    return walk.received(PLAN, SITE).do(Move.ACCEPT_DEFERRED, CLERK, materials=(PROOF,), deadline=day("03-20"))


def test_a_material_that_may_follow_follows_on_a_commitment_with_a_deadline() -> None:
    walk = Walk().received(PLAN, SITE)
    refusal = walk.refused(Move.ACCEPT_DEFERRED, CLERK, materials=(PROOF,), commitment="", deadline=None)
    assert set(refusal.names) == {Demand.COMMITMENT, Demand.DEADLINE}
    assert deferred(Walk()).standing.checklist.having(Status.DEFERRED) == (PROOF,)


def test_main_materials_are_complete_before_anything_is_deferred() -> None:
    refusal = Walk().received(PLAN).refused(Move.ACCEPT_DEFERRED, CLERK, materials=(SITE, PROOF))
    assert (refusal.why, refusal.names) == (Why.NOT_DEFERRABLE, (SITE,))


def test_the_notice_names_every_missing_material() -> None:
    refusal = Walk().received(PLAN).refused(Move.ACCEPT_DEFERRED, CLERK, materials=(PROOF,))
    assert (refusal.why, refusal.names) == (Why.MATERIALS_MISSING, (SITE,))


def test_what_is_here_is_not_deferred() -> None:
    assert Walk().received().refused(Move.ACCEPT_DEFERRED, CLERK, materials=(PROOF,)).why is Why.ALREADY_HERE


@pytest.mark.parametrize("move", [Move.ACCEPT_DEFERRED, Move.ACCEPT_ON_COMMITMENT])
def test_neither_is_for_the_discredited(move: Move) -> None:
    walk = Walk().received(PLAN, SITE)
    assert walk.refused(move, CLERK, materials=(PROOF,), credit=Credit.BARRED).why is Why.DISCREDITED
    assert walk.refused(move, CLERK, materials=(PROOF,), credit=None).names == (Demand.CREDIT,)


def test_neither_is_for_an_item_that_does_not_allow_it() -> None:
    walk = Walk(opening=replace(OPENING, deferral=False, commitment=False)).received(PLAN, SITE)
    assert walk.refused(Move.ACCEPT_DEFERRED, CLERK, materials=(PROOF,)).why is Why.DEFERRAL_EXCLUDED
    assert walk.refused(Move.ACCEPT_ON_COMMITMENT, CLERK, materials=(PROOF,)).why is Why.COMMITMENT_EXCLUDED
    assert not {Move.ACCEPT_DEFERRED, Move.ACCEPT_ON_COMMITMENT} & walk.open_to(CLERK)


def test_what_was_deferred_is_here_before_the_approval() -> None:
    walk = deferred(Walk())
    assert walk.refused(Move.APPROVE, CLERK).names == (PROOF,)
    walk.do(Move.RECORD_MATERIALS, APPLICANT, materials=(PROOF,))
    assert walk.do(Move.APPROVE, CLERK).state is State.APPROVED


def test_failing_the_commitment_ends_the_case_but_not_before_its_deadline() -> None:
    walk = deferred(Walk())
    assert walk.on("03-20").refused(Move.LAPSE, CLERK).why is Why.TOO_EARLY
    assert walk.on("03-21").do(Move.LAPSE, CLERK).state is State.TERMINATED


def test_a_case_without_deadline_does_not_lapse() -> None:
    assert Walk().accepted().refused(Move.LAPSE, CLERK).why is Why.NOT_FROM_HERE


@pytest.mark.parametrize("before_acceptance", [True, False])
def test_a_supplement_that_does_not_come_ends_the_case_after_its_deadline(before_acceptance: bool) -> None:
    walk = Walk().received(PLAN) if before_acceptance else Walk().accepted()
    walk.do(Move.REQUEST_SUPPLEMENT, CLERK, materials=(SITE, PROOF), deadline=day("03-10"))
    assert walk.on("03-10").refused(Move.LAPSE, CLERK).day == day("03-10")
    assert walk.on("03-11").do(Move.LAPSE, CLERK).state is State.TERMINATED


def test_a_commitment_stands_for_the_materials_it_names() -> None:
    walk = Walk().received(PLAN)
    assert walk.refused(Move.ACCEPT_ON_COMMITMENT, CLERK, materials=(PROOF,)).names == (SITE,)
    walk.do(Move.ACCEPT_ON_COMMITMENT, CLERK, materials=(SITE, PROOF))
    assert walk.do(Move.APPROVE, CLERK).state is State.APPROVED


# --- 联合预审 ------------------------------------------------------------------------------------


def invited() -> Walk:
    return Walk().do(Move.SUBMIT_PREVIEW, APPLICANT).do(Move.INVITE, AGENT, deadline=day("03-04"))


def test_a_joint_review_waits_for_every_department_until_the_deadline() -> None:
    walk = invited().do(Move.GIVE_OPINION, CLERK, department="住建")
    refusal = walk.on("03-04").refused(Move.PASS_PREVIEW, AGENT)
    assert (refusal.why, refusal.names, refusal.day) == (Why.OPINIONS_OPEN, ("消防",), day("03-04"))


def test_silence_is_consent_after_the_deadline() -> None:
    walk = invited().on("03-05")
    assert walk.standing.invitation is not None
    assert walk.standing.invitation.opinions(walk.today) == {"住建": Opinion.SILENT, "消防": Opinion.SILENT}
    assert walk.do(Move.PASS_PREVIEW, AGENT).state is State.PREVIEW_PASSED


def test_silence_cannot_be_given_nor_an_opinion_after_the_deadline() -> None:
    walk = invited()
    assert walk.refused(Move.GIVE_OPINION, CLERK, opinion=Opinion.SILENT).names == (Demand.OPINION,)
    assert walk.on("03-05").refused(Move.GIVE_OPINION, CLERK).why is Why.TOO_LATE


@pytest.mark.parametrize("opinion", [Opinion.CONDITIONAL, Opinion.OBJECTION])
def test_anything_but_consent_says_why(opinion: Opinion) -> None:
    assert invited().refused(Move.GIVE_OPINION, CLERK, opinion=opinion, reason="").why is Why.REASON_NEEDED


def test_an_objection_keeps_the_review_from_passing_until_it_is_withdrawn() -> None:
    walk = invited().do(Move.GIVE_OPINION, CLERK, department="消防", opinion=Opinion.OBJECTION)
    walk.do(Move.GIVE_OPINION, CLERK, department="住建")
    assert walk.refused(Move.PASS_PREVIEW, AGENT).names == ("消防",)
    assert walk.do(Move.GIVE_OPINION, CLERK, department="消防").do(Move.PASS_PREVIEW, AGENT)


def test_only_who_was_invited_gives_an_opinion() -> None:
    assert invited().refused(Move.GIVE_OPINION, CLERK, department="水利").why is Why.NOT_INVITED
    walk = Walk().do(Move.SUBMIT_PREVIEW, APPLICANT)
    assert walk.refused(Move.GIVE_OPINION, CLERK).why is Why.NOT_INVITED


def test_departments_are_invited_once_for_what_was_submitted() -> None:
    walk = invited()
    assert walk.refused(Move.INVITE, AGENT).why is Why.ALREADY_INVITED
    walk.do(Move.RETURN_PREVIEW, AGENT).do(Move.SUBMIT_PREVIEW, APPLICANT)
    assert walk.do(Move.INVITE, AGENT).standing.invitation is not None


def test_a_preview_is_returned_with_reasons() -> None:
    walk = Walk().do(Move.SUBMIT_PREVIEW, APPLICANT)
    assert walk.refused(Move.RETURN_PREVIEW, AGENT, reason="").names == (Demand.REASON,)


# --- 中止, 撤回, 终止 -----------------------------------------------------------------------------


def test_an_applicant_may_withdraw_until_the_decision() -> None:
    assert Walk().accepted().do(Move.WITHDRAW, APPLICANT, entrustment="").state is State.WITHDRAWN
    assert Walk().approved().refused(Move.WITHDRAW, APPLICANT).why is Why.NOT_FROM_HERE


def test_staff_withdraw_only_on_the_applicants_request() -> None:
    assert Walk().accepted().refused(Move.WITHDRAW, AGENT, entrustment="").names == (Demand.ENTRUSTMENT,)


def test_who_withdrew_is_told_from_the_event() -> None:
    assert Walk().do(Move.WITHDRAW, APPLICANT).case.events[-1].by.role is APPLICANT


def test_a_suspended_case_goes_on_from_where_it_was() -> None:
    walk = Walk("03-02").accepted().do(Move.START_PROCEDURE, CLERK, deadline=day("03-20"))
    walk.on("03-05").do(Move.SUSPEND, AGENT).on("03-09").do(Move.RESUME, AGENT)
    assert walk.state is State.PROCEDURE
    reckoning = reckon(walk.standing, LimitKind.STATUTORY, day("03-10"), RULES)
    assert reckoning and reckoning.used == 0


def test_a_note_on_a_suspended_case_does_not_forget_where_it_was() -> None:
    walk = Walk().accepted().do(Move.SUSPEND, APPLICANT).do(Move.NOTE, AGENT).do(Move.RESUME, APPLICANT)
    assert walk.state is State.ACCEPTED


def test_suspending_stops_no_clock_and_an_authority_cannot_suspend() -> None:
    walk = Walk("03-02").accepted()
    assert walk.refused(Move.SUSPEND, CLERK).why is Why.NOT_YOURS
    walk.do(Move.SUSPEND, APPLICANT)
    reckoning = reckon(walk.standing, LimitKind.STATUTORY, day("03-09"), RULES)
    assert reckoning and reckoning.used == 5


def test_suspending_does_not_prolong_the_five_days() -> None:
    walk = Walk("03-02").received(PLAN).do(Move.SUSPEND, APPLICANT).on("03-10").do(Move.RESUME, APPLICANT)
    assert due_by_itself(walk.case, walk.now, RULES) == (Move.ACCEPT_BY_SILENCE,)


def test_a_deadline_lies_ahead_and_is_believable() -> None:
    walk = Walk().received(PLAN)
    asked = {"materials": (SITE, PROOF)}
    assert walk.refused(Move.REQUEST_SUPPLEMENT, CLERK, **asked, deadline=walk.today).why is Why.DEADLINE_PAST
    far = dt.date(2206, 3, 9)
    assert walk.refused(Move.REQUEST_SUPPLEMENT, CLERK, **asked, deadline=far).why is Why.DEADLINE_FAR
