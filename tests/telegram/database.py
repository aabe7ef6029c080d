"""What stands in the database afterwards: the only witness of what happened exactly once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from bot.store import Store
from bot.store.schema import outbox
from tests.conftest import SEAL


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def settled(store: Store) -> list[dict[str, Any]]:
    """The outbox's rows that are delivered or given up."""
    with store.engine.connect() as connection:
        rows = connection.execute(sa.select(outbox).where(outbox.c.done_at.is_not(None)).order_by(outbox.c.id))
        return [{**row, "say": SEAL.open(row["say"])} for row in rows.mappings()]


def committed(store: Store) -> list[str]:
    """The ids of the updates that are committed, in the order they were."""
    with store.engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT update_id FROM updates ORDER BY at, rowid")]
