"""The aiohttp transport: uploads, faults of the line and what they are called."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from handlers.telegram.transport import AiohttpRequest, Timeouts
from tests.telegram.peers import TOKEN, ScriptedApi, StrictServer, fault, free_port


def bot(base_url: str, timeouts: Timeouts | None = None) -> Bot:
    return Bot(
        TOKEN, base_url=base_url, request=AiohttpRequest(timeouts=timeouts), get_updates_request=AiohttpRequest()
    )


def call(base_url: str, work: Callable[[Bot], Awaitable[None]], timeouts: Timeouts | None = None) -> None:
    async def run() -> None:
        speaker = bot(base_url, timeouts)
        await asyncio.gather(*(request.initialize() for request in speaker._request))
        try:
            await work(speaker)
        finally:
            await speaker.shutdown()
            await asyncio.gather(*(request.shutdown() for request in speaker._request))

    asyncio.run(run())


@pytest.mark.peer
def test_a_file_and_its_caption_arrive_as_they_are(strict: StrictServer) -> None:
    content = bytes(range(256)) * 4000

    async def work(speaker: Bot) -> None:
        keys = InlineKeyboardMarkup([[InlineKeyboardButton("看", callback_data="a")]])
        document = InputFile(content, filename="一次性告知.pdf")
        caption = "<b>护照</b> &amp; 𠮷"
        sent = await speaker.send_document(7, document, caption, reply_markup=keys, parse_mode="HTML")
        assert sent.document is not None and sent.caption == "护照 & 𠮷"

    call(strict.base_url, work)
    (journal,) = strict.journal("sendDocument")
    assert journal["files"] == 1 and journal["params"]["document"] == len(content)


def test_a_files_name_is_sent_as_utf_8() -> None:
    names: list[str] = []

    async def script(method: str, fields: dict) -> web.StreamResponse | None:
        if method == "sendDocument":
            names.append(fields["document"].filename)
        return None

    async def run() -> None:
        async with ScriptedApi(script).serving() as api, bot(api.base_url) as speaker:
            await speaker.send_document(7, InputFile(b"x", filename="告知单.pdf"))

    asyncio.run(run())
    assert names == ["告知单.pdf"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (lambda: fault(400, "Bad Request: chat not found"), BadRequest),
        (lambda: fault(401, "Unauthorized"), InvalidToken),
        (lambda: fault(403, "Forbidden: bot was blocked by the user"), Forbidden),
        (lambda: fault(409, "Conflict"), Conflict),
        (lambda: fault(429, "Too Many Requests", retry_after=3), RetryAfter),
        (lambda: fault(500, "Internal"), NetworkError),
        (lambda: web.Response(status=502, text="<html>Bad gateway</html>"), NetworkError),
        (lambda: web.Response(text="no JSON"), TelegramError),
    ],
)
def test_what_the_server_says_has_a_name(answer: Callable[[], web.Response], error: type[TelegramError]) -> None:
    async def script(method: str, fields: dict) -> web.StreamResponse | None:
        return answer() if method == "sendMessage" else None

    async def run() -> None:
        async with ScriptedApi(script).serving() as api, bot(api.base_url) as speaker:
            with pytest.raises(error):
                await speaker.send_message(7, "x")
            assert [name for name, _ in api.calls].count("sendMessage") == 1, "nothing is repeated here"

    asyncio.run(run())


@pytest.mark.parametrize("heard", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"garbage\r\n\r\n"])
def test_a_dropped_connection_is_a_network_error_without_the_token(heard: bytes) -> None:
    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(100)
        writer.write(heard)
        writer.close()

    async def run() -> None:
        port = free_port()
        async with await asyncio.start_server(drop, "127.0.0.1", port):
            request = AiohttpRequest()
            async with request:
                with pytest.raises(NetworkError) as caught:
                    await request.post(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe")
        assert TOKEN not in str(caught.value)

    asyncio.run(run())


def test_nobody_there_is_a_network_error() -> None:
    async def work(speaker: Bot) -> None:
        with pytest.raises(NetworkError) as caught:
            await speaker.get_me()
        assert not isinstance(caught.value, TimedOut)

    call(f"http://127.0.0.1:{free_port()}/bot", work)


def test_a_server_that_does_not_answer_times_out() -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # until the other side gives up
        writer.close()

    async def run() -> None:
        port = free_port()
        server = await asyncio.start_server(hang, "127.0.0.1", port)
        async with server, AiohttpRequest(timeouts=Timeouts(read=0.2)) as request:
            with pytest.raises(TimedOut):
                await request.post(f"http://127.0.0.1:{port}/bot{TOKEN}/getMe")

    asyncio.run(asyncio.wait_for(run(), 20))
