"""Handing in what is missing: which material it is, and the file that is it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.casework.refusal import Refusal
from bot.desk.desk import Desk
from bot.desk.dossier import Dossier, Filed
from bot.desk.messages import attach, no_room
from bot.desk.status import dossier_with
from bot.dialogue import showing
from bot.dialogue.forms import refusal_facts
from bot.dialogue.state import Move, State, Turn
from bot.events import Chat, Choice, Event, Outcome, Say, SentFile

OWN_LOOKED_AT = 20  # engagements of a chat that may wait for a file


def awaits_file(state: State, desk: Desk, chat: Chat) -> bool:
    """Whether a file from this chat would be taken: nothing is fetched or kept that the dossier has no room for."""
    case = (state.supplying or {}).get("case") or next(iter(asking_cases(desk, chat)), "")
    dossier = dossier_with(desk, state.talking or case) if state.talking or case else None
    return dossier is not None and no_room(desk, dossier) is None


def asking_cases(desk: Desk, chat: Chat) -> list[str]:
    """Own cases in which a supplement was asked for."""
    lines = desk.records.own(chat, OWN_LOOKED_AT)
    return [one.number for line in lines for one in line.cases if one.state in showing.ASKED]


def awaited(dossier: Dossier, case: str) -> tuple[str, ...]:
    """What was asked for and is not here; where nothing was, all that is missing."""
    standing = dossier.cases[case].standing
    missing = standing.checklist.missing()
    if standing.underneath not in showing.ASKED:
        return missing
    return tuple(name for name in standing.asked[-1].materials if name in missing)


# --- which material -----------------------------------------------------------------------------


def supply_pressed(turn: Turn, arguments: tuple[str, ...]) -> Move:
    """`u:<case>` lists what is missing; `u:<case>:<place on the checklist>` says which one comes now."""
    case, place = (*arguments, "", "")[:2]
    dossier = showing.own(turn, case)
    if dossier is None or case not in dossier.cases:
        return showing.no_match(turn)
    if not showing.can_supply(turn, dossier, case):
        return _begun(turn, None), (showing.show_case(turn, dossier, case),)
    material = _material(dossier, case, place)
    waiting = (turn.state.supplying or {}).get("file")
    if material and waiting:
        return _attached(turn, case, material, waiting)
    return _asked(turn, dossier, case, material, None)


def _material(dossier: Dossier, case: str, place: str) -> str:
    """The missing material at a place of the checklist; the only one there is, if none was named."""
    names, missing = _names(dossier, case), awaited(dossier, case)
    if place.isdecimal() and int(place) < len(names) and names[int(place)] in missing:
        return names[int(place)]
    return missing[0] if len(missing) == 1 and not place else ""


def _names(dossier: Dossier, case: str) -> list[str]:
    return [entry.needed.name for entry in dossier.cases[case].standing.checklist.entries]


def _asked(turn: Turn, dossier: Dossier, case: str, material: str, file: Mapping[str, Any] | None) -> Move:
    """Which one it is, or that it may be sent now. `facts`: `case`, `item`, `material`, `kept` False, `missing`."""
    missing = awaited(dossier, case)
    facts = {
        "case": case,
        "item": dossier.cases[case].standing.opening.item,
        "material": material,
        "kept": False,
        "waiting": file is not None,
        "missing": list(missing),
        "deadline": _deadline(dossier, case),
    }
    state = _begun(turn, {"case": case, "material": material, "file": dict(file) if file else None})
    return state, (Say(Outcome.FILE_KEPT, facts, _rows(turn, dossier, case, material)),)


def _deadline(dossier: Dossier, case: str) -> str | None:
    standing = dossier.cases[case].standing
    return standing.asked[-1].deadline.isoformat() if standing.underneath in showing.ASKED else None


def _rows(turn: Turn, dossier: Dossier, case: str, chosen: str) -> tuple[tuple[Choice, ...], ...]:
    names, missing = _names(dossier, case), awaited(dossier, case)
    item = turn.knowledge.item(dossier.cases[case].standing.opening.item)
    called = {name: item.material_name(name, turn.language) if item else name for name in missing}
    rows = [(Choice(f"u:{case}:{names.index(name)}", label=called[name]),) for name in missing if name != chosen]
    return (*rows, (Choice(f"q:{case}", term="see_status"),))


def _begun(turn: Turn, supplying: Mapping[str, Any] | None) -> State:
    return replace(turn.state.idle(), supplying=supplying)


# --- the file -----------------------------------------------------------------------------------


def file_sent(turn: Turn, event: Event) -> Move:
    """A file: taken for the material that was named, or the only one missing; else asked which one it is."""
    assert isinstance(event, SentFile)
    dossier, case, material = _for(turn)
    if dossier is None:
        return turn.state, (Say(Outcome.UNEXPECTED, _fault("", awaited_here=False)),)
    if refused := no_room(turn.desk, dossier):
        return _not_taken(turn, case, refused)
    kept = event.kept or {}
    if "id" not in kept:
        return turn.state, (Say(Outcome.UNEXPECTED, _fault(kept.get("refused", ""), awaited_here=True)),)
    if not material:
        return _asked(turn, dossier, case, "", kept)
    return _attached(turn, case, material, kept)


def _for(turn: Turn) -> tuple[Dossier | None, str, str]:
    """What a file is for: what was being supplied, else the case that asked for something."""
    supplying = turn.state.supplying or {}
    asking = asking_cases(turn.desk, turn.chat)
    case = supplying.get("case") or (asking[0] if asking else "")
    dossier = showing.own(turn, case) if case else None
    if dossier is None or case not in dossier.cases or not showing.can_supply(turn, dossier, case):
        return None, "", ""
    named = supplying.get("material", "")
    return dossier, case, named if named in awaited(dossier, case) else _material(dossier, case, "")


def _fault(reason: str, awaited_here: bool) -> dict[str, Any]:
    """`refused`: the vault's word for what is wrong with a file; `awaited`: whether files are taken at all."""
    return {"refused": reason, "awaited": awaited_here}


def filed(kept: Mapping[str, Any]) -> Filed:
    """The vault's receipt as the log keeps it."""
    return Filed(kept["id"], kept["media_type"], kept["size"], kept["sha256"])


def _attached(turn: Turn, case: str, material: str, kept: Mapping[str, Any]) -> Move:
    before = showing.own(turn, case)
    done = attach(turn.desk, turn.chat, case, material, filed(kept))
    if isinstance(done, Refusal):
        return _not_taken(turn, case, done)
    dossier = done.dossier
    assert dossier is not None and before is not None
    missing = awaited(dossier, case)
    following = {"case": case, "material": missing[0] if len(missing) == 1 else "", "file": None}
    facts = {
        "case": case,
        "item": dossier.cases[case].standing.opening.item,
        "material": material,
        "kept": True,
        "waiting": False,
        "missing": list(missing),
        "deadline": _deadline(dossier, case),
        "handed_in": dossier.cases[case].state is not before.cases[case].state,
    }
    say = Say(Outcome.FILE_KEPT, facts, _rows(turn, dossier, case, following["material"] or ""))
    return _begun(turn, following if missing else None), (say, done.change)


def _not_taken(turn: Turn, case: str, refusal: Refusal) -> Move:
    say = Say(Outcome.REFUSED, {"refusal": refusal_facts(refusal)}, ((Choice(f"q:{case}", term="see_status"),),))
    return _begun(turn, None), (say,)
