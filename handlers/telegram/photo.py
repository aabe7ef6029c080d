"""Which pictures Telegram can show as photos. It makes them smaller, so the way to the original stays open. Pure."""

from __future__ import annotations

import io

from PIL import Image

from bot.events import File

BYTES = 10 * 1024 * 1024
PERIMETER = 10_000  # pixels of width and height together
RATIO = 20  # of the longer side to the shorter one
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG"}


def is_photo(file: File) -> bool:
    """Whether a file is a picture as its media type says, and within Telegram's limits for a photo."""
    if file.media_type not in _FORMATS or len(file.content) > BYTES:
        return False
    try:
        with Image.open(io.BytesIO(file.content), formats=[_FORMATS[file.media_type]]) as picture:
            shorter, longer = sorted(picture.size)
    except Exception:  # noqa: BLE001 - a broken or hostile picture fails in more ways than Pillow names
        return False
    return shorter + longer <= PERIMETER and longer <= RATIO * shorter
