"""Looking after a database: is it well, a copy of it, and the copy put back."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from bot.store import Store
from bot.tidying import ASIDE, GRACE
from bot.vault import Vault

NAMED = 20  # missing files that are named
COUNTED = ("dossiers", "cases", "entries", "members", "outbox", "unanswered")


class UpkeepError(Exception):
    """Why it cannot be done, in a sentence."""


def counts(store: Store) -> dict[str, int]:
    """How much there is, by table."""
    with store.engine.connect() as connection:
        present = set(sa.inspect(connection).get_table_names())
        wanted = [name for name in COUNTED if name in present]
        return {name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in wanted}


def files_report(store: Store, vault: Vault) -> list[str]:
    """How many files there are, how many of them nobody refers to, and which are referred to and not there."""
    store.note_files()
    filed = list(store.filed())  # before the folder is looked at: files come first
    there, aside = set(vault.names()), set(vault.aside())
    loose, missing = store.unreferred(there), [one for one in filed if one[1] not in there | aside]
    hours = int(GRACE.total_seconds() // 3600)
    report = [
        f"files: {len(there)}",
        f"无人引用的文件（满 {hours} 小时后，运行中的程序会移到一边，再过 {ASIDE.days} 天删除） files nobody refers to "
        f"(set aside by the running program after {hours} hours, removed {ASIDE.days} days later): {len(loose)}",
        f"移到一边的文件 files set aside: {len(aside)}",
        f"卷宗引用而文件不在 references whose file is missing: {len(missing)}",
        *(f"  {number} {file}" for number, file in missing[:NAMED]),
    ]
    if missing:
        report.append("请从备份把这些文件放回文件夹。 Put these files back into the folder from a backup.")
    if loose and not vault.belongs_to(store.identity, claim=False):
        report.append(
            "文件夹可能属于另一个数据库（BANGBAN_FILES），不会清理。 The folder may be another database's "
            "(BANGBAN_FILES): nothing is removed from it."
        )
    return report


def sqlite_file(database: str) -> Path:
    """The file of a SQLite database. Raises UpkeepError for any other database."""
    url = sa.make_url(database)
    if url.get_backend_name() != "sqlite":
        raise UpkeepError(
            "PostgreSQL 请用 pg_dump 备份、pg_restore 恢复，密钥和文件夹另外备份。 "
            "For PostgreSQL use pg_dump and pg_restore; back up the key and the files' folder besides."
        )
    if url.database in (None, "", ":memory:"):
        raise UpkeepError("内存里的数据库没有文件。 A database in memory has no file.")
    return Path(str(url.database))


def backup(database: str, to: Path) -> None:
    """A copy of a SQLite database while it is in use. Raises UpkeepError, OSError, sqlite3.Error."""
    source = sqlite_file(database)
    if not source.is_file():
        raise UpkeepError(f"没有 {source}。 There is no {source}.")
    if to.exists():
        raise UpkeepError(f"{to} 已存在，请另写一个文件名。 {to} exists; name another file.")
    _copy(source, to)


def restore(file: Path, database: str) -> None:
    """Put a copy in the place of a SQLite database that is not there. Raises UpkeepError, OSError, sqlite3.Error."""
    target = sqlite_file(database)
    if not file.is_file():
        raise UpkeepError(f"没有 {file}。 There is no {file}.")
    if target.exists():
        raise UpkeepError(
            f"{target} 已存在：先停下程序，把它移开。 {target} exists: stop the program and move it away first."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    _copy(file, target)


def _copy(source: Path, to: Path) -> None:
    """By SQLite's own backup: consistent even while others write. What is unfinished does not stay."""
    unfinished = to.with_name(f"{to.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30)) as old,
            closing(sqlite3.connect(unfinished)) as new,
        ):
            if old.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise UpkeepError(f"{source} 已损坏。 {source} is damaged.")
            old.backup(new)
        unfinished.rename(to)
    except sqlite3.DatabaseError as error:
        raise UpkeepError(
            f"{source} 不是 SQLite 数据库，或已损坏。 {source} is no SQLite database, or damaged."
        ) from error
    finally:
        unfinished.unlink(missing_ok=True)
