"""How every page of the console is made: for the member of staff who is logged in, out of one look at the desk."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.casework.refusal import Refusal
from bot.casework.terms import Role
from bot.desk import staff
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.dossier_pages import Changed
from bot.desk.hall_pages import TEAM_HEADS
from bot.desk.records import Member
from bot.render import due_day, spoken_day, spoken_moment
from handlers.web.console.door import COOKIE, HOME, NO_STORE, Door
from handlers.web.console.forms import FIELDS, Typed, typed
from handlers.web.site import Site

T = TypeVar("T")
SEARCH = 100  # characters of a search that are read
REFUSED, CHANGED = 422, 409
Facts = Mapping[str, Any]
Work = Callable[[Request, str, Typed], Coroutine[Any, Any, Response]]


class NobodyError(Exception):
    """The session has ended, or never began."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A form that was not done: which, why, and what was typed into it."""

    form: str
    sentence: str
    given: Typed
    status: int


class Pages:
    """What the pages behind the login share."""

    def __init__(self, site: Site, door: Door) -> None:
        self._site, self._door = site, door

    def routes(self, *shown: tuple[str, str, Work]) -> list[Route]:
        """Routes for (method, path below the console, work), closed to whoever is not logged in."""
        return [Route(HOME + path, self._for_staff(work), methods=[method]) for method, path, work in shown]

    def _for_staff(self, work: Work) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        async def handle(request: Request) -> Response:
            given: Typed = {}
            if request.method == "POST":
                given = typed(await request.form(max_files=1, max_fields=FIELDS))
            session = request.cookies.get(COOKIE, "")
            try:
                return await work(request, session, given)
            except NobodyError:
                return self._door.closed(request, given)

        return handle

    async def read(self, session: str, view: Callable[[Desk, Member], T]) -> tuple[Member, T]:
        """Who is logged in, and what they asked to see. Raises NobodyError."""

        def look(desk: Desk) -> tuple[Member, T]:
            member = _member(desk, session)
            return member, view(desk, member)

        return await run_in_threadpool(self._site.assistant.read, look)

    async def perform(self, session: str, do: Callable[[Desk, Member], Done | Refusal]) -> Done | Refusal:
        """Do something as whoever is logged in. Raises NobodyError and Changed."""
        decide: Callable[[Desk], Done | Refusal] = lambda desk: do(desk, _member(desk, session))  # noqa: E731
        return await run_in_threadpool(self._site.assistant.perform, decide)

    async def tried(
        self, request: Request, session: str, form: str, given: Typed, do: Callable[[Desk, Member], Done | Refusal]
    ) -> Trouble | None:
        """Do what a form asks for; what is wrong with it, if anything."""
        try:
            done = await self.perform(session, do)
        except Changed:
            words = self._site.words[self._site.visitor(request).language]
            return Trouble(form, words.console.changed, given, CHANGED)
        return self.trouble(request, form, given, done) if isinstance(done, Refusal) else None

    def trouble(self, request: Request, form: str, given: Typed, refusal: Refusal) -> Trouble:
        """A refusal in the visitor's words, beside the form it is about."""
        language = self._site.visitor(request).language
        return Trouble(form, self._site.assistant.refusal(refusal, language), given, REFUSED)

    def missing(self, request: Request, member: Member) -> Response:
        """One and the same for what is not there and what is somebody else's."""
        return self.page(request, "missing.html", member, 404)

    def page(self, request: Request, template: str, member: Member, status: int = 200, **context: Any) -> Response:
        """A page of templates/web/console; a `trouble` in its context gives the status."""
        language, knowledge = self._site.visitor(request).language, self._site.knowledge()
        trouble = context.get("trouble")
        response = self._site.page(
            request,
            f"console/{template}",
            trouble.status if trouble else status,
            member=member,
            ways=_ways(member),
            terms=self._site.words[language].terms,
            day=lambda iso: spoken_day(iso, language),
            due_day=lambda iso: due_day(iso, language, self._site.words[language].terms.provisional_day),
            moment=lambda iso: spoken_moment(iso, language),
            item_name=lambda code: item.name.say(language) if (item := knowledge.item(code)) else code,
            region_name=lambda code: place.name.say(language) if (place := knowledge.regions.get(code)) else code,
            **context,
        )
        response.headers.update(NO_STORE)
        return response


def _member(desk: Desk, session: str) -> Member:
    member = staff.who(desk, session)
    if member is None:
        raise NobodyError
    return member


def _ways(member: Member) -> list[tuple[str, str]]:
    """The pages a member has: address and the name of its label."""
    ways = [(HOME, "inbox")]
    if Role.SUPERVISOR in member.roles:
        ways.append((f"{HOME}/complaints", "complaints"))
    if member.roles & TEAM_HEADS:
        ways.append((f"{HOME}/team", "team"))
    return [*ways, (f"{HOME}/me", "own")]


def see_other(address: str) -> Response:
    """On to another page, once something is done."""
    return RedirectResponse(address, 303, NO_STORE)
