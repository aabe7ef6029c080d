"""Receiving updates from Telegram over HTTP: 200 only after the commit."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import orjson
import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from handlers.telegram.intake import Intake, Receipt

log = structlog.get_logger("telegram.webhook")
LARGEST = 1 << 20  # bytes of an update; Telegram's are a few thousand
_HEADER = "x-telegram-bot-api-secret-token"


def secret_for(token: str) -> str:
    """A secret for the webhook where none is set: nobody without the token can tell it."""
    return hmac.new(token.encode(), b"webhook", hashlib.sha256).hexdigest()


def webhook_route(path: str, secret: str, intake: Intake) -> Route:
    """The address Telegram calls. 403 without the secret, 503 until the channel has started, 500 for an update that
    failed (Telegram gives it again), 200 once it is committed or given up."""

    async def receive(request: Request) -> Response:
        if not hmac.compare_digest(request.headers.get(_HEADER, "").encode("latin-1"), secret.encode()):
            log.warning("webhook.refused", status=403)
            return Response(status_code=403)
        if intake.me is None:
            return Response(status_code=503)
        try:
            update = _update(await _body(request))
        except (_UnfitError, ClientDisconnect) as unfit:
            status = unfit.status if isinstance(unfit, _UnfitError) else 400
            log.warning("webhook.refused", status=status)
            return Response(status_code=status)
        return _answer(await intake.take(update))

    return Route(path, receive, methods=["POST"])


class _UnfitError(Exception):
    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise _UnfitError(413)
    return bytes(body)


def _update(body: bytes) -> dict[str, Any]:
    try:
        update = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _UnfitError(400) from None
    if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
        raise _UnfitError(400)
    return update


def _answer(receipt: Receipt) -> Response:
    if not receipt.confirmed:
        return Response(status_code=500)
    if receipt.callback is None:
        return Response()
    call = {"method": "answerCallbackQuery", "callback_query_id": receipt.callback}
    return Response(orjson.dumps(call), media_type="application/json")
