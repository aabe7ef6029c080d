"""Who is visiting: a random cookie that lasts as long as the browser is open, and nothing else.

The cookie's value is a secret between browser and server: what is stored and logged is only a hash of it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.events import LANGUAGES, Chat, Language

CHANNEL = "web"
SESSION, LANGUAGE, SIMPLE = "bangban_session", "bangban_language", "bangban_simple"  # cookies
_SESSION_FORM = re.compile(r"[A-Za-z0-9_-]{20,128}")
_NONCE_FORM = re.compile(r"[A-Za-z0-9_-]{8,64}")
_ACCEPTED = re.compile(r"\s*([A-Za-z]{1,8})(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q=([0-9.]{1,5}))?\s*")


@dataclass(frozen=True, slots=True)
class Visitor:
    """What a request's cookies and headers say of the person."""

    language: Language
    simple: bool
    session: str | None  # the cookie's value


def visitor(cookies: Mapping[str, str], asked_language: str | None, accept_language: str) -> Visitor:
    """Language: asked for in the address, chosen before, preferred by the browser, Chinese; in this order."""
    session = cookies.get(SESSION, "")
    return Visitor(
        language=as_language(asked_language)
        or as_language(cookies.get(LANGUAGE))
        or preferred_language(accept_language)
        or "zh",
        simple=cookies.get(SIMPLE) == "1",
        session=session if _SESSION_FORM.fullmatch(session) else None,
    )


def as_language(word: str | None) -> Language | None:
    return next((language for language in LANGUAGES if language == word), None)


def preferred_language(header: str) -> Language | None:
    """The language of an Accept-Language header that we speak, by its weights (RFC 9110, 12.5.4)."""
    weighed: list[tuple[float, Language]] = []
    for part in header[:500].split(","):
        match = _ACCEPTED.fullmatch(part)
        language = as_language(match[1].lower()) if match else None
        if match and language:
            weighed.append((_weight(match[2]), language))
    best = max(weighed, key=lambda found: found[0], default=(0.0, None))
    return best[1] if best[0] > 0 else None


def _weight(text: str | None) -> float:
    try:
        return 1.0 if text is None else float(text)
    except ValueError:
        return 0.0


def chat_of(session: str) -> Chat:
    """The identity a session's conversation is kept under."""
    return Chat(CHANNEL, _hash("chat", session))


def update_of(session: str, nonce: str, event: str) -> str:
    """The id of an update: the same form sent twice is the same update; another choice on the same form is another."""
    return _hash("update", session, nonce, event)


def is_nonce(text: str) -> bool:
    return bool(_NONCE_FORM.fullmatch(text))


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:40]
