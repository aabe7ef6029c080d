"""The console's pages about one dossier: everything in it, its cases, its papers and files, and every form there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.casework.engagement import Act
from bot.casework.refusal import Refusal
from bot.casework.standing import Move
from bot.desk import afterwards, dossier_pages
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.dossier import Filed
from bot.desk.records import Member
from bot.vault import Refused, Vault
from handlers.web.console.door import HOME
from handlers.web.console.forms import FIELDS, Typed, act_details, move_details, number, one
from handlers.web.console.pages import REFUSED, SEARCH, Pages, Trouble, see_other
from handlers.web.download import download
from handlers.web.site import Problem, Site

log = structlog.get_logger()

OFFERED = 8  # items that may be meant


class DossierPages:
    """What is in a dossier, and what is done with it."""

    def __init__(self, pages: Pages, site: Site, vault: Vault | None) -> None:
        self._pages, self._site, self._vault = pages, site, vault

    def routes(self) -> list[Route]:
        return self._pages.routes(
            ("GET", "/dossiers/{number}", self.dossier),
            ("POST", "/dossiers/{number}", self.on_dossier),
            ("POST", "/dossiers/{number}/files", self.send_file),
            ("GET", "/dossiers/{number}/items", self.items),
            ("POST", "/dossiers/{number}/items", self.add_item),
            ("GET", "/dossiers/{number}/record", self.record),
            ("GET", "/cases/{number}", self.case),
            ("POST", "/cases/{number}", self.move),
            ("GET", "/papers/{paper}.pdf", self.paper),
            ("GET", "/files/{number}/{file}", self.file),
        )

    # --- a dossier ---

    async def dossier(self, request: Request, session: str, given: Typed) -> Response:
        return await self._dossier(request, session, request.path_params["number"])

    async def _dossier(self, request: Request, session: str, number: str, trouble: Trouble | None = None) -> Response:
        member, facts = await self._read(session, number)
        if facts is None:
            return self._pages.missing(request, member)
        return self._pages.page(
            request,
            "dossier.html",
            member,
            dossier=facts,
            trouble=trouble,
            done=_done(request, Act),
            takes_files=self._vault is not None,
        )

    async def _read(self, session: str, number: str) -> tuple[Member, dict[str, Any] | None]:
        return await self._pages.read(session, lambda desk, member: dossier_pages.dossier_page(desk, member, number))

    async def on_dossier(self, request: Request, session: str, given: Typed) -> Response:
        """An act, a message, or how a poor rating was put right: whichever the form carries."""
        number, form = request.path_params["number"], one(given, "act") or ("rectify" if "matter" in given else "write")
        do = self._dossier_form(number, given)
        trouble = await self._pages.tried(request, session, form, given, do)
        if trouble:
            return await self._dossier(request, session, number, trouble)
        return see_other(f"{HOME}/dossiers/{number}?{urlencode({'done': form})}#done")

    def _dossier_form(self, number: str, given: Typed) -> Callable[[Desk, Member], Done | Refusal]:
        text, matter, seen = one(given, "text"), one(given, "matter"), _count(given)
        if what := next((act for act in Act if act.value == one(given, "act")), None):
            return lambda desk, member: dossier_pages.act(desk, member, number, what, act_details(given), seen)
        if matter:
            return lambda desk, member: afterwards.rectify(desk, member, matter, text)
        return lambda desk, member: dossier_pages.write(desk, member, number, text, seen)

    async def send_file(self, request: Request, session: str, given: Typed) -> Response:
        """A file for the applicant, or one the window was handed: it is the dossier's from then on."""
        number = request.path_params["number"]
        member, facts = await self._read(session, number)
        if facts is None or self._vault is None:
            return self._pages.missing(request, member)
        file = (await request.form(max_files=1, max_fields=FIELDS)).get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        kept = await run_in_threadpool(self._vault.keep, content, self._site.token())
        if isinstance(kept, Refused):
            words = self._site.words[self._site.visitor(request).language].console.files.refused
            return await self._dossier(
                request, session, number, Trouble("file", getattr(words, kept.value), given, REFUSED)
            )
        filed = Filed(kept.id, kept.media_type, kept.size, kept.sha256)
        trouble = await self._pages.tried(
            request, session, "file", given, lambda desk, member: dossier_pages.send_file(desk, member, number, filed)
        )
        if trouble:
            return await self._dossier(request, session, number, trouble)
        return see_other(f"{HOME}/dossiers/{number}?done=file#done")

    async def items(self, request: Request, session: str, given: Typed) -> Response:
        """`?q=`: what is to be added, in anybody's words; what it may be is offered to choose from."""
        return await self._items(request, session)

    async def _items(self, request: Request, session: str, trouble: Trouble | None = None) -> Response:
        number = request.path_params["number"]
        member, facts = await self._read(session, number)
        if facts is None or not (facts["takes_items"] or trouble):
            return self._pages.missing(request, member)
        text, language = request.query_params.get("q", "").strip()[:SEARCH], self._site.visitor(request).language
        suggest = self._site.assistant.suggest
        found = await run_in_threadpool(suggest, text, language, OFFERED) if text else ()
        return self._pages.page(request, "items.html", member, dossier=facts, query=text, found=found, trouble=trouble)

    async def add_item(self, request: Request, session: str, given: Typed) -> Response:
        number, code, seen = request.path_params["number"], one(given, "item"), _count(given)
        do = lambda desk, member: dossier_pages.add_item(desk, member, number, code, seen)  # noqa: E731
        trouble = await self._pages.tried(request, session, Act.ADD_CASE.value, given, do)
        if trouble:
            return await self._items(request, session, trouble)
        return see_other(f"{HOME}/dossiers/{number}?{urlencode({'done': Act.ADD_CASE.value})}#done")

    async def record(self, request: Request, session: str, given: Typed) -> Response:
        """Everything that happened in a dossier, to be read through and printed."""
        number = request.path_params["number"]
        member, facts = await self._pages.read(session, lambda desk, member: dossier_pages.record(desk, member, number))
        if facts is None:
            return self._pages.missing(request, member)
        return self._pages.page(request, "record.html", member, record=facts)

    # --- a case ---

    async def case(self, request: Request, session: str, given: Typed) -> Response:
        return await self._case(request, session, request.path_params["number"])

    async def _case(self, request: Request, session: str, number: str, trouble: Trouble | None = None) -> Response:
        member, facts = await self._pages.read(
            session, lambda desk, member: dossier_pages.case_page(desk, member, number)
        )
        if facts is None:
            return self._pages.missing(request, member)
        return self._pages.page(request, "case.html", member, case=facts, trouble=trouble, done=_done(request, Move))

    async def move(self, request: Request, session: str, given: Typed) -> Response:
        number = request.path_params["number"]
        what = next((move for move in Move if move.value == one(given, "move")), None)
        if what is None:
            return self._site.problem(request, Problem("invalid", 400, "move"))
        details, seen = move_details(given), _count(given)
        trouble = await self._pages.tried(
            request,
            session,
            what.value,
            given,
            lambda desk, member: dossier_pages.move_case(desk, member, number, what, details, seen),
        )
        if trouble:
            return await self._case(request, session, number, trouble)
        return see_other(f"{HOME}/cases/{number}?{urlencode({'done': what.value})}#done")

    # --- papers and files ---

    async def paper(self, request: Request, session: str, given: Typed) -> Response:
        language = self._site.visitor(request).language
        name = request.path_params["paper"]
        member, _ = await self._pages.read(session, lambda desk, member: None)
        file = await run_in_threadpool(self._site.assistant.issued_to, session, name, language)
        if file is None:
            return self._pages.missing(request, member)
        return download(file.content, file.media_type, file.name)

    async def file(self, request: Request, session: str, given: Typed) -> Response:
        number, name = request.path_params["number"], request.path_params["file"]
        member, kept = await self._pages.read(
            session, lambda desk, member: dossier_pages.file_of(desk, member, number, name)
        )
        if kept is None:
            return self._pages.missing(request, member)
        content = await run_in_threadpool(self._opened, name)
        if content is None:
            return self._pages.page(request, "gone.html", member, 404)
        return download(content, kept["media_type"], f"{number}-{name}")

    def _opened(self, name: str) -> bytes | None:
        try:
            return self._vault.read(name) if self._vault else None
        except (OSError, ValueError) as error:
            log.error("console.file_unreadable", file=name, error=type(error).__name__)
            return None


def _count(given: Typed) -> int:
    """How much the sender of a form had seen; what is no number is never what there is."""
    seen = number(given, "seen")
    return -1 if seen is None else seen


def _done(request: Request, kind: type[Move] | type[Act]) -> str:
    """What was just done, as the address after it says."""
    done = request.query_params.get("done", "")
    return done if done in {one.value for one in kind} | {"write", "rectify", "file"} else ""
