"""The wordings of the lexicon that ships, kept from one build of a catalogue to the next.

They are the same for every catalogue, and reading them is most of the work of an index. They lie in a file under a
digest of all that they come from: one that no longer fits is never read, and is taken away. Where there is none,
another process makes it (`python -m knowledge.wordings FOLDER`) while the items of a build are read.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from knowledge import matching
from knowledge.matching.lexicon import LEXICON, read_lexicon
from knowledge.matching.postings import Bags
from knowledge.matching.sayings import Sayings

_NAME = "wordings-{}.npz"
HOME = Path(__file__).resolve().parent.parent
LONGEST = 60  # seconds the other process may take; then they are made here


@contextlib.contextmanager
def ahead(folder: Path) -> Iterator[matching.Keep]:
    """Where `folder` has no wordings, another process makes them while the body reads items.

    Hands over `kept` for an index, which first waits for that process.
    """
    path = _place(folder)
    if path.is_file():
        yield partial(_kept, path)
        return
    command = [sys.executable, "-m", "knowledge.wordings", str(folder.resolve())]
    maker = subprocess.Popen(  # noqa: S603 - this interpreter, this module
        command, cwd=HOME, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def keep(make: Callable[[], Sayings]) -> Sayings:
        with contextlib.suppress(subprocess.TimeoutExpired):
            maker.wait(LONGEST)
        return _kept(path, make)

    try:
        yield keep
    finally:
        maker.kill()
        maker.wait()


def kept(folder: Path, make: Callable[[], Sayings]) -> Sayings:
    """What `make` makes of the lexicon that ships: as it lies in `folder`, or made and left there for the next time."""
    return _kept(_place(folder), make)


def _kept(path: Path, make: Callable[[], Sayings]) -> Sayings:
    try:
        return _read(path)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):  # not there, or not whole
        sayings = make()
    with contextlib.suppress(OSError):  # then it is made again the next time
        _write(path, sayings)
    return sayings


def _place(folder: Path) -> Path:
    return folder / _NAME.format(_digest())


def _digest() -> str:
    """Of the lexicon and of all the code and data that read it."""
    code = Path(matching.__file__).parent
    digest = hashlib.sha256()
    for path in sorted((*LEXICON.glob("*.yaml"), *code.glob("*.py"), *code.glob("*.npz"))):
        digest.update(f"{path.name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _read(path: Path) -> Sayings:
    with np.load(path, allow_pickle=False) as read:
        asks, english = (
            Bags(
                read[f"{name}_vocabulary"].tobytes().decode("utf-8").split("\n"),
                *(read[f"{name}_{part}"] for part in ("numbers", "weights", "lengths")),
            )
            for name in ("asks", "english")
        )
        return Sayings(
            asks, read["asks_of"], english, read["english_of"], read["vectors"], read["counts"], read["centres"]
        )


def _write(path: Path, sayings: Sayings) -> None:
    """Whole or not at all; what was kept for another lexicon goes."""
    arrays = {name: getattr(sayings, name) for name in ("asks_of", "english_of", "vectors", "counts", "centres")}
    for name, bags in (("asks", sayings.asks), ("english", sayings.english)):
        arrays[f"{name}_vocabulary"] = np.frombuffer("\n".join(bags.vocabulary).encode("utf-8"), dtype=np.uint8)
        arrays |= {f"{name}_{part}": getattr(bags, part) for part in ("numbers", "weights", "lengths")}
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        with beside.open("wb") as file:
            np.savez(file, **arrays)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    for old in path.parent.glob(_NAME.format("*")):
        if old != path:
            old.unlink(missing_ok=True)


if __name__ == "__main__":
    kept(Path(sys.argv[1]), lambda: matching.read_wordings(read_lexicon()))
