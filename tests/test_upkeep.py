"""The commands that look after a database: demonstration, doctor, backup, restore."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.casework.terms import CHINA
from bot.desk.dossier import Entry, Filed
from bot.desk.office import Office
from bot.desk.records import Filter, Scope
from bot.store import Store, read_key
from bot.tidying import tidy
from bot.vault import Vault
from handlers.demo_commands import HALLS, fill
from handlers.upkeep_commands import UpkeepError, backup, counts, restore, sqlite_file
from knowledge.catalogue import Catalogue
from tests.conftest import KEY, ROOT, SEAL
from tests.store.paperwork import APPLICANT, NUMBER, opened, written
from tests.telegram.peers import free_port, wait_until

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
        pages = [records.inbox(Filter((hall,), Scope.HALL, closed=True, limit=200)) for hall in HALLS]
    return [repr((line.number, line.applicant, line.step, line.cases)) for page in pages for line in page.lines]


def test_a_demonstration_is_marked_and_alive(catalogue: Catalogue) -> None:
    store = demonstration(catalogue, "sqlite://")
    with store.reading() as records:
        lines = [line for hall in HALLS for line in records.inbox(Filter((hall,), Scope.HALL, closed=True)).lines]
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


def test_the_doctor_tells_of_files_nobody_refers_to_and_of_references_without_a_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    assert bangban("doctor", "--database", url).returncode == 0
    key = (tmp_path / "a.db.key").read_text()
    vault = Vault(tmp_path / "a.db.files", read_key(key), 1000)
    for name in ("f" * 20, "l" * 20):
        vault.keep(b"%PDF-1.7", name)
    store = Store(url, read_key(key))
    here, gone = (Filed(name * 20, "application/pdf", 8, "0" * 64) for name in "fg")
    store.write(written(opened().with_(Entry(NOW, APPLICANT, file) for file in (here, gone))), NOW)
    store.close()
    told = bangban("doctor", "--database", url)
    assert told.returncode == 0, told.stderr
    assert "files: 2\n" in told.stdout
    assert (
        "无人引用" in told.stdout
        and "files nobody refers to (set aside by the running program after 48 hours, removed 30 days later): 1\n"
        in told.stdout
    )
    assert f"文件不在 references whose file is missing: 1\n  {NUMBER} {'g' * 20}\n" in told.stdout
    assert "another database" in told.stdout, "the folder was not empty when it was first looked at"


def test_what_is_loose_goes_when_the_program_starts(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "files"
    store, vault = Store(url, SEAL), Vault(folder, SEAL, 1000)
    assert tidy(store, vault, NOW) == 0
    store.close()
    for name, hours in (("o" * 20, 49), ("n" * 20, 47)):
        vault.keep(b"%PDF-1.7", name)
        kept_at = (folder / name).stat().st_mtime - hours * 3600
        os.utime(folder / name, (kept_at, kept_at))
    settings = {"DATABASE": url, "FILES": str(folder), "KEY": KEY.decode(), "PORT": str(free_port())}
    surroundings = {**os.environ, **{f"BANGBAN_{name}": value for name, value in settings.items()}}
    surroundings.pop("TELEGRAM_BOT_TOKEN", None)
    with subprocess.Popen([sys.executable, "bot.py"], cwd=ROOT, env=surroundings, stdout=subprocess.DEVNULL) as program:
        try:
            wait_until(lambda: vault.names() == ["n" * 20], 60)
        finally:
            program.kill()


def test_a_copy_put_back_finds_its_files(catalogue: Catalogue, tmp_path: Path) -> None:
    """A copy belongs to the folder of the database it was made of."""
    url, copy, other = f"sqlite:///{tmp_path / 'a.db'}", tmp_path / "copy.db", f"sqlite:///{tmp_path / 'b.db'}"
    store, vault = Store(url, SEAL), Vault(tmp_path / "files", SEAL, 1000)
    assert tidy(store, vault, NOW) == 0
    store.close()
    backup(url, copy)
    restore(copy, other)
    assert vault.belongs_to(Store(other, SEAL).identity, claim=False)


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
