"""Files in the vault that nothing refers to go after a while; whatever a log or a conversation refers to stays."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.desk.dossier import Dossier, Entry, Filed, Wrote
from bot.dialogue.state import Filling, State
from bot.store import Exchange, Kept, Seal, Store, WrongKey
from bot.store.desk_schema import entries, filed
from bot.store.rows import entry_row, filed_rows
from bot.store.schema import chats
from bot.tidying import ASIDE, GRACE, OthersFolderError, tidy
from bot.vault import Vault
from tests.conftest import NOW, SEAL
from tests.store.paperwork import APPLICANT, CHAT, NUMBER, line, opened, written
from tests.store.racing import at_once

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"
FILED, TALKED, LOOSE, HELD = (f"{name:_>20}" for name in ("filed", "talked", "loose", "held"))
LATER = NOW + GRACE + dt.timedelta(minutes=1)


Keep = Callable[..., None]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path / "files", SEAL, 1000)


@pytest.fixture
def keep(vault: Vault, tmp_path: Path) -> Keep:
    """Keeps files of these names, at `NOW`."""

    def keep(*names: str) -> None:
        for name in names:
            vault.keep(PNG, name)
            date(tmp_path / "files" / name, NOW)

    return keep


def date(place: Path, at: dt.datetime) -> None:
    os.utime(place, (at.timestamp(), at.timestamp()))


def with_files() -> Dossier:
    """A dossier with a file for a material, and one in a talk."""
    handed_in = Filed(FILED, "image/png", len(PNG), "0" * 64, "c", "身份证")
    talked = Filed(TALKED, "image/png", len(PNG), "0" * 64)
    return opened().with_(Entry(NOW, APPLICANT, body) for body in (handed_in, talked, Wrote("", TALKED)))


def remember(store: Store, state: State, read: Kept | None = None) -> None:
    before = read or Kept({}, 0)
    store.commit(Exchange(CHAT, str(before.version), before, state.to_json(), (), (), (), NOW))


def left(vault: Vault) -> set[str]:
    return set(vault.names())


def test_what_nothing_refers_to_goes_and_everything_else_stays(store: Store, vault: Vault, keep: Keep) -> None:
    keep(FILED, TALKED, LOOSE)
    store.write(written(with_files()), NOW)
    assert list(store.filed()) == [(NUMBER, FILED), (NUMBER, TALKED)], "noted with the entry"
    assert tidy(store, vault, NOW + GRACE) == 0, "not before the grace period is over"
    assert tidy(store, vault, LATER) == 1
    assert left(vault) == {FILED, TALKED}
    assert tidy(store, vault, LATER) == 0


@pytest.mark.parametrize(
    "state",
    [
        State(supplying={"case": "c", "material": "", "file": {"id": HELD, "media_type": "image/png", "size": 9}}),
        State(form=Filling("any", "x", answers={"papers": [{"id": HELD}]})),
        State(form=Filling("any", "x", before={"paper": HELD})),
    ],
)
def test_a_file_that_waits_in_a_conversation_stays_until_the_conversation_lets_go(
    store: Store, vault: Vault, keep: Keep, state: State
) -> None:
    assert tidy(store, vault, NOW) == 0
    keep(HELD, LOOSE)
    remember(store, state)
    assert (tidy(store, vault, LATER), left(vault)) == (1, {HELD})
    remember(store, State(), store.gather(CHAT, "next"))  # type: ignore[arg-type]
    assert (tidy(store, vault, LATER), left(vault)) == (1, set())


def test_files_are_looked_up_without_opening_a_log(store: Store) -> None:
    store.write(written(with_files()), NOW)
    seal_otherwise(store, noted=True)
    assert store.unreferred([FILED, TALKED, LOOSE]) == {LOOSE}


def seal_otherwise(store: Store, noted: bool) -> None:
    """The log as nobody can open it any more; its files noted or not."""
    others, dossier = Seal([Fernet.generate_key()]), with_files()
    with store.engine.begin() as connection:
        connection.execute(filed.delete())
        connection.execute(entries.delete())
        rows = [entry_row(NUMBER, seq, entry, others) for seq, entry in enumerate(dossier.entries)]
        connection.execute(entries.insert(), rows)
        if noted:
            connection.execute(filed.insert(), filed_rows(NUMBER, enumerate(dossier.entries)))


def test_entries_of_an_older_program_are_noted_first(store: Store, vault: Vault, keep: Keep) -> None:
    keep(FILED, TALKED, LOOSE)
    store.write(written(with_files()), NOW)
    with store.engine.begin() as connection:  # as written by a program that knew nothing of it
        connection.execute(filed.delete())
    assert store.unreferred([LOOSE]) == set(), "until that is done, nothing counts as loose"
    assert tidy(store, vault, LATER) == 1
    assert left(vault) == {FILED, TALKED}
    assert set(store.filed()) == {(NUMBER, FILED), (NUMBER, TALKED)}


def test_the_notes_are_derived_from_the_logs(store: Store) -> None:
    store.write(written(with_files()), NOW)
    with store.engine.begin() as connection:
        connection.execute(filed.update().values(file="wrong"))
    store.rebuild(line)
    assert list(store.filed()) == [(NUMBER, FILED), (NUMBER, TALKED)]


@pytest.mark.parametrize("unread", ["log", "conversation"])
def test_where_the_database_cannot_be_read_nothing_is_removed(
    store: Store, vault: Vault, keep: Keep, unread: str
) -> None:
    keep(FILED, TALKED, LOOSE)
    store.write(written(with_files()), NOW)
    remember(store, State())
    assert tidy(store, vault, NOW) == 0
    if unread == "log":
        seal_otherwise(store, noted=False)
    else:
        with store.engine.begin() as connection:
            connection.execute(chats.update().values(state=Seal([Fernet.generate_key()]).seal({})))
    with pytest.raises(WrongKey):
        tidy(store, vault, LATER)
    assert left(vault) == {FILED, TALKED, LOOSE}


def test_what_is_set_aside_is_put_back_when_it_is_referred_to_again_and_else_goes(
    store: Store, vault: Vault, keep: Keep
) -> None:
    """An older copy of the database knows nothing of a file; then the newer one is found after all."""
    assert tidy(store, vault, NOW) == 0
    keep(FILED, LOOSE)
    assert tidy(store, vault, LATER) == 2
    assert (left(vault), set(vault.aside())) == (set(), {FILED, LOOSE})
    assert vault.read(FILED) == PNG
    store.write(written(with_files()), NOW)
    tidy(store, vault, LATER + ASIDE)
    assert (left(vault), set(vault.aside())) == ({FILED}, {LOOSE})
    tidy(store, vault, LATER + ASIDE + dt.timedelta(minutes=1))
    assert (left(vault), vault.aside()) == ({FILED}, [])


def test_several_may_tidy_at_once(store: Store, vault: Vault, keep: Keep) -> None:
    loose = [f"{number:_>20}" for number in range(50)]
    keep(FILED, TALKED, *loose)
    store.write(written(with_files()), NOW)
    with store.engine.begin() as connection:
        connection.execute(filed.delete())
    at_once(4, lambda _: str(tidy(store, vault, LATER)))
    assert left(vault) == {FILED, TALKED}


def test_a_round_has_an_end(store: Store, vault: Vault, keep: Keep) -> None:
    assert tidy(store, vault, NOW) == 0
    keep(*(f"{number:_>20}" for number in range(5)))
    assert [tidy(store, vault, LATER, most=2) for _ in range(4)] == [2, 2, 1, 0]


def test_what_a_crash_left_half_written_goes_too(store: Store, vault: Vault, tmp_path: Path) -> None:
    for name, at in (("old", NOW), ("new", LATER)):
        part = tmp_path / "files" / f".{name}.part"
        part.write_bytes(b"half")
        date(part, at)
    other = tmp_path / "files" / "README"
    other.write_text("not ours")
    date(other, NOW)
    tidy(store, vault, LATER)
    assert {path.name for path in (tmp_path / "files").iterdir()} == {".new.part", ".database", "README"}


def test_a_second_database_clears_nothing_out_of_the_firsts_folder(store: Store, vault: Vault, keep: Keep) -> None:
    """A demonstration that is run with the hall's own settings finds the hall's files and knows none of them."""
    demonstration = Store("sqlite://", SEAL)
    keep(FILED, TALKED, LOOSE)
    for marked in (False, True):
        with pytest.raises(OthersFolderError):
            tidy(demonstration, vault, LATER)
        if not marked:
            store.write(written(with_files()), NOW)
            assert tidy(store, vault, LATER) == 1
            keep(LOOSE)
    demonstration.write(written(with_files()), NOW)  # even where it knows some
    with pytest.raises(OthersFolderError):
        tidy(demonstration, vault, LATER)
    assert left(vault) == {FILED, TALKED, LOOSE}
    demonstration.close()
