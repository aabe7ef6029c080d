"""Links that open the bot at an item or with an invitation, and QR codes of them."""

from __future__ import annotations

import io
import re

import segno

ITEM = "item_"  # a deep link's payload: this and the item's code
JOIN = "join_"  # … or this and an invitation's
MODULE = 12  # pixels of a module: a code of about 500 pixels, enough for a card of 10 cm
QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks


_USERNAME = re.compile(r"@?([A-Za-z][A-Za-z0-9_]{3,31})")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def item_link(username: str, code: str) -> str:
    """The address that opens the bot at an item. Raises ValueError for what Telegram would not accept."""
    return _deep_link(username, ITEM + code)


def join_link(username: str, code: str) -> str:
    """The address that opens the bot with an invitation. Raises ValueError likewise."""
    return _deep_link(username, JOIN + code)


def _deep_link(username: str, payload: str) -> str:
    name = _USERNAME.fullmatch(username)
    if name is None or _PAYLOAD.fullmatch(payload) is None:
        raise ValueError(f"not a deep link: {username}, {payload}")
    return f"https://t.me/{name[1]}?start={payload}"


def qr_png(link: str) -> bytes:
    """`link` as a QR code to print or show. Error correction Q: still readable with a quarter of it worn off."""
    image = io.BytesIO()
    segno.make_qr(link, error="q").save(image, kind="png", scale=MODULE, border=QUIET)
    return image.getvalue()


def qr_svg(link: str, title: str) -> str:
    """`link` as an SVG that scales to any size; `title` is what a screen reader says."""
    image = io.BytesIO()
    segno.make_qr(link, error="q").save(
        image, kind="svg", border=QUIET, title=title, desc=link, omitsize=True, light="#fff", xmldecl=False
    )
    return image.getvalue().decode()
