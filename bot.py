#!/usr/bin/env python
"""帮办: the front door. The command line, and the only place where real things are chosen.

Environment, clock, database, token and random numbers are read here and handed on; nothing below looks for them.
"""

from __future__ import annotations

import argparse
import datetime as dt
import getpass
import json
import os
import secrets
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from knowledge.catalogue import CatalogueFile

HOME = Path(__file__).resolve().parent
TEMPLATES = HOME / "templates"
CHINA = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")  # one zone, no summer time
DONE, REFUSED, USAGE = 0, 1, 2


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit status (0 done, 1 refused, 2 wrong usage)."""
    options = parser().parse_args(arguments)
    try:
        settings = read_settings(os.environ)
        status: int = options.run(options, settings)
        return status
    except (SettingsError, Refused) as error:
        print(error, file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        return DONE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


class Refused(Exception):
    """Something an operator must mend first, in a sentence."""


# --- commands -----------------------------------------------------------------------------------


def run(options: argparse.Namespace, settings: Settings) -> int:
    """The main job: the web page, and Telegram when there is a token."""
    from bot.outbox import Outbox
    from handlers.serve import AddressTakenError, Parts, serve

    _log_to_stderr()
    wired = _assistant(settings, settings.database, _real_clock, prune=True)
    wired.catalogue.current().warm()
    outbox = Outbox(wired.store, "telegram", _real_clock)
    parts = Parts(
        settings=settings,
        templates=TEMPLATES,
        assistant=wired.assistant,
        outbox=outbox,
        knowledge=wired.catalogue.current,
        token=lambda: secrets.token_urlsafe(24),
        monotonic=time.monotonic,
        clock=_real_clock,
    )
    try:
        serve(parts, lambda address: print(_greeting(address, settings), flush=True))
    except AddressTakenError as error:
        raise Refused(str(error)) from error
    return DONE


def _greeting(address: str, settings: Settings) -> str:
    """What an operator sees once the page listens."""
    lines = [f"网页 Web page: {address}"]
    if settings.token:
        lines.append(f"Telegram: {'webhook' if settings.webhook_url else 'polling'}")
    else:
        lines.append(
            "Telegram 未开：设好 TELEGRAM_BOT_TOKEN 再启动，见 docs/telegram.md。 "
            "Telegram is off: set TELEGRAM_BOT_TOKEN and start again, see docs/telegram.md."
        )
    lines.append("终端对话 Talk in the terminal: .venv/bin/python bot.py chat")
    return "\n".join(lines)


def _log_to_stderr() -> None:
    """Logs are lines of names and values on standard error: ids and outcomes, never what anybody wrote."""
    import structlog

    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def chat(options: argparse.Namespace, settings: Settings) -> int:
    """Talk in the terminal; works when piped."""
    from bot.events import Chat
    from handlers.terminal import Terminal, talk

    database = options.database or settings.database
    assistant = _assistant(settings, database, _clock(options.now), catalogue=options.catalogue)
    name = options.name or getpass.getuser()
    terminal = Terminal(assistant.assistant, Chat("terminal", name[:64]), _new_id, _paper_folder())
    prompt = "> " if sys.stdin.isatty() and not options.json else ""
    if prompt:
        print(terminal.as_text(terminal.answer("/start")), end="\n\n")
    talk(terminal, _lines(), sys.stdout, options.json, prompt)
    return DONE


def ask(options: argparse.Namespace, settings: Settings) -> int:
    """One answer, or decisions for a file of questions."""
    from handlers.batch import decide_all

    if options.batch:
        knowledge = _catalogue(settings, options.catalogue).current()
        for decision in decide_all(knowledge, _read_lines(options.batch)):
            print(json.dumps(decision, ensure_ascii=False))
        return DONE
    if not options.question:
        print("请写出问题，或用 --batch 文件。 Give a question, or --batch FILE.", file=sys.stderr)
        return USAGE
    return _ask_once(options, settings)


def _ask_once(options: argparse.Namespace, settings: Settings) -> int:
    from bot.events import Chat
    from handlers.terminal import Terminal

    question = " ".join(options.question)
    wired = _assistant(settings, "sqlite://", _clock(options.now), catalogue=options.catalogue)
    terminal = Terminal(wired.assistant, Chat("terminal", "ask"), _new_id, _paper_folder())
    replies = wired.assistant.ask(question)
    if options.json:
        answer = {
            "question": question,
            "language": replies[0].language,
            "replies": [terminal.as_record(reply) for reply in replies],
        }
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print(terminal.as_text(replies))
    return DONE


def catalogue(options: argparse.Namespace, settings: Settings) -> int:
    """For the people who keep the catalogue."""
    from handlers import catalogue_commands

    return catalogue_commands.run(options, _real_clock().date(), sys.stdout, sys.stderr)


def lexicon(options: argparse.Namespace, settings: Settings) -> int:
    """Questions that were not understood become wording."""
    from bot.store import Store
    from handlers.lexicon_commands import Files, Review

    knowledge = _catalogue(settings, None).current()
    files = Files(HOME / "knowledge" / "items", HOME / "knowledge" / "lexicon", HOME / "tests" / "phrases.yaml")
    review = Review(Store(_made(settings.database)), knowledge, files, input, sys.stdout)
    if options.lexicon_command == "learn":
        if fault := review.learn(options.wording, options.code):
            raise Refused(fault)
    elif options.json:
        print("\n".join(review.as_json()))
    else:
        review.run()
    return DONE


def qr(options: argparse.Namespace, settings: Settings) -> int:
    """A QR code for the counter: it opens the bot, or the web page, at an item."""
    from handlers.telegram.qr import item_link, qr_png, qr_svg

    item = _catalogue(settings, options.catalogue).current().item(options.code)
    if item is None:
        raise Refused(f"目录里没有 {options.code}。 The catalogue has no {options.code}.")
    if options.web and settings.public_url:
        link = f"{settings.public_url.rstrip('/')}/items/{item.code}"
    elif not options.web and settings.bot_name:
        link = item_link(settings.bot_name, item.code)
    else:
        wanted = "BANGBAN_PUBLIC_URL" if options.web else "BANGBAN_BOT_NAME"
        raise Refused(f"先设好 {wanted}，二维码才知道指向哪里。 Set {wanted} first: it says where the code leads.")
    if options.to.suffix == ".svg":
        options.to.write_text(qr_svg(link, item.name.zh), encoding="utf-8")
    else:
        options.to.write_bytes(qr_png(link))
    print(f"{options.to}: {link}")
    return DONE


def unanswered(options: argparse.Namespace, settings: Settings) -> int:
    """Questions the catalogue had no answer to, for its keepers."""
    from bot.store import Store

    for row in Store(_made(settings.database)).unanswered(options.limit):
        if options.json:
            print(json.dumps(row, ensure_ascii=False, default=str))
        else:
            print(f"{row['day']}  {row['outcome']:<14} {row['question']}  → {', '.join(row['nearest'])}")
    return DONE


# --- what the commands share --------------------------------------------------------------------


class _Wired:
    """The real things, put together."""

    def __init__(
        self, settings: Settings, database: str, clock: Callable[[], dt.datetime], catalogue: Path | None
    ) -> None:
        from bot.assistant import Assistant
        from bot.render import Renderer
        from bot.store import Store

        self.catalogue = _catalogue(settings, catalogue)
        self.store = Store(_made(database))
        self.renderer = Renderer(TEMPLATES)
        link = f"{settings.public_url.rstrip('/')}/items/{{}}".format if settings.public_url else None
        self.assistant = Assistant(self.catalogue.current, self.store, self.renderer, clock, link)


def _assistant(
    settings: Settings,
    database: str,
    clock: Callable[[], dt.datetime],
    catalogue: Path | None = None,
    prune: bool = False,
) -> _Wired:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        wired = _Wired(settings, database, clock, catalogue)
        if prune:
            wired.store.prune(clock() - dt.timedelta(days=settings.retention_days))
    except (SQLAlchemyError, OSError) as error:
        raise Refused(
            f"数据库打不开（{type(error).__name__}），请检查 BANGBAN_DATABASE。 "
            f"The database cannot be opened ({type(error).__name__}); check BANGBAN_DATABASE."
        ) from error
    return wired


def _catalogue(settings: Settings, given: Path | None) -> CatalogueFile:
    """The compiled catalogue. The project's own is built first where it is missing or its files have changed."""
    from knowledge.catalogue import CatalogueError, CatalogueFile
    from knowledge.compiling import build_catalogue, is_stale

    try:
        if given is None and settings.catalogue == Settings().catalogue and is_stale(settings.catalogue):
            print("正在生成目录…… Building the catalogue …", file=sys.stderr)
            build_catalogue(settings.catalogue, _real_clock().date())
        return CatalogueFile(given or settings.catalogue)
    except CatalogueError as error:
        raise Refused("\n".join(map(str, error.faults))) from error


