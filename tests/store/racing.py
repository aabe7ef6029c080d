"""Many who all begin at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor


def at_once(people: int, act: Callable[[int], str]) -> list[str]:
    """What came of it for each of so many people who all start at the same moment."""
    start = threading.Barrier(people)

    def begin(person: int) -> str:
        start.wait(60)
        return act(person)

    with ThreadPoolExecutor(people) as pool:
        return list(pool.map(begin, range(people)))
