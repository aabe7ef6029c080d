"""The whole program, killed twenty times under load: no update is lost, and none is answered from scratch twice.

A message may arrive twice where the kill falls between sending it and noting that it was sent: the Bot API cannot be
asked, and twice is better than never (docs/decisions/0003-one-commit-then-deliver.md).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.telegram.peers import ROOT, TOKEN, StrictServer, free_port, message, wait_until

pytestmark = pytest.mark.peer
KILLS = 20
CHATS = 40
EACH = 8  # updates a chat
UPDATES = CHATS * EACH
UNDER_WAY = 32  # letters that may be between sending and noting when the kill comes
SECRET = "k" * 32


class Database:
    """The program's database, read from outside."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def rows(self, query: str) -> list[tuple]:
        with contextlib.closing(sqlite3.connect(f"file:{self.file}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()

    def count(self, query: str) -> int:
        """A number; 0 as long as there are no tables."""
        try:
            return int(self.rows(query)[0][0])
        except sqlite3.OperationalError:
            return 0

    def committed(self) -> int:
        return self.count("SELECT count(*) FROM updates")

    def settled(self) -> int:
        return self.count("SELECT count(*) FROM outbox WHERE done_at IS NOT NULL")


class Program:
    """The whole program as a process of its own."""

    def __init__(self, environment: dict[str, str], log: Path) -> None:
        self._log = log
        with log.open("wb") as stream:
            command = [sys.executable, "bot.py"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stream, stderr=stream)

    def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something the running program is to do."""

        def done() -> bool:
            ended = self._process.poll() is not None
            assert not ended, f"the program ended by itself:\n{self._log.read_text()[-2000:]}"
            return condition()

        wait_until(done, 60)

    def end(self, number: signal.Signals) -> int:
        """Send a signal, and the exit status it leads to."""
        self._process.send_signal(number)
        return self._process.wait(timeout=30)


@contextlib.contextmanager
def program(environment: dict[str, str], log: Path) -> Iterator[Program]:
    running = Program(environment, log)
    try:
        yield running
    finally:
        running.end(signal.SIGKILL)


@pytest.fixture
def environment(strict: StrictServer, tmp_path: Path, catalogue_file: Path) -> dict[str, str]:
    """The program's settings: the strict server for Telegram, and a database and a port of its own."""
    return {
        "PATH": os.environ["PATH"],
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "BANGBAN_TELEGRAM_API": strict.base_url,
        "BANGBAN_DATABASE": f"sqlite:///{tmp_path / 'killed.db'}",
        "BANGBAN_CATALOGUE": str(catalogue_file),
        "BANGBAN_PORT": str(free_port()),
    }


def with_webhook(environment: dict[str, str]) -> dict[str, str]:
    url = f"http://127.0.0.1:{environment['BANGBAN_PORT']}/telegram/webhook"
    return environment | {"BANGBAN_WEBHOOK_URL": url, "BANGBAN_WEBHOOK_SECRET": SECRET}


@pytest.mark.parametrize("mode", ["polling", "webhook"])
def test_twenty_kills_under_load(strict: StrictServer, environment: dict[str, str], tmp_path: Path, mode: str) -> None:
    database = Database(tmp_path / "killed.db")
    settings = with_webhook(environment) if mode == "webhook" else environment
    sent = [strict.send(message("/help", by=1000 + number % CHATS)) for number in range(UPDATES)]

    for kill in range(1, KILLS + 1):
        # every kill falls a little later in the load, with updates being committed and letters on their way
        mark = kill * (UPDATES - 20) // KILLS
        with program(settings, tmp_path / "log") as running:
            running.until(lambda mark=mark: database.committed() >= mark)
            running.end(signal.SIGKILL)
    assert database.committed() < UPDATES, "the load outlasted the kills"
    with program(settings, tmp_path / "log") as running:
        running.until(lambda: database.committed() == UPDATES and database.settled() == UPDATES)
        running.until(lambda: strict.pending() == 0)

    assert sorted(int(row[0]) for row in database.rows("SELECT update_id FROM updates")) == sent, "each exactly once"
    letters = Counter(row[0] for row in database.rows("SELECT chat FROM outbox"))
    assert set(letters.values()) == {EACH}, "one answer was decided for every update"
    assert database.count("SELECT count(*) FROM outbox WHERE dead") == 0
    arrived = Counter(str(call["params"]["chat_id"]) for call in strict.journal("sendMessage") if call["status"] == 200)
    assert all(arrived[chat] >= EACH for chat in letters), "and every one arrived"
    assert arrived.total() <= UPDATES + KILLS * UNDER_WAY
    print(f"{mode}: {UPDATES} updates, {KILLS} kills, {arrived.total() - UPDATES} messages sent twice")  # noqa: T201


def test_a_program_told_to_stop_finishes_and_ends(
    strict: StrictServer, environment: dict[str, str], tmp_path: Path
) -> None:
    database = Database(tmp_path / "killed.db")
    with program(environment, tmp_path / "log") as running:
        strict.send(message("/help"))
        running.until(lambda: database.settled() == 1)
        assert running.end(signal.SIGTERM) == 0
