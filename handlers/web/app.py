"""The web edge: an ASGI application of the conversation, the catalogue's pages and the HTTP API.

    app = create_app(settings, assistant, knowledge, token, clock)

Everything real is handed in: nothing here reads the environment, a clock or random numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from bot.assistant import Assistant
from bot.vault import Vault
from handlers.web.api import api_router
from handlers.web.chat import ChatPages
from handlers.web.console.routes import console_routes
from handlers.web.conversation import Conversation
from handlers.web.guard import Guard
from handlers.web.items import ItemPages
from handlers.web.listing import Listings
from handlers.web.settings import WebSettings
from handlers.web.site import STATIC, Directory, Problem, Site

NOT_FOR_ROBOTS = ("/chat", "/papers/", "/files/", "/api/", "/console")
ROBOTS = "User-agent: *\n" + "".join(f"Disallow: {one}\n" for one in NOT_FOR_ROBOTS) + "Allow: /\n"
DESCRIPTION = "与网页、Telegram 同一套答案。 The same answers as the web page and the Telegram bot. → docs/http-api.md"
Handler = Callable[[Request, Any], Coroutine[Any, Any, Response]]
_STATUS = {404: "not_found", 405: "method", 413: "too_large", 429: "too_many"}


def create_app(
    settings: WebSettings,
    assistant: Assistant,
    knowledge: Callable[[], Directory],
    token: Callable[[], str],
    clock: Callable[[], float],
    vault: Vault | None = None,
) -> FastAPI:
    """The application. `knowledge` gives the catalogue as it stands; `token` an unguessable URL-safe string of at
    least 20 characters (secrets.token_urlsafe); `clock` seconds that never go back (time.monotonic); `vault` keeps
    what people send, and without one nothing can be sent."""
    site = Site(settings, assistant, knowledge, token, clock)
    conversation = Conversation(assistant, settings.answers_at_once, settings.answer_seconds)
    listings = Listings()
    app = FastAPI(
        title="帮办 Bangban",
        description=DESCRIPTION,
        version="1",
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        exception_handlers={
            HTTPException: _refused(site),
            RequestValidationError: _invalid(site),
        },
    )
    app.include_router(api_router(site, conversation, listings))
    app.router.routes.extend(ChatPages(site, conversation, vault).routes())
    app.router.routes.extend(ItemPages(site, listings).routes())
    app.router.routes.extend(console_routes(site, vault))
    app.router.routes.extend(_rest(site, app))
    app.add_middleware(GZipMiddleware, minimum_size=1024)
    app.add_middleware(Guard, site=site)
    return app


def _rest(site: Site, app: FastAPI) -> list[Route | Mount]:
    """The pages that stand by themselves."""

    async def help_page(request: Request) -> Response:
        return site.page(request, "help.html")

    async def api_page(request: Request) -> Response:
        return site.page(request, "api.html", operations=operations(app.openapi()))

    async def health(request: Request) -> Response:
        version = await run_in_threadpool(lambda: site.knowledge().version)
        return JSONResponse({"status": "ok", "catalogue": version})

    async def robots(request: Request) -> Response:
        return PlainTextResponse(ROBOTS)

    async def favicon(request: Request) -> Response:
        return RedirectResponse("/static/icon.svg", 301)

    return [
        Route("/help", help_page),
        Route("/api/docs", api_page),
        Route("/healthz", health),
        Route("/robots.txt", robots),
        Route("/favicon.ico", favicon),
        Mount("/static", _Static(directory=STATIC)),
    ]


class _Static(StaticFiles):
    """Files whose address changes with their content may be kept for good."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            marked = b"v=" in scope["query_string"]
            response.headers["Cache-Control"] = f"public, max-age={31536000 if marked else 3600}, immutable"
        return response


def _refused(site: Site) -> Handler:
    async def handle(request: Request, error: HTTPException) -> Response:
        name = _STATUS.get(error.status_code, "failed" if error.status_code >= 500 else "invalid")
        response = site.problem(request, Problem(name, error.status_code, str(error.status_code)))
        response.headers.update(error.headers or {})
        return response

    return handle


def _invalid(site: Site) -> Handler:
    async def handle(request: Request, error: RequestValidationError) -> Response:
        """Which field, and the checker's short reason; never what was sent."""
        return site.problem(request, Problem("invalid", 422, _fault(error)))

    return handle


def _fault(error: RequestValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != "body")
    return f"{where or 'body'} ({first['type']})"[:200]


def operations(description: dict[str, Any]) -> list[dict[str, Any]]:
    """What the page about the API lists, from its OpenAPI description."""
    return [
        {
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "description": operation.get("description", ""),
            "parameters": operation.get("parameters", []),
            "request": _schema_name(operation.get("requestBody", {})),
            "response": _schema_name(operation["responses"]["200"]),
        }
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]


def _schema_name(holder: dict[str, Any]) -> str:
    found = re.search(r"#/components/schemas/(\w+)", str(holder))
    return found[1] if found else ""
