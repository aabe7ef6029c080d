"""The tables of conversations. A column that names a moment is UTC; one that is marked sealed, `seal.Seal` wrote."""

from __future__ import annotations

import datetime as dt
import re
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


_IN_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # PostgreSQL keeps no NUL, and no database half a character


class Plain(sa.types.TypeDecorator[str]):
    """Text that is not sealed. What no database takes is replaced, so that it is neither refused nor found."""

    impl = sa.String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value if value is None else _IN_NO_TEXT.sub("\ufffd", value)


class PlainText(Plain):
    """The same, of any length."""

    impl = sa.Text
    cache_ok = True


metadata = sa.MetaData(naming_convention={"ix": "ix_%(table_name)s_%(column_0_N_name)s", "pk": "pk_%(table_name)s"})

seals = sa.Table(
    "seals",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mark", sa.Text, nullable=False),  # sealed with the key the database began with: opens only for that one
)


def chat_columns(nullable: bool = False) -> tuple[sa.Column[Any], ...]:
    """A reference to a chat."""
    return (sa.Column("channel", Plain(16), nullable=nullable), sa.Column("chat", Plain(64), nullable=nullable))


chats = sa.Table(
    "chats",
    metadata,
    sa.Column("channel", Plain(16), primary_key=True),
    sa.Column("chat", Plain(64), primary_key=True),
    sa.Column("state", sa.JSON, nullable=False),  # sealed
    sa.Column("version", sa.Integer, nullable=False),  # compare-and-swap: two steps never start from one state
    sa.Column("seen_at", Moment, nullable=False),
    sa.Column("lost_at", Moment),  # since when letters do not arrive; empty again once somebody has written
)

updates = sa.Table(
    "updates",
    metadata,
    sa.Column("channel", Plain(16), primary_key=True),
    sa.Column("update_id", Plain(64), primary_key=True),
    sa.Column("chat", Plain(64), nullable=False),
    sa.Column("said", sa.JSON, nullable=False),  # sealed: what was decided, to say it again
    sa.Column("at", Moment, nullable=False, index=True),
)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    *chat_columns(),
    sa.Column("say", sa.JSON, nullable=False),  # sealed
    sa.Column("language", Plain(2), nullable=False),
    sa.Column("simple", sa.Boolean, nullable=False),
    sa.Column("origin", PlainText, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("queued_at", Moment, nullable=False),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("claimed_by", Plain),  # who delivers it
    sa.Column("claimed_until", Moment),  # until then nobody else does
    sa.Column("done_at", Moment),  # delivered or given up; what is left is the queue
    sa.Column("reason", PlainText),  # of the last failure, or why it was given up
    sa.Column("dead", sa.Boolean, nullable=False, default=False),
)
sa.Index("ix_outbox_waiting", outbox.c.channel, outbox.c.chat, outbox.c.id, sqlite_where=outbox.c.done_at.is_(None),
         postgresql_where=outbox.c.done_at.is_(None))  # fmt: skip

failures = sa.Table(
    "failures",
    metadata,
    sa.Column("channel", Plain(16), primary_key=True),
    sa.Column("update_id", Plain(64), primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("reason", Plain(200), nullable=False),
    sa.Column("parked", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

unanswered = sa.Table(
    "unanswered",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("question", PlainText, nullable=False),  # without who asked it, and only the day it was asked
    sa.Column("language", Plain(2), nullable=False),
    sa.Column("outcome", Plain(32), nullable=False),
    sa.Column("nearest", sa.JSON, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
)
