"""What holds of the decision on any message whatever."""

from __future__ import annotations

from knowledge.matching.decision import Kind, Understanding


def check_decision(understood: Understanding) -> None:
    """A kind, a language, and needs exactly where it is about a service; no more matches than there may be."""
    assert understood.language in ("zh", "en")
    assert (understood.kind is Kind.SERVICE) == bool(understood.needs)
    assert len(understood.needs) <= 2
    for need in understood.needs:
        assert len(need.matches) <= 10
        assert all(0 <= match.score <= 1 for match in need.matches)
