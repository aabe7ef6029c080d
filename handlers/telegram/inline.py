"""Inline mode: `@bot 护照` in any chat offers notices to send there. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.events import Language, Suggestion
from handlers.telegram.core import Core
from handlers.telegram.message import TEXT_UNITS, pages, to_html
from handlers.telegram.profile import Profile
from handlers.telegram.qr import item_link
from handlers.telegram.translate import language_of

log = structlog.get_logger("telegram.inline")
MOST = 20  # suggestions an answer
KEEP = 300  # seconds Telegram may give the same person the same answer
TITLE, DESCRIPTION = 200, 200  # characters shown of a suggestion


class Inline:
    def __init__(
        self,
        bot: Bot,
        core: Core,
        profiles: Mapping[Language, Profile],
        username: Callable[[], str | None],
    ) -> None:
        """`username` of the bot, once it is known."""
        self._bot, self._core = bot, core
        self._profiles, self._username = profiles, username

    async def answer(self, query: InlineQuery) -> None:
        """Answer a query. One that fails is not repeated: the next letter typed asks anew."""
        language = language_of(query.from_user) or "zh"
        try:
            found = await self._core.suggest(query.query, language, MOST)
            await self._send(query.id, found, self._profiles[language])
        except TelegramError as error:
            log.info("inline.unanswered", reason=type(error).__name__)
        except Exception as error:  # noqa: BLE001 - a query must not block the updates behind it
            log.error("inline.failed", reason=type(error).__name__)

    async def _send(self, query: str, found: tuple[Suggestion, ...], profile: Profile) -> None:
        ask = InlineQueryResultsButton(profile.inline["nothing"], start_parameter="inline")
        await self._bot.answer_inline_query(
            query,
            [self._article(suggestion, profile) for suggestion in found[:MOST]],
            cache_time=KEEP,
            is_personal=True,  # the answer depends on the person's language
            button=None if found else ask,
        )

    def _article(self, suggestion: Suggestion, profile: Profile) -> InlineQueryResultArticle:
        username = self._username()
        link = item_link(username, suggestion.code) if username else None
        return InlineQueryResultArticle(
            id=suggestion.code,
            title=suggestion.title[:TITLE],
            description=suggestion.summary[:DESCRIPTION] or None,
            input_message_content=InputTextMessageContent(
                to_html(next(pages(suggestion.reply.blocks, TEXT_UNITS))), parse_mode=ParseMode.HTML
            ),
            reply_markup=InlineKeyboardMarkup([[InlineKeyboardButton(profile.inline["open"], url=link)]])
            if link
            else None,
        )
