"""From a citizen's message to a decision: what is wanted, and which items of the catalogue that is.

normalise → repair → candidates → rerank → gate, in the order a question passes them; `docs/matching.md` explains.
"""

from __future__ import annotations

from knowledge.matching.building import Keep, build_index, read_wordings
from knowledge.matching.index import Index, load_index
from knowledge.matching.understanding import merged_matches, search, understand

__all__ = [
    "Index",
    "Keep",
    "build_index",
    "load_index",
    "merged_matches",
    "read_wordings",
    "search",
    "understand",
]
