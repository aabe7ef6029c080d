"""Other ways to find a row by its text, each built, opened and asked in the same fashion.

Every row is a wording with a key and a region. Questions go in as people wrote them. Nothing here is a dependency of
the product: bm25s, tantivy and ChatterBot are measured where they can be imported.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

FOUND = 10  # distinct keys handed back at most


@dataclass(frozen=True)
class Rows:
    """`size` rows: the texts of the first region, then those of the next, the last region perhaps not in full."""

    texts: list[tuple[str, str]]  # key, wording
    regions: list[str]
    size: int

    def __iter__(self) -> Iterator[tuple[str, str, str]]:
        """(key, wording, region) of each row."""
        every = ((key, text, region) for region in self.regions for key, text in self.texts)
        return itertools.islice(every, self.size)


class Peer(Protocol):
    needs: str | None  # the module it is made of, where that may be missing

    def build(self, rows: Rows, folder: Path) -> None:
        """Make the index and leave it in `folder`."""

    def open(self, folder: Path, rows: Rows) -> None:
        """Take up what `build` left."""

    def ask(self, question: str, place: int) -> list[str]:
        """Keys, best first; only rows of the region at `place` of `rows.regions` count."""


def grams(text: str, *lengths: int) -> list[str]:
    """Distinct character n-grams of `text` in lower case, of letters and digits only."""
    text = text.lower()
    found = (text[i : i + n] for n in lengths for i in range(len(text) - n + 1))
    return list(dict.fromkeys(gram for gram in found if gram.isalnum()))


def distinct(keys: Iterator[str]) -> list[str]:
    return list(itertools.islice(dict.fromkeys(keys), FOUND))


class FullText:
    """SQLite FTS5 ranked by its bm25; a region is a range of row ids, which FTS5 cuts before it ranks."""

    needs = None

    def __init__(self, tokenizer: str, length: int, cut: bool) -> None:
        self.tokenizer, self.length, self.cut = tokenizer, length, cut

    def _text(self, text: str) -> str:
        return " ".join(grams(text, self.length)) if self.cut else text

    def build(self, rows: Rows, folder: Path) -> None:
        with closing(sqlite3.connect(folder / "fts.db")) as database:
            database.execute(f"CREATE VIRTUAL TABLE t USING fts5(text, key UNINDEXED, tokenize='{self.tokenizer}')")
            database.executemany(
                "INSERT INTO t(text, key) VALUES (?, ?)", ((self._text(text), key) for key, text, _ in rows)
            )
            database.commit()

    def open(self, folder: Path, rows: Rows) -> None:
        self.database = sqlite3.connect(folder / "fts.db")
        self.step = len(rows.texts)

    def ask(self, question: str, place: int) -> list[str]:
        wanted = " OR ".join(f'"{gram}"' for gram in grams(question, self.length)[:200])
        if not wanted:
            return []
        found = self.database.execute(
            "SELECT key FROM t WHERE t MATCH ? AND rowid BETWEEN ? AND ? ORDER BY rank LIMIT ?",
            (wanted, place * self.step + 1, (place + 1) * self.step, 3 * FOUND),
        )
        return distinct(key for (key,) in found)


class Fuzzy:
    """rapidfuzz WRatio over all rows, as `process.extract` is used; it knows no regions."""

    needs = None

    def build(self, rows: Rows, folder: Path) -> None:
        (folder / "rows.json").write_text(json.dumps([[key, text] for key, text, _ in rows]), encoding="utf-8")

    def open(self, folder: Path, rows: Rows) -> None:
        read = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
        self.keys, self.texts = [key for key, _ in read], [text.lower() for _, text in read]
        self.limit = 3 * FOUND * -(-rows.size // len(rows.texts))

    def ask(self, question: str, place: int) -> list[str]:
        from rapidfuzz import fuzz, process

        found = process.extract(question.lower(), self.texts, scorer=fuzz.WRatio, limit=self.limit)
        return distinct(self.keys[row] for _, _, row in found)


class Bm25s:
    """bm25s over character 1- and 2-grams; a region is a mask over the rows."""

    needs = "bm25s"

    def build(self, rows: Rows, folder: Path) -> None:
        import bm25s

        retriever = bm25s.BM25()
        retriever.index([grams(text, 1, 2) for _, text, _ in rows], show_progress=False)
        retriever.save(folder / "bm25s")

    def open(self, folder: Path, rows: Rows) -> None:
        import bm25s

        self.retriever: Any = bm25s.BM25.load(folder / "bm25s")
        self.keys = [key for key, _ in rows.texts]
        self.size = rows.size
        self.masks: dict[int, Any] = {}

    def _mask(self, place: int) -> Any:
        import numpy as np

        if place not in self.masks:
            mask = np.zeros(self.size, dtype=np.float32)
            mask[place * len(self.keys) : (place + 1) * len(self.keys)] = 1
            self.masks[place] = mask
        return self.masks[place]

    def ask(self, question: str, place: int) -> list[str]:
        wanted = [gram for gram in grams(question, 1, 2) if gram in self.retriever.vocab_dict]
        if not wanted:
            return []
        found, scores = self.retriever.retrieve(
            [wanted], k=min(3 * FOUND, self.size), show_progress=False, weight_mask=self._mask(place)
        )
        return distinct(
            self.keys[int(row) % len(self.keys)] for row, score in zip(found[0], scores[0], strict=True) if score > 0
        )


class Tantivy:
    """tantivy over character 1- and 2-grams; a region is a term that has to hold."""

    needs = "tantivy"

    def build(self, rows: Rows, folder: Path) -> None:
        import tantivy

        fields = tantivy.SchemaBuilder()
        fields.add_text_field("text", tokenizer_name="grams", index_option="freq")
        fields.add_text_field("key", stored=True, tokenizer_name="raw")
        fields.add_text_field("region", tokenizer_name="raw", index_option="basic")
        (folder / "tantivy").mkdir()
        index = tantivy.Index(fields.build(), path=str(folder / "tantivy"))
        self._register(index)
        writer = index.writer(heap_size=256_000_000, num_threads=1)
        for key, text, region in rows:
            writer.add_document(tantivy.Document(text=text.lower(), key=key, region=region))
        writer.commit()
        writer.wait_merging_threads()

    @staticmethod
    def _register(index: Any) -> None:
        import tantivy

        cutting = tantivy.Tokenizer.ngram(min_gram=1, max_gram=2, prefix_only=False)
        index.register_tokenizer("grams", tantivy.TextAnalyzerBuilder(cutting).build())

    def open(self, folder: Path, rows: Rows) -> None:
        import tantivy

        self.index = tantivy.Index.open(str(folder / "tantivy"))
        self._register(self.index)
        self.searcher, self.regions = self.index.searcher(), rows.regions

    def ask(self, question: str, place: int) -> list[str]:
        from tantivy import Occur, Query

        schema = self.index.schema
        wanted = [(Occur.Should, Query.term_query(schema, "text", gram)) for gram in grams(question, 1, 2)]
        if not wanted:
            return []
        here = Query.term_query(schema, "region", self.regions[place], "basic")
        both = Query.boolean_query([(Occur.Must, here), (Occur.Must, Query.boolean_query(wanted))])
        hits = self.searcher.search(both, 3 * FOUND).hits
        return distinct(self.searcher.doc(address)["key"][0] for _, address in hits)


class Chatterbot:
    """ChatterBot's text search, as its BestMatch runs it over all rows; it knows no regions.

    Its taggers need a spaCy model that PyPI does not have, so texts go in as they are. It ends with one row; those that
    it thought the best on its way there come after it.
    """

    needs = "chatterbot"

    def _bot(self, folder: Path) -> Any:
        from chatterbot import ChatBot
        from chatterbot.tagging import NoOpTagger

        return ChatBot("hall", database_uri=f"sqlite:///{folder / 'bot.db'}", tagger=NoOpTagger, read_only=True)

    def build(self, rows: Rows, folder: Path) -> None:
        from chatterbot.conversation import Statement

        bot = self._bot(folder)
        told = (  # what is answered to what, and the same for its indexes
            Statement(text=key, in_response_to=text, search_text=key, search_in_response_to=text)
            for key, text, _ in rows
        )
        while some := list(itertools.islice(told, 10_000)):
            bot.storage.create_many(some)

    def open(self, folder: Path, rows: Rows) -> None:
        self.search = self._bot(folder).search_algorithms["text_search"].search

    def ask(self, question: str, place: int) -> list[str]:
        from chatterbot.conversation import Statement

        better_and_better = list(self.search(Statement(text=question)))
        return distinct(found.text for found in reversed(better_and_better))


PEERS: dict[str, Peer] = {
    "SQLite FTS5, trigram": FullText("trigram", 3, cut=False),
    "SQLite FTS5, character 2-grams": FullText("unicode61", 2, cut=True),
    "rapidfuzz WRatio, process.extract": Fuzzy(),
    "bm25s, character 1–2-grams": Bm25s(),
    "tantivy, character 1–2-grams": Tantivy(),
    "ChatterBot, text search": Chatterbot(),
}


def installed(peer: Peer) -> bool:
    return peer.needs is None or importlib.util.find_spec(peer.needs) is not None
