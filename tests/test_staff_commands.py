"""`bot.py staff …`: inviting, listing and taking leave."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.casework.terms import Role
from bot.desk.staff import join
from bot.events import Chat
from handlers.staff_commands import StaffCommands, _roles


class Console:
    """The commands with what they printed."""

    def __init__(self, assistant: Assistant, bot_name: str = "linyi_bot") -> None:
        self.out, self.err = io.StringIO(), io.StringIO()
        self.commands = StaffCommands(assistant, bot_name, self.out, self.err)

    def lines(self) -> list[str]:
        found = self.out.getvalue().splitlines()
        self.out.seek(0)
        self.out.truncate()
        return found


def test_an_invitation_is_a_code_and_a_link_and_makes_a_member(assistant: Assistant, tmp_path: Path) -> None:
    console = Console(assistant)
    code_file = tmp_path / "join.svg"
    assert console.commands.invite((Role.AGENT,), "371321", ("公司",), code_file) == 0
    command, link, until = console.lines()
    code = command.removeprefix("/join ")
    assert link == f"https://t.me/linyi_bot?start=join_{code}"
    assert until.endswith("2026-11-30 09:30")
    assert link in code_file.read_text(encoding="utf-8")
    assistant.perform(lambda desk: join(desk, Chat("terminal", "wang"), code, "王小明"))
    assert console.commands.list("371321", as_json=True) == 0
    (record,) = map(json.loads, console.lines())
    assert (record["name"], record["roles"], record["expertise"]) == ("王小明", ["agent"], ["公司"])
    assert console.commands.list("371302", as_json=True) == 0 and console.lines() == []
    assert console.commands.revoke(record["id"]) == 0
    assert console.commands.revoke(record["id"]) == 1, "nobody leaves twice"
    console.lines()
    assert console.commands.list("", as_json=False) == 0 and console.lines() == []


def test_what_cannot_be_done_says_why(assistant: Assistant, tmp_path: Path) -> None:
    console = Console(assistant, bot_name="")
    assert console.commands.invite((Role.AGENT,), "999999") == 1
    assert "999999" in console.err.getvalue()
    assert console.commands.invite((Role.AGENT,), "371321", qr=tmp_path / "join.png") == 1
    assert "BANGBAN_BOT_NAME" in console.err.getvalue()
    assert console.lines() == [] and not list(tmp_path.glob("*.png")), "no invitation is made that cannot be handed on"
    with pytest.raises(Exception, match="applicant"):
        _roles("agent,applicant")
