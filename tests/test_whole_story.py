"""The whole story through the command line alone: two applicants and two of the staff on one database, day by day."""

from __future__ import annotations

import base64
import json
import os
import re
import struct
import subprocess
import sys
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ROOT, on_each_database

HALL = "371321"
ENGAGEMENT, CASE, PASSWORD = r"DB\d{19}[0-9X]", r"办件编号 (\d{19}[0-9X])", r"查询密码：(\w{8})"


def picture() -> bytes:
    """A PNG of one white pixel."""
    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\x00\xff")), (b"IEND", b""))
    )


@dataclass(frozen=True)
class Heard:
    """What one run of `chat --json` printed, a reply a line."""

    replies: list[dict[str, Any]]

    @property
    def outcomes(self) -> list[str]:
        return [reply["outcome"] for reply in self.replies]

    @property
    def text(self) -> str:
        return "\n".join(reply["text"] for reply in self.replies)

    @property
    def files(self) -> list[Path]:
        return [Path(file["path"]) for reply in self.replies for file in reply["files"]]

    def of(self, outcome: str) -> str:
        """The text of the only reply of its kind."""
        (found,) = [reply["text"] for reply in self.replies if reply["outcome"] == outcome]
        return str(found)

    def found(self, pattern: str) -> str:
        match = re.search(pattern, self.text)
        assert match, self.text
        return match[match.lastindex or 0]


class CommandLine:
    """`python bot.py …` on one database."""

    def __init__(self, database: str, environment: Mapping[str, str]) -> None:
        self._database, self._environment = database, environment

    def run(self, *arguments: str, said: str = "") -> str:
        done = subprocess.run(
            [sys.executable, str(ROOT / "bot.py"), *arguments, "--database", self._database],
            input=said,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            cwd=ROOT,
            env={**os.environ, **self._environment},
        )
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
        return done.stdout

    def chat(self, name: str, now: str, *lines: str) -> Heard:
        """Letters first, then what is answered to each line."""
        out = self.run("chat", "--as", name, "--json", "--now", now, said="".join(f"{line}\n" for line in lines))
        return Heard([json.loads(line) for line in out.splitlines()])

    def joins(self, name: str, full_name: str, roles: str, now: str) -> None:
        code = self.run("staff", "invite", "--role", roles, "--hall", HALL, "--now", now).splitlines()[0]
        assert self.chat(name, now, code, full_name).outcomes == ["form", "joined"]


@pytest.fixture
def command(database_url: str, catalogue_file: Path, tmp_path: Path) -> CommandLine:
    environment = {
        "BANGBAN_KEY": base64.urlsafe_b64encode(b"k" * 32).decode(),
        "BANGBAN_CATALOGUE": str(catalogue_file),
        "BANGBAN_FILES": str(tmp_path / "files"),
    }
    return CommandLine(database_url, environment)


CHARTER, PLACE, RULES = "公司章程及验资报告或财务审计报告", "经营场所使用证明、设施设备清单", "劳务派遣管理制度"
BOOKING = (
    "[预约代办员]",
    "企业",
    "沂蒙劳务有限公司",
    "为什么要信用代码",
    "91371321MA3C12345D",
    "李明",
    "沂南县",
    "[全程代办]",
    ":contact 13805391234",
    "[跳过]",
    "[确认]",
)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "scan.png"
    path.write_bytes(picture())
    return path


@on_each_database
def test_the_whole_story(command: CommandLine, scan: Path) -> None:
    command.joins("代办员", "王小明", "agent", "2026-11-23T08:30")
    command.joins("窗口", "李窗口", "clerk", "2026-11-23T08:40")
    case, password = _booked_and_entrusted(command)
    _handed_in(command, scan, case)
    _supplemented(command, scan, case)
    _looked_up_by_somebody_else(command, case, password)
    _decided_and_rated(command, case)
    _booked_and_cancelled_by_another(command)


def _booked_and_entrusted(command: CommandLine) -> tuple[str, str]:
    booked = command.chat("投资人", "2026-11-23T09:00", "帮我找代办员办劳务派遣许可", *BOOKING)
    assert booked.outcomes[0] == "agent" and booked.outcomes[-2:] == ["summary", "booked"]
    assert "委托书上要写明是谁委托的" in booked.of("aside")
    assert all(path.read_bytes().startswith(b"%PDF") for path in booked.files) and len(booked.files) == 2
    taken = command.chat("代办员", "2026-11-23T09:10", "[认领]", "[出具受理单]", "[确认]")
    assert taken.outcomes == ["offer", "moved", "summary", "moved"]
    entrusted = command.chat("投资人", "2026-11-23T09:20", "[看这次代办]", "[确认委托]", "[确认，我委托]")
    assert entrusted.outcomes == ["dossier_news", "dossier_news", "dossier", "dossier", "moved"]
    begun = command.chat("代办员", "2026-11-23T09:30", "[看代办]", "[开始承办]", "[确认]")
    assert begun.outcomes == ["dossier_news", "desk_dossier", "summary", "moved"]
    return booked.found(CASE), booked.found(PASSWORD)


