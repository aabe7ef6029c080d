"""`make bench-matching`: the matcher beside its peers, in one run, one thread.

    python bench/matching.py [--cases own,781,…] [--seconds N] [--docs] [--only comparison,…]

Each method gets a fresh process to build its index and another to load it and answer, one after the other. A
question's time is the least of five rounds through all questions, so that what else runs on the machine counts less;
so is that of a message that nobody means (bench/bad_input.py), of which the slowest is told.
Accuracy: the golden phrases on the project's own catalogue; on the others the questions of ../shared/eval (or
BANGBAN_SHARED), where that is present. Larger catalogues are real names (the 781, then services of the lexicon that
none of them is) in ever more regions, and every question is asked for one region. `--docs` puts the tables
into docs/matching.md and draws the plots there, with matplotlib where it is installed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

import numpy as np  # noqa: E402

from bench.bad_input import MESSAGES  # noqa: E402
from bench.peers import PEERS, Rows, installed  # noqa: E402
from knowledge import matching  # noqa: E402
from knowledge.catalogue import open_catalogue  # noqa: E402
from knowledge.compiling import build_catalogue  # noqa: E402
from knowledge.matching import candidates  # noqa: E402
from knowledge.matching.lexicon import read_lexicon  # noqa: E402
from knowledge.model import Item, Source, Text  # noqa: E402
from knowledge.wordings import kept  # noqa: E402

OURS = "this matcher"
UNMEANT = "this matcher, without meaning"  # its weights are those of the whole: for the time, not for the accuracy
SHARED = Path(os.environ.get("BANGBAN_SHARED", HOME.parent / "shared"))
PAGE = HOME / "docs" / "matching.md"
RESULTS = HOME / "build" / "bench-matching.json"
SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 5
SAMPLED = 3  # every third golden phrase is enough to see what a part is worth
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
Asked = dict[str, Any]  # {"question", "accept": keys, "kind", "needs"?: [keys, …]}
Found = dict[str, Any]  # {"ms", "keys", "verdict"?, "score"?}


@dataclass(frozen=True)
class Case:
    """A catalogue and the questions put to it. Keys are codes in the project's own catalogue, else names."""

    name: str
    key: str  # "code" or "name"
    rows: Rows
    questions: list[Asked]

    @property
    def many(self) -> bool:
        """Whether the rows are those of several regions."""
        return len(self.rows.regions) > 1

    def save(self, folder: Path, items: Iterable[Item]) -> None:
        folder.mkdir()
        (folder / "case.json").write_text(json.dumps(asdict(self)), encoding="utf-8")
        with (folder / "items.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(item.model_dump_json() + "\n" for item in items)

    @classmethod
    def load(cls, folder: Path) -> Case:
        read = json.loads((folder / "case.json").read_text(encoding="utf-8"))
        return cls(read["name"], read["key"], Rows(**read["rows"]), read["questions"])


@dataclass
class Measured:
    """One method on one case; None where it did not finish in time."""

    case: str
    rows: int
    method: str
    why_not: str = ""
    build: float | None = None  # seconds
    again: float | None = None  # seconds where the lexicon's wordings were kept from the build before
    memory: float | None = None  # MB at most while building
    disk: float | None = None  # MB
    load: float | None = None  # seconds
    questions: int = 0  # asked
    found: list[Found] = field(default_factory=list)
    top1: float | None = None  # per cent of what the catalogue can answer
    top3: float | None = None
    p50: float | None = None  # milliseconds
    p99: float | None = None
    bad: float | None = None  # milliseconds of the slowest message that nobody means


# --- the cases ------------------------------------------------------------------------------------


def golden() -> list[Asked]:
    """The golden phrases, each with the codes that are right."""
    import yaml

    read = yaml.safe_load((HOME / "tests" / "phrases.yaml").read_text(encoding="utf-8"))
    rows = [
        (phrase["say"], phrase["accept"]) if isinstance(phrase, dict) else (phrase, [code])
        for code, phrases in read.items()
        for phrase in phrases
    ]
    return [
        {"question": said, "accept": right, "kind": "Latin letters" if said.isascii() else "Chinese"}
        for said, right in rows
    ]


def developing() -> list[Asked]:
    """The questions of ../shared/eval; none where they are not present."""
    path = SHARED / "eval" / "questions_dev.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.is_file() else []
    return [{**row, "needs": row.get("needs_accept", [])} for row in rows]


def region_codes(count: int) -> list[str]:
    """As many different six-digit county codes."""
    return [f"{37 + one // 9801:02d}{one // 99 % 99 + 1:02d}{one % 99 + 1:02d}" for one in range(count)]


def wordings(item: Item) -> list[str]:
    said = (item.name.zh, item.name.en, *item.aliases.zh, *item.aliases.en)
    return list(dict.fromkeys(one for one in said if one))


def more_items(items: list[Item]) -> list[Item]:
    """The items and, under names of the lexicon, the services that none of them is: every name once."""
    lexicon = read_lexicon()
    missing = (lexicon.services[number] for number in matching.build_index(items, lexicon).foreign)
    services = [pair for pair in missing if not pair[1].elsewhere]
    known = {item.name.zh: item for item in items}
    for number, (name, place) in enumerate((name, place) for place, one in services for name in one.names):
        known.setdefault(name, _named(f"service{number}", name, place))
    return list(known.values())


def _named(code: str, name: str, department: str) -> Item:
    return Item(
        code=code, name=Text(zh=name), department=Text(zh=department),
        sources=(Source(title="name only"),), checked=dt.date(2026, 1, 1),
    )  # fmt: skip


def make_cases(folder: Path, wanted: list[str], own: Path, bare: Path | None) -> Iterator[tuple[Case, Path]]:
    """The cases of the names in `wanted`, in folders of their own."""
    phrases, questions = golden(), developing()
    items = list(open_catalogue(own).items())
    if "own" in wanted:
        texts = [(item.code, said) for item in items for said in wordings(item)]
        yield _saved(Case("own", "code", Rows(texts, [""], len(texts)), phrases), folder, items)
    if bare is not None:
        items = list(open_catalogue(bare).items())
    else:  # latency all the same; accuracy only where the questions are
        questions = [{**one, "accept": []} for one in phrases]
    if bare is not None and "781" in wanted:
        texts = [(item.name.zh, item.name.zh) for item in items]
        yield _saved(Case("781", "name", Rows(texts, [""], len(texts)), questions), folder, items)
    sizes = [size for size in SIZES if str(size) in wanted]
    items = more_items(items) if sizes else []
    for size in sizes:
        texts = [(item.name.zh, item.name.zh) for item in items]
        regions = region_codes(-(-size // len(texts)))
        yield _saved(Case(str(size), "name", Rows(texts, regions, size), questions), folder, items)


def _saved(case: Case, folder: Path, items: Iterable[Item]) -> tuple[Case, Path]:
    case.save(folder / case.name, items)
    return case, folder / case.name


# --- one step of one method, in a process of its own ---------------------------------------------


class Ours:
    """This matcher, built, opened and asked as the peers are."""

    needs = None

    def __init__(self, case: Case, folder: Path) -> None:
        self.case, self.folder = case, folder

    def read(self) -> list[Item]:
        lines = (self.folder / "items.jsonl").read_text(encoding="utf-8").splitlines()
        return [Item.model_validate_json(line) for line in lines]

    def everywhere(self, items: list[Item]) -> Iterable[Item]:
        if not self.case.many:
            return items
        every = (
            item.model_copy(update={"code": f"{item.code}_{place}", "region": region})
            for place, region in enumerate(self.case.rows.regions)
            for item in items
        )
        return itertools.islice(every, self.case.rows.size)

    def build(self, items: list[Item], to: Path) -> None:
        index = matching.build_index(self.everywhere(items), keep=partial(kept, self.folder / "kept"))
        (to / "index").write_bytes(index.dump())

    def open(self, at: Path) -> None:
        self.index = matching.load_index((at / "index").read_bytes())

    def ask(self, question: str) -> Found:
        region = self.case.rows.regions[0] if self.case.many else None
        verdict, matches = matching.merged_matches(matching.understand(question, self.index, region))
        keys = dict.fromkeys(match.code if self.case.key == "code" else match.name for match in matches)
        return {"keys": list(keys), "verdict": verdict.value, "score": matches[0].score if matches else None}


def build_step(method: str, folder: Path) -> dict[str, Any]:
    case, to = Case.load(folder), folder / "made"
    to.mkdir()
    ours = Ours(case, folder)
    items = [] if method in PEERS else ours.read()
    build = partial(PEERS[method].build, case.rows, to) if method in PEERS else partial(ours.build, items, to)
    shutil.rmtree(folder / "kept", ignore_errors=True)
    taken, memory = seconds(build), peak_memory()
    size = sum(path.stat().st_size for path in to.rglob("*") if path.is_file())
    again = None if method in PEERS or case.many else seconds(build)
    return {"build": taken, "again": again, "memory": memory, "disk": size / 1e6}


def seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def peak_memory() -> float:
    """The most memory this process has held, in MB."""
    status = Path("/proc/self/status")
    if status.is_file():  # getrusage counts the parent's before exec, too
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="utf-8"))
        if found:
            return int(found[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def without(method: str) -> AbstractContextManager[Any]:
    """What the method named goes without."""
    if method != UNMEANT:
        return nullcontext()
    return mock.patch.object(candidates, "_directions", lambda *_: np.zeros((0, 0), dtype=np.float32))


def ask_step(method: str, folder: Path, limit: float) -> dict[str, Any]:
    """Everything once for the accuracy, then again for the time, as far as `limit` seconds reach."""
    case, at = Case.load(folder), folder / "made"
    ours, peer = Ours(case, folder), PEERS.get(method)
    began = time.perf_counter()
    if peer is None:
        ours.open(at)
        ours.ask("办身份证")  # the first question loads what is loaded late
    else:
        peer.open(at, case.rows)
        peer.ask("办身份证", 0)
    loaded = time.perf_counter() - began
    with without(method):
        found = _asked(case, limit, ours.ask if peer is None else lambda question: {"keys": peer.ask(question, 0)})
        slowest = None if peer else max(map(partial(_least, ours.ask), MESSAGES.values()))
    return {"load": loaded, "found": found, "bad": slowest}


def _asked(case: Case, limit: float, ask: Callable[[str], Found]) -> list[Found]:
    found: list[Found] = []
    began = time.perf_counter()
    for turn in range(ROUNDS):
        for place, asked in enumerate(case.questions):
            if (turn and place >= len(found)) or time.perf_counter() - began > limit:
                break
            start = time.perf_counter()
            answer = ask(asked["question"])
            taken = (time.perf_counter() - start) * 1000
            if turn:
                found[place]["ms"] = min(found[place]["ms"], taken)
            else:
                found.append({**answer, "ms": taken})
    return found


def _least(ask: Callable[[str], Found], question: str) -> float:
    return 1000 * min(seconds(partial(ask, question)) for _ in range(ROUNDS))


def step(arguments: list[str], limit: float) -> dict[str, Any] | str:
    """What the step printed, or why it did not come to its end."""
    command = [sys.executable, str(Path(__file__).resolve()), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, env=os.environ | ONE_THREAD)
    except subprocess.TimeoutExpired:
        return f"not within {limit:.0f} s"
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return "failed: " + (done.stderr.strip().splitlines() or ["?"])[-1][:80]
    read: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return read


# --- measuring ------------------------------------------------------------------------------------


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def share(held: list[bool]) -> float | None:
    return 100 * sum(held) / len(held) if held else None


def hit(asked: Asked, found: Found, places: int) -> bool:
    return not set(asked["accept"]).isdisjoint(found["keys"][:places])


def measure(case: Case, folder: Path, method: str, limit: float) -> Measured:
    measured = Measured(case.name, case.rows.size, method)
    if method in PEERS and not installed(PEERS[method]):
        measured.why_not = "not installed"
        return measured
    shutil.rmtree(folder / "made", ignore_errors=True)
    built = step(["--step", "build", "--method", method, "--folder", str(folder)], 4 * limit)
    if isinstance(built, str):
        measured.why_not = f"index {built}"
        return measured
    measured.build, measured.again = built["build"], built["again"]
    measured.memory, measured.disk = built["memory"], built["disk"]
    arguments = ["--step", "ask", "--method", method, "--folder", str(folder), "--seconds", str(limit)]
    answered = step(arguments, 3 * limit)
    if isinstance(answered, str):
        measured.why_not = f"answers {answered}"
        return measured
    measured.load, measured.found, measured.bad = answered["load"], answered["found"], answered["bad"]
    measured.questions = len(measured.found)
    times = [one["ms"] for one in measured.found]
    measured.p50, measured.p99 = percentile(times, 0.5), percentile(times, 0.99)
    if measured.questions == len(case.questions) and method != UNMEANT:
        pairs = [pair for pair in zip(case.questions, measured.found, strict=True) if pair[0]["accept"]]
        measured.top1, measured.top3 = (share([hit(*pair, places) for pair in pairs]) for places in (1, 3))
    return measured


def verdicts(questions: list[Asked], found: list[Found]) -> dict[str, float | None]:
    """The measures of ../shared/eval/score.py, in per cent."""
    pairs = list(zip(questions, found, strict=True))
    inside = [pair for pair in pairs if pair[0]["accept"]]
    outside = [one for asked, one in pairs if not asked["accept"]]
    two = [(asked["needs"], set(one["keys"][:4])) for asked, one in pairs if asked.get("needs")]
    return {
        "n": len(pairs),
        "top1": share([hit(*pair, 1) for pair in inside]),
        "top3": share([hit(*pair, 3) for pair in inside]),
        "resolved": share([hit(q, one, {"answer": 1, "choose": 4}.get(one["verdict"], 0)) for q, one in inside]),
        "wrong": share([one["verdict"] == "answer" and not hit(q, one, 1) for q, one in inside]),
        "lost": share([one["verdict"] == "none" for _, one in inside]),
        "both": share([all(not keys.isdisjoint(need) for need in needs) for needs, keys in two]),
        "refused": share([one["verdict"] == "none" for one in outside]),
        "bluffed": share([one["verdict"] == "answer" for one in outside]),
    }


def by_kind(questions: list[Asked], found: list[Found]) -> dict[str, dict[str, float | None]]:
    kinds = sorted({asked["kind"] for asked in questions})
    table = {}
    for kind in [*kinds, "all"]:
        chosen = [pair for pair in zip(questions, found, strict=True) if kind in ("all", pair[0]["kind"])]
        table[kind] = verdicts([asked for asked, _ in chosen], [one for _, one in chosen])
    return table


def bins(questions: list[Asked], found: list[Found], edges: int = 10) -> list[dict[str, float]]:
    """Of each tenth of the probability scale: how many questions, mean probability, per cent right."""
    told = [
        (one["score"], hit(asked, one, 1))
        for asked, one in zip(questions, found, strict=True)
        if one["score"] is not None
    ]
    rows = []
    for low in range(edges):
        inside = [pair for pair in told if min(int(pair[0] * edges), edges - 1) == low]
        if inside:
            said = sum(score for score, _ in inside) / len(inside)
            held = sum(right for _, right in inside) / len(inside)
            rows.append({"low": low / edges, "n": len(inside), "said": said, "held": held})
    return rows


def misses(questions: list[Asked], found: list[Found]) -> dict[str, dict[str, float]]:
    """Where the right item was, by kind: first, 2–3, 4–10, not among ten; what was done about it; the slowest."""
    table: dict[str, dict[str, float]] = {}
    for asked, one in zip(questions, found, strict=True):
        row = table.setdefault(asked["kind"], dict.fromkeys(("first", "2–3", "4–10", "not found", "wrong", "lost"), 0))
        row["slowest ms"] = max(row.get("slowest ms", 0), round(one["ms"], 1))
        if not asked["accept"]:
            row["bluffed"] = row.get("bluffed", 0) + (one["verdict"] == "answer")
            row["offered"] = row.get("offered", 0) + (one["verdict"] == "choose")
            continue
        at = next((place for place in (1, 3, 10) if hit(asked, one, place)), None)
        row[{1: "first", 3: "2–3", 10: "4–10", None: "not found"}[at]] += 1
        row["wrong"] += one["verdict"] == "answer" and at != 1
        row["lost"] += one["verdict"] == "none"
    return table


# --- the tables -----------------------------------------------------------------------------------


def number(value: float | None, digits: int = 1, unit: str = "") -> str:
    return "–" if value is None else f"{value:,.{digits}f}{unit}"


def comparison_table(rows: list[Measured]) -> str:
    lines = [
        "| catalogue | method | top-1 | top-3 | p50 ms | p99 ms | p50 beside ours "
        "| build s | memory MB | disk MB | load s |",
        "|---" * 11 + "|",
    ]
    for one in rows:
        ours = next((each.p50 for each in rows if each.case == one.case and each.method == OURS), None)
        ratio = one.p50 / ours if one.p50 and ours else None
        title = f"own, {one.rows:,} wordings" if one.case == "own" else f"{one.rows:,}"
        note = f" ({one.why_not})" if one.why_not else f" ({one.questions} questions)" if one.top1 is None else ""
        lines.append(
            f"| {title} | {one.method}{note} | {number(one.top1)} | {number(one.top3)} | {number(one.p50, 2)} | "
            f"{number(one.p99, 2)} | {number(ratio, 2, '×')} | {number(one.build, 2)} | {number(one.memory, 0)} | "
            f"{number(one.disk, 1)} | {number(one.load, 2)} |"
        )
    return "\n".join(lines)


def kinds_table(table: dict[str, dict[str, float | None]]) -> str:
    names = ("top1", "top3", "resolved", "wrong", "lost", "both", "refused", "bluffed")
    lines = ["| kind | n | " + " | ".join(names) + " |", "|---" * (len(names) + 2) + "|"]
    for kind, row in table.items():
        lines.append(f"| {kind} | {row['n']:.0f} | " + " | ".join(number(row[name]) for name in names) + " |")
    return "\n".join(lines)


def calibration_table(told: dict[str, list[dict[str, float]]]) -> str:
    """Probability said beside share that held, and the mean difference weighted by questions (ECE)."""
    lines = ["| questions | said | n | mean said | right |", "|---|---|---|---|---|"]
    errors = []
    for title, rows in told.items():
        for row in rows:
            low, high = row["low"], row["low"] + 0.1
            lines.append(f"| {title} | {low:.1f}–{high:.1f} | {row['n']} | {row['said']:.2f} | {row['held']:.2f} |")
        total = sum(row["n"] for row in rows)
        errors.append(f"{title} {sum(row['n'] * abs(row['said'] - row['held']) for row in rows) / total:.3f}")
    return "\n".join(lines) + "\n\nExpected calibration error: " + "; ".join(errors) + "."


def misses_table(table: dict[str, dict[str, float]]) -> str:
    names = ("first", "2–3", "4–10", "not found", "wrong", "lost", "offered", "bluffed", "slowest ms")
    lines = ["| kind | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for kind, row in table.items():
        lines.append(f"| {kind} | " + " | ".join(str(row.get(name, "–")) for name in names) + " |")
    return "\n".join(lines)


def ablation_table(rows: list[dict[str, Any]]) -> str:
    sets = [title for title in ("dev", "golden") if title in rows[0]]
    names = ("top1", "top3", "resolved", "wrong")
    lines = [
        "| taken out | " + " | ".join(f"{title} {name}" for title in sets for name in names) + " |",
        "|---" * (1 + len(sets) * len(names)) + "|",
    ]
    for row in rows:
        lines.append(
            f"| {row['without']} | " + " | ".join(number(row[title][name]) for title in sets for name in names) + " |"
        )
    return "\n".join(lines)


def targets_table(rows: list[Measured], dev: dict[str, Any], own: dict[str, Any]) -> str:
    """What is wanted of the matcher beside what was measured."""
    of = {row.case: row for row in rows if row.method == OURS}
    small, bare, large = of.get("own"), of.get("781"), of.get("1000000")
    unmeant = next((row for row in rows if row.method == UNMEANT and row.case == "781"), None)
    lines = ["| wanted | reach | measured | |", "|---|---|---|---|"]

    def line(wanted: str, least: bool, reach: float, value: float | None) -> None:
        if value is not None:
            met = value >= reach if least else value <= reach
            mark = "met" if met else "**short**"
            lines.append(f"| {wanted} | {'≥' if least else '≤'} {reach:g} | {number(value, 2)} | {mark} |")

    for kind, name, reach in (
        ("all", "top1", 85), ("all", "top3", 95), ("colloquial", "top1", 80), ("colloquial", "top3", 93),
        ("pinyin", "top3", 93), ("traditional", "top3", 93), ("typo", "top3", 93), ("english", "top3", 85),
        ("all", "resolved", 93), ("all", "both", 85), ("out_of_catalogue", "refused", 75),
    ):  # fmt: skip
        line(f"dev questions, {kind}: {name}", True, reach, dev.get(kind, {}).get(name))
    line("dev questions, all: wrong", False, 4, dev.get("all", {}).get("wrong"))
    line("dev questions, out_of_catalogue: bluffed", False, 5, dev.get("out_of_catalogue", {}).get("bluffed"))
    line("golden phrases: top1", True, 96, own.get("all", {}).get("top1"))
    line("golden phrases: top3", True, 99, own.get("all", {}).get("top3"))
    for title, row, p50, p99 in (
        ("781 items, without meaning", unmeant, 2, 5), ("781 items", bare, 6, 12), ("1,000,000 rows", large, 5, 15),
    ):  # fmt: skip
        line(f"{title}: p50 ms", False, p50, row and row.p50)
        line(f"{title}: p99 ms", False, p99, row and row.p99)
    line("1,000,000 rows: seconds to build", False, 60, large and large.build)
    line("1,000,000 rows: MB at most while building", False, 700, large and large.memory)
    line("own catalogue: seconds to build, the lexicon read before", False, 2, small and small.again)
    line("own catalogue: seconds to build, lexicon and all", False, 2, small and small.build)
    line("own catalogue: seconds to load, first question included", False, 0.3, small and small.load)
    line("own catalogue: ms for the slowest message that nobody means", False, 20, small and small.bad)
    return "\n".join(lines)


def processor() -> str:
    """What the machine calls its processor, and how many there are."""
    information = Path("/proc/cpuinfo")
    text = information.read_text(encoding="utf-8") if information.is_file() else ""
    found = re.search(r"model name\s*:\s*(.+)", text)
    name = found.group(1).strip() if found else platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


# --- the whole run --------------------------------------------------------------------------------


def import_bare(to: Path) -> Path | None:
    """The 781 items of the export beside the repository as it is; None where it is not present."""
    export = SHARED / "data" / "fangchenggang"
    if not export.is_dir():
        return None
    command = [
        sys.executable,
        str(HOME / "bot.py"),
        "catalogue",
        "import",
        str(export),
        "--format",
        "gxzwfw",
        "--to",
        str(to),
    ]
    subprocess.run(command, cwd=HOME, check=True, stdout=subprocess.DEVNULL)
    return to


def score(bare: Path, folder: Path) -> str:
    """What `ask --batch` and score.py say of the dev questions."""
    questions, decisions = SHARED / "eval" / "questions_dev.jsonl", folder / "decisions.jsonl"
    command = [sys.executable, str(HOME / "bot.py"), "ask", "--catalogue", str(bare), "--batch", str(questions)]
    decisions.write_bytes(subprocess.run(command, cwd=HOME, check=True, capture_output=True).stdout)
    scoring = [sys.executable, str(SHARED / "eval" / "score.py"), str(questions), str(decisions)]
    return subprocess.run(scoring, check=True, capture_output=True, text=True).stdout.rstrip()


def say(line: str) -> None:
    if sys.stderr.isatty():
        print(line, file=sys.stderr, flush=True)


def compare(
    folder: Path, wanted: list[str], limit: float, own: Path, bare: Path | None
) -> tuple[list[Measured], dict[str, Any]]:
    """Every method on every case; and this matcher's accuracy, calibration and misses on the first two."""
    rows: list[Measured] = []
    sections: dict[str, Any] = {"told": {}, "points": {}}
    for case, place in make_cases(folder, wanted, own, bare):
        for method in (OURS, *((UNMEANT,) if case.name == "781" else ()), *PEERS):
            say(f"{case.name}: {method}")
            rows.append(measure(case, place, method, limit))
            if method == OURS and case.name in ("own", "781") and rows[-1].top1 is not None:
                title = "golden phrases" if case.name == "own" else "dev questions"
                sections["told"][title] = bins(case.questions, rows[-1].found)
                sections[title] = by_kind(case.questions, rows[-1].found)
                sections[f"{title}: misses"] = misses(case.questions, rows[-1].found)
    return rows, sections


def put(page: Path, tables: dict[str, str]) -> None:
    """Replace what stands between `<!-- measured: NAME -->` and `<!-- measured -->` in `page`."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        pattern = rf"(<!-- measured: {re.escape(name)} -->\n).*?(\n<!-- measured -->)"
        text = re.sub(pattern, lambda found, table=table: found[1] + table + found[2], text, flags=re.S)
    page.write_text(text, encoding="utf-8")


PARTS = ("comparison", "dev", "ablation", "held-out")


def measured_tables(options: argparse.Namespace, only: list[str], record: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The tables of each part in `only` in turn; what the plots need goes into `record`."""
    from bench.ablation import ablate

    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        build_catalogue(folder / "own.db", dt.date.today())
        bare = import_bare(folder / "bare.db")
        if bare is not None and "dev" in only:
            yield {"dev": "```\n" + score(bare, folder) + "\n```"}
        if "comparison" in only:
            rows, sections = compare(folder, options.cases.split(","), options.seconds, folder / "own.db", bare)
            record["comparison"] = [{**asdict(row), "found": None} for row in rows]
            record["told"] = sections["told"]
            yield comparison_tables(rows, sections)
        if "ablation" in only:
            record["ablation"] = ablate(folder / "own.db", golden()[::SAMPLED], bare, developing())
            yield {"ablation": ablation_table(record["ablation"])}
        if "held-out" in only:
            yield {"held-out": "```\n" + held_out() + "\n```"}


def held_out() -> str:
    """What training says of the items it held out; nothing is written."""
    command = [sys.executable, "-m", "knowledge.matching.training.train"]
    said = subprocess.run(command, cwd=HOME, check=True, capture_output=True, text=True).stdout
    return "\n".join(
        line for line in said.splitlines() if line.strip().startswith(("cuts", "learned", "held", "right"))
    )


def comparison_tables(rows: list[Measured], sections: dict[str, Any]) -> dict[str, str]:
    """All tables that the comparison fills."""
    own, dev = sections.get("golden phrases", {}), sections.get("dev questions", {})
    tables = {"comparison": comparison_table(rows), "targets": targets_table(rows, dev, own)}
    if sections["told"]:
        tables["calibration"] = calibration_table(sections["told"])
    if own:
        tables["golden"] = kinds_table(own)
    if dev:
        tables["errors"] = misses_table(sections["dev questions: misses"])
    return tables


def run(options: argparse.Namespace) -> int:
    from bench.plots import draw

    only = [part for part in options.only.split(",") if part in PARTS]
    record: dict[str, Any] = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    tables: dict[str, str] = record.setdefault("tables", {})
    if only:
        command = " ".join(["python bench/matching.py", *sys.argv[1:]])
        tables["machine"] = f"{processor()}; {dt.date.today()}; `{command}`"
        print(f"{platform.node()}: {tables['machine']}", flush=True)
        for part in measured_tables(options, only, record):
            tables.update(part)
            for name, table in part.items():
                print(f"\n## {name}\n\n{table}", flush=True)
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
        print("\nRasa 3.6 has no build for Python 3.11 and is not measured.")
    if options.docs:
        put(PAGE, tables)
        print(draw(record, PAGE.parent / "images"))
    return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    every = ",".join(("own", "781", *map(str, SIZES)))
    parser.add_argument("--cases", default=every, help=f"which catalogues (default: {every})")
    parser.add_argument("--only", default=",".join(PARTS), help="which parts to run; none: what was measured last")
    parser.add_argument(
        "--seconds",
        type=float,
        default=40,
        help="for a method's questions to one catalogue; its index gets four times that",
    )
    parser.add_argument("--docs", action="store_true", help="put the tables into docs/matching.md, draw the plots")
    parser.add_argument("--step", choices=("build", "ask"), help=argparse.SUPPRESS)
    parser.add_argument("--method", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.step:
        return run(options)
    if options.step == "build":
        print(json.dumps(build_step(options.method, options.folder)))
    else:
        print(json.dumps(ask_step(options.method, options.folder, options.seconds)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
