"""Replies in words with the documents that go with them: an item's notice to print, papers of a dossier, files sent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.dialogue.state import Knowledge
from bot.events import File, Language, Outcome, Paper, Reply, Say
from bot.render import Renderer
from bot.vault import ENDINGS

TELLING = 6  # characters of a file's id that tell it from others of the same name


@dataclass(frozen=True, slots=True)
class Outside:
    """What replies take from outside of the records, where it is there."""

    item_link: Callable[[str], str] | None = None  # the public address of an item's page
    files: Callable[[str], bytes] | None = None  # what was sent, by its id; OSError or ValueError if it cannot be read


class Printing:
    """Makes papers anew whenever they are wanted: none is stored."""

    def __init__(self, renderer: Renderer, clock: Callable[[], dt.datetime], outside: Outside) -> None:
        self._renderer, self._clock, self._outside = renderer, clock, outside

    def reply(self, say: Say, language: Language, simple: bool, knowledge: Knowledge) -> Reply:
        """A Say in words, with its papers made; without the notice of an item that is gone, or a file that
        cannot be read."""
        made = tuple((paper, self._made(paper, language, knowledge)) for paper in say.papers)
        kept = tuple((paper, file) for paper, file in made if file)
        there = replace(say, papers=tuple(paper for paper, _ in kept))
        reply = self._renderer.reply(there, language, simple, knowledge)
        return replace(reply, files=tuple(file for _, file in kept) if reply.papers else ())

    def _made(self, paper: Paper, language: Language, knowledge: Knowledge) -> File | None:
        if paper.kind == Paper.FILE:
            return self.sent(paper, language)
        if paper.kind != "notice":
            return self.issued(paper, language, knowledge)
        return self.notice_paper(paper.item, language, paper.chosen, knowledge)

    def sent(self, paper: Paper, language: Language) -> File | None:
        """A file as it was sent; None where it is gone, damaged or sealed with another key."""
        name, media_type = paper.facts["id"], paper.facts["media_type"]
        try:
            content = self._outside.files(name) if self._outside.files else None
        except (OSError, ValueError):
            return None
        title = paper.facts["material"] or self._renderer.term(language, "papers", Paper.FILE)
        return File(f"{title} {name[:TELLING]}{ENDINGS.get(media_type, '')}", media_type, content) if content else None

    def issued(self, paper: Paper, language: Language, knowledge: Knowledge) -> File:
        """A paper of a dossier as a document."""
        from bot.paper import pdf

        title = self._renderer.term(language, "papers", paper.kind)
        content = pdf(
            self._renderer.paper(paper, language, knowledge),
            title=title,
            language=language,
            footer=self._renderer.term(language, "paper", "record"),
            printed_on=dt.datetime.fromisoformat(paper.facts["issued_at"]).date(),
            link=None,
        )
        return File(f"{title} {paper.facts['id']}.pdf", "application/pdf", content)

    def notice(self, code: str, language: Language, knowledge: Knowledge, chosen: Mapping[str, str]) -> Reply | None:
        """An item's whole notice; None if the catalogue has no such item."""
        item = knowledge.item(code)
        if item is None:
            return None
        facts = {"item": code, "chosen": dict(chosen), "aspect": None, "region": None}
        say = Say(Outcome.PLAN if item.parts else Outcome.NOTICE, facts | {"today": self._clock().date().isoformat()})
        return self._renderer.reply(say, language, False, knowledge)

    def notice_paper(
        self, code: str, language: Language, chosen: Mapping[str, str], knowledge: Knowledge
    ) -> File | None:
        """The same as a document to print."""
        from bot.paper import pdf

        item, reply = knowledge.item(code), self.notice(code, language, knowledge, chosen)
        if item is None or reply is None:
            return None
        title = item.name.say(language)
        content = pdf(
            reply.blocks,
            title=title,
            language=language,
            footer=self._renderer.term(language, "paper", "footer"),
            printed_on=self._clock().date(),
            link=self._outside.item_link(code) if self._outside.item_link else None,
        )
        return File(f"{title}.pdf", "application/pdf", content)
