"""Other people's catalogues: one file a format, each from a path to items, all or nothing.

`read_import` reads any of them; `docs/import-your-city.md` explains them to whoever runs a hall.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from knowledge.checking import check
from knowledge.faults import CatalogueError
from knowledge.importing.drafts import Imported
from knowledge.importing.reading import Limits
from knowledge.item_files import Progress

FORMATS = ("items", "c0111", "gxzwfw")

__all__ = ["FORMATS", "Imported", "Limits", "read_import"]


def read_import(
    path: Path, form: str, today: dt.date, limits: Limits | None = None, progress: Progress | None = None
) -> Imported:
    """The catalogue at `path`, in one of FORMATS or as the mapping file named by `form` says.

    Raises CatalogueError naming every fault of form and of meaning; then nothing was imported.
    """
    limits = limits or Limits()
    match form:
        case "items":
            from knowledge.importing.own import read_own

            imported = read_own(path, limits, progress)
        case "c0111":
            from knowledge.importing.c0111 import read_c0111

            imported = read_c0111(path, today, limits, progress)
        case "gxzwfw":
            from knowledge.importing.gxzwfw import read_gxzwfw

            imported = read_gxzwfw(path, today, limits, progress)
        case _:
            from knowledge.importing.mapping import read_mapped

            imported = read_mapped(path, Path(form), today, limits, progress)
    faults = check(imported.entries, own=False)
    if faults:
        raise CatalogueError(faults)
    return imported
