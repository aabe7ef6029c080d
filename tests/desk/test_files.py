"""The files of a dossier: who may open one, and that it comes as it was sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.casework.standing import Move
from bot.casework.terms import Role
from bot.desk import messages, staff
from bot.desk.change import Done
from bot.desk.dossier import Filed
from bot.events import Chat, Incoming, Outcome, Pressed, Reply
from bot.printing import Outside
from bot.render import Renderer
from bot.store import Store
from bot.vault import Kept, Vault
from knowledge.catalogue import Catalogue
from tests.conftest import SEAL, chance
from tests.desk.scene import INVESTOR, OTHER_HALL, STRANGER, Scene

PICTURE = b"\x89PNG\r\n\x1a\n" + b"picture"


class Reading:
    """A hall with its people, and a vault with one file that the applicant sent."""

    def __init__(self, scene: Scene, vault: Vault, assistant: Assistant) -> None:
        self.scene, self.assistant, self._vault, self._presses = scene, assistant, vault, 0
        self.number, (self.case,) = scene.handled()
        self.material = scene.required(self.case)[0]

    def sent(self, material: str = "") -> str:
        """A file of the applicant's for a material, or for the talk; its id."""
        kept = self._vault.keep(PICTURE, chance_token(self._presses))
        assert isinstance(kept, Kept)
        file = Filed(kept.id, kept.media_type, kept.size, kept.sha256)
        if material:
            self.scene.do(lambda d: messages.attach(d, INVESTOR, self.case, material, file))
        else:
            self.scene.do(lambda d: messages.send_file(d, INVESTOR, None, self.number, file))
        return kept.id

    def press(self, chat: Chat, data: str) -> Reply:
        self._presses += 1
        (reply,) = self.assistant.respond(Incoming(chat, str(self._presses), Pressed(data), "zh"))
        return reply


def chance_token(number: int) -> str:
    return f"file-{number:0>20}"


@pytest.fixture
def reading(scene: Scene, catalogue: Catalogue, renderer: Renderer, tmp_path: Path) -> Reading:
    vault = Vault(tmp_path / "files", SEAL, 1000)
    store: Store = scene.store
    knowledge = lambda: catalogue  # noqa: E731
    outside = Outside(files=vault.read)
    assistant = Assistant(knowledge, store, renderer, lambda: scene.now, chance(), outside=outside)
    return Reading(scene, vault, assistant)


def test_a_button_a_file_and_it_comes_as_it_was_sent(reading: Reading) -> None:
    reading.sent(reading.material)
    agent = Chat("terminal", "agent")
    for page in (f"e:{reading.number}", f"k:{reading.case}"):
        shown = reading.press(agent, page)
        assert f"1. {reading.material}" in shown.text
        [button] = [one for row in shown.buttons for one in row if one.data.startswith("fi:")]
        assert button.label == f"📎 1 {reading.material}"[: len(button.label)]
        opened = reading.press(agent, button.data)
        assert opened.outcome is Outcome.FILE
        [file] = opened.files
        assert (file.content, file.media_type) == (PICTURE, "image/png")
        assert file.name.startswith(reading.material) and file.name.endswith(".png")


def test_who_may_open_a_file_is_asked_when_the_button_is_pressed(reading: Reading) -> None:
    reading.sent(reading.material)
    scene, data = reading.scene, f"fi:{reading.number}:0"
    scene.member("elsewhere", Role.AGENT, Role.COORDINATOR, hall=OTHER_HALL)
    scene.member("second", Role.AGENT)
    scene.member("cashier", Role.CASHIER)
    for name in ("elsewhere", "second", "cashier", "clerk"):  # the window sees what was handed in, and this is a draft
        answer = reading.press(Chat("terminal", name), data)
        assert (answer.outcome, answer.files) == (Outcome.NOT_STAFF, ()), name
    assert reading.press(STRANGER, data).outcome is Outcome.STALE
    assert reading.press(INVESTOR, data).files
    assert reading.press(Chat("terminal", "agent"), data).files
    scene.move("agent", reading.case, Move.SUBMIT, materials=())
    assert reading.press(Chat("terminal", "clerk"), data).files
    agent = scene.who("agent")
    scene.do(lambda desk: staff.revoke(desk, agent.id))
    assert reading.press(Chat("terminal", "agent"), data).files == ()


def test_a_link_to_a_file_opens_for_the_same_people(reading: Reading) -> None:
    name = reading.sent()
    scene = reading.scene
    scene.member("elsewhere", Role.AGENT, hall=OTHER_HALL)
    for chat, opens in (
        (INVESTOR, True),
        (Chat("terminal", "agent"), True),
        (Chat("terminal", "elsewhere"), False),
        (STRANGER, False),
    ):
        file = reading.assistant.sent(chat, reading.number, name, "zh")
        assert (file is not None and file.content == PICTURE) is opens, chat
        paper = next(iter(scene.dossier(reading.number).papers))
        assert (reading.assistant.issued(chat, paper, "zh") is not None) is opens, chat
    assert reading.assistant.sent(INVESTOR, reading.number, "another-file-000000000", "zh") is None
    assert reading.assistant.sent(INVESTOR, "DB000", name, "zh") is None


def test_a_file_in_a_talk_arrives_as_a_file(reading: Reading) -> None:
    reading.assistant.letters(Chat("terminal", "agent"))
    reading.sent()
    (letter,) = reading.assistant.letters(Chat("terminal", "agent"))
    assert letter.outcome is Outcome.MESSAGE
    assert [file.content for file in letter.files] == [PICTURE]
    assert "发来一个文件（图片，1 KB）" in letter.text
    [button] = [one for row in letter.buttons for one in row if one.label == "看原图"]
    assert [file.content for file in reading.press(Chat("terminal", "agent"), button.data).files] == [PICTURE]


def test_a_file_that_cannot_be_read_is_said_to_be_so(reading: Reading, tmp_path: Path) -> None:
    name = reading.sent(reading.material)
    (tmp_path / "files" / name).write_bytes(b"damaged")
    opened = reading.press(Chat("terminal", "agent"), f"fi:{reading.number}:0")
    assert "现在打不开" in opened.text
    assert (opened.files, opened.papers) == ((), ())
    (tmp_path / "files" / name).unlink()
    assert "现在打不开" in reading.press(Chat("terminal", "agent"), f"fi:{reading.number}:0").text


@pytest.mark.parametrize("place", ["1", "-1", "x", "", "²"])
def test_a_file_that_is_not_there_is_an_old_button(reading: Reading, place: str) -> None:
    reading.sent(reading.material)
    assert reading.press(Chat("terminal", "agent"), f"fi:{reading.number}:{place}").outcome is Outcome.STALE


def test_only_the_newest_files_have_buttons(reading: Reading) -> None:
    for number in range(12):
        file = Filed(f"file{number:0>20}", "image/png", 10, "0" * 64)
        done = reading.scene.attempt(lambda d, f=file: messages.send_file(d, INVESTOR, None, reading.number, f))
        assert isinstance(done, Done)
    shown = reading.press(Chat("terminal", "agent"), f"e:{reading.number}")
    labels = [one.label for row in shown.buttons for one in row if one.data.startswith("fi:")]
    assert labels == [f"📎 {number}" for number in range(3, 13)]
