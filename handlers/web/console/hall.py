"""The console's pages about a hall: the inbox, the complaints, the people, and one's own page."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.casework.clock import Light
from bot.casework.engagement import Step
from bot.casework.refusal import Refusal
from bot.casework.standing import State
from bot.casework.terms import STAFF, Role
from bot.desk import afterwards, hall_pages, staff
from bot.desk.change import Done
from bot.desk.desk import Desk
from bot.desk.hall_pages import Wanted
from bot.desk.records import Member, Scope
from handlers.web.console.door import HOME
from handlers.web.console.forms import Typed, day, number, one
from handlers.web.console.pages import SEARCH, Facts, Pages, Trouble, see_other

FILTERS = ("scope", "hall", "state", "light", "closed")  # what turning a page keeps


class HallPages:
    """What the hall's staff see of it, and of themselves."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def routes(self) -> list[Route]:
        return self._pages.routes(
            ("GET", "", self.inbox),
            ("POST", "", self.search),
            ("GET", "/complaints", self.complaints),
            ("POST", "/complaints", self.answer),
            ("GET", "/team", self.team),
            ("GET", "/me", self.me),
            ("POST", "/me", self.on_me),
        )

    # --- inbox ---

    async def inbox(self, request: Request, session: str, given: Typed) -> Response:
        """`?scope=`, `?hall=`, `?state=`, `?light=`, `?closed=1`, `?page=` from 1."""
        wanted = _wanted(request)
        member, facts = await self._pages.read(session, lambda desk, member: hall_pages.inbox(desk, member, wanted))
        asked = {name: request.query_params[name] for name in FILTERS if _has(request, name)}
        return self._pages.page(
            request,
            "inbox.html",
            member,
            inbox=facts,
            wanted=wanted,
            filtered=bool(facts["hall"] or wanted.state or wanted.light or wanted.closed),
            link=lambda page: f"{HOME}?{urlencode({**asked, 'page': page})}",
            steps=[step.value for step in Step],
            states=[state.value for state in State],
            lights=[Light.GREEN.value, Light.YELLOW.value, Light.RED.value, Light.PAUSED.value],
        )

    async def search(self, request: Request, session: str, given: Typed) -> Response:
        """Names and telephone numbers are looked for by POST: no address of ours ever has them."""
        text = one(given, "q")[:SEARCH]
        member, found = await self._pages.read(session, lambda desk, member: hall_pages.search(desk, member, text))
        return self._pages.page(request, "search.html", member, found=found, query=text)

    # --- the hall ---

    async def complaints(self, request: Request, session: str, given: Typed) -> Response:
        return await self._complaints(request, session)

    async def _complaints(self, request: Request, session: str, trouble: Trouble | None = None) -> Response:
        member, found = await self._pages.read(session, hall_pages.complaints)
        if found is None:
            return self._pages.missing(request, member)
        return self._pages.page(request, "complaints.html", member, complaints=found, trouble=trouble)

    async def answer(self, request: Request, session: str, given: Typed) -> Response:
        number, text = one(given, "complaint"), one(given, "text")
        do = lambda desk, member: afterwards.answer_complaint(desk, member, number, text)  # noqa: E731
        trouble = await self._pages.tried(request, session, number, given, do)
        if trouble:
            return await self._complaints(request, session, trouble)
        return see_other(f"{HOME}/complaints#{number}")

    async def team(self, request: Request, session: str, given: Typed) -> Response:
        member, found = await self._pages.read(session, hall_pages.team)
        if found is None:
            return self._pages.missing(request, member)
        return self._pages.page(request, "team.html", member, people=found)

    async def me(self, request: Request, session: str, given: Typed) -> Response:
        return await self._me(request, session)

    async def _me(
        self, request: Request, session: str, trouble: Trouble | None = None, invitation: Facts | None = None
    ) -> Response:
        member, facts = await self._pages.read(session, hall_pages.own_page)
        invitable = [role.value for role in Role if role in staff.invitable(member)]
        return self._pages.page(
            request, "me.html", member, me=facts, trouble=trouble, invitation=invitation, invitable=invitable
        )

    async def on_me(self, request: Request, session: str, given: Typed) -> Response:
        """Be away, be back, or invite somebody."""
        form = one(given, "do")
        if form == "invite":
            return await self._invite(request, session, given)
        trouble = await self._pages.tried(
            request, session, form, given, lambda desk, member: _absence(desk, member, given)
        )
        return await self._me(request, session, trouble) if trouble else see_other(f"{HOME}/me")

    async def _invite(self, request: Request, session: str, given: Typed) -> Response:
        """The invitation is in this answer and nowhere else."""
        roles = [role for role in STAFF if role.value in given.get("roles", ())]
        hall = one(given, "hall")
        done = await self._pages.perform(session, lambda desk, member: staff.invite_by(desk, member, roles, hall=hall))
        if isinstance(done, Refusal):
            return await self._me(request, session, self._pages.trouble(request, "invite", given, done))
        return await self._me(request, session, invitation=done.facts)


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    return Wanted(
        scope=next((scope for scope in Scope if scope.value == asked.get("scope")), None),
        hall=asked.get("hall", ""),
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
    return hall_pages.be_away(desk, member, day(given, "first"), day(given, "last"), one(given, "deputy"))
