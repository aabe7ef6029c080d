"""The tables of casework. The log (`entries`) and what stands beside it are the truth; what says so is derived from it.

Numbers, item codes, states, days and the opaque ids of chats and staff are plain, so that they can be searched and
sorted. What a person wrote and what names a person is sealed; names and numbers are found by keyed hashes.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.store.schema import Moment, Plain, chat_columns, metadata


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, Plain, nullable=False)


def _of_dossier(**options: Any) -> sa.Column[Any]:
    return sa.Column("dossier", Plain, sa.ForeignKey("dossiers.number"), nullable=False, **options)


# --- the log ------------------------------------------------------------------------------------

entries = sa.Table(  # only ever added to: a trigger refuses to change a row
    "entries",
    metadata,
    sa.Column("stream", Plain, primary_key=True),  # the dossier's number
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),  # its place in the log, from 0
    sa.Column("at", Moment, nullable=False),
    _text("actor"),
    _text("role"),
    _text("kind"),  # dossier.KINDS
    _text("subject"),  # the case it is about, or empty
    sa.Column("body", sa.Text, nullable=False),  # sealed
)
IS_FILED = sa.text("kind = 'filed'")  # an index of a part is used only where its condition is written out
sa.Index("ix_entries_filed", entries.c.stream, entries.c.seq, sqlite_where=IS_FILED, postgresql_where=IS_FILED)

# --- derived from the log -----------------------------------------------------------------------

dossiers = sa.Table(
    "dossiers",
    metadata,
    sa.Column("number", Plain, primary_key=True),
    sa.Column("length", sa.Integer, nullable=False),  # of the log: compare-and-swap
    _text("hall"),
    _text("region"),
    _text("step"),
    _text("responsible"),
    _text("hand_over_to"),
    *chat_columns(),
    sa.Column("applicant", sa.Text, nullable=False),  # sealed: name, telephone and identity number
    _text("name_digest"),
    _text("telephone_digest"),
    _text("identity_digest"),
    sa.Column("due", sa.Date),
    sa.Column("light", Plain),
    sa.Column("unread", sa.Boolean, nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False),
    sa.Column("rectify_by", sa.Date),
    sa.Column("wake_at", Moment, index=True),
    sa.Index(None, "channel", "chat", "closed", "opened_at"),
    sa.Index(None, "hall", "closed", "due"),
    sa.Index(None, "responsible", "closed"),
    sa.Index(None, "hall", "rectify_by"),
    sa.Index(None, "hand_over_to"),
    sa.Index(None, "name_digest"),
    sa.Index(None, "telephone_digest"),
    sa.Index(None, "identity_digest"),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("number", Plain, primary_key=True),
    _of_dossier(index=True),
    sa.Column("place", sa.Integer, nullable=False),  # the order they were opened in
    sa.Column("item", Plain, nullable=False, index=True),
    _text("state"),
    _text("awaits"),
    sa.Column("due", sa.Date),
    sa.Column("light", Plain),
)

offers = sa.Table(  # to whom a dossier is offered
    "offers",
    metadata,
    _of_dossier(primary_key=True),
    sa.Column("member", Plain, primary_key=True, index=True),
    sa.Column("place", sa.Integer, nullable=False),  # best first
)

followers = sa.Table(
    "followers",
    metadata,
    sa.Column("channel", Plain(16), primary_key=True),
    sa.Column("chat", Plain(64), primary_key=True),
    _of_dossier(primary_key=True, index=True),
)

filed = sa.Table(  # the file that an entry of this kind is about: known without opening the log
    "filed",
    metadata,
    sa.Column("stream", Plain, primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("file", Plain, nullable=False, index=True),  # its name in the vault
    sa.ForeignKeyConstraint(["stream", "seq"], [entries.c.stream, entries.c.seq]),
)

# --- appointments -------------------------------------------------------------------------------

diaries = sa.Table(
    "diaries",
    metadata,
    sa.Column("hall", Plain, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # compare-and-swap
)

appointments = sa.Table(
    "appointments",
    metadata,
    sa.Column("hall", Plain, sa.ForeignKey("diaries.hall"), primary_key=True),
    sa.Column("id", Plain, primary_key=True),
    _text("applicant"),
    sa.Column("starts", Moment, nullable=False),
    _text("status"),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("held_until", Moment),
    _text("replaces"),
    sa.Index(None, "hall", "starts"),
    sa.Index(None, "status", "held_until"),
    sa.Index(None, "status", "starts"),
)

# --- staff, look-ups, numbers, complaints -------------------------------------------------------

members = sa.Table(
    "members",
    metadata,
    sa.Column("id", Plain, primary_key=True),
    sa.Column("hall", Plain, nullable=False, index=True),
    *chat_columns(nullable=True),
    sa.Column("revoked", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # sealed: the whole member
)
NOT_REVOKED = sa.text("NOT revoked")
sa.Index(None, members.c.channel, members.c.chat, unique=True,
         sqlite_where=NOT_REVOKED, postgresql_where=NOT_REVOKED)  # fmt: skip

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("digest", Plain, primary_key=True),
    _text("kind"),
    sa.Column("expires_at", Moment, nullable=False, index=True),
    sa.Column("used_at", Moment),
    sa.Column("facts", sa.Text, nullable=False),  # sealed
)

attempts = sa.Table(  # failed look-ups
    "attempts",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("at", Moment, nullable=False, index=True),
    _text("chat"),
    _text("case"),
    sa.Index(None, "chat", "at"),
    sa.Index(None, "case", "at"),
)

serials = sa.Table(
    "serials",
    metadata,
    sa.Column("key", Plain, primary_key=True),
    sa.Column("last", sa.Integer, nullable=False),
)

complaints = sa.Table(
    "complaints",
    metadata,
    sa.Column("number", Plain, primary_key=True),
    _text("hall"),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Column("answer_by", sa.Date, nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # sealed: the whole complaint
    sa.Index(None, "hall", "answered", "answer_by"),
)