def _made(database: str) -> str:
    """The database URL, with the folder of a SQLite file made."""
    import sqlalchemy as sa

    url = sa.make_url(database)
    if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    return database


def _real_clock() -> dt.datetime:
    return dt.datetime.now(CHINA)


def _clock(now: dt.datetime | None) -> Callable[[], dt.datetime]:
    return (lambda: now) if now else _real_clock


def _moment(text: str) -> dt.datetime:
    """An ISO date or time; without a zone it is China's."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _new_id() -> str:
    return uuid.uuid4().hex


def _paper_folder() -> Callable[[], Path]:
    """A folder for papers, made when the first one is."""
    made: list[Path] = []

    def folder() -> Path:
        if not made:
            made.append(Path(tempfile.mkdtemp(prefix="bangban-")))
        return made[0]

    return folder


def _lines() -> Iterator[str]:
    """Standard input line by line; bytes that are no UTF-8 become replacement characters, not an exception."""
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(encoding="utf-8", errors="replace")
    yield from iter(sys.stdin.readline, "")


def _read_lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"读不了 {path}：{error}。 Cannot read {path}: {error}.") from error


def parser() -> argparse.ArgumentParser:
    from handlers import catalogue_commands, lexicon_commands

    root = argparse.ArgumentParser(
        prog="bot.py", description="帮办：政务服务大厅问答助手。 The service hall's assistant."
    )
    root.set_defaults(run=run)
    commands = root.add_subparsers(title="命令 commands", metavar="COMMAND")

    talking = commands.add_parser("chat", help="在终端里对话。 Talk in the terminal.")
    talking.add_argument("--as", dest="name", metavar="NAME", help="谁在说话。 Who is talking (default: login name).")
    talking.add_argument("--database", metavar="URL", help="数据库。 The database's URL.")
    talking.set_defaults(run=chat)

    asking = commands.add_parser("ask", help="问一句，答一句。 One question, one answer.")
    asking.add_argument("question", nargs="*", help="问题。 The question.")
    asking.add_argument("--batch", type=Path, metavar="FILE", help="JSONL 问题文件，逐行给出判断。 A decision a line.")
    asking.set_defaults(run=ask)

    for command in (talking, asking):
        command.add_argument("--json", action="store_true", help="每个回答一行 JSON。 JSON for scripts.")
        command.add_argument(
            "--now", type=_moment, metavar="ISO", help="把时钟停在这一刻。 Set the clock; it stands still."
        )
        command.add_argument("--catalogue", type=Path, metavar="DB", help="用这份目录。 Use this catalogue.")

    code = commands.add_parser("qr", help="柜台用的二维码。 A QR code for the counter.")
    code.add_argument("code", help="事项代码。 The item's code.")
    code.add_argument(
        "--to", type=Path, required=True, metavar="FILE", help="写到 .png 或 .svg 文件。 A .png or .svg file."
    )
    code.add_argument(
        "--web", action="store_true", help="指向网页，而不是 Telegram。 Lead to the web page, not Telegram."
    )
    code.add_argument("--catalogue", type=Path, metavar="DB", help="用这份目录。 Use this catalogue.")
    code.set_defaults(run=qr)

    kept = commands.add_parser("unanswered", help="没答上来的问题。 Questions without an answer.")
    kept.add_argument("--limit", type=int, default=100, metavar="N", help="最多几条。 At most this many.")
    kept.add_argument("--json", action="store_true", help="每条一行 JSON。 JSON for scripts.")
    kept.set_defaults(run=unanswered)

    catalogue_commands.add_parser(commands)
    commands.choices["catalogue"].set_defaults(run=catalogue)
    lexicon_commands.add_parser(commands)
    commands.choices["lexicon"].set_defaults(run=lexicon)
    return root


if __name__ == "__main__":
    sys.exit(main())
