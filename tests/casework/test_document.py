"""docs/casework.md says what the tables say, and casework touches nothing but what it decides over."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from bot.casework.case import ROWS
from bot.casework.description import PARTS, described
from bot.casework.refusal import Why
from bot.casework.standing import State

ROOT = Path(__file__).resolve().parent.parent.parent
DOCUMENT = (ROOT / "docs" / "casework.md").read_text(encoding="utf-8")
SOURCES = sorted((ROOT / "bot" / "casework").glob("*.py"))
ALLOWED = {
    "__future__", "collections", "dataclasses", "datetime", "enum", "functools", "hashlib", "hmac", "phonenumbers",
    "re", "stdnum", "types", "typing", "unicodedata",
}  # fmt: skip
OURS = ("bot.casework", "knowledge.working_days", "knowledge.model")


def test_the_document_is_what_the_tables_say() -> None:
    assert described(DOCUMENT) == DOCUMENT
    assert all(part().strip() in DOCUMENT for part in PARTS.values())


def test_every_row_and_state_is_in_the_document() -> None:
    assert all(f"`{row.move}`" in DOCUMENT for row in ROWS)
    assert all(f"{state} : {state.zh}" in DOCUMENT for state in State)


def test_a_part_nobody_knows_is_not_passed_over() -> None:
    with pytest.raises(KeyError):
        described("<!-- no such part -->\n<!-- /no such part -->")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_casework_is_pure(source: Path) -> None:
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names = [node.module or ""]
        else:
            assert not (isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "fromtimestamp"))
            continue
        assert all(name.startswith(OURS) or name.split(".")[0] in ALLOWED for name in names), names


def test_every_refusal_is_given_somewhere() -> None:
    sources = (ROOT / "bot").rglob("*.py")
    code = "".join(path.read_text(encoding="utf-8") for path in sources if path.name != "refusal.py")
    assert [why for why in Why if f"Why.{why.name}" not in code] == []
