"""A file as it is handed over: under its recorded type, never guessed at."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

SHOWN_IN_THE_BROWSER = frozenset({"image/jpeg", "image/png", "image/webp", "application/pdf"})


def download(content: bytes, media_type: str, name: str) -> Response:
    """A personal file: shown in the browser only where it is a picture or a PDF, and kept in no cache."""
    how = "inline" if media_type in SHOWN_IN_THE_BROWSER else "attachment"
    headers = {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(name, safe='')}", "Cache-Control": "no-store"}
    return Response(content, media_type=media_type, headers=headers)
