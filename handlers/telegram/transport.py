"""HTTP for python-telegram-bot by aiohttp.

PTB's own transport (httpx) takes most of an echo bot's time; `bench/webhook.py` measures the difference. Nothing is
repeated here: whether a call may be made again only its caller can know.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds a call may spend in each phase."""

    pool: float = 10  # until a connection is free
    connect: float = 10
    write: float = 60  # the request's body; a paper may go over a slow line
    read: float = 20  # between two pieces of the answer


class AiohttpRequest(BaseRequest):
    """Calls to the Bot API over one pool of kept-alive connections.

    Raises telegram.error.TimedOut where a phase takes too long and telegram.error.NetworkError for every other fault of
    the line. Neither carries the address: it contains the token.
    """

    __slots__ = ("_connections", "_proxy", "_session", "_timeouts")

    def __init__(self, connections: int = 64, timeouts: Timeouts | None = None, proxy: str | None = None) -> None:
        """`connections`: how many calls may be under way at once; `proxy`: http://host:port, if there is one."""
        self._connections = connections
        self._timeouts = timeouts or Timeouts()
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        return self._timeouts.read

    async def initialize(self) -> None:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
            )

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call: its HTTP status and the answer's body."""
        if self._session is None or self._session.closed:
            raise RuntimeError("AiohttpRequest is not initialised")
        timeout = _timeout(
            pool=_chosen(pool_timeout, self._timeouts.pool),
            connect=_chosen(connect_timeout, self._timeouts.connect),
            write=_chosen(write_timeout, self._timeouts.write),
            read=_chosen(read_timeout, self._timeouts.read),
        )
        try:
            async with self._session.request(
                method, url, timeout=timeout, proxy=self._proxy, allow_redirects=False, **_body(request_data)
            ) as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut(type(error).__name__) from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise NetworkError(type(error).__name__) from None

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        """The answer as Python values. PTB's own writes what it cannot read to the log, citizens' words included."""
        try:
            return orjson.loads(payload)
        except orjson.JSONDecodeError:
            raise TelegramError("Invalid server response") from None


def _chosen(given: Any, default: float) -> float | None:
    return default if given is BaseRequest.DEFAULT_NONE else given


def _timeout(
    pool: float | None, connect: float | None, write: float | None, read: float | None
) -> aiohttp.ClientTimeout:
    """aiohttp has no limit for writing alone: the sum of all phases bounds it."""
    total = None if None in (pool, connect, write, read) else pool + connect + write + read  # type: ignore[operator]
    waiting = None if pool is None or connect is None else pool + connect
    return aiohttp.ClientTimeout(total=total, connect=waiting, sock_connect=connect, sock_read=read)


def _body(data: RequestData | None) -> dict[str, Any]:
    """A call's parameters as keyword arguments of aiohttp: JSON, or a form where files go along."""
    if data is None:
        return {}
    if not data.contains_files:
        return {"data": orjson.dumps(data.parameters), "headers": {"Content-Type": "application/json"}}
    form = aiohttp.FormData(quote_fields=False)  # Telegram reads a file's name as UTF-8, not percent-encoded
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, media_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=media_type)
    return {"data": form}
