"""Which file of the vault an entry of the log is about."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Entries are sealed, so the rows of those that are there come from `Store.note_files`, which has the key."""
    filed = sa.text("kind = 'filed'")
    op.create_index("ix_entries_filed", "entries", ["stream", "seq"], sqlite_where=filed, postgresql_where=filed)
    op.create_table(
        "filed",
        sa.Column("stream", sa.String, primary_key=True),
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("file", sa.String, nullable=False),
        sa.ForeignKeyConstraint(["stream", "seq"], ["entries.stream", "entries.seq"]),
    )
    op.create_index("ix_filed_file", "filed", ["file"])
