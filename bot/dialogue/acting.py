"""What applicants do with what is theirs: sign the entrustment, withdraw, suspend, take up again, cancel."""

from __future__ import annotations

from bot.casework import engagement as engagements
from bot.casework import standing as standings
from bot.casework.engagement import Act
from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Move as CaseMove
from bot.casework.table import TEXT_LENGTH
from bot.desk.change import Done
from bot.desk.dossier import Dossier
from bot.desk.moves import act_own, move_own
from bot.desk.papers import PaperKind, paper_facts, paper_id
from bot.dialogue import forms, hearing, notices, showing
from bot.dialogue.forms import Given, Heard
from bot.dialogue.state import Filling, Move, Turn
from bot.events import Choice, Outcome, Paper, Say

_ACTS = {act.value: act for act in (Act.ENTRUST, Act.CANCEL, Act.SUSPEND, Act.RESUME)}
_MOVES = {move.value: move for move in (CaseMove.WITHDRAW, CaseMove.RESUME)}
YES = "yes"  # asked once more, and meant


def own_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """`ca:<act or move>:<number>[:yes]`."""
    what, number, sure = (*arguments, "", "", "")[:3]
    dossier = showing.own(turn, number)
    if dossier is None:
        return showing.no_match(turn)
    if number in dossier.cases:
        return _move(turn, dossier, number, what, sure == YES)
    return _act(turn, dossier, what, sure == YES)


def _act(turn: Turn, dossier: Dossier, what: str, sure: bool) -> Move:
    act = _ACTS.get(what)
    if act is None:
        return notices.stale(turn)
    if act is Act.SUSPEND:
        return forms.begin(turn, FORM, {"number": dossier.number, "act": what})
    if not sure:
        return _asked(turn, dossier, what)
    details = engagements.Details(entrustment=_entrustment(dossier, act))
    return _said(turn, act_own(turn.desk, turn.chat, dossier.number, act, details))


def _entrustment(dossier: Dossier, act: Act) -> str:
    """What is signed: the 委托书 as it was made, or the 续办委托书 that is made with the act."""
    if act is Act.RESUME:
        return paper_id(PaperKind.RENEWAL, dossier.number, dossier.length + 1)
    return showing.entrustment_of(dossier) if act is Act.ENTRUST else ""


def _move(turn: Turn, dossier: Dossier, number: str, what: str, sure: bool) -> Move:
    move = _MOVES.get(what)
    if move is None:
        return notices.stale(turn)
    if not sure:
        return _asked(turn, dossier, what, number)
    return _said(turn, move_own(turn.desk, turn.chat, number, move, standings.Details()))


def _asked(turn: Turn, dossier: Dossier, what: str, case: str = "") -> Move:
    """Said what it means, and asked once more. `ask` {what, number, item}."""
    number = case or dossier.number
    item = dossier.cases[case].standing.opening.item if case else ""
    back = Choice(f"q:{case}", term="keep_it") if case else Choice(f"w:{number}", term="keep_it")
    yes = Choice(f"ca:{what}:{number}:{YES}", term=f"sure_{what}")
    facts = {**showing.show_dossier(turn, dossier).facts, "ask": {"what": what, "number": number, "item": item}}
    return turn.state.idle(), (Say(Outcome.DOSSIER, facts, ((yes, back),)),)


def _said(turn: Turn, done: Done | Refusal) -> Move:
    """What was done, with the paper it made."""
    if isinstance(done, Refusal):
        return showing.said_no(turn, done)
    assert done.dossier is not None
    facts = {"case": "", "number": "", "move": "", "act": "", "staff": False, **done.facts}
    made = paper_facts(turn.desk, done.dossier, facts["paper"]) if facts["paper"] else None
    see = Choice(f"q:{facts['case']}", term="see_status") if facts["case"] else None
    row = (see or Choice(f"w:{done.dossier.number}", term="see_dossier"), Choice("q", term="my_cases"))
    papers = (Paper(made["kind"], facts=made),) if made else ()
    return turn.state.idle(), (Say(Outcome.MOVED, facts, (row,), papers), done.change)


# --- why it is suspended ------------------------------------------------------------------------


def read_reason(turn: Turn, filling: Filling, heard: Heard) -> Given | Refusal | None:
    text = hearing.words_given(heard)
    if not text:
        return None
    too_long = Refusal(Why.TOO_LONG, names=("text",), number=TEXT_LENGTH)
    return Given(text) if len(text) <= TEXT_LENGTH else too_long


def _finish(turn: Turn, filling: Filling) -> Move:
    details = engagements.Details(reason=filling.answers["reason"])
    act = _ACTS[filling.about["act"]]
    return _said(turn, act_own(turn.desk, turn.chat, filling.about["number"], act, details))


FORM = forms.Form("own_act", (forms.Field("reason", read_reason),), _finish)
