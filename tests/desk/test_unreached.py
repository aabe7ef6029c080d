"""Nobody is reached in a chat any more: who learns it, of what, and how often."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from bot.casework.engagement import Act
from bot.casework.standing import Move
from bot.casework.terms import Role
from bot.desk import afterwards, dossier_pages, messages, staff, status, views
from bot.desk.change import Done
from bot.desk.dossier import Dossier, Told
from bot.desk.unreached import given_up
from bot.events import Chat, Commanded, Incoming, Outcome, Say
from bot.outbox import Outbox
from tests.desk.scene import APPLICANT, CITY, HOTEL, INVESTOR, STRANGER, TOBACCO, Scene, known

NOTHING: list[tuple[str, str]] = []
DAY = dt.timedelta(days=1)


class Lost:
    """The way to a chat, on which nothing arrives."""

    def __init__(self, scene: Scene, chat: Chat) -> None:
        self._scene, self._chat = scene, chat
        self._outbox = Outbox(scene.store, chat.channel, lambda: scene.now)

    def delivered(self) -> list[Say]:
        """What waits for the chat is given up; what is said because of it."""
        says: list[Say] = []
        while mine := [one for one in self._outbox.due(self._scene.now, 100) if one.chat == self._chat]:
            done = self._scene.do(lambda desk, letter=mine[0]: Done(given_up(desk, letter, "Forbidden")))  # type: ignore[misc]
            says += [letter.say for letter in done.change.letters]
        return says


def lose(scene: Scene, chat: Chat = INVESTOR) -> list[tuple[str, str]]:
    """Everything that waits for a chat is given up; who is told what of it."""
    scene.told()
    Lost(scene, chat).delivered()
    return scene.told()


def comes_back(scene: Scene, chat: Chat = INVESTOR) -> None:
    """Somebody writes a day later."""
    scene.now += DAY
    scene.assistant.respond(Incoming(chat, scene.now.isoformat(), Commanded("help")))


def notices_of(dossier: Dossier) -> list[str]:
    told = [entry.body.notice for entry in dossier.entries if isinstance(entry.body, Told)]
    return [notice for notice in told if notice.startswith("unreached:")]


def note(scene: Scene, number: str, text: str = "请带原件来") -> None:
    """The agent writes to the applicant."""
    scene.do(lambda desk: messages.write(desk, known(desk, "agent"), number, text))


def is_lost(scene: Scene, number: str) -> bool:
    dossier = scene.dossier(number)
    return scene.read(lambda desk: views.unreached(desk, dossier)) is not None


def test_whoever_has_it_is_told_once(scene: Scene) -> None:
    number, _ = scene.handled()
    assert lose(scene) == [("agent", "unreached")], "of all the letters that waited"
    scene.now += DAY
    note(scene, number)
    assert lose(scene) == NOTHING
    assert len(notices_of(scene.dossier(number))) == 1


def test_it_is_said_again_to_one_who_came_back_and_is_lost_again(scene: Scene) -> None:
    number, _ = scene.handled()
    lose(scene)
    assert is_lost(scene, number)
    comes_back(scene)
    assert not is_lost(scene, number)
    note(scene, number)
    assert lose(scene) == [("agent", "unreached")]
    assert len(set(notices_of(scene.dossier(number)))) == 2 and is_lost(scene, number)


def test_every_open_dossier_of_the_chat_learns_it_and_no_closed_one(scene: Scene) -> None:
    closed = scene.book().facts["number"]
    scene.act("agent", closed, Act.TAKE)
    first, _ = scene.handled()
    second, _ = scene.handled(HOTEL)
    scene.act("agent", closed, Act.TERMINATE, reason="申请人不办了")
    assert lose(scene) == [("agent", "unreached")] * 2
    assert [len(notices_of(scene.dossier(number))) for number in (closed, first, second)] == [0, 1, 1]


def test_another_applicants_dossier_learns_nothing(scene: Scene) -> None:
    other = scene.book(chat=STRANGER).facts["number"]
    scene.handled()
    lose(scene)
    assert notices_of(scene.dossier(other)) == [] and not is_lost(scene, other)


def test_where_nobody_has_it_the_coordinator_is_told(scene: Scene) -> None:
    number = scene.book().facts["number"]
    scene.do(lambda desk: messages.write(desk, known(desk, "coordinator"), number, "您好"))
    assert lose(scene) == [("coordinator", "unreached")]


@pytest.mark.parametrize(("deputy", "told"), [("second", "second"), ("", "coordinator")])
def test_where_the_agent_is_away_it_is_who_stands_in(scene: Scene, deputy: str, told: str) -> None:
    scene.handled()
    scene.member("second", Role.AGENT)
    heir = scene.who(deputy).id if deputy else ""
    away = scene.now.date()
    scene.do(lambda desk: staff.be_away(desk, known(desk, "agent"), away, away + DAY, heir))
    assert lose(scene) == [(told, "unreached")]


def test_a_follower_who_is_lost_concerns_nobody(scene: Scene) -> None:
    number, (case,) = scene.handled()
    scene.do(lambda desk: status.follow(desk, STRANGER, number, True))
    scene.move("agent", case, Move.SUBMIT, materials=())
    assert lose(scene, STRANGER) == NOTHING
    assert not is_lost(scene, number)


def test_an_applicant_on_the_staff_is_not_told_of_themselves(scene: Scene) -> None:
    """The coordinator's own booking: it is for the other coordinators to assign, and theirs to know."""
    own = Chat("terminal", "coordinator")
    number = scene.book(chat=own).facts["number"]
    scene.member("other", Role.COORDINATOR)
    scene.do(lambda desk: messages.write(desk, known(desk, "other"), number, "您好"))
    assert sorted(lose(scene, own)) == [("other", "unreached")] * 2, "of the dossier, and of the colleague"


