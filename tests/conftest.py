"""What every test may ask for: the project's catalogue, an assistant on a database of its own, the shared material."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.render import Renderer
from bot.store import Store
from knowledge.catalogue import Catalogue, open_catalogue
from knowledge.compiling import build_catalogue

ROOT = Path(__file__).resolve().parent.parent
NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))  # a Monday
STRICT = os.environ.get("BANGBAN_NO_SKIPS") == "1"  # where everything is installed, a skipped test is a failure

AssistantFactory = Callable[..., Assistant]


@pytest.fixture(scope="session")
def shared() -> Path:
    """Material beside the repository that some tests check against; the product never needs it."""
    found = Path(os.environ.get("BANGBAN_SHARED", ROOT.parent / "shared"))
    if not found.is_dir():
        pytest.skip("the shared material is not beside the repository")
    return found


@pytest.fixture(scope="session")
def catalogue_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's own catalogue, compiled once."""
    target = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    build_catalogue(target, NOW.date())
    return target


@pytest.fixture(scope="session")
def catalogue(catalogue_file: Path) -> Catalogue:
    return open_catalogue(catalogue_file)


@pytest.fixture(scope="session")
def renderer() -> Renderer:
    return Renderer(ROOT / "templates")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'bangban.db'}")
    yield store
    store.close()


@pytest.fixture
def assistant(catalogue: Catalogue, store: Store, renderer: Renderer) -> Assistant:
    """An assistant whose clock stands still at `NOW`."""
    return Assistant(lambda: catalogue, store, renderer, lambda: NOW)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
