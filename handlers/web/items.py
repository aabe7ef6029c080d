"""The catalogue's pages: looking through it, an item's guide with its address for good, its paper, its QR code."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import segno
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.events import Paper
from handlers.web.listing import PAGE, Entry, Listing, Listings, entry_of
from handlers.web.session import Visitor
from handlers.web.show import paper_address, show
from handlers.web.site import Problem, Site
from knowledge.model import Audience, Item

FOUND = 20  # items a search shows
QUERY = 200  # characters of a search that are read
AUDIENCES = {"person": Audience.PERSON, "organisation": Audience.ORGANISATION}


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a list of items."""

    entries: tuple[Entry, ...]
    total: int
    page: int = 1
    pages: int = 1


class ItemPages:
    """The pages of the catalogue."""

    def __init__(self, site: Site, listings: Listings) -> None:
        self._site, self._listings = site, listings

    def routes(self) -> list[Route]:
        return [
            Route("/items", self.browse),
            Route("/items/{code}.pdf", self.paper),
            Route("/items/{code}/qr.svg", self.code),
            Route("/items/{code}", self.item),
        ]

    async def browse(self, request: Request) -> Response:
        """`?q=` words, `?department=` and `?for=person|organisation`, `?page=` from 1."""
        who = self._site.visitor(request)
        query = request.query_params.get("q", "").strip()[:QUERY]
        listing = await run_in_threadpool(self._listings.of, self._site.knowledge())
        found = await self._search(query, who) if query else _chosen(listing, request, who)
        return self._site.page(
            request,
            "items.html",
            query=query,
            found=found,
            listed=listing.entries is not None,
            departments=listing.departments(who.language),
            department=request.query_params.get("department", ""),
            audience=request.query_params.get("for", ""),
            link=lambda number: f"/items?{_query(request, page=str(number))}",
        )

    async def _search(self, query: str, who: Visitor) -> Found:
        suggestions = await run_in_threadpool(self._site.assistant.suggest, query, who.language, FOUND)
        items = (self._site.knowledge().item(suggestion.code) for suggestion in suggestions)
        entries = tuple(entry_of(item) for item in items if item is not None)
        return Found(entries, len(entries))

    async def item(self, request: Request) -> Response:
        """An item's whole guide; a situation in the query narrows it to what concerns the reader."""
        item = self._site.knowledge().item(request.path_params["code"])
        if item is None:
            return self._site.problem(request, Problem("item_gone", 404))
        chosen = chosen_situations(item, request.query_params)
        who = self._site.visitor(request)
        notice = await run_in_threadpool(self._site.assistant.notice, item.code, who.language, chosen)
        if notice is None:
            return self._site.problem(request, Problem("item_gone", 404))
        paper = paper_address(Paper("notice", item.code, chosen), who.language)
        return self._site.page(
            request,
            "item.html",
            item=item,
            chosen=chosen,
            shown=show(notice, ""),
            paper=paper,
            nonce=self._site.token(),
        )

    async def paper(self, request: Request) -> Response:
        item = self._site.knowledge().item(request.path_params["code"])
        if item is None:
            return self._site.problem(request, Problem("item_gone", 404))
        chosen = chosen_situations(item, request.query_params)
        language = self._site.visitor(request).language
        file = await run_in_threadpool(self._site.assistant.paper, item.code, language, chosen)
        if file is None:
            return self._site.problem(request, Problem("item_gone", 404))
        disposition = f"inline; filename=\"{item.code}.pdf\"; filename*=UTF-8''{quote(file.name, safe='')}"
        return Response(file.content, media_type=file.media_type, headers={"Content-Disposition": disposition})

    async def code(self, request: Request) -> Response:
        """A QR code of the item's page; `?to=telegram`: of the bot's deep link to it."""
        item = self._site.knowledge().item(request.path_params["code"])
        telegram = request.query_params.get("to") == "telegram"
        if item is None or (telegram and not self._site.settings.telegram_bot):
            return self._site.problem(request, Problem("item_gone", 404))
        link = telegram_link(self._site, item.code) if telegram else self._site.address(request, f"/items/{item.code}")
        return Response(qr(link), media_type="image/svg+xml")


def telegram_link(site: Site, code: str) -> str:
    return f"https://t.me/{site.settings.telegram_bot}?start=item_{code}"


def qr(link: str) -> bytes:
    """A QR code as SVG, black on white whatever the page's colours are: scanners need it so."""
    image = io.BytesIO()
    segno.make(link, error="m", micro=False).save(
        image, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, xmldecl=False
    )
    return image.getvalue()


def chosen_situations(item: Item, given: Mapping[str, str]) -> dict[str, str]:
    """The situations of `item` that `given` answers; what is no situation or no option of it is left out."""
    return {
        situation.code: option.code
        for situation in item.situations
        for option in situation.options
        if given.get(situation.code) == option.code
    }


def _chosen(listing: Listing, request: Request, who: Visitor) -> Found:
    audience = AUDIENCES.get(request.query_params.get("for", ""))
    entries = listing.choose(who.language, request.query_params.get("department", ""), audience)
    pages = max(1, -(-len(entries) // PAGE))
    asked = request.query_params.get("page", "1")
    page = min(pages, max(1, int(asked))) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1
    return Found(tuple(entries[(page - 1) * PAGE : page * PAGE]), len(entries), page, pages)


def _query(request: Request, **changed: str) -> str:
    return urlencode({**request.query_params, **changed})