def _handed_in(command: CommandLine, scan: Path, case: str) -> None:
    """Two of five materials, which the agent looks at and hands in."""
    sends = ("#1", f"@{scan}")
    sent = command.chat("投资人", "2026-11-23T09:40", case, "[交材料]", *sends, *sends)
    assert sent.outcomes == ["dossier_news", "status", *["file_kept"] * 5]
    seen = command.chat("代办员", "2026-11-23T10:00", case, "[📎 2 营业执照]")
    assert [path.read_bytes() for path in seen.files] == [scan.read_bytes()]
    submitted = command.chat("代办员", "2026-11-23T10:10", case, "[提交申请]", "[选好了]", "[确认]")
    assert submitted.outcomes == ["desk_case", "form", "summary", "moved"]


def _supplemented(command: CommandLine, scan: Path, case: str) -> None:
    """All that is missing is asked for at once; the applicant is told, sends it, and it is accepted."""
    receives = ("[看办件]", "[接件]", "[选好了]", "[确认]")
    asks = ("[一次性告知补正]", "[选好了]", "缺三份", "11月27日", "[确认]")
    asked = command.chat("窗口", "2026-11-23T11:00", *receives, *asks)
    assert asked.outcomes[-1] == "moved" and [path.name[:7] for path in asked.files] == ["一次性补正告知"]
    told = command.chat(
        "投资人", "2026-11-24T09:00", "[交材料]", f"[{CHARTER}]", f"@{scan}", f"[{PLACE}]", f"@{scan}", f"@{scan}"
    )
    assert "2026年11月27日（周五）" in told.replies[2]["text"] and CHARTER in told.replies[2]["text"]
    assert "都齐了，已经替您递交" in told.replies[-1]["text"]
    accepted = command.chat("窗口", "2026-11-25T09:00", "[看办件]", f"[📎 3 {CHARTER}]", case, "[受理]", "[确认]")
    assert accepted.outcomes[-1] == "moved"
    assert accepted.files[0].read_bytes() == scan.read_bytes()


def _looked_up_by_somebody_else(command: CommandLine, case: str, password: str) -> None:
    wrong = "AAAAAAAA" if password != "AAAAAAAA" else "BBBBBBBB"
    looked = command.chat("股东", "2026-11-30T09:00", case, wrong, password, "[逐日说明]")
    assert looked.outcomes == ["form", "refused", "form", "status", "days"]
    assert "沂**" in looked.of("status") and "沂蒙劳务" not in looked.text and "13805391234" not in looked.text
    assert "20个工作日，已用 3，还剩 17" in looked.of("status")
    assert "2026年11月28日（周六）：不计" in looked.of("days")
    assert "2026年11月30日（周一）：第 3 天" in looked.of("days")


def _decided_and_rated(command: CommandLine, case: str) -> None:
    decides = ("[审批通过]", "[确认]", "[办结]", "[确认]", "[送达]", "[窗口领取]", "[确认]")
    decided = command.chat("窗口", "2026-12-01T10:00", case, *decides)
    assert decided.outcomes == ["desk_case", "summary", "moved", "summary", "moved", "form", "summary", "moved"]
    closed = command.chat("代办员", "2026-12-02T09:00", case, "[看代办]", "[办结]", "[确认]")
    assert closed.outcomes[-4:] == ["desk_case", "desk_dossier", "summary", "moved"]
    rated = command.chat("投资人", "2026-12-03T09:00", "[评价]", "[满意]", "[跳过]", "[确认]", "我的代办员是谁")
    assert rated.outcomes.count("news") == 4 and rated.outcomes.count("rating_asked") == 2
    assert rated.outcomes[-5:] == ["form", "form", "summary", "rated", "status_list"]
    again = command.chat("投资人", "2026-12-03T10:00", "/help")
    assert again.outcomes == ["help"], "nobody is told twice"


def _booked_and_cancelled_by_another(command: CommandLine) -> None:
    books = ("[预约代办员]", "个人", "王芳", "371302198511120021", "公司注册", "[就这些]", "沂南县", "[现场导办]")
    reached = ("13805395678", "[跳过]", "[确认]")
    talks = ("/talk", "您好，要带户口本吗？")
    booked = command.chat("市民", "2026-12-04T09:00", "/agent", *books, *reached, *talks)
    assert booked.outcomes[-3:] == ["booked", "talking", "sent_on"]
    answered = command.chat(
        "代办员", "2026-12-04T09:30", "[认领]", booked.found(ENGAGEMENT), "[给申请人留言]", "不用带。"
    )
    assert "要带户口本吗" in answered.of("desk_dossier"), "written before anybody had it"
    read = command.chat("市民", "2026-12-04T10:00", "/end", booked.found(ENGAGEMENT), "[取消代办]", "[确认取消]")
    assert "不用带。" in read.of("message") and "王小明" in read.of("message")
    assert read.outcomes[-4:] == ["talk_ended", "dossier", "dossier", "moved"]
    assert "申请人取消" in command.chat("代办员", "2026-12-04T11:00", "/end").of("dossier_news")
