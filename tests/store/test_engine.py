"""Which databases there are, and how they are called."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.store.engine import make_engine


@pytest.mark.parametrize("scheme", ["postgresql+psycopg", "postgresql", "postgres"])
def test_postgresql_is_reached_by_the_driver_that_is_installed(scheme: str) -> None:
    engine = make_engine(f"{scheme}://bangban@/hall?host=/run")
    assert (engine.driver, engine.url.database, engine.url.query["host"]) == ("psycopg", "hall", "/run")


@pytest.mark.parametrize("url", ["mysql://hall", "oracle+oracledb://hall", "hall.db", "", "://"])
def test_any_other_is_refused(url: str) -> None:
    with pytest.raises(sa.exc.ArgumentError):
        make_engine(url)
