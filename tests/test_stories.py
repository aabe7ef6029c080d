"""The stories: investors, agents and windows over days, through the terminal, on one database."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.casework.terms import CHINA
from bot.desk.change import Done
from bot.events import Chat, Pressed, Reply, SentFile
from bot.outbox import Outbox
from bot.printing import Outside
from bot.render import Renderer
from bot.store import Store
from handlers.telegram.message import calls
from handlers.telegram.translate import Origin
from handlers.terminal import Terminal
from knowledge.catalogue import Catalogue
from tests.conftest import NOW, ROOT, chance, on_each_database
from tests.deskwork import desk_job
from tests.stage import OFFICE, invitation, staff_does
from tests.stories import CLOCK, DESK, INVITE, LOST, STAFF_DOES, Beat, Story, faults, filled, read_stories, take

ALL = [
    pytest.param(story, id=f"{path.stem}: {story.title}")
    for path in sorted((ROOT / "tests" / "stories").glob("*.md"))
    for story in read_stories(path)
]
_OLD = re.compile(r"(?:旧|old )\[(.+)\]")


class Stage:
    """Everybody in a story, and the clock."""

    def __init__(self, catalogue: Catalogue, store: Store, renderer: Renderer, folder: Path) -> None:
        self.now = NOW
        self.known: dict[str, str] = {}
        self._folder, self._numbers = folder, itertools.count()
        self._people: dict[str, Terminal] = {}
        self._shown: dict[tuple[str, str], str] = {}  # every button anybody was ever shown, by its label
        self._lost: set[str] = set()
        clock = lambda: self.now  # noqa: E731
        self._outbox = Outbox(store, "terminal", clock)
        self.assistant = Assistant(
            lambda: catalogue, store, renderer, clock, chance(), OFFICE, Outside(files=str.encode)
        )

    def play(self, beat: Beat) -> list[tuple[str, Reply]]:
        """Do what a beat says; what everybody gets."""
        said = filled(beat.said, self.known)
        if beat.who in CLOCK:
            self.now = dt.datetime.fromisoformat(said).replace(tzinfo=CHINA)
            self.assistant.tick()
            return self._told([])
        if beat.who in INVITE:
            self._invite(*beat.said.split())
            return []
        if beat.who in LOST:
            self._lost.add(said)
            return []
        if beat.who in DESK:
            self._do(*said.split())
            return self._told([])
        if beat.who in STAFF_DOES:
            staff_does(self.assistant, said)
            return self._told([])
        return self._told([(beat.who, reply) for reply in self._answers(beat.who, said)])

    def _answers(self, name: str, said: str) -> tuple[Reply, ...]:
        person = self._person(name)
        self._lost.discard(name)
        if said.startswith("@"):
            return person.respond(_file(said[1:], next(self._numbers)))
        if old := _OLD.fullmatch(said):
            return person.respond(Pressed(self._shown[name, old[1]]))
        return person.answer(said)

    def _told(self, heard: list[tuple[str, Reply]]) -> list[tuple[str, Reply]]:
        """What was heard, and the letters that came for anybody."""
        told = heard + self._letters()
        for name, reply in told:
            for row in reply.buttons:
                self._shown |= {(name, button.label): button.data for button in row}
        return told

    def _person(self, name: str) -> Terminal:
        if name not in self._people:
            chat = Chat("terminal", name)
            self._people[name] = Terminal(self.assistant, chat, lambda: str(next(self._numbers)), lambda: self._folder)
        return self._people[name]

    def _letters(self) -> list[tuple[str, Reply]]:
        self._give_up_what_is_lost()
        return [
            (name, reply)
            for name, person in self._people.items()
            if name not in self._lost
            for reply in person.letters()
        ]

    def _give_up_what_is_lost(self) -> None:
        """As an edge does that reaches nobody; it may be told to somebody who is lost as well."""
        there = [Chat("terminal", name) for name in self._people if name not in self._lost]
        while self._lost and (letters := self._outbox.due(self.now, len(self._lost), there)):
            for letter in letters:
                self.assistant.unreached(letter, "Forbidden")

    def _do(self, who: str, verb: str, *words: str) -> None:
        """Something done at the desk; what it gives is known by the «names» at the end of the line."""
        self._person(who)
        names = [word.strip("«»") for word in words if word.startswith("«")]
        done = self.assistant.perform(desk_job(Chat("terminal", who), verb, words[: len(words) - len(names)]))
        assert isinstance(done, Done), done
        self.known.update(zip(names, done.facts.get("given", ()), strict=False))

    def _invite(self, roles: str, hall: str, name: str) -> None:
        self.known[name.strip("«»")] = invitation(self.assistant, roles, hall)


def _file(name: str, number: int) -> SentFile:
    """A file as an edge hands it on; a programme is refused by the vault."""
    kept = {"id": f"file{number:0>20}", "media_type": "image/jpeg", "size": 2048, "sha256": "0" * 64}
    return SentFile("document", name, 2048, None, {"refused": "type"} if name.endswith(".exe") else kept)


@on_each_database
@pytest.mark.parametrize("story", ALL)
def test_story(story: Story, catalogue: Catalogue, store: Store, renderer: Renderer, tmp_path: Path) -> None:
    stage = Stage(catalogue, store, renderer, tmp_path)
    for beat in story.beats:
        heard = stage.play(beat)
        told = "\n\n".join(f"→ {who} ({reply.outcome.value})\n{_shown(reply)}" for who, reply in heard)
        for _, reply in heard:
            calls(reply, Origin())  # what Telegram cannot carry, a button of more than 64 bytes, is an error
        where = f"line {beat.line}, {beat.who}: {beat.said}\n\n{told}\n\n"
        for who in {name for name, _ in heard} | {name for name, _ in beat.heard}:
            wanted = [expected for name, expected in beat.heard if name == who]
            given = [reply for name, reply in heard if name == who]
            assert len(wanted) == len(given), f"{where}{who} gets {[one.outcome.value for one in given]}"
            for expected, reply in zip(wanted, given, strict=True):
                labels = [button.label for row in reply.buttons for button in row]
                missing = take(expected, reply.text, stage.known)
                wrong = missing + faults(expected, reply.outcome.value, reply.text, labels, stage.known)
                assert not wrong, where + "; ".join(wrong)


def _shown(reply: Reply) -> str:
    buttons = " ".join(f"[{button.label}]" for row in reply.buttons for button in row)
    return f"{reply.text}\n{buttons}"
