"""`python bot.py staff …`: who works in the hall. Prints and writes a code to scan; the desk decides."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TextIO

from bot.assistant import Assistant
from bot.casework.refusal import Refusal, Why
from bot.casework.terms import STAFF, Role
from bot.desk import staff
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.records import Member
from handlers.telegram.qr import join_link, qr_png, qr_svg

DONE, REFUSED = 0, 1


def add_parser(subparsers: Any, shared: argparse.ArgumentParser) -> None:
    """Add `staff` and what comes under it; `shared`: options that all of them have."""
    parser = subparsers.add_parser("staff", parents=[shared], help="大厅的工作人员。 Who works in the hall.")
    commands = parser.add_subparsers(dest="staff_command", required=True)
    invite = commands.add_parser("invite", parents=[shared], help="发一个一次性邀请。 Make a one-time invitation.")
    names = "、".join(role.value for role in Role if role in STAFF)
    invite.add_argument("--role", type=_roles, required=True, metavar="ROLE[,ROLE]", help=f"角色。 The roles: {names}.")
    invite.add_argument("--hall", required=True, metavar="CODE", help="大厅所在区划代码。 The hall's region code.")
    invite.add_argument(
        "--expertise",
        type=_words,
        default=(),
        metavar="WORD[,WORD]",
        help="熟悉的事项、主题或部门。 Items, subjects or departments they know.",
    )
    invite.add_argument("--qr", type=Path, metavar="FILE", help="二维码写到 .png 或 .svg。 Write a QR code.")
    listing = commands.add_parser("list", parents=[shared], help="列出工作人员。 List the staff.")
    listing.add_argument("--hall", default="", metavar="CODE", help="只列这个大厅。 Only this hall's.")
    listing.add_argument("--json", action="store_true", help="每人一行 JSON。 JSON for scripts.")
    revoke = commands.add_parser("revoke", parents=[shared], help="某人离开大厅。 Somebody leaves the hall.")
    revoke.add_argument("member", metavar="ID", help="编号，见 staff list。 The id that `staff list` shows.")


def _roles(text: str) -> tuple[Role, ...]:
    named = _words(text)
    known = {role.value: role for role in STAFF}
    if unknown := [name for name in named if name not in known]:
        raise argparse.ArgumentTypeError(f"没有这样的角色：{', '.join(unknown)}。 No such role.")
    return tuple(known[name] for name in named)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.replace("，", ",").replace("、", ",").split(",") if word.strip())


class StaffCommands:
    """What the commands do, and what they print."""

    def __init__(self, assistant: Assistant, bot_name: str, out: TextIO, err: TextIO) -> None:
        """`bot_name` is the Telegram bot's user name for deep links; empty: there are none."""
        self._assistant, self._bot_name, self._out, self._err = assistant, bot_name, out, err

    def run(self, options: argparse.Namespace) -> int:
        """One command; its exit status."""
        match options.staff_command:
            case "invite":
                return self.invite(options.role, options.hall, options.expertise, options.qr)
            case "revoke":
                return self.revoke(options.member)
        return self.list(options.hall, options.json)

    def invite(self, roles: Iterable[Role], hall: str, expertise: Iterable[str] = (), qr: Path | None = None) -> int:
        """Print the code, how to use it and until when; write the link as a QR code where one is wanted."""
        if qr and not self._bot_name:
            return self._refuse("先设好 BANGBAN_BOT_NAME，二维码才知道指向哪里。 Set BANGBAN_BOT_NAME for a QR code.")
        result = self._assistant.perform(lambda desk: staff.invite(desk, roles, hall, expertise))
        if isinstance(result, Refusal):
            return self._refuse(f"没有这个大厅：{hall}。 There is no hall {hall}.")
        code = result.facts["code"]
        print(f"/join {code}", file=self._out)
        if self._bot_name:
            self._link(join_link(self._bot_name, code), qr)
        print(f"有效期到 Valid until: {result.facts['expires_at'][:16].replace('T', ' ')}", file=self._out)
        return DONE

    def _link(self, link: str, qr: Path | None) -> None:
        print(link, file=self._out)
        if qr and qr.suffix == ".svg":
            qr.write_text(qr_svg(link, "加入大厅 Join the hall"), encoding="utf-8")
        elif qr:
            qr.write_bytes(qr_png(link))

    def list(self, hall: str, as_json: bool) -> int:
        """A member a line; no telephone number or account is shown, for none is needed here."""
        members, today = self._assistant.read(lambda desk: (desk.records.members(hall), desk.today))
        for one in members:
            away = one.absence is not None and one.absence.covers(today)
            print(_as_json(one, away) if as_json else _as_line(one, away), file=self._out)
        return DONE

    def revoke(self, member: str) -> int:
        """End a membership; what they are responsible for is to be handed over, and is counted."""
        found = self._assistant.read(lambda desk: desk.records.colleague(member))
        result = self._assistant.perform(lambda desk: _revoked(desk, member))
        if isinstance(result, Refusal) or found is None:
            return self._refuse(f"没有这个人，或者已经离开：{member}。 There is nobody {member}, or they left already.")
        print(f"{found.name} {member}", file=self._out)
        if found.load:
            print(f"还有 {found.load} 件代办要移交。 {found.load} engagements are to be handed over.", file=self._out)
        return DONE

    def _refuse(self, sentence: str) -> int:
        print(sentence, file=self._err)
        return REFUSED


def _revoked(desk: Desk, member: str) -> Done | Refusal:
    return staff.revoke(desk, member) if member else Refusal(Why.NO_MATCH)


def _as_line(one: Member, away: bool) -> str:
    roles = "、".join(role.zh for role in Role if role in one.roles)
    words = [one.id, one.hall, one.name, roles, f"{one.load}/{one.capacity}", "、".join(sorted(one.expertise))]
    return "  ".join([word for word in words if word] + ["不在岗 away"] * away)


def _as_json(one: Member, away: bool) -> str:
    record = {
        "id": one.id,
        "hall": one.hall,
        "name": one.name,
        "roles": [role.value for role in Role if role in one.roles],
        "expertise": sorted(one.expertise),
        "load": one.load,
        "capacity": one.capacity,
        "away": away,
    }
    return json.dumps(record, ensure_ascii=False)
