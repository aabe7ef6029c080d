"""A reply as the page shows it: blocks grouped into sections and lists, ready for a template.

Pure, and nothing is added or left out: only the nesting that HTML wants is found again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal
from urllib.parse import urlencode

from bot.events import Block, BlockKind, Button, Language, Paper, Reply, Span

PartKind = Literal["paragraph", "list", "checklist", "notes"]
Spans = tuple[Span, ...]
_PARTS: dict[BlockKind, PartKind] = {
    BlockKind.PARAGRAPH: "paragraph",
    BlockKind.ITEM: "list",
    BlockKind.CHECK: "checklist",
    BlockKind.NOTE: "notes",
}


@dataclass(frozen=True, slots=True)
class Part:
    """A paragraph (one entry), or neighbouring entries of one list."""

    kind: PartKind
    entries: tuple[Spans, ...]


@dataclass(frozen=True, slots=True)
class Section:
    title: Spans | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Linked:
    """A document: its kind (as of events.Paper), where it is, and its name where it is one that somebody sent."""

    kind: str
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A reply with its structure. `nonce` makes its buttons' presses recognisable."""

    reply: Reply
    heading: Spans | None
    sections: tuple[Section, ...]
    nonce: str
    papers: tuple[Linked, ...]  # the documents that go with it

    @property
    def buttons(self) -> tuple[tuple[Button, ...], ...]:
        return tuple(row for row in (tuple(filter(_is_usable, row)) for row in self.reply.buttons) if row)


def show(reply: Reply, nonce: str) -> Shown:
    """The structure of `reply`: the first heading is its title, later ones begin sections."""
    blocks = reply.blocks
    heading = blocks[0].spans if blocks and blocks[0].kind is BlockKind.HEADING else None
    rest = blocks[1:] if heading is not None else blocks
    papers = tuple(
        Linked(paper.kind, paper_address(paper, reply.language), file.name if paper.kind == Paper.FILE else "")
        for paper, file in zip(reply.papers, reply.files, strict=True)
    )
    return Shown(reply, heading, _sections(rest), nonce, papers)


def _sections(blocks: tuple[Block, ...]) -> tuple[Section, ...]:
    sections: list[Section] = []
    for block in blocks:
        if block.kind in (BlockKind.SECTION, BlockKind.HEADING):
            sections.append(Section(block.spans, ()))
            continue
        if not sections:
            sections.append(Section(None, ()))
        sections[-1] = replace(sections[-1], parts=_with(sections[-1].parts, block))
    return tuple(sections)


def _with(parts: tuple[Part, ...], block: Block) -> tuple[Part, ...]:
    kind = _PARTS[block.kind]
    if parts and kind != "paragraph" and parts[-1].kind == kind:
        return (*parts[:-1], Part(kind, (*parts[-1].entries, block.spans)))
    return (*parts, Part(kind, (block.spans,)))


def paper_address(paper: Paper, language: Language) -> str:
    """Where the page serves a document that the core made: what it is made from is in the address or the records."""
    if paper.kind == Paper.FILE:
        return f"/files/{paper.facts['number']}/{paper.facts['id']}?{urlencode({'lang': language})}"
    if paper.kind != "notice":
        return f"/papers/{paper.facts['id']}.pdf?{urlencode({'lang': language})}"
    return f"/items/{paper.item}.pdf?{urlencode([*sorted(paper.chosen.items()), ('lang', language)])}"


def is_web(address: str) -> bool:
    """Whether an address may be linked to: no other scheme than http and https ever is."""
    return address.startswith(("https://", "http://"))


def _is_usable(button: Button) -> bool:
    """A telephone number that somebody shares with one press is nothing a page can vouch for."""
    return not button.contact and (bool(button.data) or is_web(button.url))
