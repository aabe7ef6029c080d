"""Files in the vault that nothing refers to: a form was left, a file refused, a program died before it was filed."""

from __future__ import annotations

import datetime as dt

from bot.store import Store
from bot.vault import Vault

GRACE = dt.timedelta(hours=48)  # from a file's being kept to its being looked for in the records
ASIDE = dt.timedelta(days=30)  # from a file's being set aside to its being removed
A_ROUND = 1000  # files set aside at once, and as many removed


class OthersFolderError(Exception):
    """The folder holds another database's files, as far as can be told: nothing is removed from it."""


def tidy(store: Store, vault: Vault, now: dt.datetime, most: int = A_ROUND) -> int:
    """Set files aside that lie longer than `GRACE` and that nothing refers to, at most so many; how many.

    What is set aside for longer than `ASIDE` is removed; what is referred to again, for a later copy of the database
    is back, is put back. Several may do it at once. Whatever cannot be read is an exception before a file is touched;
    OthersFolderError as said there.
    """
    vault.remove_parts(now - GRACE)
    names, aside = vault.names(now - GRACE), vault.aside()
    store.note_files()
    unreferred = store.unreferred([*names, *aside])
    loose = unreferred.intersection(names)
    if not _is_own(store, vault, bool(loose) and len(loose) < len(names)):
        if loose:
            raise OthersFolderError
        return 0
    for name in set(aside) - unreferred:
        vault.put_back(name)
    for name in sorted(unreferred.intersection(vault.aside(now - ASIDE)))[:most]:
        vault.remove(name)
    going = sorted(loose)[:most]
    for name in going:
        vault.set_aside(name, now)
    return len(going)


def _is_own(store: Store, vault: Vault, knows_some: bool) -> bool:
    """A second database that is run with the same settings must not clear the first one's files. So a folder belongs
    to one: to the first that finds it empty, or has a file in it that its records refer to."""
    return vault.belongs_to(store.identity, claim=knows_some or not vault.names())
