"""What people see of the bot before they write: its commands and descriptions, in every language."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Annotated

import structlog
import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints
from telegram import Bot, BotCommand, BotDescription, BotShortDescription
from telegram.error import TelegramError

from bot.events import LANGUAGES, Language

log = structlog.get_logger("telegram.profile")
CommandName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,32}$")]


def _text(longest: int) -> StringConstraints:
    return StringConstraints(strip_whitespace=True, min_length=1, max_length=longest)


class Profile(BaseModel):
    """`templates/<language>/profile.yaml`; the limits are Telegram's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, _text(64)]
    description: Annotated[str, _text(512)]  # shown in an empty chat
    short_description: Annotated[str, _text(120)]  # shown on the bot's page and where it is shared
    commands: dict[CommandName, Annotated[str, _text(256)]]
    inline: dict[str, Annotated[str, _text(64)]]  # buttons of inline mode

    @property
    def menu(self) -> tuple[BotCommand, ...]:
        return tuple(BotCommand(name, text) for name, text in self.commands.items())


def read_profiles(templates: Path) -> dict[Language, Profile]:
    """The profile in every language. Raises pydantic.ValidationError or OSError: the files belong to the program."""
    return {
        language: Profile.model_validate(
            yaml.safe_load((templates / language / "profile.yaml").read_text(encoding="utf-8"))
        )
        for language in LANGUAGES
    }


async def publish(bot: Bot, profiles: Mapping[Language, Profile]) -> None:
    """Tell Telegram what has changed of the profile. What it does not take is logged, and stays as it was."""
    default = profiles["zh"]  # for people whose app is in neither language
    for language_code, profile in (("", default), *profiles.items()):
        for kind, step in (("commands", _commands), ("description", _description), ("short", _short_description)):
            try:
                await step(bot, profile, language_code or None)
            except TelegramError as error:
                log.warning("profile.unset", part=kind, language=language_code, reason=type(error).__name__)


async def _commands(bot: Bot, profile: Profile, language: str | None) -> None:
    if await _current(bot.get_my_commands(language_code=language)) != profile.menu:
        await bot.set_my_commands(profile.menu, language_code=language)


async def _description(bot: Bot, profile: Profile, language: str | None) -> None:
    if await _current(bot.get_my_description(language)) != BotDescription(profile.description):
        await bot.set_my_description(profile.description, language)


async def _short_description(bot: Bot, profile: Profile, language: str | None) -> None:
    if await _current(bot.get_my_short_description(language)) != BotShortDescription(profile.short_description):
        await bot.set_my_short_description(profile.short_description, language)


async def _current(asking: Awaitable[object]) -> object:
    """What Telegram has now; None if its answer is not what the Bot API says it is."""
    try:
        return await asking
    except TelegramError:
        raise
    except Exception as error:  # noqa: BLE001 - PTB fails in many ways on an answer it does not expect
        log.warning("profile.unreadable", reason=type(error).__name__)
        return None
