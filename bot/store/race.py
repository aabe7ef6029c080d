"""Losing a race: what was read is no longer what is there."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

_RACES = {
    "SQLITE_CONSTRAINT_PRIMARYKEY",
    "SQLITE_CONSTRAINT_UNIQUE",
    "23505",  # unique_violation
    "40001",  # serialization_failure
    "40P01",  # deadlock_detected
}


class Conflict(Exception):
    """What was read has changed meanwhile: nothing was written; read and decide again."""


@contextlib.contextmanager
def races() -> Iterator[None]:
    """What the database refuses because somebody else was faster is a Conflict."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        code = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "sqlite_errorname", None)
        if code not in _RACES:
            raise
        raise Conflict from error


def swap(connection: sa.Connection, statement: sa.Update, values: dict[str, object]) -> None:
    """Update exactly one row, the one that is still as it was read; Conflict where there is none."""
    if connection.execute(statement, values).rowcount != 1:
        raise Conflict
