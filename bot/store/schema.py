"""The tables. A column that names a moment is UTC."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa


class Moment(sa.types.TypeDecorator[dt.datetime]):
    """An aware datetime, kept as UTC; SQLite would otherwise drop the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = sa.MetaData(
    naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"},
)


def _chat_columns() -> tuple[sa.Column[Any], ...]:
    return (sa.Column("channel", sa.String(16), nullable=False), sa.Column("chat", sa.String(64), nullable=False))


chats = sa.Table(
    "chats",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("chat", sa.String(64), primary_key=True),
    sa.Column("state", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),  # compare-and-swap: two steps never start from one state
    sa.Column("seen_at", Moment, nullable=False),
)

updates = sa.Table(
    "updates",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("update_id", sa.String(64), primary_key=True),
    sa.Column("chat", sa.String(64), nullable=False),
    sa.Column("said", sa.JSON, nullable=False),  # what was decided, to say it again
    sa.Column("at", Moment, nullable=False, index=True),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    *_chat_columns(),
    sa.Column("say", sa.JSON, nullable=False),
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("simple", sa.Boolean, nullable=False),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("queued_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("done_at", Moment),  # delivered or given up; what is left is the queue
    sa.Column("reason", sa.Text),  # of the last failure, or why it was given up
    sa.Column("dead", sa.Boolean, nullable=False, default=False),
)
sa.Index("ix_outbox_waiting", outbox.c.channel, outbox.c.chat, outbox.c.id, sqlite_where=outbox.c.done_at.is_(None),
         postgresql_where=outbox.c.done_at.is_(None))  # fmt: skip

failures = sa.Table(
    "failures",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("update_id", sa.String(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("reason", sa.String(200), nullable=False),
    sa.Column("parked", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

unanswered = sa.Table(
    "unanswered",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("question", sa.Text, nullable=False),  # without who asked it, and only the day it was asked
    sa.Column("language", sa.String(2), nullable=False),
    sa.Column("outcome", sa.String(32), nullable=False),
    sa.Column("nearest", sa.JSON, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
)
