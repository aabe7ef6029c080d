"""What is wrong with catalogue data, for the people who keep it: every fault named by file and place, all at once.

CatalogueError    data that cannot be used: a faulty item file, an import that was refused, a broken catalogue file
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `zh` and `en` are whole sentences; `file` and `key` say where (either may be empty)."""

    zh: str
    en: str
    file: str = ""
    key: str = ""

    def __str__(self) -> str:
        """One line: place, then the sentence in Chinese and in English."""
        return "".join(f"{part}: " for part in (self.file, self.key) if part) + f"{self.zh} {self.en}"

    def within(self, file: str, key: str = "") -> Fault:
        """The same fault placed in `file`, under `key` when that is given."""
        return Fault(self.zh, self.en, file, ".".join(part for part in (key, self.key) if part))


class CatalogueError(Exception):
    """Data that cannot be used; nothing was changed. `faults` holds at least one fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


def refuse(zh: str, en: str, file: str = "", key: str = "") -> CatalogueError:
    """A CatalogueError with a single fault, ready to be raised."""
    return CatalogueError([Fault(zh, en, file, key)])
