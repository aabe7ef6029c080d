"""What the web page needs to be told by whoever starts it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WebSettings:
    """`templates` is the folder of all templates; everything else has a value that is right on one's own machine."""

    templates: Path
    public_url: str = ""  # https://ban.example.gov.cn: what QR codes lead to; empty: the address the visitor used
    telegram_bot: str = ""  # user name of the bot without @; empty: no link to Telegram
    questions_a_minute: int = 30  # that one visitor may ask
    requests_a_minute: int = 600  # from one address: a hall's visitors may share one
    body_bytes: int = 64 * 1024  # a request may carry
    body_seconds: float = 10.0  # a request's body may take to arrive
    file_bytes: int = 10 * 1024 * 1024  # a file may have
    file_seconds: float = 60.0  # a file may take to arrive
    files_at_once: int = 8  # that may be arriving: they are in memory
    answer_seconds: float = 20.0  # an answer may take
    answers_at_once: int = 16  # threads that answer
