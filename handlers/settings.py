"""The settings an operator can make, read from an environment handed in by `bot.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlparse


class SettingsError(ValueError):
    """A setting that cannot be used; the message names it and says what it should be."""


def _setting(variable: str, default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"variable": variable, "meaning": meaning})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that may differ from one hall to the next. The environment variable stands beside each."""

    token: str = _setting("TELEGRAM_BOT_TOKEN", "", "the bot's token from BotFather; without it Telegram is off")
    database: str = _setting("BANGBAN_DATABASE", "sqlite:///var/bangban.db", "SQLAlchemy URL of the database")
    key: str = _setting(
        "BANGBAN_KEY",
        "",
        "key that encrypts what people write, 32 bytes in URL-safe base64 (several, the newest first, separated by "
        "commas); without it a key file is made beside a SQLite database",
    )
    catalogue: Path = _setting("BANGBAN_CATALOGUE", Path("build/catalogue.db"), "the compiled catalogue")
    files: str = _setting(
        "BANGBAN_FILES",
        "",
        "folder of the files people send, encrypted, and never one that a web server shows; without it one beside a "
        "SQLite database, else var/files",
    )
    host: str = _setting("BANGBAN_HOST", "127.0.0.1", "address the web page listens on")
    port: int = _setting("BANGBAN_PORT", 8080, "port the web page listens on")
    public_url: str = _setting("BANGBAN_PUBLIC_URL", "", "address people see (https://…), for links and QR codes")
    webhook_url: str = _setting(
        "BANGBAN_WEBHOOK_URL", "", "https address Telegram should deliver to; without it updates are polled"
    )
    webhook_secret: str = _setting(
        "BANGBAN_WEBHOOK_SECRET", "", "secret Telegram sends along, 16 to 256 of A-Z a-z 0-9 _ -"
    )
    telegram_api: str = _setting("BANGBAN_TELEGRAM_API", "https://api.telegram.org/bot", "the Bot API's base address")
    proxy: str = _setting("BANGBAN_PROXY", "", "http://host:port through which Telegram is reached, where it must be")
    bot_name: str = _setting(
        "BANGBAN_BOT_NAME", "", "the bot's user name, for deep links on paper when Telegram is off"
    )
    retention_days: int = _setting("BANGBAN_RETENTION_DAYS", 30, "days after which silent conversations are forgotten")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """The settings in `environment`; raises SettingsError. Empty variables count as not set."""
    found = {
        entry.name: _read(entry.type, entry.metadata["variable"], environment[entry.metadata["variable"]])
        for entry in fields(Settings)
        if environment.get(entry.metadata["variable"])
    }
    settings = Settings(**found)
    _check(settings)
    return settings


def _read(kind: Any, variable: str, value: str) -> Any:
    if kind == "int":
        if not value.isascii() or not value.isdigit():
            raise SettingsError(f"{variable} 应当是一个正整数。 {variable} should be a positive whole number.")
        return int(value)
    return Path(value) if kind == "Path" else value.strip()


def _check(settings: Settings) -> None:
    if not 0 < settings.port < 65536:
        raise SettingsError("BANGBAN_PORT 应当在 1 和 65535 之间。 BANGBAN_PORT should be between 1 and 65535.")
    for name, address in (("BANGBAN_PUBLIC_URL", settings.public_url), ("BANGBAN_WEBHOOK_URL", settings.webhook_url)):
        if address and urlparse(address).scheme not in ("http", "https"):
            raise SettingsError(f"{name} 应当以 https:// 开头。 {name} should start with https://.")
    if settings.webhook_url and len(settings.webhook_secret) < 16:
        raise SettingsError(
            "用 webhook 时 BANGBAN_WEBHOOK_SECRET 至少要 16 个字符。 "
            "With a webhook, BANGBAN_WEBHOOK_SECRET needs at least 16 characters."
        )
