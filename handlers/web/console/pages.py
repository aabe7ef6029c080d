"""The console's pages. Each reads or does one thing at the desk, as the member of staff who is logged in."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.casework.clock import Light
from bot.casework.engagement import Act, Step
from bot.casework.refusal import Refusal
from bot.casework.standing import Move, State
from bot.casework.terms import STAFF, Role
from bot.desk import afterwards, pages, staff
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.dossier import Filed
from bot.desk.pages import Changed, Wanted
from bot.desk.records import Member, Scope
from bot.render import due_day, spoken_day, spoken_moment
from bot.vault import Refused, Vault
from handlers.web.console.door import COOKIE, HOME, NO_STORE, Door
from handlers.web.console.forms import FIELDS, Typed, act_details, day, move_details, number, one, typed
from handlers.web.download import download
from handlers.web.site import Problem, Site

log = structlog.get_logger()

T = TypeVar("T")
SEARCH = 100  # characters of a search that are read
OFFERED = 8  # items that may be meant
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


class ConsolePages:
    """All pages behind the login."""

    def __init__(self, site: Site, vault: Vault | None) -> None:
        self._site, self._vault, self._door = site, vault, Door(site)

    def routes(self) -> list[Route]:
        shown: tuple[tuple[str, str, Work], ...] = (
            ("GET", "", self.inbox),
            ("POST", "", self.search),
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
            ("GET", "/complaints", self.complaints),
            ("POST", "/complaints", self.answer),
            ("GET", "/team", self.team),
            ("GET", "/me", self.me),
            ("POST", "/me", self.on_me),
        )
        return [
            *self._door.routes(),
            *(Route(HOME + path, self._for_staff(work), methods=[method]) for method, path, work in shown),
        ]

    # --- inbox ---

    async def inbox(self, request: Request, session: str, given: Typed) -> Response:
        """`?scope=`, `?state=`, `?light=`, `?closed=1`, `?page=` from 1."""
        wanted = _wanted(request)
        member, facts = await self._read(session, lambda desk, member: pages.inbox(desk, member, wanted))
        asked = {
            name: request.query_params[name] for name in ("scope", "state", "light", "closed") if _has(request, name)
        }
        return self._page(
            request,
            "inbox.html",
            member,
            inbox=facts,
            wanted=wanted,
            filtered=bool(wanted.state or wanted.light or wanted.closed),
            link=lambda page: f"{HOME}?{urlencode({**asked, 'page': page})}",
            steps=[step.value for step in Step],
            states=[state.value for state in State],
            lights=[Light.GREEN.value, Light.YELLOW.value, Light.RED.value, Light.PAUSED.value],
        )

    async def search(self, request: Request, session: str, given: Typed) -> Response:
        """Names and telephone numbers are looked for by POST: no address of ours ever has them."""
        text = one(given, "q")[:SEARCH]
        member, found = await self._read(session, lambda desk, member: pages.search(desk, member, text))
        return self._page(request, "search.html", member, found=found, query=text)

    # --- a dossier ---

    async def dossier(self, request: Request, session: str, given: Typed) -> Response:
        return await self._dossier(request, session, request.path_params["number"])

    async def _dossier(self, request: Request, session: str, number: str, trouble: Trouble | None = None) -> Response:
        member, facts = await self._read(session, lambda desk, member: pages.dossier_page(desk, member, number))
        if facts is None:
            return self._missing(request, member)
        return self._page(
            request,
            "dossier.html",
            member,
            dossier=facts,
            trouble=trouble,
            done=_done(request, Act),
            takes_files=self._vault is not None,
        )

    async def on_dossier(self, request: Request, session: str, given: Typed) -> Response:
        """An act, a message, or how a poor rating was put right: whichever the form carries."""
        number, form = request.path_params["number"], one(given, "act") or ("rectify" if "matter" in given else "write")
        do = self._dossier_form(number, given)
        trouble = await self._tried(request, session, form, given, do)
        if trouble:
            return await self._dossier(request, session, number, trouble)
        return _see(f"{HOME}/dossiers/{number}?{urlencode({'done': form})}#done")

    def _dossier_form(self, number: str, given: Typed) -> Callable[[Desk, Member], Done | Refusal]:
        text, matter, seen = one(given, "text"), one(given, "matter"), _count(given)
        if what := next((act for act in Act if act.value == one(given, "act")), None):
            return lambda desk, member: pages.act(desk, member, number, what, act_details(given), seen)
        if matter:
            return lambda desk, member: afterwards.rectify(desk, member, matter, text)
        return lambda desk, member: pages.write(desk, member, number, text, seen)

    async def send_file(self, request: Request, session: str, given: Typed) -> Response:
        """A file for the applicant, or one the window was handed: it is the dossier's from then on."""
        number = request.path_params["number"]
        member, facts = await self._read(session, lambda desk, member: pages.dossier_page(desk, member, number))
        if facts is None or self._vault is None:
            return self._missing(request, member)
        file = (await request.form(max_files=1, max_fields=FIELDS)).get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        kept = await run_in_threadpool(self._vault.keep, content, self._site.token())
        if isinstance(kept, Refused):
            words = self._site.words[self._site.visitor(request).language].console.files.refused
            return await self._dossier(
                request, session, number, Trouble("file", getattr(words, kept.value), given, REFUSED)
            )
        filed = Filed(kept.id, kept.media_type, kept.size, kept.sha256)
        trouble = await self._tried(
            request, session, "file", given, lambda desk, member: pages.send_file(desk, member, number, filed)
        )
        if trouble:
            return await self._dossier(request, session, number, trouble)
        return _see(f"{HOME}/dossiers/{number}?done=file#done")

    async def items(self, request: Request, session: str, given: Typed) -> Response:
        """`?q=`: what is to be added, in anybody's words; what it may be is offered to choose from."""
        return await self._items(request, session)

    async def _items(self, request: Request, session: str, trouble: Trouble | None = None) -> Response:
        number = request.path_params["number"]
        member, facts = await self._read(session, lambda desk, member: pages.dossier_page(desk, member, number))
        if facts is None or not (facts["takes_items"] or trouble):
            return self._missing(request, member)
        text, language = request.query_params.get("q", "").strip()[:SEARCH], self._site.visitor(request).language
        suggest = self._site.assistant.suggest
        found = await run_in_threadpool(suggest, text, language, OFFERED) if text else ()
        return self._page(request, "items.html", member, dossier=facts, query=text, found=found, trouble=trouble)

    async def add_item(self, request: Request, session: str, given: Typed) -> Response:
        number, code, seen = request.path_params["number"], one(given, "item"), _count(given)
        do = lambda desk, member: pages.add_item(desk, member, number, code, seen)  # noqa: E731
        trouble = await self._tried(request, session, Act.ADD_CASE.value, given, do)
        if trouble:
            return await self._items(request, session, trouble)
        return _see(f"{HOME}/dossiers/{number}?{urlencode({'done': Act.ADD_CASE.value})}#done")

    async def record(self, request: Request, session: str, given: Typed) -> Response:
        """Everything that happened in a dossier, to be read through and printed."""
        number = request.path_params["number"]
        member, facts = await self._read(session, lambda desk, member: pages.record(desk, member, number))
        return self._page(request, "record.html", member, record=facts) if facts else self._missing(request, member)

    # --- a case ---

    async def case(self, request: Request, session: str, given: Typed) -> Response:
        return await self._case(request, session, request.path_params["number"])

    async def _case(self, request: Request, session: str, number: str, trouble: Trouble | None = None) -> Response:
        member, facts = await self._read(session, lambda desk, member: pages.case_page(desk, member, number))
        if facts is None:
            return self._missing(request, member)
        return self._page(request, "case.html", member, case=facts, trouble=trouble, done=_done(request, Move))

    async def move(self, request: Request, session: str, given: Typed) -> Response:
        number = request.path_params["number"]
        what = next((move for move in Move if move.value == one(given, "move")), None)
        if what is None:
            return self._site.problem(request, Problem("invalid", 400, "move"))
        details, seen = move_details(given), _count(given)
        trouble = await self._tried(
            request,
            session,
            what.value,
            given,
            lambda desk, member: pages.move_case(desk, member, number, what, details, seen),
        )
        if trouble:
            return await self._case(request, session, number, trouble)
        return _see(f"{HOME}/cases/{number}?{urlencode({'done': what.value})}#done")

    # --- papers and files ---

    async def paper(self, request: Request, session: str, given: Typed) -> Response:
        language = self._site.visitor(request).language
        name = request.path_params["paper"]
        member, _ = await self._read(session, lambda desk, member: None)
        file = await run_in_threadpool(self._site.assistant.issued_to, session, name, language)
        if file is None:
            return self._missing(request, member)
        return download(file.content, file.media_type, file.name)

    async def file(self, request: Request, session: str, given: Typed) -> Response:
        number, name = request.path_params["number"], request.path_params["file"]
        member, kept = await self._read(session, lambda desk, member: pages.file_of(desk, member, number, name))
        if kept is None:
            return self._missing(request, member)
        content = await run_in_threadpool(self._opened, name)
        if content is None:
            return self._page(request, "gone.html", member, 404)
        return download(content, kept["media_type"], f"{number}-{name}")

    def _opened(self, name: str) -> bytes | None:
        try:
            return self._vault.read(name) if self._vault else None
        except (OSError, ValueError) as error:
            log.error("console.file_unreadable", file=name, error=type(error).__name__)
            return None

    # --- the hall ---

    async def complaints(self, request: Request, session: str, given: Typed) -> Response:
        return await self._complaints(request, session)

    async def _complaints(self, request: Request, session: str, trouble: Trouble | None = None) -> Response:
        member, found = await self._read(session, pages.complaints)
        if found is None:
            return self._missing(request, member)
        return self._page(request, "complaints.html", member, complaints=found, trouble=trouble)

    async def answer(self, request: Request, session: str, given: Typed) -> Response:
        number, text = one(given, "complaint"), one(given, "text")
        do = lambda desk, member: afterwards.answer_complaint(desk, member, number, text)  # noqa: E731
        trouble = await self._tried(request, session, number, given, do)
        return await self._complaints(request, session, trouble) if trouble else _see(f"{HOME}/complaints#{number}")

    async def team(self, request: Request, session: str, given: Typed) -> Response:
        member, found = await self._read(session, pages.team)
        return self._page(request, "team.html", member, people=found) if found else self._missing(request, member)

    async def me(self, request: Request, session: str, given: Typed) -> Response:
        return await self._me(request, session)

    async def _me(
        self, request: Request, session: str, trouble: Trouble | None = None, invitation: Facts | None = None
    ) -> Response:
        member, facts = await self._read(session, pages.own_page)
        invitable = [role.value for role in Role if role in staff.invitable(member)]
        return self._page(
            request, "me.html", member, me=facts, trouble=trouble, invitation=invitation, invitable=invitable
        )

    async def on_me(self, request: Request, session: str, given: Typed) -> Response:
        """Be away, be back, or invite somebody."""
        form = one(given, "do")
        if form == "invite":
            return await self._invite(request, session, given)
        trouble = await self._tried(request, session, form, given, lambda desk, member: _absence(desk, member, given))
        return await self._me(request, session, trouble) if trouble else _see(f"{HOME}/me")

    async def _invite(self, request: Request, session: str, given: Typed) -> Response:
        """The invitation is in this answer and nowhere else."""
        roles = [role for role in STAFF if role.value in given.get("roles", ())]
        hall = one(given, "hall")
        done = await self._perform(session, lambda desk, member: staff.invite_by(desk, member, roles, hall=hall))
        if isinstance(done, Refusal):
            return await self._me(request, session, self._trouble(request, "invite", given, done))
        return await self._me(request, session, invitation=done.facts)

    # --- how they are all made ---

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

    async def _read(self, session: str, view: Callable[[Desk, Member], T]) -> tuple[Member, T]:
        """Who is logged in, and what they asked to see. Raises NobodyError."""

        def look(desk: Desk) -> tuple[Member, T]:
            member = _member(desk, session)
            return member, view(desk, member)

        return await run_in_threadpool(self._site.assistant.read, look)

    async def _perform(self, session: str, do: Callable[[Desk, Member], Done | Refusal]) -> Done | Refusal:
        """Do something as whoever is logged in. Raises NobodyError and Changed."""
        decide: Callable[[Desk], Done | Refusal] = lambda desk: do(desk, _member(desk, session))  # noqa: E731
        return await run_in_threadpool(self._site.assistant.perform, decide)

    async def _tried(
        self, request: Request, session: str, form: str, given: Typed, do: Callable[[Desk, Member], Done | Refusal]
    ) -> Trouble | None:
        """Do what a form asks for; what is wrong with it, if anything."""
        try:
            done = await self._perform(session, do)
        except Changed:
            words = self._site.words[self._site.visitor(request).language]
            return Trouble(form, words.console.changed, given, CHANGED)
        return self._trouble(request, form, given, done) if isinstance(done, Refusal) else None

    def _trouble(self, request: Request, form: str, given: Typed, refusal: Refusal) -> Trouble:
        language = self._site.visitor(request).language
        return Trouble(form, self._site.assistant.refusal(refusal, language), given, REFUSED)

    def _missing(self, request: Request, member: Member) -> Response:
        """One and the same for what is not there and what is somebody else's."""
        return self._page(request, "missing.html", member, 404)

    def _page(self, request: Request, template: str, member: Member, status: int = 200, **context: Any) -> Response:
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
    if member.roles & pages.TEAM_HEADS:
        ways.append((f"{HOME}/team", "team"))
    return [*ways, (f"{HOME}/me", "own")]


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    return Wanted(
        scope=next((scope for scope in Scope if scope.value == asked.get("scope")), None),
        state=next((one.value for one in (*State, *Step) if one.value == asked.get("state")), ""),
        light=next((light for light in Light if light.value == asked.get("light")), None),
        closed=asked.get("closed") == "1",
        page=number({"page": (asked.get("page", ""),)}, "page") or 1,
    )


def _has(request: Request, name: str) -> bool:
    return bool(request.query_params.get(name))


def _absence(desk: Desk, member: Member, given: Typed) -> Done | Refusal:
    if one(given, "do") == "back":
        return staff.be_back(desk, member)
    return pages.be_away(desk, member, day(given, "first"), day(given, "last"), one(given, "deputy"))


def _count(given: Typed) -> int:
    """How much the sender of a form had seen; what is no number is never what there is."""
    seen = number(given, "seen")
    return -1 if seen is None else seen


def _done(request: Request, kind: type[Move] | type[Act]) -> str:
    """What was just done, as the address after it says."""
    done = request.query_params.get("done", "")
    return done if done in {one.value for one in kind} | {"write", "rectify", "file"} else ""


def _see(address: str) -> Response:
    return RedirectResponse(address, 303, NO_STORE)
