"""Bringing a database to the newest schema (Alembic), from inside the program."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

HEAD = "0005"
_LOCK = 371301  # PostgreSQL's advisory lock


def upgrade(engine: sa.Engine) -> None:
    """Bring the database to `HEAD`. A database that is there already costs one query and no Alembic."""
    if _revision(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # of several processes that start at once, one does it
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return revision
