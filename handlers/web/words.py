"""Every word of the web pages, by language: `templates/<language>/web.yaml`, and the console's beside it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from bot.events import LANGUAGES, Language

Words = SimpleNamespace  # words.chat.title, as the templates write it


def read_words(templates: Path) -> Mapping[Language, Words]:
    """The words of all languages: web.yaml, with console.yaml as `console` and what casework is called as `terms`.
    Raises OSError or yaml.YAMLError where a file is missing or wrong."""
    return {language: _words(templates / language) for language in LANGUAGES}


def _words(folder: Path) -> Words:
    own = {"console": _read(folder / "console.yaml"), "terms": _read(folder / "casework.yaml")}
    return SimpleNamespace(**vars(_namespace(_read(folder / "web.yaml"))), **vars(_namespace(own)))


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def _namespace(node: Any) -> Any:
    """Keys as attributes, so that a word that does not exist is a fault and never an empty string."""
    match node:
        case dict():
            return SimpleNamespace(**{key: _namespace(value) for key, value in node.items()})
        case list():
            return tuple(_namespace(value) for value in node)
        case _:
            return node


def word(words: Words, path: str) -> str:
    """The wording at `path` (`problems.busy`); AttributeError if there is none."""
    found: Any = words
    for name in path.split("."):
        found = getattr(found, name)
    return str(found)
