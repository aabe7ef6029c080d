"""The terminal: lines in, replies out, for people and for scripts.

A line is free text, or `/command argument`, or `#3` (also just `3`) or `[label]` for a button shown last,
`@PATH` for a file, `:contact NUMBER`, `:location LAT,LON`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from bot.assistant import Assistant
from bot.events import (
    Button,
    Chat,
    Commanded,
    Event,
    Incoming,
    Language,
    Pressed,
    Reply,
    Said,
    SentContact,
    SentFile,
    SentPlace,
)

MOST_BYTES = 32 * 1024 * 1024  # read of a file; the vault takes less
_NUMBER = re.compile(r"#?(\d{1,3})")
_PLACE = re.compile(r":location\s+(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)")


class Terminal:
    """One person talking in a terminal."""

    def __init__(
        self,
        assistant: Assistant,
        chat: Chat,
        new_id: Callable[[], str],
        files: Callable[[], Path],
        language: Language | None = None,
        keep: Callable[[bytes], Mapping[str, Any]] | None = None,
    ) -> None:
        """`new_id` makes update ids; `files` gives the folder that papers are written to; `keep` takes a file's bytes
        and gives the vault's receipt."""
        self._assistant, self._chat, self._new_id = assistant, chat, new_id
        self._files, self._language, self._keep = files, language, keep
        self._buttons: list[Button] = []

    def answer(self, line: str) -> tuple[Reply, ...]:
        """What is answered to one line."""
        return self.respond(self._kept(to_event(line, self._buttons)))

    def respond(self, event: Event) -> tuple[Reply, ...]:
        """What is answered to an event that needs no line."""
        incoming = Incoming(self._chat, self._new_id(), event, self._language)
        replies = self._assistant.respond(incoming)
        shown = [button for reply in replies for row in reply.buttons for button in row]
        self._buttons = shown or self._buttons
        return replies

    def _kept(self, event: Event) -> Event:
        """A file that is awaited, with the vault's receipt."""
        if not isinstance(event, SentFile) or not event.path or self._keep is None:
            return event
        if not self._assistant.awaits_file(self._chat):
            return event
        with Path(event.path).open("rb") as file:
            return replace(event, kept=self._keep(file.read(MOST_BYTES)))

    def letters(self) -> tuple[Reply, ...]:
        """What came for this person meanwhile; given once."""
        found: list[Reply] = []
        while more := self._assistant.letters(self._chat):
            found += more
        shown = [button for reply in found for row in reply.buttons for button in row]
        self._buttons = shown or self._buttons
        return tuple(found)

    def tick(self) -> None:
        """Do what time has brought."""
        self._assistant.tick()

    def as_json(self, reply: Reply) -> str:
        """One reply as a line of JSON (the contract of `chat --json` and `ask --json`)."""
        return json.dumps(self.as_record(reply), ensure_ascii=False)

    def as_record(self, reply: Reply) -> dict[str, Any]:
        return {
            "text": reply.text,
            "buttons": [
                {"label": button.label, "data": button.data} | ({"url": button.url} if button.url else {})
                for row in reply.buttons
                for button in row
            ],
            "files": [{"name": name, "path": str(path)} for name, path in self._saved(reply)],
            "outcome": reply.outcome.value,
        }

    def as_text(self, replies: Iterable[Reply]) -> str:
        """Replies as a person reads them, buttons numbered through all of them."""
        parts: list[str] = []
        number = 0
        for reply in replies:
            lines = [reply.text]
            lines += [f"→ {path}" for _, path in self._saved(reply)]
            for row in reply.buttons:
                labels = []
                for button in row:
                    number += 1
                    labels.append(f"[{number}] {button.label}")
                lines.append("  ".join(labels))
            parts.append("\n".join(lines))
        return "\n\n".join(parts)

    def _saved(self, reply: Reply) -> list[tuple[str, Path]]:
        saved = []
        for file in reply.files:
            path = self._files() / re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", file.name)[-120:]
            path.write_bytes(file.content)
            saved.append((file.name, path))
        return saved


def to_event(line: str, buttons: list[Button]) -> Event:
    """What a line means, given the buttons shown last."""
    line = line.strip()
    if pressed := _pressed(line, buttons):
        return Pressed(pressed.data)
    if line.startswith("/") and len(line) > 1:
        name, _, argument = line[1:].partition(" ")
        return Commanded(name.partition("@")[0].casefold(), argument.strip())
    if line.startswith("@") and Path(line[1:]).is_file():
        path = Path(line[1:])
        return SentFile("document", path.name, path.stat().st_size, str(path))
    if line.startswith(":contact"):
        return SentContact(line.removeprefix(":contact").strip(), own=True)
    if place := _PLACE.fullmatch(line):
        return SentPlace(float(place[1]), float(place[2]))
    return Said(line)


def _pressed(line: str, buttons: list[Button]) -> Button | None:
    """The button a line presses. A number no button has is just text."""
    if number := _NUMBER.fullmatch(line):
        at = int(number[1]) - 1
        return buttons[at] if 0 <= at < len(buttons) and buttons[at].data else None
    if line.startswith("[") and line.endswith("]"):
        return next((button for button in buttons if button.label == line[1:-1] and button.data), None)
    return None


def talk(terminal: Terminal, lines: Iterable[str], out: TextIO, as_json: bool, prompt: str = "") -> None:
    """Show what came meanwhile, and answer line after line until they end. `prompt` is for a person at a keyboard."""
    _write(terminal, terminal.letters(), out, as_json)
    out.write(prompt)
    out.flush()
    for line in lines:
        if line.strip():
            terminal.tick()
            replies = terminal.answer(line)
            _write(terminal, (*replies, *terminal.letters()), out, as_json)
        out.write(prompt)
        out.flush()


def _write(terminal: Terminal, replies: tuple[Reply, ...], out: TextIO, as_json: bool) -> None:
    if as_json:
        out.writelines(terminal.as_json(reply) + "\n" for reply in replies)
    elif replies:
        out.write(terminal.as_text(replies) + "\n\n")
