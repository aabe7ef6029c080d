"""A PostgreSQL server of the tests' own, in a folder of its own, reached by a socket in it."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.store.migrations import upgrade
from bot.store.schema import metadata

USER = "bangban"
LONGEST = 60  # seconds that starting and stopping may take
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c max_connections=60"


def binaries() -> Path | None:
    """The folder of PostgreSQL's programs; Debian keeps those of a server off the PATH."""
    for found in sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name)):
        if (found / "initdb").exists() and (found / "pg_ctl").exists():
            return found
    on_path = shutil.which("pg_ctl")
    return Path(on_path).resolve().parent if on_path else None


class Postgres:
    """A running server."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._admin = sa.create_engine(self._url("postgres"), isolation_level="AUTOCOMMIT")
        self._execute("CREATE DATABASE migrated")
        self._migrated = sa.create_engine(self._url("migrated"))
        upgrade(self._migrated)

    def close(self) -> None:
        self._admin.dispose()
        self._migrated.dispose()

    def emptied(self) -> str:
        """The URL of a database with all tables and no row: one for all tests, since to make one takes long."""
        with self._migrated.begin() as connection:
            connection.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        return self._url("migrated")

    @contextlib.contextmanager
    def bare(self) -> Iterator[str]:
        """The URL of a database without tables, gone afterwards."""
        self._execute("CREATE DATABASE bare")
        try:
            yield self._url("bare")
        finally:
            self._execute("DROP DATABASE bare WITH (FORCE)")

    def _url(self, database: str) -> str:
        return f"postgresql+psycopg://{USER}@/{database}?host={self._folder}"

    def _execute(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)


@contextlib.contextmanager
def running(programs: Path) -> Iterator[Postgres]:
    """A server that is there as long as it is needed."""
    folder = Path(tempfile.mkdtemp(prefix="bangban-pg-"))
    data, user = folder / "data", _user()
    try:
        if user:
            os.chown(folder, user["user"], user["group"])
        _run(user, programs / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = f"-k {folder} -c listen_addresses='' {FAST}"
        wait = ("-w", "-t", str(LONGEST))
        _run(user, programs / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, *wait, "start")
        try:
            server = Postgres(folder)
            try:
                yield server
            finally:
                server.close()
        finally:
            _run(user, programs / "pg_ctl", "-D", data, "-m", "immediate", *wait, "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user() -> dict[str, Any]:
    """Who runs it: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _run(user: dict[str, Any], *command: str | Path) -> None:
    # its output goes to a file: a pipe would stay open as long as the server runs
    with tempfile.TemporaryFile() as said:
        done = subprocess.run(
            [str(part) for part in command], stdout=said, stderr=said, cwd="/", timeout=2 * LONGEST, **user
        )
        said.seek(0)
        assert done.returncode == 0, said.read().decode(errors="replace")
