"""What applicants do, done at the desk directly: for stories that are about somebody else.

book ITEMS REGION KIND                gives the engagement's number, then its cases'
act NUMBER ACT [document]             entrust, cancel …
move CASE MOVE [materials]            submit_preview, submit, withdraw … (materials: all, or names separated by +)
attach CASE MATERIAL                  a file for a material
write NUMBER TEXT
rate MATTER LEVEL
complain ABOUT TEXT
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from bot.casework.applicants import Identity, IdentityKind
from bot.casework.engagement import Act, Kind
from bot.casework.engagement import Details as ActDetails
from bot.casework.ratings import Level, Opinion, Reason
from bot.casework.refusal import Refusal
from bot.casework.standing import Details, Move
from bot.casework.terms import Term
from bot.desk import afterwards, booking, messages, moves
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.dossier import Applicant, ApplicantKind, Filed
from bot.events import Chat, Language

TermT = TypeVar("TermT", bound=Term)
Job = Callable[[Desk], Done | Refusal]


def applicant(name: str) -> Applicant:
    """A company that does not exist, for tests."""
    code = Identity(IdentityKind.CREDIT_CODE, "91371321MA3C0A1B2X")
    return Applicant(ApplicantKind.ORGANISATION, f"沂南{name}有限公司", code, "+8613805390000", "王")


def desk_job(chat: Chat, verb: str, words: Sequence[str]) -> Job:
    """What `verb` does, for `assistant.perform`; its facts have what it `given`."""
    return lambda desk: _VERBS[verb](desk, chat, *words)


def _book(desk: Desk, chat: Chat, items: str, region: str, kind: str, language: Language = "zh") -> Done | Refusal:
    request = booking.Request(applicant(chat.id), _named(Kind, kind), region, tuple(items.split("+")))
    done = booking.book(desk, chat, language, request)
    if isinstance(done, Refusal):
        return done
    return replace(done, facts={"given": [done.facts["number"], *(one["number"] for one in done.facts["cases"])]})


def _act(desk: Desk, chat: Chat, number: str, act: str, paper: str = "") -> Done | Refusal:
    return moves.act_own(desk, chat, number, _named(Act, act), ActDetails(entrustment=paper))


def _move(desk: Desk, chat: Chat, case: str, move: str, materials: str = "") -> Done | Refusal:
    dossier = desk.records.dossier_of(case)
    assert dossier
    every = tuple(one.needed.name for one in dossier.cases[case].standing.checklist.entries)
    named = every if materials == "all" else tuple(filter(None, materials.split("+")))
    return moves.move_own(desk, chat, case, _named(Move, move), Details(materials=named))


def _attach(desk: Desk, chat: Chat, case: str, material: str) -> Done | Refusal:
    file = Filed(f"file-{material}", "application/pdf", 20480, "0" * 64)
    return messages.attach(desk, chat, case, material, file)


def _write(desk: Desk, chat: Chat, number: str, text: str) -> Done | Refusal:
    return messages.write_own(desk, chat, number, text)


def _rate(desk: Desk, chat: Chat, matter: str, level: str) -> Done | Refusal:
    found = _named(Level, level)
    reasons = (_named(Reason, "delay"),) if found.is_poor else ()
    return afterwards.rate_matter(desk, chat, matter, Opinion(found, reasons))


def _complain(desk: Desk, chat: Chat, about: str, text: str) -> Done | Refusal:
    done = afterwards.complain_about(desk, chat, about, text, "371321")
    if isinstance(done, Refusal):
        return done
    return replace(done, facts={"given": [done.facts["complaint"]["number"]]})


def _named(terms: type[TermT], value: str) -> TermT:
    return next(one for one in terms if one == value)


_VERBS = {
    "book": _book,
    "act": _act,
    "move": _move,
    "attach": _attach,
    "write": _write,
    "rate": _rate,
    "complain": _complain,
}
