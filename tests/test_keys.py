"""Where the key comes from: the setting, else a file beside the database that only its owner reads."""

from __future__ import annotations

import base64
import itertools
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.store import BadKey, Seal, WrongKey
from handlers.keys import NoKeyError, seal_of

KEY = base64.urlsafe_b64encode(b"k" * 32)


class Keys:
    """Keys, each another, and what an operator was told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self._numbers = itertools.count()

    def seal(self, database: str, key: str = "") -> Seal:
        return seal_of(database, key, self._fresh, self.told.append)

    def _fresh(self) -> bytes:
        return base64.urlsafe_b64encode(f"{next(self._numbers):032}".encode())


def test_the_setting_wins_and_no_file_is_made(tmp_path: Path) -> None:
    seal = Keys().seal(f"sqlite:///{tmp_path / 'a.db'}", KEY.decode())
    assert Seal([KEY]).open(seal.seal(1)) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_key_file_is_made_once_and_said_to_be_kept(tmp_path: Path) -> None:
    keys, url = Keys(), f"sqlite:///{tmp_path / 'a.db'}"
    kept = keys.seal(url).seal("x")
    assert keys.seal(url).open(kept) == "x"
    [file] = tmp_path.iterdir()
    assert file.name == "a.db.key" and stat.S_IMODE(file.stat().st_mode) == 0o600
    [told] = keys.told
    assert str(file) in told and "备份" in told and "back it up" in told
    assert file.read_text() not in told


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    keys, url = Keys(), f"sqlite:///{tmp_path / 'a.db'}"
    with ThreadPoolExecutor(16) as pool:
        seals = list(pool.map(lambda _: keys.seal(url), range(16)))
    assert {seals[0].open(seal.seal(1)) for seal in seals} == {1}
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_what_is_forgotten_has_a_key_that_is_forgotten(url: str, tmp_path: Path) -> None:
    keys = Keys()
    with pytest.raises(WrongKey):
        keys.seal(url).open(keys.seal(url).seal(1))
    assert keys.told == []


def test_what_several_machines_share_needs_the_setting() -> None:
    with pytest.raises(NoKeyError, match=r"须设 BANGBAN_KEY.*needs BANGBAN_KEY"):
        Keys().seal("postgresql+psycopg://db/bangban")


@pytest.mark.parametrize("content", ["", "no key", "密钥"])
def test_a_key_file_that_holds_none_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.db.key").write_text(content)
    with pytest.raises(BadKey):
        Keys().seal(f"sqlite:///{tmp_path / 'a.db'}")
