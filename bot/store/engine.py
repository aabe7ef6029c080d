"""How the two kinds of database are opened, and how their transactions begin."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

WAIT = 30  # seconds a writer waits for another one


def make_engine(url: str) -> sa.Engine:
    """The engine of a database. A transaction with the execution option `writing` is going to write. ArgumentError for
    what is no URL of SQLite or PostgreSQL."""
    where = sa.make_url(url)
    match where.get_backend_name():
        case "sqlite":
            return _sqlite(where)
        case "postgresql" | "postgres":
            return _postgresql(where.set(drivername="postgresql+psycopg"))
    raise sa.exc.ArgumentError("neither SQLite nor PostgreSQL")


# `hide_parameters`: what people wrote must not come out in an error's message.


def _postgresql(url: sa.URL) -> sa.Engine:
    waits = f"-c lock_timeout={WAIT}s -c idle_in_transaction_session_timeout={2 * WAIT}s"
    return sa.create_engine(url, pool_pre_ping=True, hide_parameters=True, connect_args={"options": waits})


def _sqlite(url: sa.URL) -> sa.Engine:
    in_memory = url.database in (None, "", ":memory:")
    pool = {"poolclass": sa.pool.StaticPool} if in_memory else {}
    connecting = {"timeout": WAIT, "check_same_thread": False}
    engine = sa.create_engine(url, connect_args=connecting, hide_parameters=True, **pool)
    sa.event.listen(engine, "connect", _sqlite_pragmas)
    sa.event.listen(engine, "begin", _begin)
    return engine


def _sqlite_pragmas(connection: Any, record: Any) -> None:
    """WAL: readers and the one writer do not wait for each other. The driver must not open transactions itself."""
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: sa.Connection) -> None:
    """A writer takes the lock at once: two that upgrade from reading would deadlock instead of waiting."""
    writing = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def snapshots(engine: sa.Engine) -> sa.Engine:
    """The same database, each transaction of which reads what was there when it began. SQLite's always do."""
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
