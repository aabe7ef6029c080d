"""What is kept of the lexicon between builds is what would be made anew, and is never what no longer fits."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import pytest

from knowledge.matching import build_index
from knowledge.matching.sayings import Sayings
from knowledge.model import Item, Source, Text
from knowledge.wordings import ahead, kept

ITEM = Item(code="t", name=Text(zh="居民身份证补领"), sources=(Source(title="名称"),), checked=dt.date(2026, 1, 1))


def refuse() -> Sayings:
    raise AssertionError("the wordings are there and need not be made")


def only_file(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which one build has left the wordings."""
    folder = tmp_path_factory.mktemp("kept")
    build_index([ITEM], keep=partial(kept, folder))
    return folder


def test_an_index_of_kept_wordings_is_the_index_of_new_ones(folder: Path) -> None:
    built = build_index([ITEM], keep=lambda _: kept(folder, refuse)).dump()
    assert built == build_index([ITEM]).dump()


def test_what_is_cut_short_is_made_anew_and_what_no_longer_fits_goes(folder: Path) -> None:
    whole = only_file(folder)
    content = whole.read_bytes()
    sayings = kept(folder, refuse)
    whole.write_bytes(content[:1000])
    (folder / "wordings-0000.npz").write_bytes(content)
    assert kept(folder, lambda: sayings) is sayings
    assert only_file(folder) == whole
    assert kept(folder, refuse).asks.vocabulary == sayings.asks.vocabulary


def test_where_nothing_can_be_kept_it_is_made(tmp_path: Path, folder: Path) -> None:
    sayings = kept(folder, refuse)
    taken = tmp_path / "file"
    taken.write_text("", encoding="utf-8")
    assert kept(taken, lambda: sayings) is sayings


def test_another_process_makes_them_while_items_are_read(tmp_path: Path, folder: Path) -> None:
    with ahead(tmp_path) as keep:
        sayings = keep(refuse)
    assert only_file(tmp_path).name == only_file(folder).name
    assert sayings.asks.vocabulary == kept(folder, refuse).asks.vocabulary


def test_where_the_other_process_fails_they_are_made_here(tmp_path: Path, folder: Path) -> None:
    sayings = kept(folder, refuse)
    taken = tmp_path / "file"
    taken.write_text("", encoding="utf-8")
    with ahead(taken) as keep:
        assert keep(lambda: sayings) is sayings


def test_none_is_started_where_they_lie_ready(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere")
    with ahead(folder) as keep:
        keep(refuse)
