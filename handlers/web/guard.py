"""What every request passes before a page is made, and every response on its way out.

In this order: how often an address may ask, that a form comes from our own pages, how much a body may carry and how
long it may take. Out: the headers that keep a browser from doing anything the pages do not need.
"""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.web.site import Problem, Site

log = structlog.get_logger()

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
SECURE_ONLY = {"Strict-Transport-Security": "max-age=31536000"}
SAFE = {"GET", "HEAD", "OPTIONS"}
PAPER_COST = 5  # a document takes as much work as this many pages
LETTERS_COST = 0.2  # looking for letters, which every open page does by itself, takes as little
FILES = re.compile(r"/chat/file|/console/dossiers/[^/]+/files")  # where a file may be sent to


class Guard:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self._app, self._site = app, site
        self._files = 0  # arriving now

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        outgoing = _Outgoing(send, self._site.is_secure(request))
        try:
            body = self._refusal(request) or (b"" if request.method in SAFE else await self._body(request, receive))
            if isinstance(body, Problem):
                await self._site.problem(request, body)(scope, receive, outgoing.send)
            else:
                await self._app(scope, _replay(body, receive), outgoing.send)
        except Exception as error:  # noqa: BLE001 - the edge: nobody sees a stack trace, no log what somebody wrote
            frame = traceback.extract_tb(error.__traceback__)[-1]
            log.error("web.failed", error=type(error).__name__, file=frame.filename, line=frame.lineno)
            if not outgoing.started:
                await self._site.problem(request, Problem("failed", 500))(scope, receive, outgoing.send)

    def _refusal(self, request: Request) -> Problem | None:
        path = request.url.path
        if not path.startswith("/static/"):
            cost = PAPER_COST if path.endswith(".pdf") else LETTERS_COST if path == "/chat/letters" else 1
            if not self._site.requesting.allows(request.client.host if request.client else "", cost):
                return Problem("too_many", 429)
        if request.method not in SAFE and not path.startswith("/api/") and not self._is_own(request):
            return Problem("foreign", 403)
        return None

    def _is_own(self, request: Request) -> bool:
        """Whether a form comes from our own pages: what the browser says of it (Fetch Metadata), else its Origin.

        A browser too old to say either sends no cookie from elsewhere (SameSite), so it speaks for nobody.
        """
        fetched = request.headers.get("sec-fetch-site")
        if fetched is not None:
            return fetched in ("same-origin", "none")
        origin = request.headers.get("origin")
        own = {request.headers.get("host"), urlsplit(self._site.settings.public_url).netloc}
        return origin is None or urlsplit(origin).netloc in own - {None, ""}

    async def _body(self, request: Request, receive: Receive) -> bytes | Problem:
        """The whole body, or why it is not taken."""
        settings = self._site.settings
        if not FILES.fullmatch(request.url.path):
            return await self._read(request, receive, settings.body_bytes, settings.body_seconds)
        if self._files >= settings.files_at_once:
            return Problem("file_lost", 503)
        self._files += 1
        try:
            return await self._read(request, receive, settings.file_bytes + settings.body_bytes, settings.file_seconds)
        finally:
            self._files -= 1

    async def _read(self, request: Request, receive: Receive, most: int, seconds: float) -> bytes | Problem:
        if not _is_length(request.headers.get("content-length", "0"), most):
            return Problem("too_large", 413)
        body = bytearray()
        try:
            async with asyncio.timeout(seconds):
                async for chunk in _chunks(receive):
                    body += chunk
                    if len(body) > most:
                        return Problem("too_large", 413)
        except (TimeoutError, ConnectionError):
            return Problem("slow_body", 408)
        return bytes(body)


def _is_length(header: str, most: int) -> bool:
    return header.isascii() and header.isdigit() and int(header[:20]) <= most


async def _chunks(receive: Receive) -> AsyncIterator[bytes]:
    """The parts of a body as they arrive; ConnectionError if the other side goes away before its end."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError
        yield message.get("body", b"")
        if not message.get("more_body", False):
            return


def _replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body that was already read, then goes on with the real one."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


class _Outgoing:
    """Adds the headers, and knows whether a response has begun."""

    def __init__(self, send: Send, secure: bool) -> None:
        self._send, self._secure, self.started = send, secure, False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            for name, value in (HEADERS | (SECURE_ONLY if self._secure else {})).items():
                # a browser's own PDF viewer needs styles that the policy would forbid
                if name != "Content-Security-Policy" or headers.get("content-type") != "application/pdf":
                    headers.setdefault(name, value)
            headers.setdefault("Cache-Control", "private, no-cache")
        await self._send(message)
