"""The files people send: taken by what they are, not by what they are called, and sealed wherever they lie."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import io
import os
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import filetype

from bot.store.seal import Seal

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/heic": ".heic",
    "application/pdf": ".pdf",
    DOCX: ".docx",
    XLSX: ".xlsx",
}  # of the names they are handed on under
TAKEN = ENDINGS.keys()

_NAME = re.compile(r"[A-Za-z0-9_-]{20,100}")
_PART = re.compile(r"\..+\.part")  # what is being written
_OWNER = ".database"  # says whose files these are
_ASIDE = ".aside."  # before the name of a file that is set aside
_ASIDE_NAME = re.compile(re.escape(_ASIDE) + _NAME.pattern)
# ECMA-376 part 2: the file [Content_Types].xml names what an Office file is; with macros it has another main type.
_CONTENT_TYPES, _LONGEST_CONTENT_TYPES = "[Content_Types].xml", 1024 * 1024  # bytes
_MAIN_PARTS = {f"{media_type}.main+xml".encode(): media_type for media_type in (DOCX, XLSX)}


class Refused(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    TYPE = "type"


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that was taken."""

    id: str
    media_type: str
    size: int  # bytes
    sha256: str  # hexadecimal, of what was sent


class Vault:
    """A folder of sealed files. Thread-safe; several processes may share it."""

    def __init__(self, folder: Path, seal: Seal, at_most: int) -> None:
        """`folder`: outside of anything a web server shows, made if it is missing; `at_most` bytes a file.
        Raises OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder, self._seal, self._at_most = folder, seal, at_most

    def keep(self, content: bytes, name: str) -> Kept | Refused:
        """Take a file under `name`, a new unguessable token of at least 20 URL-safe characters, never what the sender
        calls it. OSError if it cannot be written, ValueError for any other name."""
        place = self._place(name)
        if not content:
            return Refused.EMPTY
        if len(content) > self._at_most:
            return Refused.TOO_LARGE
        media_type = media_type_of(content)
        if media_type not in TAKEN:
            return Refused.TYPE
        _write(place, self._seal.seal_bytes(content))
        return Kept(name, media_type, len(content), hashlib.sha256(content).hexdigest())

    def read(self, id: str) -> bytes:
        """What was sent, also of a file that is set aside. OSError for one that is not there, WrongKey (a ValueError)
        for one that is damaged or was sealed with another key, ValueError for what is no name of a file here."""
        try:
            sealed = self._place(id).read_bytes()
        except FileNotFoundError:
            sealed = self._aside(id).read_bytes()
        return self._seal.open_bytes(sealed)

    # --- what may go ---

    def names(self, before: dt.datetime | None = None) -> list[str]:
        """The files that are here, or of them those that were kept before a moment. OSError if that cannot be read."""
        return [place.name for place in self._older(_NAME, before)]

    def set_aside(self, name: str, at: dt.datetime) -> None:
        """Out of the way, but not gone yet. Nothing, where somebody else was faster; OSError if it cannot be done."""
        place = self._place(name)
        with contextlib.suppress(FileNotFoundError):
            os.utime(place, (at.timestamp(), at.timestamp()))
            place.rename(self._aside(name))

    def aside(self, before: dt.datetime | None = None) -> list[str]:
        """The files that are set aside, or of them those that were so before a moment."""
        return [place.name.removeprefix(_ASIDE) for place in self._older(_ASIDE_NAME, before)]

    def put_back(self, name: str) -> None:
        """A file that was set aside is where it was."""
        with contextlib.suppress(FileNotFoundError):
            self._aside(name).rename(self._place(name))

    def remove(self, name: str) -> None:
        """A file that is set aside is gone for good."""
        self._aside(name).unlink(missing_ok=True)

    def remove_parts(self, before: dt.datetime) -> None:
        """What was being written before a moment when a program died."""
        for place in self._older(_PART, before):
            place.unlink(missing_ok=True)

    def belongs_to(self, database: str, claim: bool) -> bool:
        """Whether these are the files of that database; `claim`: they are from now on, if they are nobody's yet."""
        mark = self._folder / _OWNER
        if claim and not mark.exists():
            with tempfile.NamedTemporaryFile(dir=self._folder, prefix=".", suffix=".part", delete=False) as part:
                part.write(database.encode())
            Path(part.name).replace(mark)  # of several workers each writes the same
        try:
            return mark.read_bytes() == database.encode()
        except FileNotFoundError:
            return False

    def _older(self, named: re.Pattern[str], before: dt.datetime | None) -> Iterator[Path]:
        for place in self._folder.iterdir():
            if named.fullmatch(place.name) and (before is None or _was_there(place, before)):
                yield place

    def _place(self, name: str) -> Path:
        if not _NAME.fullmatch(name):
            raise ValueError("not the name of a file in the vault")
        return self._folder / name

    def _aside(self, name: str) -> Path:
        return self._place(name).with_name(_ASIDE + name)


def receipt(taken: Kept | Refused) -> dict[str, Any]:
    """What an edge hands on as `SentFile.kept`: {id, media_type, size, sha256}, or {refused}."""
    return {"refused": taken.value} if isinstance(taken, Refused) else asdict(taken)


def keeping(vault: Vault, token: Callable[[], str]) -> Callable[[bytes], dict[str, Any]]:
    """What an edge is given: it takes a file's bytes and gives the receipt. `token`: as names are in `Vault.keep`."""
    return lambda content: receipt(vault.keep(content, token()))


def media_type_of(content: bytes) -> str | None:
    """What a file is, by what is in it; None for what nobody knows."""
    if zipfile.is_zipfile(io.BytesIO(content)) and content.startswith(b"PK"):
        return _office_type(content)
    try:
        return filetype.guess_mime(content)  # type: ignore[no-any-return]
    except RecursionError:  # what pretends to be Zstandard, frame in frame
        return None


def _office_type(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts, parts.open(_CONTENT_TYPES) as types:
            told = types.read(_LONGEST_CONTENT_TYPES)
    except Exception:  # noqa: BLE001 - a broken or hostile ZIP fails in more ways than zipfile names
        return None
    return next((media_type for main, media_type in _MAIN_PARTS.items() if main in told), None)


def _was_there(place: Path, before: dt.datetime) -> bool:
    try:
        return place.lstat().st_mtime < before.timestamp()
    except FileNotFoundError:  # somebody else has removed it
        return False


def _write(place: Path, sealed: bytes) -> None:
    """All of it or nothing, and on the disk before anybody is told."""
    if place.exists():
        raise FileExistsError(place.name)
    part = place.with_name(f".{place.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(sealed)
            file.flush()
            os.fsync(file.fileno())
        part.rename(place)
    finally:
        part.unlink(missing_ok=True)
