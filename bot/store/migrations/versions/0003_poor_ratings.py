"""Until when a dossier's poor ratings are to be put right, in the lists."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """A line has it from the next entry of its log on; `bot.py doctor --rebuild` gives it to all."""
    op.add_column("dossiers", sa.Column("rectify_by", sa.Date))
    op.create_index("ix_dossiers_hall_rectify_by", "dossiers", ["hall", "rectify_by"])