# --- what they are told ---


def undelivered(scene: Scene) -> dict[str, dict[str, str]]:
    """By dossier, what is said not to have arrived."""
    return {say.facts["number"]: say.facts["lost"] for say in Lost(scene, INVESTOR).delivered()}


def test_what_did_not_arrive_is_named(scene: Scene) -> None:
    number, (case,) = scene.handled()
    lose(scene)
    comes_back(scene)
    scene.accepted(case)
    assert undelivered(scene) == {number: {"outcome": "news", "case": case, "move": "submit", "act": ""}}


def test_what_concerns_another_dossier_is_not_for_this_ones_agent(scene: Scene) -> None:
    first, _ = scene.handled()
    second, _ = scene.handled(HOTEL)
    lose(scene)
    comes_back(scene)
    note(scene, first)
    found = undelivered(scene)
    assert found[first]["outcome"] == "message" and found[second]["outcome"] == ""


def test_an_agent_does_not_learn_of_a_complaint(scene: Scene) -> None:
    number, (case,) = scene.handled()
    lose(scene)
    comes_back(scene)
    done = scene.do(lambda desk: afterwards.complain_about(desk, INVESTOR, case, "态度不好", "371321"))
    complaint = done.facts["complaint"]["number"]
    scene.do(lambda desk: afterwards.answer_complaint(desk, known(desk, "supervisor"), complaint, "已处理"))
    assert undelivered(scene)[number]["outcome"] == ""


def test_nothing_personal_goes_along(scene: Scene) -> None:
    number, _ = scene.handled()
    lose(scene)
    comes_back(scene)
    note(scene, number, "您的体检报告有问题")
    [say] = Lost(scene, INVESTOR).delivered()
    assert say.outcome is Outcome.UNREACHED
    written = json.dumps(say.facts, ensure_ascii=False)
    for personal in (APPLICANT.name, APPLICANT.telephone, APPLICANT.identity.number, "体检"):
        assert personal not in written


# --- a colleague ---


def test_a_colleague_who_is_lost_is_the_coordinators_to_reach(scene: Scene) -> None:
    number, _ = scene.handled()
    agent = Chat("terminal", "agent")
    scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "在吗"))
    assert lose(scene, agent) == [("coordinator", "unreached")]
    scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "在吗"))
    assert lose(scene, agent) == NOTHING
    comes_back(scene, agent)
    scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "在吗"))
    assert lose(scene, agent) == [("coordinator", "unreached")]


def test_of_the_only_coordinator_the_city_is_told(scene: Scene) -> None:
    scene.member("city", Role.COORDINATOR, hall=CITY)
    number = scene.book().facts["number"]
    scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "在吗"))
    assert lose(scene, Chat("terminal", "coordinator")) == [("city", "unreached")]


def test_two_who_are_both_lost_are_not_told_of_each_other_for_ever(scene: Scene) -> None:
    scene.member("second", Role.COORDINATOR)
    number = scene.book().facts["number"]
    scene.do(lambda desk: messages.write_own(desk, INVESTOR, number, "在吗"))
    one, other = Chat("terminal", "coordinator"), Chat("terminal", "second")
    assert lose(scene, one) == [("second", "unreached")]
    assert lose(scene, other) == [("coordinator", "unreached")]
    assert lose(scene, one) == NOTHING


def test_what_is_written_to_one_who_is_lost_is_said_not_to_arrive(scene: Scene) -> None:
    number, _ = scene.handled()
    lose(scene)
    done = scene.do(lambda desk: messages.write(desk, known(desk, "agent"), number, "在吗"))
    assert done.facts["reached"] is False


# --- what the console shows ---


def test_pages_show_it_to_those_who_know_the_applicant(scene: Scene) -> None:
    number, (case,) = scene.handled()
    offered = scene.book(TOBACCO).facts["number"]
    lose(scene)
    agent = scene.who("agent")
    dossier = scene.read(lambda desk: dossier_pages.dossier_page(desk, agent, number))
    shown = scene.read(lambda desk: dossier_pages.case_page(desk, agent, case))
    merely_offered = scene.read(lambda desk: dossier_pages.dossier_page(desk, agent, offered))
    assert dossier and shown and merely_offered
    assert dossier["unreached"] and shown["unreached"] and not merely_offered["unreached"]
