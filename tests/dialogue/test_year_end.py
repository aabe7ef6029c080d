"""At the end of a year whose successor's holidays are not announced, every reckoned day is marked as provisional."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.casework.standing import Move
from bot.casework.terms import CHINA, Role
from bot.events import Chat, Commanded, Event, Incoming, Language, Pressed
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.desk.scene import INVESTOR, Scene

MARK = {"zh": "日期暂定", "en": "provisional"}


@pytest.fixture
def scene(catalogue: Catalogue, store: Store, renderer: Renderer) -> Scene:
    scene = Scene(catalogue, store, renderer)
    scene.now = dt.datetime(2026, 12, 29, 9, 30, tzinfo=CHINA)
    for role in (Role.AGENT, Role.CLERK, Role.COORDINATOR):
        scene.member(role.value, role)
    return scene


def shown(scene: Scene, chat: Chat, event: Event, language: Language) -> str:
    incoming = Incoming(chat, f"{event}{language}", event, language)
    return "\n".join(reply.text for reply in scene.assistant.respond(incoming))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reckoned_day_of_next_year_is_marked(scene: Scene, language: Language) -> None:
    number, (case,) = scene.handled()
    agent = Chat("terminal", "agent")
    for chat in (INVESTOR, agent):
        shown(scene, chat, Commanded("lang", language), language)
    scene.received(case)
    asked: tuple[tuple[Chat, Event], ...] = ((INVESTOR, Pressed(f"q:{case}")), (agent, Pressed(f"k:{case}")))
    for chat, event in asked:  # until when the window answers
        assert MARK[language] in shown(scene, chat, event, language), event
    scene.move("clerk", case, Move.ACCEPT, materials=())
    scene.now += dt.timedelta(minutes=1)
    asked = ((INVESTOR, Commanded("status")), (INVESTOR, Pressed(f"w:{number}")), (agent, Pressed(f"e:{number}")))
    for chat, event in asked:  # until when it is done
        assert MARK[language] in shown(scene, chat, event, language), event
    scene.move("clerk", case, Move.APPROVE, materials=())
    scene.now += dt.timedelta(minutes=1)
    again = Incoming(INVESTOR, f"again {language}", Pressed(f"q:{case}"), language)
    assert MARK[language] in "\n".join(reply.text for reply in scene.assistant.respond(again))
