"""Members of staff in a story: what they do is done by the desk itself, as the console does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from bot.assistant import Assistant
from bot.casework import engagement, standing
from bot.casework.refusal import Refusal
from bot.casework.slots import Hours, Period
from bot.casework.storable import from_json
from bot.casework.terms import STAFF
from bot.desk.afterwards import answer_complaint
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.messages import write
from bot.desk.moves import act, move_case
from bot.desk.office import Office
from bot.desk.records import Member
from bot.desk.staff import invite, join
from bot.events import Chat

# the hall of Luozhuang has hours in the stories, and one place at a time; the others have none, as in the catalogue
OFFICE = Office(hours={"371311": Hours((Period(dt.time(9), dt.time(12)),), length=dt.timedelta(minutes=90), horizon=7)})

_LISTS, _WHOLE = {"materials", "departments"}, {"days"}


def staff_does(assistant: Assistant, line: str) -> None:
    """One line of a story; fails with the refusal if the desk does not allow it."""
    name, verb, first, second, *given = (*line.split(), "", "")
    details = _details([one for one in given if "=" in one])
    match verb:
        case "join":
            _join(assistant, name, first, second)
        case "move":
            found = from_json(standing.Details, details)
            _done(assistant, name, lambda desk, who: move_case(desk, who, first, standing.Move.of(second), found))
        case "act":
            what = from_json(engagement.Details, details)
            _done(assistant, name, lambda desk, who: act(desk, who, first, engagement.Act.of(second), what))
        case "write":
            _done(assistant, name, lambda desk, who: write(desk, who, first, line.split(maxsplit=3)[3]))
        case "answer":
            _done(assistant, name, lambda desk, who: answer_complaint(desk, who, first, line.split(maxsplit=3)[3]))
        case _:
            raise ValueError(line)


def invitation(assistant: Assistant, roles: str, hall: str) -> str:
    """The code of a new invitation."""
    wanted = [role for role in STAFF if role.value in roles.split(",")]
    done = assistant.perform(lambda desk: invite(desk, wanted, hall))
    assert isinstance(done, Done)
    return str(done.facts["code"])


def _join(assistant: Assistant, name: str, roles: str, hall: str) -> None:
    code = invitation(assistant, roles, hall)
    done = assistant.perform(lambda desk: join(desk, Chat("terminal", name), code, name))
    assert isinstance(done, Done), done


def _done(assistant: Assistant, name: str, do: Callable[[Desk, Member], Done | Refusal]) -> None:
    def decide(desk: Desk) -> Done | Refusal:
        member = desk.records.member(Chat("terminal", name))
        assert member is not None, f"{name} is no member of staff"
        return do(desk, member)

    done = assistant.perform(decide)
    assert isinstance(done, Done), done


def _details(given: list[str]) -> Mapping[str, Any]:
    """`key=value` as details are stored; a list has `|` between its names."""
    pairs = dict(one.split("=", 1) for one in given)
    return {key: _value(key, value) for key, value in pairs.items()}


def _value(key: str, value: str) -> Any:
    if key in _LISTS:
        return value.split("|")
    return int(value) if key in _WHOLE else value
