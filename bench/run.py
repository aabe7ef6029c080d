"""`make bench`: start-up, memory, one question end to end, and webhook updates a second beside a bare PTB echo bot.

    python bench/run.py [--runs N] [--questions N]

Everything is measured in this one run, on this machine; only the last table compares.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import json
import os
import platform
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

QUESTIONS = (
    "补办身份证要多少钱", "结婚登记要带什么", "开个小饭店要办什么证", "二手房过户几天能办好", "公司换法人怎么弄",
    "how much is a passport", "shenfenzheng diule zenme bu", "護照過期了怎麼換", "高考成绩在哪查", "我想办证",
)  # fmt: skip
LONGEST = 60  # seconds a start may take


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The assistant as `make run` starts it, with its page's address, once that answers."""
    environment = {
        **os.environ,
        "BANGBAN_PORT": str(_free_port()),
        "BANGBAN_DATABASE": f"sqlite:///{folder / 'bench.db'}",
        "TELEGRAM_BOT_TOKEN": "",
    }
    process = subprocess.Popen(
        [sys.executable, str(HOME / "bot.py")],
        cwd=HOME, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        urllib.request.urlopen(f"{address}/healthz", timeout=LONGEST).read()
        yield process, address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST)


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def start_up(runs: int) -> tuple[float, float, float]:
    """Median seconds until the page answers, and resident MiB then and after 200 questions."""
    seconds, before, after = [], [], []
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            with running(Path(folder)) as (process, address):
                seconds.append(time.perf_counter() - began)
                before.append(_resident(process.pid))
                for question in itertools.islice(itertools.cycle(QUESTIONS), 200):
                    _ask(address, question)
                after.append(_resident(process.pid))
    return statistics.median(seconds), statistics.median(before), statistics.median(after)


def _ask(address: str, question: str) -> None:
    body = json.dumps({"question": question}).encode()
    request = urllib.request.Request(f"{address}/api/ask", body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=LONGEST).read()
    except urllib.error.HTTPError as error:  # 429: the page limits one visitor; memory is measured all the same
        if error.code != 429:
            raise


def _resident(pid: int) -> float:
    """Resident memory in MiB, by ps: the same on Linux and macOS."""
    return (
        int(subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True).stdout)
        / 1024
    )


def end_to_end(questions: int) -> dict[str, list[float]]:
    """Milliseconds of each question: matched only, and answered (gathered, decided, committed, rendered)."""
    from cryptography.fernet import Fernet

    from bot.assistant import Assistant
    from bot.desk.desk import Chance
    from bot.events import Chat, Incoming, Said
    from bot.render import Renderer
    from bot.store import Seal, Store
    from knowledge.catalogue import open_catalogue
    from knowledge.compiling import build_catalogue

    with tempfile.TemporaryDirectory() as folder:
        build_catalogue(Path(folder) / "catalogue.db", dt.date.today())
        catalogue = open_catalogue(Path(folder) / "catalogue.db")
        store = Store(f"sqlite:///{folder}/bench.db", Seal([Fernet.generate_key()]))
        assistant = Assistant(
            lambda: catalogue,
            store,
            Renderer(HOME / "templates"),
            lambda: dt.datetime.now(dt.UTC),
            Chance(secrets.randbelow, secrets.token_urlsafe, lambda: secrets.token_bytes(16)),
        )
        asked = list(itertools.islice(itertools.cycle(QUESTIONS), questions))
        numbers = itertools.count()

        def answer(question: str) -> Any:
            number = next(numbers)
            return assistant.respond(Incoming(Chat("web", str(number % 50)), str(number), Said(question)))

        for question in QUESTIONS * 3:
            answer(question)
        times = {"matching": _times(catalogue.understand, asked), "answer": _times(answer, asked)}
        store.close()
    return times


def _times(work: Callable[[str], Any], questions: list[str]) -> list[float]:
    taken = []
    for question in questions:
        began = time.perf_counter()
        work(question)
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--questions", type=int, default=1000)
    options = parser.parse_args()
    print(f"{platform.node()}: {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}\n")
    seconds, before, after = start_up(options.runs)
    times = end_to_end(options.questions)
    print("| measure | |\n|---|---|")
    print(f"| start-up until the page answers | {seconds:.2f} s |")
    print(f"| memory after start-up / after 200 questions | {before:.0f} / {after:.0f} MiB |")
    for name, label in (("matching", "matching one question"), ("answer", "one question end to end")):
        print(f"| {label}, p50 / p99 | {_percentile(times[name], 0.5):.1f} / {_percentile(times[name], 0.99):.1f} ms |")
    print(flush=True)
    return subprocess.call([sys.executable, str(HOME / "bench" / "webhook.py")])


if __name__ == "__main__":
    sys.exit(main())
