"""The commands that look after a database: demonstration, doctor, backup, restore."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from bot.casework.terms import CHINA
from bot.desk.office import Office
from bot.desk.records import Filter, Scope
from bot.store import Store
from handlers.demo_commands import HALLS, fill
from handlers.upkeep_commands import UpkeepError, backup, counts, restore, sqlite_file
from knowledge.catalogue import Catalogue
from tests.conftest import ROOT, SEAL

NOW = dt.datetime(2026, 11, 23, 9, 30, tzinfo=CHINA)


def bangban(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bot.py", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def demonstration(catalogue: Catalogue, url: str, seed: int = 1) -> Store:
    store = Store(url, SEAL)
    *_, made = fill(store, catalogue, Office(), NOW, 40, seed)
    assert made >= 40
    return store


def shown(store: Store) -> list[str]:
    with store.reading() as records:
        pages = [records.inbox(Filter(hall, Scope.HALL, closed=True, limit=200)) for hall in HALLS]
    return [repr((line.number, line.applicant, line.step, line.cases)) for page in pages for line in page.lines]


def test_a_demonstration_is_marked_and_alive(catalogue: Catalogue) -> None:
    store = demonstration(catalogue, "sqlite://")
    with store.reading() as records:
        lines = [line for hall in HALLS for line in records.inbox(Filter(hall, Scope.HALL, closed=True)).lines]
        dossiers = [records.dossier(line.number) for line in lines]
        names = [one.name for one in records.members("")]
    assert all(name.startswith("演示") for name in (*names, *(line.applicant for line in lines)))
    assert all(line.identity.startswith("DEMO") for line in lines)
    states = {case.state for line in lines for case in line.cases}
    assert {"delivered"} < states and len(states) > 3, "some are done and some under way"
    assert all(entry.at <= NOW for one in dossiers if one for entry in one.entries)
    assert counts(store)["outbox"] == 0, "nobody is written to"


def test_the_same_seed_is_the_same_half_year(catalogue: Catalogue) -> None:
    first, again, other = (shown(demonstration(catalogue, "sqlite://", seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_a_demonstration_goes_into_an_empty_database_only(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    done = bangban("demo", "--to", url, "--cases", "3")
    assert done.returncode == 0 and "/console/login/" in done.stdout, done.stderr
    again = bangban("demo", "--to", url, "--cases", "3")
    assert again.returncode == 1 and "empty database" in again.stderr
    well = bangban("doctor", "--database", url, "--rebuild")
    assert well.returncode == 0 and "lists rebuilt" in well.stdout, well.stderr
    (tmp_path / "demo.db.key").unlink()
    assert bangban("doctor", "--database", url).returncode == 1


def test_a_copy_is_put_back(catalogue: Catalogue, tmp_path: Path) -> None:
    url, copy, other = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "copy.db", f"sqlite:///{tmp_path / 'b.db'}"
    store = demonstration(catalogue, url)
    backup(url, copy)  # while it is open
    before = shown(store)
    store.close()
    restore(copy, other)
    assert shown(Store(other, SEAL)) == before


@pytest.mark.parametrize("database", ["postgresql://localhost/x", "sqlite://"])
def test_what_has_no_file_says_what_to_use(database: str) -> None:
    with pytest.raises(UpkeepError):
        sqlite_file(database)


def test_nothing_is_written_over_or_made_of_rubbish(tmp_path: Path) -> None:
    url, rubbish = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "rubbish"
    Store(url, SEAL).close()
    rubbish.write_bytes(b"no database at all" * 100)
    for refused in (
        lambda: backup(url, rubbish),
        lambda: restore(rubbish, url),
        lambda: restore(rubbish, f"sqlite:///{tmp_path / 'new.db'}"),
        lambda: backup(f"sqlite:///{tmp_path / 'none.db'}", tmp_path / "copy.db"),
    ):
        with pytest.raises(UpkeepError):
            refused()
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix == ".part" or path.name == "new.db") == []
