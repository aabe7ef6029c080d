"""Fuzzing of the matcher by what of its code a message reaches: any message gets a decision.

    python -m pip install atheris        # where it is not installed; not part of the test environment
    python -m tests.fuzz.matching -max_len=12000 -len_control=0 -max_total_time=300 -rss_limit_mb=4096 [FOLDER]

Messages that reached something new are kept in FOLDER; one that raises is left in the current folder as crash-….
The memory limit is for atheris, which keeps about 60 KiB a message; the matcher keeps nothing.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["knowledge.matching"]):
    from knowledge.matching import build_index, search, understand

from knowledge.compiling import ITEMS
from knowledge.item_files import read_item_files
from tests.decisions import check_decision

INDEX = build_index(entry.item for entry in read_item_files(ITEMS)[0])


def decide(data: bytes) -> None:
    """Bytes as a person's client might send them, and as any code points, lone surrogates among them."""
    for message in (data.decode("utf-8", "surrogateescape"), atheris.FuzzedDataProvider(data).ConsumeUnicode(10_000)):
        check_decision(understand(message, INDEX))
        assert len(search(message, INDEX, 3)) <= 3


if __name__ == "__main__":
    atheris.Setup(sys.argv, decide)
    atheris.Fuzz()
