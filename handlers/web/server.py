"""The web page as a server (uvicorn) that another part of the program can start and stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Receive, Scope, Send

AT_ONCE = 500  # connections; more are told that the server is busy
KEEP_ALIVE = 30  # seconds an idle connection is kept
GOODBYE = 10  # seconds answers under way are given when the server stops


class Server(uvicorn.Server):
    """Uvicorn without its signal handlers: whoever started the program decides what ends it, and how it exits."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def web_server(app: ASGIApp, host: str, port: int) -> Server:
    """A server that is not started yet: `await server.serve()`. Trusts forwarding headers from this machine only."""
    return Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=AT_ONCE,
            timeout_keep_alive=KEEP_ALIVE,
            timeout_graceful_shutdown=GOODBYE,
            proxy_headers=True,
            forwarded_allow_ips="127.0.0.1",
        )
    )


class Beside:
    """ASGI: the web page's application with routes of other channels (a webhook) beside it.

    Those are served untouched: the page's limits on visitors, and its headers, are none of their business.
    """

    def __init__(self, app: ASGIApp, routes: Sequence[Route]) -> None:
        self._app, self._routes = app, tuple(routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for route in self._routes if scope["type"] == "http" else ():
            match, found = route.matches(scope)
            if match is not Match.NONE:
                scope.update(found)
                await route.handle(scope, receive, send)
                return
        await self._app(scope, receive, send)
