"""`python bot.py lexicon …`: questions that were not understood become wording. Prints and asks; knowledge decides."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from bot.dialogue.state import Knowledge
from bot.store import Store
from knowledge.checking import check
from knowledge.item_files import read_item_files
from knowledge.reviewing import (
    AliasTakenError,
    Group,
    Kept,
    as_question,
    grouped,
    with_alias,
    with_elsewhere,
    with_phrase,
)

READ = 2000  # questions looked at in one review
SHOWN = 5  # questions of a group that are shown
OFFERED = 6  # nearest items that are offered
ELSEWHERE = "services-reviewed.yaml"  # the lexicon file that reviews write to
HEAD = "kind: services\nfield: 复核\nservices:\n"
HELP = """\
  1、2、3… 是这一项：写成它的别名，并加一条短语测试     1, 2, 3 …: it is this item (alias and phrase test)
  事项代码 也可以直接写代码                             an item's code does the same
  x 名称   大厅不办的事：写进词库，以后直接说没有       x NAME: no hall offers it (lexicon)
  d        不用留，删掉                                 d: drop it
  回车     先放着                                       Enter: leave it
  q        结束                                         q: stop
"""


@dataclass(frozen=True, slots=True)
class Files:
    """What a review may write to."""

    items: Path
    lexicon: Path
    phrases: Path


def add_parser(subparsers: Any) -> None:
    """Add `lexicon` and what comes under it."""
    parser = subparsers.add_parser("lexicon", help="把没听懂的话变成词条。 Turn questions not understood into wording.")
    commands = parser.add_subparsers(dest="lexicon_command", required=True)
    review = commands.add_parser("review", help="逐组看没听懂的话。 Go through them group by group.")
    review.add_argument("--json", action="store_true", help="只列出各组。 Only list the groups.")
    learn = commands.add_parser("learn", help="给事项加一个说法。 Teach an item a wording.")
    learn.add_argument("wording", help="说法。 What people say.")
    learn.add_argument("code", help="事项代码。 The item's code.")


class Review:
    """A keeper at the terminal, going through what was not understood."""

    def __init__(
        self, store: Store, knowledge: Knowledge, files: Files, ask: Callable[[str], str], out: TextIO
    ) -> None:
        """`ask` shows a prompt and gives the line typed; EOFError ends the review."""
        self._store, self._knowledge, self._files, self._ask, self._out = store, knowledge, files, ask, out

    def groups(self) -> list[Group]:
        rows = self._store.unanswered(READ)
        return grouped(Kept(row["id"], row["question"], tuple(row["nearest"])) for row in rows)

    def as_json(self) -> Iterable[str]:
        """A group a line: its questions and the nearest items."""
        for group in self.groups():
            record = {"questions": [kept.question for kept in group.questions], "nearest": list(group.nearest)}
            yield json.dumps(record, ensure_ascii=False)

    def run(self) -> None:
        """Ask for a decision on each group until the last, `q`, or the end of input."""
        groups = self.groups()
        if not groups:
            self._say("没有要看的问题。 Nothing to review.")
            return
        self._say(HELP)
        for place, group in enumerate(groups, 1):
            try:
                if not self._one(group, f"{place}/{len(groups)}"):
                    return
            except EOFError:
                return

    def _one(self, group: Group, place: str) -> bool:
        """Show a group and carry out what is decided; False to stop."""
        codes = self._nearest(group)
        self._say(f"\n[{place}] {len(group.questions)} 条")
        for kept in group.questions[:SHOWN]:
            self._say(f"  「{kept.question}」")
        for number, code in enumerate(codes, 1):
            item = self._knowledge.item(code)
            self._say(f"    {number}. {item.name.zh if item else code}  {code}")
        while True:
            answer = self._ask("? ").strip()
            if answer == "q":
                return False
            if answer == "" or self._decided(group, codes, answer):
                return True
            self._say(HELP)

    def _nearest(self, group: Group) -> list[str]:
        """What was near when it was asked, and what is near by now."""
        now = [match.code for match in self._knowledge.search(group.questions[0].question, OFFERED)]
        known = [code for code in (*group.nearest, *now) if self._knowledge.item(code)]
        return list(dict.fromkeys(known))[:OFFERED]

    def _decided(self, group: Group, codes: list[str], answer: str) -> bool:
        if answer == "d":
            self._done(group)
            return True
        if answer.startswith("x ") and answer[2:].strip():
            self._elsewhere(answer[2:].strip(), group)
            self._done(group)
            return True
        code = codes[int(answer) - 1] if answer.isdigit() and 0 < int(answer) <= len(codes) else answer
        if not self._knowledge.item(code):
            return False
        return self._teach(group, code)

    def _teach(self, group: Group, code: str) -> bool:
        wording = (
            self._ask("  别名，回车用第一句 alias, Enter for the first question: ").strip()
            or group.questions[0].question
        )
        fault = self.learn(wording, code)
        if fault:
            self._say(fault)
            return False
        self._done(group)
        return True

    def learn(self, wording: str, code: str) -> str:
        """Add an alias and a golden phrase; a sentence if it cannot be done, and then nothing is changed."""
        path = self._files.items / f"{code}.yaml"
        if not path.is_file():
            return f"{code} 不在事项文件里，不能加别名。 {code} has no item file here; import it as files first."
        before = path.read_text(encoding="utf-8")
        try:
            path.write_text(with_alias(before, wording), encoding="utf-8")
        except AliasTakenError:
            return f"「{wording}」已经是它的别名。 It is its alias already."
        entries, faults = read_item_files(self._files.items)
        faults += check(entries, own=True)
        if faults:
            path.write_text(before, encoding="utf-8")
            return "\n".join(map(str, faults[:SHOWN]))
        phrases = self._files.phrases
        text = phrases.read_text(encoding="utf-8") if phrases.exists() else ""
        phrases.write_text(with_phrase(text, code, as_question(wording)), encoding="utf-8")
        self._say(f"  → {path.name}, {phrases.name}")
        return ""

    def _elsewhere(self, name: str, group: Group) -> None:
        path = self._files.lexicon / ELSEWHERE
        text = path.read_text(encoding="utf-8") if path.exists() else HEAD
        asked = [kept.question[:60] for kept in group.questions[:SHOWN]]
        path.write_text(with_elsewhere(text, name, asked), encoding="utf-8")
        self._say(f"  → {path.name}")

    def _done(self, group: Group) -> None:
        self._store.forget_unanswered([kept.id for kept in group.questions])

    def _say(self, line: str) -> None:
        print(line, file=self._out)
