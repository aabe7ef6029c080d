"""Where the key comes from that encrypts the database."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from bot.store import Seal, read_key


class NoKeyError(ValueError):
    """There is no key, and no place to make one."""


def seal_of(database: str, key: str, fresh: Callable[[], bytes], warn: Callable[[str], None]) -> Seal:
    """The seal of a database: of `key` where it is set; in memory, of a `fresh` key; else of the key file beside a
    SQLite database, which is made (and `warn` told) where there is none. Raises BadKey, NoKeyError, OSError."""
    if key:
        return read_key(key)
    url = sa.make_url(database)
    if url.get_backend_name() != "sqlite":
        raise NoKeyError(
            "这种数据库须设 BANGBAN_KEY，各进程用同一把密钥。 "
            "This kind of database needs BANGBAN_KEY, the same key for every process."
        )
    if url.database in (None, "", ":memory:"):
        return Seal([fresh()])
    return read_key(_key_file(Path(f"{url.database}.key"), fresh, warn))


def _key_file(path: Path, fresh: Callable[[], bytes], warn: Callable[[str], None]) -> str:
    if not path.exists():
        _make(path, fresh())
        warn(
            f"已生成密钥文件 {path}：请另外备份，丢了它，数据就打不开。 "
            f"Made the key file {path}: back it up elsewhere, without it the data cannot be opened."
        )
    return path.read_text("ascii", errors="replace")


def _make(path: Path, key: bytes) -> None:
    """All of it or none, readable by its owner only; where another process was faster, its key stays."""
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, path)
    finally:
        Path(unfinished).unlink()
