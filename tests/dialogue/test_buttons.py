"""A button's data can be anything by the time it is pressed; nothing is given away, and nothing breaks."""

from __future__ import annotations

import pytest

from bot.assistant import Assistant
from bot.casework.terms import Role
from bot.desk.office import Office
from bot.dialogue.table import BUTTONS
from bot.events import Chat, Commanded, Incoming, Outcome, Pressed, Said, SentFile
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue
from tests.desk.scene import HOTEL, INVESTOR, TOBACCO, Scene

CHAT = Chat("terminal", "somebody")
CASE, ENGAGEMENT = "37132120261123000994", "DB37132120261123000994"  # numbers as they might be
HIDDEN = [
    *(f"{verb}:{number}" for verb in ("q", "w", "y", "v", "u", "j", "b", "g") for number in (CASE, ENGAGEMENT, "x")),
    *(f"{verb}:" for verb in ("y", "v", "u", "j", "b", "g")),
    f"w:{ENGAGEMENT}:papers",
    f"v:{CASE}:off",
    f"u:{CASE}:3",
    f"ca:withdraw:{CASE}:yes",
    f"ca:cancel:{ENGAGEMENT}:yes",
    "ca",
    f"b:{ENGAGEMENT}:at:202611300900",
    f"b:{ENGAGEMENT}:ok:x",
]


@pytest.mark.parametrize("data", HIDDEN)
def test_what_somebody_may_not_see_is_refused_like_what_does_not_exist(assistant: Assistant, data: str) -> None:
    [reply] = assistant.respond(Incoming(CHAT, "1", Pressed(data)))
    assert reply.outcome is Outcome.REFUSED
    assert "没有这个编号，或者密码不对" in reply.text


@pytest.mark.parametrize("data", ["f", "f:1:ok", "f:0:v:x", "a:no_such:go", "f:1:edit:name", "f:1:back"])
def test_a_button_of_a_form_that_is_gone_is_stale(assistant: Assistant, data: str) -> None:
    [reply] = assistant.respond(Incoming(CHAT, "1", Pressed(data)))
    assert reply.outcome is Outcome.STALE


@pytest.mark.parametrize("data", ["f:1:v:nonsense", "f:1:edit:name", "f:9:quit", "f:1:skip", "f:1:ok"])
def test_a_wrong_button_leaves_the_form_as_it_is(assistant: Assistant, data: str) -> None:
    [asked] = assistant.respond(Incoming(CHAT, "1", Pressed("a::go")))
    assistant.respond(Incoming(CHAT, "2", Pressed(data)))
    *_, after = assistant.respond(Incoming(CHAT, "3", Commanded("help")))
    assert (after.outcome, after.text) == (Outcome.FORM, asked.text)


def test_a_file_is_awaited_only_where_something_is_to_be_handed_in(assistant: Assistant) -> None:
    assert not assistant.awaits_file(CHAT)
    [reply] = assistant.respond(Incoming(CHAT, "1", SentFile("document", "a.pdf", 10)))
    assert reply.outcome is Outcome.UNEXPECTED
    assert "没有保存" in reply.text


ODD = ("", "0", "-1", f"-:-:{'9' * 5000}", "\ud800", "../../etc/passwd", "<b>", "yes", "at:0")
PEOPLE = ("stranger", "investor", "agent", "clerk", "coordinator", "manager", "supervisor")


@pytest.fixture
def hall(catalogue: Catalogue, store: Store, renderer: Renderer) -> Scene:
    scene = Scene(catalogue, store, renderer)
    for role in (Role.AGENT, Role.CLERK, Role.COORDINATOR, Role.MANAGER, Role.SUPERVISOR):
        scene.member(role.value, role)
    return scene


@pytest.mark.parametrize("person", PEOPLE)
def test_whatever_is_pressed_by_whomever_there_is_an_answer_and_nothing_is_written(hall: Scene, person: str) -> None:
    """Every button with data that nobody was given, on a dossier that is not there and on one that is."""
    number, (case,) = hall.handled()
    before = hall.dossier(number).length
    chat = Chat("terminal", person)
    for verb in sorted(BUTTONS):
        for about in (number, case, "hall"):
            for at, odd in enumerate(ODD):
                event = Pressed(f"{verb}:{about}:{odd}")
                assert hall.assistant.respond(Incoming(chat, f"{verb}{about}{at}", event))
    assert hall.dossier(number).length == before


def test_no_file_is_awaited_that_the_dossier_has_no_room_for(
    catalogue: Catalogue, store: Store, renderer: Renderer
) -> None:
    scene = Scene(catalogue, store, renderer, Office(files_at_most=1))
    number = scene.book().facts["number"]
    answers = [scene.assistant.respond(Incoming(INVESTOR, "1", Pressed(f"j:{number}")))]
    assert scene.assistant.awaits_file(INVESTOR)
    kept = {"id": "f" * 20, "media_type": "image/png", "size": 9, "sha256": "0" * 64}
    answers.append(scene.assistant.respond(Incoming(INVESTOR, "2", SentFile("photo", kept=kept))))
    assert not scene.assistant.awaits_file(INVESTOR)
    answers.append(scene.assistant.respond(Incoming(INVESTOR, "3", SentFile("photo"))))
    assert [said.outcome for (said,) in answers] == [Outcome.TALKING, Outcome.SENT_ON, Outcome.REFUSED]
    assert "已经到上限（1）" in answers[-1][0].text


def test_no_two_buttons_of_a_dossier_of_several_cases_look_the_same(hall: Scene) -> None:
    number, cases = hall.handled(TOBACCO, HOTEL)
    for case in cases:
        hall.accepted(case)
    [shown] = hall.assistant.respond(Incoming(Chat("terminal", "agent"), "1", Said(number)))
    labels = [button.label for row in shown.buttons for button in row]
    assert shown.outcome is Outcome.DESK_DOSSIER
    assert len(labels) == len(set(labels)) > len(cases)
