"""The way into the console: a link that works once, a session that ends, and nobody else."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.casework.refusal import Refusal
from bot.desk import staff
from handlers.web.console.forms import Typed
from handlers.web.site import Site

COOKIE = "bangban_console"
HOME = "/console"
NO_STORE = {"Cache-Control": "no-store"}
EXPIRED, NOT_LOGGED_IN = 410, 403


class Door:
    """Logging in and out. A link is used by pressing a button, so that what looks at links ahead does not use it up."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def routes(self) -> list[Route]:
        return [
            Route(f"{HOME}/login/{{secret}}", self.look, methods=["GET"]),
            Route(f"{HOME}/login/{{secret}}", self.enter, methods=["POST"]),
            Route(f"{HOME}/logout", self.leave, methods=["POST"]),
        ]

    async def look(self, request: Request) -> Response:
        secret = request.path_params["secret"]
        read = self._site.assistant.read
        good, office = await run_in_threadpool(read, lambda desk: (staff.is_good_login(desk, secret), desk.office))
        template = "login.html" if good else "used.html"
        return self._page(
            request, template, 200 if good else EXPIRED, hours=office.session_hours, minutes=office.login_minutes
        )

    async def enter(self, request: Request) -> Response:
        secret = request.path_params["secret"]
        done = await run_in_threadpool(self._site.assistant.perform, lambda desk: staff.log_in(desk, secret))
        if isinstance(done, Refusal):
            minutes = await run_in_threadpool(self._site.assistant.read, lambda desk: desk.office.login_minutes)
            return self._page(request, "used.html", EXPIRED, minutes=minutes)
        response = RedirectResponse(HOME, 303, NO_STORE)
        response.set_cookie(
            COOKIE,
            done.facts["session"],
            path=HOME,
            httponly=True,
            samesite="strict",
            secure=self._site.is_secure(request),
        )
        return response

    async def leave(self, request: Request) -> Response:
        session = request.cookies.get(COOKIE, "")
        await run_in_threadpool(self._site.assistant.perform, lambda desk: staff.log_out(desk, session))
        response = self._page(request, "left.html", 200)
        response.delete_cookie(
            COOKIE, path=HOME, httponly=True, samesite="strict", secure=self._site.is_secure(request)
        )
        return response

    def closed(self, request: Request, sent: Typed) -> Response:
        """Nobody is logged in: how to, and what was sent, to be sent again afterwards."""
        fields = [(name, value) for name, values in sent.items() for value in values]
        return self._page(request, "door.html", NOT_LOGGED_IN, fields=fields)

    def _page(self, request: Request, template: str, status: int, **context: object) -> Response:
        response = self._site.page(request, f"console/{template}", status, member=None, **context)
        response.headers.update(NO_STORE)
        return response
