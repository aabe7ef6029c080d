#!/usr/bin/env python
"""帮办: the front door. The command line, and the only place where real things are chosen.

Environment, clock, database, token and random numbers are read here and handed on; nothing below looks for them.
"""

from __future__ import annotations

import argparse
import base64
import datetime as dt
import gc
import getpass
import json
import os
import secrets
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from handlers.settings import Settings, SettingsError, read_settings

if TYPE_CHECKING:
    from bot.desk.desk import Chance
    from bot.store import Seal, Store
    from bot.vault import Vault
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
    wired = _Wired(settings, settings.database, _real_clock)
    wired.catalogue.current().warm()
    gc.freeze()  # what is loaded stays: no answer waits for a search of it for garbage
    # One that is alone goes on at once with what it had claimed before it was killed.
    claimant = secrets.token_hex(8) if wired.store.shared else ""
    outbox = Outbox(wired.store, "telegram", _real_clock, claimant)
    parts = Parts(
        settings=settings,
        templates=TEMPLATES,
        assistant=wired.assistant,
        outbox=outbox,
        knowledge=wired.catalogue.current,
        token=lambda: secrets.token_urlsafe(24),
        monotonic=time.monotonic,
        clock=_real_clock,
        vault=wired.vault,
        file_bytes=wired.office.file_bytes,
        upkeep=wired.upkeep,
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
    from bot.vault import keeping
    from handlers.terminal import Terminal, talk

    database = options.database or settings.database
    wired = _Wired(settings, database, _clock(options.now), catalogue=options.catalogue)
    keep = keeping(wired.vault, _chance().token)
    chat = Chat("terminal", (options.name or getpass.getuser())[:64])
    terminal = Terminal(wired.assistant, chat, _new_id, _paper_folder(), keep=keep)
    prompt = "> " if sys.stdin.isatty() and not options.json else ""
    if prompt:
        print(terminal.as_text(terminal.answer("/start")), end="\n\n")
    terminal.tick()
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
    wired = _Wired(settings, "sqlite://", _clock(options.now), catalogue=options.catalogue)
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
    from handlers.lexicon_commands import Files, Review

    knowledge = _catalogue(settings, None).current()
    files = Files(HOME / "knowledge" / "items", HOME / "knowledge" / "lexicon", HOME / "tests" / "phrases.yaml")
    review = Review(_store(settings, settings.database), knowledge, files, input, sys.stdout)
    if options.lexicon_command == "learn":
        if fault := review.learn(options.wording, options.code):
            raise Refused(fault)
    elif options.json:
        print("\n".join(review.as_json()))
    else:
        review.run()
    return DONE


def staff(options: argparse.Namespace, settings: Settings) -> int:
    """Who works in the hall: invitations, a list, farewells."""
    from handlers.staff_commands import StaffCommands

    wired = _Wired(settings, options.database or settings.database, _clock(options.now))
    return StaffCommands(wired.assistant, settings.bot_name, sys.stdout, sys.stderr).run(options)


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
    for row in _store(settings, settings.database).unanswered(options.limit):
        if options.json:
            print(json.dumps(row, ensure_ascii=False, default=str))
        else:
            print(f"{row['day']}  {row['outcome']:<14} {row['question']}  → {', '.join(row['nearest'])}")
    return DONE


def demo(options: argparse.Namespace, settings: Settings) -> int:
    """A new database full of cases that are marked as a demonstration."""
    from bot.casework.terms import Role
    from bot.desk.change import Done
    from bot.desk.staff import login_link
    from handlers.demo_commands import AGENT, CLERK, COORDINATOR, HALLS, fill
    from handlers.upkeep_commands import counts

    wired = _Wired(settings, options.to, _clock(options.now))
    if counts(wired.store)["entries"] or counts(wired.store)["members"]:
        raise Refused("演示只写进空的数据库。 The demonstration is written to an empty database only.")
    catalogue, office, now = wired.catalogue.current(), wired.office, _clock(options.now)()
    for made in fill(wired.store, catalogue, office, now, options.cases, options.seed):
        if sys.stderr.isatty():
            print(f"\r{min(made, options.cases)} / {options.cases}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    members = wired.assistant.read(lambda desk: desk.records.members(HALLS[0]))
    agent = next(one for one in members if Role.AGENT in one.roles)
    done = wired.assistant.perform(lambda desk: login_link(desk, agent))
    assert isinstance(done, Done)
    print("\n".join(f"{name}: {number}" for name, number in counts(wired.store).items()))
    print(f"演示数据，均非真人真事。 Demonstration data: no real people. {', '.join((AGENT, COORDINATOR, CLERK))}")
    print(f".venv/bin/python bot.py chat --database {options.to} --as {AGENT}")
    print(f"BANGBAN_DATABASE={options.to} .venv/bin/python bot.py")
    print(f"  → /console/login/{done.facts['secret']}")
    return DONE


def doctor(options: argparse.Namespace, settings: Settings) -> int:
    """Whether the database can be opened with this key, how much is in it, and whether its files are there."""
    from bot.desk.desk import Desk
    from bot.desk.log import line
    from bot.store.migrations import HEAD
    from handlers.upkeep_commands import counts, files_report

    database = options.database or settings.database
    wired = _Wired(settings, database, _real_clock)
    print(f"密钥相符 the key fits; schema {HEAD}")
    if options.rebuild:
        with wired.store.reading() as records:
            desk = Desk(records, wired.catalogue.current(), wired.office, _real_clock(), _chance())
            lines = wired.store.rebuild(lambda dossier: line(desk, dossier))
        print(f"重建清单 lists rebuilt: {lines}")
    print("\n".join(f"{name}: {number}" for name, number in counts(wired.store).items()))
    print("\n".join(files_report(wired.store, wired.vault)))
    return DONE


def backup(options: argparse.Namespace, settings: Settings) -> int:
    """A copy of the database, or a copy put back."""
    import sqlite3

    from handlers.upkeep_commands import UpkeepError, sqlite_file
    from handlers.upkeep_commands import backup as copied
    from handlers.upkeep_commands import restore as put_back

    database = options.database or settings.database
    try:
        sqlite_file(database)
        if options.restores:
            put_back(options.file, database)
        else:
            copied(database, options.file)
    except (UpkeepError, OSError, sqlite3.Error) as error:
        raise Refused(str(error)) from error
    if options.restores:
        print(
            "文件夹也要放回：备份之后收到的文件，这个库不认得，运行时会移到一边，30 天后删除。 "
            "Put the files' folder back, too: files that came after the copy are unknown to it, "
            "set aside when it runs, and removed 30 days later."
        )
    print(
        "没有密钥打不开：请把 BANGBAN_KEY（或数据库旁的 .key 文件）和文件夹另外备份。 "
        "It opens only with the key: back up BANGBAN_KEY (or the .key file) and the files' folder separately."
    )
    return DONE


# --- what the commands share --------------------------------------------------------------------


class _Wired:
    """The real things, put together."""

    def __init__(
        self, settings: Settings, database: str, clock: Callable[[], dt.datetime], catalogue: Path | None = None
    ) -> None:
        from bot.assistant import Assistant
        from bot.desk.office import office_of
        from bot.printing import Outside
        from bot.render import Renderer

        self.catalogue = _catalogue(settings, catalogue)
        self.seal = _seal(settings, database)
        self.store = _opened(database, self.seal)
        self.renderer = Renderer(TEMPLATES, _console_address(settings))
        self.office = office_of(self.catalogue.current().hall)
        link = f"{settings.public_url.rstrip('/')}/items/{{}}".format if settings.public_url else None
        self.assistant = Assistant(
            self.catalogue.current,
            self.store,
            self.renderer,
            clock,
            _chance(),
            self.office,
            Outside(link, self._read_file),
        )
        self._settings, self._database, self._clock = settings, database, clock

    def _read_file(self, name: str) -> bytes:
        return self.vault.read(name)

    @cached_property
    def vault(self) -> Vault:
        """Where the files people send lie; its folder is made when it is looked for."""
        from bot.vault import Vault

        return Vault(_files_folder(self._settings, self._database), self.seal, self.office.file_bytes)

    def upkeep(self) -> int:
        """Forget conversations that are silent for long, and then the files that nothing refers to; how many went."""
        from bot.tidying import tidy

        now = self._clock()
        self.store.prune(now - dt.timedelta(days=self._settings.retention_days))
        return tidy(self.store, self.vault, now)


def _console_address(settings: Settings) -> str:
    """Where a one-time link to the console leads: the public address, else this machine's."""
    base = settings.public_url.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return f"{base}/console/login/"


def _store(settings: Settings, database: str) -> Store:
    return _opened(database, _seal(settings, database))


def _seal(settings: Settings, database: str) -> Seal:
    """What encrypts the database: the key that was set, else the key file beside it."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot.store import BadKey
    from handlers.keys import NoKeyError, seal_of

    try:
        return seal_of(_made(database), settings.key, _new_key, lambda line: print(line, file=sys.stderr))
    except (BadKey, NoKeyError) as error:
        raise Refused(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        raise _unopened(error) from error


def _opened(database: str, seal: Seal) -> Store:
    from sqlalchemy.exc import SQLAlchemyError

    from bot.store import Store, WrongKey

    try:
        return Store(database, seal)
    except WrongKey as error:
        raise Refused(str(error)) from error
    except (SQLAlchemyError, OSError) as error:
        raise _unopened(error) from error


def _unopened(error: Exception) -> Refused:
    return Refused(
        f"数据库打不开（{type(error).__name__}），请检查 BANGBAN_DATABASE。 "
        f"The database cannot be opened ({type(error).__name__}); check BANGBAN_DATABASE."
    )


def _files_folder(settings: Settings, database: str) -> Path:
    """The folder that was set, else one beside a SQLite database: what is in it is sealed with the database's key."""
    import sqlalchemy as sa

    url = sa.make_url(database)
    if settings.files:
        return Path(settings.files)
    if url.get_backend_name() != "sqlite":
        return Path("var/files")
    in_memory = url.database in (None, "", ":memory:")
    return Path(tempfile.mkdtemp(prefix="bangban-")) if in_memory else Path(f"{url.database}.files")


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


def _chance() -> Chance:
    from bot.desk.desk import Chance

    return Chance(secrets.randbelow, lambda: secrets.token_urlsafe(24), lambda: secrets.token_bytes(16))


def _new_key() -> bytes:
    return base64.urlsafe_b64encode(secrets.token_bytes(32))


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
    from handlers import catalogue_commands, lexicon_commands, staff_commands

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

    showing = commands.add_parser("demo", help="演示用的数据库。 A database full of demonstration cases.")
    showing.add_argument("--to", required=True, metavar="URL", help="空的数据库。 An empty database.")
    showing.add_argument("--cases", type=int, default=2000, metavar="N", help="办件数。 How many cases (2000).")
    showing.add_argument("--seed", type=int, default=1, metavar="N", help="同一个数，同一批办件。 The same again (1).")
    showing.add_argument("--now", type=_moment, metavar="ISO", help="写到这一刻为止。 Up to this moment.")
    showing.set_defaults(run=demo)

    checking = commands.add_parser("doctor", help="查数据库。 Is the database well?")
    checking.add_argument("--rebuild", action="store_true", help="由日志重建清单。 Derive the lists from the log anew.")
    checking.set_defaults(run=doctor)

    copying = commands.add_parser("backup", help="备份 SQLite 数据库。 Copy a SQLite database in use.")
    copying.add_argument("--to", dest="file", type=Path, required=True, metavar="FILE", help="备份文件。 The copy.")
    copying.set_defaults(run=backup, restores=False)

    restoring = commands.add_parser("restore", help="恢复备份。 Put a copy back.")
    restoring.add_argument("file", type=Path, metavar="FILE", help="备份文件。 The copy.")
    restoring.set_defaults(run=backup, restores=True)
    for command in (checking, copying, restoring):
        command.add_argument("--database", metavar="URL", help="数据库。 The database's URL.")

    kept = commands.add_parser("unanswered", help="没答上来的问题。 Questions without an answer.")
    kept.add_argument("--limit", type=int, default=100, metavar="N", help="最多几条。 At most this many.")
    kept.add_argument("--json", action="store_true", help="每条一行 JSON。 JSON for scripts.")
    kept.set_defaults(run=unanswered)

    catalogue_commands.add_parser(commands)
    commands.choices["catalogue"].set_defaults(run=catalogue)
    lexicon_commands.add_parser(commands)
    commands.choices["lexicon"].set_defaults(run=lexicon)
    staff_commands.add_parser(commands, _where_and_when())
    commands.choices["staff"].set_defaults(run=staff, database=None, now=None)
    return root


def _where_and_when() -> argparse.ArgumentParser:
    """Options that a command and those under it share: given before or after the name, they mean the same."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    shared.add_argument("--database", metavar="URL", help="数据库。 The database's URL.")
    shared.add_argument("--now", type=_moment, metavar="ISO", help="把时钟停在这一刻。 Set the clock; it stands still.")
    return shared


if __name__ == "__main__":
    sys.exit(main())
