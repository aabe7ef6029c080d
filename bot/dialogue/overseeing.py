"""What the supervisor answers for: complaints; and poor ratings that are put right."""

from __future__ import annotations

from typing import Any

from bot.casework.refusal import Refusal, Why
from bot.casework.table import TEXT_LENGTH
from bot.casework.terms import Role
from bot.desk import afterwards, views
from bot.desk.access import may_see, serves
from bot.desk.records import ComplaintFile, Member
from bot.desk.status import dossier_with
from bot.dialogue import duty, forms, viewing
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Outcome, Said, Say

SHOWN = 8  # complaints of one list
READ = 100


@duty.for_role(Role.SUPERVISOR)
def complaints_asked(turn: Turn, found: Member, argument: str) -> Move:
    """/complaints: what is to be answered, the most urgent first."""
    return turn.state.idle(), (_listed(turn, found),)


def _listed(turn: Turn, found: Member, answered: str = "") -> Say:
    """`answered`: the number of the one that was answered just now; `total` of the open ones."""
    unanswered = [one for one in _open(turn, found) if one.number != answered]
    shown = unanswered[:SHOWN]
    facts = {
        "complaints": [_facts(turn, one) for one in shown],
        "total": len(unanswered),
        "answered": answered,
    }
    rows = tuple((Choice(f"x:{one.number}", label=f"✎ {one.number}"),) for one in shown)
    return Say(Outcome.COMPLAINTS, facts, (*rows, (Choice("in", term="inbox"),)))


def _open(turn: Turn, found: Member) -> tuple[ComplaintFile, ...]:
    everywhere = found.hall == turn.desk.catalogue.hall.region
    known = turn.desk.records.complaints("" if everywhere else found.hall, READ)
    return tuple(one for one in known if one.answered_at is None)


def _facts(turn: Turn, complaint: ComplaintFile) -> dict[str, Any]:
    return views.complaint_facts(complaint) | {"overdue": turn.today > complaint.answer_by}


@duty.for_role(Role.SUPERVISOR)
def answer_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    """A complaint is to be answered."""
    complaint = turn.desk.records.complaint(arguments[0]) if arguments else None
    if complaint is None or not serves(turn.desk, found, complaint.hall):
        return duty.hidden(turn)
    if complaint.answered_at is not None:
        return turn.state.idle(), (_refused(Refusal(Why.NOT_FROM_HERE)), _listed(turn, found))
    return forms.begin(turn, ANSWER_FORM, about={"complaint": complaint.number})


@duty.for_staff
def rectify_pressed(turn: Turn, found: Member, arguments: tuple[str, ...]) -> Move:
    """A poor rating is put right: what was done is written down."""
    matter = arguments[0] if arguments else ""
    dossier = dossier_with(turn.desk, matter) if matter else None
    if dossier is None or not may_see(turn.desk, found, dossier):
        return viewing.gone(turn, found, dossier)
    if matter not in {one["matter"] for one in viewing.poor_ratings(dossier)}:
        shown = viewing.dossier_shown(turn, found, dossier)
        return turn.state.idle(), (_refused(Refusal(Why.NOT_FROM_HERE)), shown)
    return forms.begin(turn, ANSWER_FORM, about={"matter": matter})


def _text(turn: Turn, filling: Filling, heard: forms.Heard) -> forms.Given | Refusal | None:
    match heard.event:
        case Said(text) if len(text.strip()) > TEXT_LENGTH:
            return Refusal(Why.TOO_LONG, names=("text",), number=TEXT_LENGTH)
        case Said(text):
            return forms.Given(text.strip())
    return None


def _written(turn: Turn, filling: Filling) -> Move:
    found = duty.member(turn)
    if found is None:
        return duty.not_staff(turn)
    if "matter" in filling.about:
        return _rectified(turn, found, filling.about["matter"], filling.answers["rectified"])
    return _answered(turn, found, filling.about.get("complaint", ""), filling.answers["answer"])


def _answered(turn: Turn, found: Member, number: str, text: str) -> Move:
    done = afterwards.answer_complaint(turn.desk, found, number, text)
    if isinstance(done, Refusal):
        return turn.state, (_refused(done), _listed(turn, found))
    return turn.state, (_listed(turn, found, answered=number), done.change)


def _rectified(turn: Turn, found: Member, matter: str, text: str) -> Move:
    done = afterwards.rectify(turn.desk, found, matter, text)
    if isinstance(done, Refusal):
        return turn.state, (_refused(done),)
    assert done.dossier is not None
    facts = {"matter": matter, "number": done.dossier.number, "rectified": True}
    choices = ((Choice(f"e:{done.dossier.number}", term="open_dossier"), Choice("in", term="inbox")),)
    return turn.state, (Say(Outcome.POOR_RATING, facts, choices), done.change)


def _refused(refusal: Refusal) -> Say:
    return Say(Outcome.REFUSED, {"refusal": forms.refusal_facts(refusal)})


ANSWER_FORM = forms.Form(
    "answer",
    (
        forms.Field("answer", _text, wanted=lambda turn, filling: "complaint" in filling.about),
        forms.Field("rectified", _text, wanted=lambda turn, filling: "matter" in filling.about),
    ),
    _written,
)
