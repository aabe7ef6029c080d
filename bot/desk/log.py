"""Adding to a dossier: entries in order, the line of the list that follows from them, and what both add up to."""

from __future__ import annotations

from bot.casework import case as cases
from bot.casework.clock import Light, answer_by, reckon
from bot.casework.rules import LimitKind
from bot.casework.standing import AWAITS
from bot.casework.terms import Actor, Role
from bot.desk.change import Appended
from bot.desk.desk import Desk
from bot.desk.dossier import Body, Dossier, Entry, Wrote
from bot.desk.records import CaseLine, Line
from bot.desk.waking import wake_at

_WORST = (Light.RED, Light.YELLOW, Light.GREEN, Light.PAUSED)  # of open cases, the most urgent first


def noted(desk: Desk, dossier: Dossier, by: Actor, *bodies: Body) -> Dossier:
    """The dossier with what somebody did just now."""
    return dossier.with_(Entry(desk.now, by, body) for body in bodies)


def appended(desk: Desk, before: Dossier | None, after: Dossier) -> Appended:
    """What is to be written: everything that `after` has beyond `before`."""
    return Appended(after, before.length if before else 0, line(desk, after))


def line(desk: Desk, dossier: Dossier) -> Line:
    """The dossier's line in lists, read off its log."""
    standing, opened = dossier.engagement.standing, dossier.opened
    lines = tuple(case_line(desk, number, case) for number, case in dossier.cases.items())
    waiting = [one for one in lines if not dossier.cases[one.number].closed]
    lights = {one.light for one in waiting}
    last = dossier.messages[-1] if dossier.messages else None
    return Line(
        number=dossier.number,
        hall=dossier.hall,
        region=opened.region,
        step=standing.step.value,
        responsible=standing.responsible,
        offered_to=dossier.offer.to if dossier.offer and not standing.responsible else (),
        hand_over_to=standing.hand_over_to,
        chat=opened.chat,
        applicant=opened.applicant.name,
        telephone=opened.applicant.telephone,
        identity=opened.applicant.identity.number,
        cases=lines,
        due=min((one.due for one in waiting if one.due), default=None),
        light=next((light for light in _WORST if light in lights), None),
        unread=last is not None and isinstance(last.body, Wrote) and last.by.role is Role.APPLICANT,
        opened_at=dossier.entries[0].at,
        changed_at=dossier.entries[-1].at,
        closed=dossier.closed,
        rectify_by=min((one.rectify_by.day for one in dossier.to_rectify if one.rectify_by), default=None),
        wake_at=wake_at(dossier, desk.office, desk.now),
    )


def case_line(desk: Desk, number: str, case: cases.Case) -> CaseLine:
    """A case's line: due by the promise, else by law, else until when the window has to answer."""
    standing, today, rules = case.standing, desk.today, desk.office.rules
    found = (reckon(standing, kind, today, rules) for kind in (LimitKind.PROMISED, LimitKind.STATUTORY))
    reckoning = next((one for one in found if one), None)
    answer = answer_by(standing, rules) if standing.underneath.value == "received" else None
    awaits = AWAITS.get(case.state)
    return CaseLine(
        number=number,
        item=standing.opening.item,
        state=case.state.value,
        awaits=awaits.value if awaits else "",
        due=reckoning.due if reckoning else answer.day if answer else None,
        light=reckoning.light if reckoning else None,
    )
