"""What time alone brings: acceptance by silence, unassigned bookings, limits and deadlines that come near or pass."""

from __future__ import annotations

from collections.abc import Iterator

from bot.casework.case import Case
from bot.casework.clock import Light, answer_by, reckon
from bot.casework.rules import LimitKind
from bot.casework.standing import State
from bot.casework.terms import day_of
from bot.desk import notices
from bot.desk.change import Change, Tell
from bot.desk.desk import Desk
from bot.desk.dossier import SYSTEM, Dossier, Told
from bot.desk.log import appended, noted
from bot.desk.moves import happen_by_themselves
from bot.desk.waking import morning


def tick(desk: Desk, number: str) -> Change:
    """What is due in a dossier by now. Always brings its line up to date, so that it is not looked at again at once."""
    before = desk.records.dossier(number)
    if before is None:
        return Change()
    dossier, letters = before, list[Tell]()
    for done in happen_by_themselves(desk, dossier):
        dossier, letters = done.dossier or dossier, [*letters, *done.change.letters]
    for key, told in (*_unassigned(desk, dossier), *_warnings(desk, dossier)):
        if key not in dossier.told:
            dossier = noted(desk, dossier, SYSTEM, Told(key))
            letters += told
    return Change(appended=(appended(desk, before, dossier),), letters=tuple(letters))


def _unassigned(desk: Desk, dossier: Dossier) -> Iterator[tuple[str, tuple[Tell, ...]]]:
    waited = dossier.offered_at is not None and desk.now >= dossier.offered_at + desk.office.patience.assign_after
    if waited and not dossier.responsible and not dossier.closed and dossier.offer and dossier.offer.to:
        yield "unassigned", notices.unassigned(desk, dossier)


def _warnings(desk: Desk, dossier: Dossier) -> Iterator[tuple[str, tuple[Tell, ...]]]:
    if desk.now < morning(desk.today):
        return
    for number, case in dossier.cases.items():
        if not case.closed:
            for warning in warnings(desk, case):
                yield f"{warning}:{number}:{len(case.standing.asked)}", notices.warned(desk, dossier, number, warning)


def warnings(desk: Desk, case: Case) -> Iterator[str]:
    """The names of what is near or has passed in a case."""
    standing, rules, today = case.standing, desk.office.rules, desk.today
    for kind in LimitKind:
        reckoning = reckon(standing, kind, today, rules)
        if reckoning and not reckoning.ended:
            if reckoning.light is Light.RED:
                yield f"{kind}_overdue"
            elif reckoning.light is Light.YELLOW:
                yield f"{kind}_near"
    answer = answer_by(standing, rules) if case.state is State.RECEIVED else None
    if answer and today == answer.day:
        yield "answer_near"
    if standing.underneath in (State.SUPPLEMENT, State.ACCEPTED_SUPPLEMENT):
        deadline = standing.asked[-1].deadline
        if today > deadline:
            yield "supplement_missed"
        elif (deadline - day_of(desk.now)).days <= 1:
            yield "supplement_near"
    deferred = standing.checklist.deferred_until()
    if deferred and today > deferred:
        yield "deferred_missed"
