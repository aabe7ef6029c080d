"""Booking an agent: first what the service is and is not, then the form, then the numbers and papers."""

from __future__ import annotations

from dataclasses import replace

from bot.casework.engagement import Kind
from bot.casework.refusal import Refusal
from bot.desk.booking import Request, book
from bot.desk.change import Done
from bot.desk.papers import paper_facts
from bot.dialogue import forms, notices
from bot.dialogue.applying import REACHED, WHO, applicant
from bot.dialogue.state import Filling, Move, Turn
from bot.dialogue.wanting import WHAT, of_items, understood_items
from bot.events import Choice, Outcome, Paper, Say
from knowledge.matching.decision import Understanding

GO = "go"  # the statement was read: begin


def agent_asked(turn: Turn, argument: str) -> Move:
    """/agent."""
    return _explained(turn, [turn.state.item] if turn.state.item else [])


def agent_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """「找人代办」 under an answer, and what begins the form under the statement."""
    codes, step = (*arguments, "", "")[:2]
    items = [code for code in codes.split(",") if code]
    if not all(turn.knowledge.item(code) for code in items):
        return notices.stale(turn)
    return _begun(turn, items) if step == GO else _explained(turn, items)


def agent_wanted(turn: Turn, text: str, understood: Understanding) -> Move:
    """Said in somebody's own words: what they say already is not asked again."""
    region = understood.region or turn.state.region
    clear, near = understood_items(turn, understood)
    return _explained(replace(turn, state=replace(turn.state, region=region)), clear, near)


def _explained(turn: Turn, items: list[str], near: list[str] | None = None) -> Move:
    """Free, voluntary, what it covers: before anything is asked. What somebody may mean is offered with it."""
    begin = f"a:{','.join(items)}:{GO}"
    rows = [(Choice(f"a:{code}:{GO}", label=_title(turn, code)),) for code in near or ()]
    rows.append((Choice(begin if len(begin) <= 64 else f"a::{GO}", term="begin_booking"),))
    if turn.desk.records.own(turn.chat, 1):
        rows.append((Choice("q", term="my_cases"),))
    facts = {"items": items, "near": near or [], "region": turn.state.region}
    return turn.state, (Say(Outcome.AGENT, facts, tuple(rows)),)


def _title(turn: Turn, code: str) -> str:
    item = turn.knowledge.item(code)
    return item.title(turn.language) if item else code


def _begun(turn: Turn, items: list[str]) -> Move:
    answers: dict[str, object] = {}
    if items:
        answers["items"] = of_items(items)
    if turn.state.region:
        answers["region"] = turn.state.region
    return forms.begin(turn, FORM, answers=answers)


def _finish(turn: Turn, filling: Filling) -> Move:
    """Book; what is refused goes back to the summary with everything that was answered."""
    answers = filling.answers
    request = Request(
        applicant(answers),
        Kind.of(answers["kind"]),
        answers["region"],
        tuple(answers["items"]["items"]),
        answers["items"]["project"],
        answers.get("call_at") or "",
    )
    done = book(turn.desk, turn.chat, turn.language, request)
    if isinstance(done, Refusal):
        return forms.refused(turn, filling, done)
    state = replace(turn.state, region=request.region)
    return state, (_booked(turn, done, request), done.change)


def _booked(turn: Turn, done: Done, request: Request) -> Say:
    dossier = done.dossier
    assert dossier is not None
    papers = [(one.kind, paper_facts(turn.desk, dossier, one.id)) for one in dossier.papers.values()]
    number = dossier.number
    return Say(
        Outcome.BOOKED,
        {**done.facts, "place": dossier.hall, "kind": request.kind.value, "project": request.project},
        ((Choice(f"w:{number}", term="see_dossier"), Choice(f"b:{number}", term="appointments")),),
        papers=tuple(Paper(kind, facts=facts) for kind, facts in papers if facts),
    )


FORM = forms.Form("book", (*WHO, *WHAT, *REACHED), _finish)
