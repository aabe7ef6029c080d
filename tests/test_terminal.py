"""The terminal and the command line as scripts use them: a real process, real pipes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bot.events import Button, Commanded, Pressed, Said, SentContact, SentFile, SentPlace
from handlers.settings import Settings, SettingsError, read_settings
from handlers.terminal import to_event
from tests.conftest import ROOT

BUTTONS = [Button("要带什么", "p:x:materials"), Button("网上办理", url="https://www.gov.cn"), Button("都不是", "n")]


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("办护照", Said("办护照")),
        ("#1", Pressed("p:x:materials")),
        ("3", Pressed("n")),
        ("[都不是]", Pressed("n")),
        ("#2", Said("#2")),  # a link is not pressed
        ("9", Said("9")),
        ("[没有的]", Said("[没有的]")),
        ("/Region 沂南", Commanded("region", "沂南")),
        ("/help@bangban_bot", Commanded("help")),
        ("/", Said("/")),
        (":contact 13800000000", SentContact("13800000000", own=True)),
        (":location 35.05, 118.35", SentPlace(35.05, 118.35)),
        (":location here", Said(":location here")),
        ("@nosuchfile", Said("@nosuchfile")),
    ],
)
def test_what_a_line_means(line: str, event: object) -> None:
    assert to_event(line, BUTTONS) == event


def test_a_path_sends_the_file(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"12345")
    assert to_event(f"@{path}", []) == SentFile("document", "photo.jpg", 5, str(path))


def bangban(*arguments: str, said: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "bot.py"), *arguments],
        input=said,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        cwd=ROOT,
        env={**os.environ, **environment},
    )


@pytest.fixture(scope="module")
def catalogue_option(catalogue_file: Path) -> list[str]:
    return ["--catalogue", str(catalogue_file)]


def test_a_conversation_fed_from_a_file_comes_out_as_json(tmp_path: Path, catalogue_option: list[str]) -> None:
    database = f"sqlite:///{tmp_path / 'chat.db'}"
    options = ["chat", "--as", "A", "--json", "--database", database, "--now", "2026-11-23T09:30", *catalogue_option]
    done = bangban(*options, said="身份证要带什么\n#3\n\n[打印（PDF）]\n")
    assert done.returncode == 0, done.stderr
    replies: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply["outcome"] for reply in replies] == ["situation", "notice", "paper"]
    assert all(set(reply) == {"text", "buttons", "files", "outcome"} for reply in replies)
    assert replies[0]["buttons"][2] == {"label": "丢了补办", "data": "o:id_card_apply:kind:lost"}
    [paper] = replies[2]["files"]
    assert Path(paper["path"]).read_bytes().startswith(b"%PDF")
    later = bangban(*options, said="多少钱\n")
    assert "40元" in json.loads(later.stdout)["text"], "the conversation is taken up again by the next process"
    other = bangban(*options[:2], "B", *options[3:], said="多少钱\n")
    assert "40元" not in json.loads(other.stdout)["text"], "another person's is not"


def test_one_answer(catalogue_option: list[str]) -> None:
    done = bangban("ask", "补办身份证要多少钱", *catalogue_option)
    assert done.returncode == 0
    assert "40元" in done.stdout and "发改价格〔2003〕2322号" in done.stdout
    answer = json.loads(bangban("ask", "--json", "补办身份证要多少钱", *catalogue_option).stdout)
    assert set(answer) == {"question", "language", "replies"}
    assert answer["replies"][0]["outcome"] == "notice"


def test_batch_decides_line_by_line(tmp_path: Path, catalogue_option: list[str]) -> None:
    questions = tmp_path / "q.jsonl"
    questions.write_text(
        '{"id": 1, "question": "补办身份证"}\n\n{"id": "b", "question": "讲个笑话"}\n', encoding="utf-8"
    )
    done = bangban("ask", "--batch", str(questions), *catalogue_option)
    first, second = [json.loads(line) for line in done.stdout.splitlines()]
    assert first["id"] == 1 and first["decision"] == "answer" and first["matches"][0]["code"] == "id_card_apply"
    assert set(first["matches"][0]) == {"code", "name", "score"}
    assert second["decision"] == "none"


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "sentence"),
    [
        (["ask"], {}, 2, "Give a question"),
        (["fly"], {}, 2, "invalid choice"),
        (["ask", "--batch", "/nowhere.jsonl"], {}, 1, "Cannot read"),
        (["ask", "护照", "--catalogue", "/nowhere.db"], {}, 1, "no such catalogue"),
        (["chat", "--database", "nonsense"], {}, 1, "database"),
        (["chat", "--database", "sqlite:////proc/none/x.db"], {}, 1, "database"),
        (["ask", "护照"], {"BANGBAN_PORT": "http"}, 1, "BANGBAN_PORT"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], environment: dict[str, str], status: int, sentence: str, catalogue_option: list[str]
) -> None:
    own = [] if "--catalogue" in arguments or arguments[0] != "chat" else catalogue_option
    done = bangban(*arguments, *own, **environment)
    assert done.returncode == status
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"BANGBAN_PORT": "0"}, "BANGBAN_PORT"),
        ({"BANGBAN_PORT": "99999"}, "BANGBAN_PORT"),
        ({"BANGBAN_PUBLIC_URL": "ban.example"}, "BANGBAN_PUBLIC_URL"),
        ({"BANGBAN_WEBHOOK_URL": "https://ban.example/t", "BANGBAN_WEBHOOK_SECRET": "short"}, "BANGBAN_WEBHOOK_SECRET"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(SettingsError, match=named):
        read_settings(environment)


def test_settings_that_are_not_made_have_their_defaults() -> None:
    assert read_settings({"TELEGRAM_BOT_TOKEN": "", "PATH": "/bin"}) == Settings()
