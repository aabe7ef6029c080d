"""Everything about the store holds on both kinds of database."""

from __future__ import annotations

import pytest

from tests.conftest import DATABASES


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for fixture in ("database_url", "bare_database_url"):
        if fixture in metafunc.fixturenames:
            metafunc.parametrize(fixture, DATABASES, indirect=True)
