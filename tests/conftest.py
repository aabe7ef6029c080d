"""What every test may ask for: the project's catalogue, an assistant on a database of its own, the shared material."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.assistant import Assistant
from bot.desk.desk import Chance
from bot.render import Renderer
from bot.store import Seal, Store
from knowledge.catalogue import Catalogue, open_catalogue
from knowledge.compiling import build_catalogue
from tests.postgres import Postgres, binaries, running

ROOT = Path(__file__).resolve().parent.parent
NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))  # a Monday
KEY = base64.urlsafe_b64encode(b"a key that is only for the tests")  # 32 bytes
SEAL = Seal([KEY])
STRICT = os.environ.get("BANGBAN_NO_SKIPS") == "1"  # where everything is installed, a skipped test is a failure
DATABASES = ("sqlite", "postgresql")
on_each_database = pytest.mark.parametrize("database_url", DATABASES, indirect=True)

AssistantFactory = Callable[..., Assistant]


def chance() -> Chance:
    """Chance that is the same every time."""
    dice, numbers = random.Random(1), itertools.count(1)
    return Chance(dice.randrange, lambda: f"{next(numbers):06}{dice.getrandbits(128):032x}", lambda: dice.randbytes(16))


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


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, started where its programs are installed."""
    if not (programs := binaries()):
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not installed")
    with running(programs) as server:
        yield server


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with nothing in it; SQLite, unless a test is parametrised over `DATABASES`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return f"sqlite:///{tmp_path / 'bangban.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return server.emptied()


@pytest.fixture
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that has not even tables."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'bare.db'}"
        return
    with request.getfixturevalue("postgres").bare() as url:
        yield url


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url, SEAL)
    yield store
    store.close()


@pytest.fixture
def assistant(catalogue: Catalogue, store: Store, renderer: Renderer) -> Assistant:
    """An assistant whose clock stands still at `NOW`."""
    return Assistant(lambda: catalogue, store, renderer, lambda: NOW, chance())


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if STRICT and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped where nothing may be skipped: {report.longrepr}"
