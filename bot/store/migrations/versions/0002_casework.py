"""Casework: the log of dossiers and what is derived from it, appointments, staff, look-ups, complaints.

And the mark of the seal, and claims on letters.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
NOT_REVOKED = sa.text("NOT revoked")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("claimed_by", sa.String))
    op.add_column("outbox", sa.Column("claimed_until", MOMENT))
    op.create_table("seals", sa.Column("id", sa.Integer, primary_key=True), sa.Column("mark", sa.Text, nullable=False))
    _log()
    _lists()
    _appointments()
    _staff()
    _look_ups()


def _text(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String, nullable=False)


def _log() -> None:
    op.create_table(
        "entries",
        sa.Column("stream", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", MOMENT, nullable=False),
        _text("actor"),
        _text("role"),
        _text("kind"),
        _text("subject"),
        sa.Column("body", sa.Text, nullable=False),
    )
    for statement in REFUSE_CHANGES[op.get_bind().dialect.name]:
        op.execute(statement)


REFUSE_CHANGES = {
    "sqlite": (
        "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries "
        "BEGIN SELECT RAISE(ABORT, 'entries are only added to'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION entries_stay() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'entries are only added to'; END $$",
        "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries FOR EACH ROW EXECUTE FUNCTION entries_stay()",
    ),
}


def _lists() -> None:
    op.create_table(
        "dossiers",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("length", sa.Integer, nullable=False),
        _text("hall"),
        _text("region"),
        _text("step"),
        _text("responsible"),
        _text("hand_over_to"),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("chat", sa.String(64), nullable=False),
        sa.Column("applicant", sa.Text, nullable=False),
        _text("name_digest"),
        _text("telephone_digest"),
        _text("identity_digest"),
        sa.Column("due", sa.Date),
        sa.Column("light", sa.String),
        sa.Column("unread", sa.Boolean, nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.Column("closed", sa.Boolean, nullable=False),
        sa.Column("wake_at", MOMENT),
    )
    _index("dossiers", "channel", "chat", "closed", "opened_at")
    _index("dossiers", "hall", "closed", "due")
    _index("dossiers", "responsible", "closed")
    for column in ("hand_over_to", "name_digest", "telephone_digest", "identity_digest", "wake_at"):
        _index("dossiers", column)
    op.create_table(
        "cases",
        sa.Column("number", sa.String, primary_key=True),
        sa.Column("dossier", sa.String, sa.ForeignKey("dossiers.number"), nullable=False),
        sa.Column("place", sa.Integer, nullable=False),
        _text("item"),
        _text("state"),
        _text("awaits"),
        sa.Column("due", sa.Date),
        sa.Column("light", sa.String),
    )
    _index("cases", "dossier")
    _index("cases", "item")
    op.create_table(
        "offers",
        sa.Column("dossier", sa.String, sa.ForeignKey("dossiers.number"), primary_key=True),
        sa.Column("member", sa.String, primary_key=True),
        sa.Column("place", sa.Integer, nullable=False),
    )
    _index("offers", "member")
    op.create_table(
        "followers",
        sa.Column("channel", sa.String(16), primary_key=True),
        sa.Column("chat", sa.String(64), primary_key=True),
        sa.Column("dossier", sa.String, sa.ForeignKey("dossiers.number"), primary_key=True),
    )
    _index("followers", "dossier")


def _appointments() -> None:
    op.create_table(
        "diaries", sa.Column("hall", sa.String, primary_key=True), sa.Column("version", sa.Integer, nullable=False)
    )
    op.create_table(
        "appointments",
        sa.Column("hall", sa.String, sa.ForeignKey("diaries.hall"), primary_key=True),
        sa.Column("id", sa.String, primary_key=True),
        _text("applicant"),
        sa.Column("starts", MOMENT, nullable=False),
        _text("status"),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("held_until", MOMENT),
        _text("replaces"),
    )
    _index("appointments", "hall", "starts")
    _index("appointments", "status", "held_until")
    _index("appointments", "status", "starts")


def _staff() -> None:
    op.create_table(
        "members",
        sa.Column("id", sa.String, primary_key=True),
        _text("hall"),
        sa.Column("channel", sa.String(16)),
        sa.Column("chat", sa.String(64)),
        sa.Column("revoked", sa.Boolean, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _index("members", "hall")
    _index("members", "channel", "chat", unique=True, sqlite_where=NOT_REVOKED, postgresql_where=NOT_REVOKED)
    op.create_table(
        "tickets",
        sa.Column("digest", sa.String, primary_key=True),
        _text("kind"),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.Column("facts", sa.Text, nullable=False),
    )
    _index("tickets", "expires_at")


def _look_ups() -> None:
    op.create_table(
        "attempts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("at", MOMENT, nullable=False),
        _text("chat"),
        _text("case"),
    )
    _index("attempts", "at")
    _index("attempts", "chat", "at")
    _index("attempts", "case", "at")
    op.create_table(
        "serials", sa.Column("key", sa.String, primary_key=True), sa.Column("last", sa.Integer, nullable=False)
    )
    op.create_table(
        "complaints",
        sa.Column("number", sa.String, primary_key=True),
        _text("hall"),
        sa.Column("answered", sa.Boolean, nullable=False),
        sa.Column("answer_by", sa.Date, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    _index("complaints", "hall", "answered", "answer_by")


def _index(table: str, *columns: str, **options: Any) -> None:
    op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns, **options)
