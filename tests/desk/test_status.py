"""Looking up a case by number and password: wrong and absent are the same, and waiting is one's own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from bot.casework.refusal import Refusal, Why
from bot.casework.standing import Move
from bot.desk import status
from bot.desk.change import Done
from bot.desk.records import Records
from bot.events import Chat
from tests.desk.scene import INVESTOR, STRANGER, Scene

ABSENT = "37132120260302999991"


def look(scene: Scene, number: str, password: str, chat: Chat = STRANGER) -> Refusal | Done:
    """What somebody gets: the refusal, or Done with the dossier."""
    result = scene.attempt(lambda desk: status.look(desk, chat, number, password))
    if isinstance(result, Done) and result.dossier is None:
        refusal = result.facts["refusal"]
        assert isinstance(refusal, Refusal)
        return refusal
    return result


def test_the_password_opens_the_case_and_the_engagement(scene: Scene) -> None:
    done = scene.book()
    case = done.facts["cases"][0]["number"]
    for number in (case, done.facts["number"]):
        found = look(scene, number, f" {done.facts['password'].lower()} ")
        assert isinstance(found, Done) and found.dossier is not None and found.dossier.number == done.facts["number"]


@pytest.mark.parametrize("attempts", [1, 3, 5])
def test_wrong_and_absent_are_the_same_all_the_way(scene: Scene, attempts: int) -> None:
    case = scene.book().facts["cases"][0]["number"]
    wrong = [look(scene, case, "WRONG234", Chat("web", "a")) for _ in range(attempts)]
    absent = [look(scene, ABSENT, "WRONG234", Chat("web", "b")) for _ in range(attempts)]
    assert wrong == absent


class _Logless:
    """Records in which no whole log can be read."""

    def __init__(self, records: Records) -> None:
        self._records = records

    def __getattr__(self, name: str) -> Any:
        assert name not in ("dossier", "dossier_of"), "a long log takes longer than one that is not there"
        return getattr(self._records, name)


def test_a_wrong_password_opens_no_log(scene: Scene) -> None:
    """So that how long the answer takes does not tell whether there is such a case."""
    done = scene.book()
    for number in (done.facts["number"], done.facts["cases"][0]["number"], ABSENT):
        wrong = scene.read(
            lambda desk, number=number: status.look(  # type: ignore[misc]
                replace(desk, records=_Logless(desk.records)), STRANGER, number, "WRONG234"
            )
        )
        assert isinstance(wrong, Done) and wrong.facts["refusal"].why is Why.NO_MATCH


def test_waits_grow_and_are_ones_own(scene: Scene) -> None:
    done = scene.book()
    case, password = done.facts["cases"][0]["number"], done.facts["password"]
    assert [refusal_of(look(scene, case, "WRONG234")).why for _ in range(4)] == [Why.NO_MATCH] * 4
    waits = refusal_of(look(scene, case, password))
    assert waits.why is Why.WAIT and waits.moment == scene.now + dt.timedelta(seconds=30)
    assert isinstance(look(scene, case, password, Chat("web", "owner")), Done), "somebody else is not kept waiting"
    scene.now += dt.timedelta(seconds=31)
    assert isinstance(look(scene, case, password), Done)


def test_what_failed_while_waiting_does_not_count(scene: Scene) -> None:
    case = scene.book().facts["cases"][0]["number"]
    for _ in range(4):
        look(scene, case, "WRONG234")
    until = {refusal_of(look(scene, case, "WRONG234")).moment for _ in range(10)}
    assert until == {scene.now + dt.timedelta(seconds=30)}


def test_numbers_are_found_in_a_message(scene: Scene) -> None:
    number = scene.book().facts["number"]
    wide = number.lower().translate({ord(digit): chr(ord(digit) + 0xFEE0) for digit in "0123456789"})
    spaced = f"{number[:8]} {number[8:14]}-{number[14:]}"
    for text in (number, f"我的号是{number}办到哪了", spaced, wide, f"{number} {number}"):
        assert scene.read(lambda desk, text=text: status.numbers_in(desk, text)) == (number,)  # type: ignore[misc]


def test_following_is_once_and_ends(scene: Scene) -> None:
    case = scene.book().facts["cases"][0]["number"]
    changed = [
        scene.do(lambda desk, on=on: status.follow(desk, STRANGER, case, on)).facts["changed"]  # type: ignore[misc]
        for on in (True, True, False, False, True)
    ]
    assert changed == [True, False, True, False, True]
    assert len(scene.do(lambda desk: status.stop(desk, STRANGER)).facts["numbers"]) == 1
    assert scene.do(lambda desk: status.stop(desk, STRANGER)).facts["numbers"] == []


def test_own_cases_need_no_password(scene: Scene) -> None:
    scene.book()
    assert len(scene.read(lambda desk: desk.records.own(INVESTOR, 5))) == 1
    assert scene.read(lambda desk: desk.records.own(STRANGER, 5)) == ()


def refusal_of(found: Refusal | Done) -> Refusal:
    assert isinstance(found, Refusal)
    return found


def test_so_many_may_follow_and_all_of_them_are_told(scene: Scene) -> None:
    number, (case,) = scene.handled()
    chats = [Chat("terminal", f"follower{n}") for n in range(20)]
    for chat in chats:
        scene.do(lambda desk, chat=chat: status.follow(desk, chat, number))  # type: ignore[misc]
    assert scene.refused(lambda desk: status.follow(desk, Chat("terminal", "late"), number)) is Why.TOO_MANY
    scene.told()
    scene.move_own(case, Move.WITHDRAW)
    assert {chat.id for chat in chats} <= {chat for chat, _ in scene.told()}
