"""Which files of the vault the database refers to.

Whoever shows or hands on a file finds it by its entry in a dossier's log (`Filed`); messages, letters and entrustments
only repeat what such an entry names. Until there is one, the state of a conversation may hold a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from bot.store.desk_schema import IS_FILED, entries, filed
from bot.store.rows import entry_of, filed_rows
from bot.store.schema import chats
from bot.store.seal import Seal

_AT_ONCE = 500  # names asked for, entries noted or states read between two looks for more

_NAMED = sa.select(filed.c.file).where(filed.c.file.in_(bindparam("names", expanding=True)))
_UNNOTED = (
    sa.select(entries)
    .where(IS_FILED, ~sa.exists().where(filed.c.stream == entries.c.stream, filed.c.seq == entries.c.seq))
    .limit(_AT_ONCE)
)
_STATES = sa.select(chats.c.state).execution_options(yield_per=_AT_ONCE)
_ALL = sa.select(filed.c.stream, filed.c.file).order_by(filed.c.stream, filed.c.seq)


def note_some(connection: sa.Connection, seal: Seal) -> int:
    """Note the files of entries that were written before files were noted, or by a program from before that; how
    many, 0 once all are."""
    rows = connection.execute(_UNNOTED).all()
    noted = [row for one in rows for row in filed_rows(one.stream, [(one.seq, entry_of(one, seal))])]
    if noted:
        connection.execute(filed.insert(), noted)
    return len(noted)


def unreferred(connection: sa.Connection, seal: Seal, names: Iterable[str]) -> set[str]:
    """Those of `names` that nothing refers to, in one snapshot: from a state to a log a file moves in one commit."""
    loose = set[str]()
    for some in _batches(names):
        loose |= some - set(connection.scalars(_NAMED, {"names": list(some)}))
    if not loose or connection.execute(_UNNOTED).first():
        return set()  # an older program is at work beside this one: what its entries name is not known yet
    for state in connection.scalars(_STATES):
        loose.difference_update(_strings(seal.open(state)))
    return loose


def all_filed(connection: sa.Connection) -> Iterator[tuple[str, str]]:
    """Every dossier's number with a file that its log names."""
    for row in connection.execute(_ALL.execution_options(yield_per=_AT_ONCE)):
        yield row.stream, row.file


def _batches(names: Iterable[str]) -> Iterator[set[str]]:
    left = iter(names)
    while some := set(islice(left, _AT_ONCE)):
        yield some


def _strings(kept: Any) -> Iterator[str]:
    """All the words in a state, wherever they stand: whatever form may hold a file."""
    match kept:
        case str():
            yield kept
        case dict():
            for one in kept.values():
                yield from _strings(one)
        case list():
            for one in kept:
                yield from _strings(one)
