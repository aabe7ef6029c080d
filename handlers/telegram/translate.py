"""From Telegram's updates to the nouns of a conversation. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from telegram import CallbackQuery, Message, Update, User
from telegram.constants import ChatType

from bot.events import Chat, Commanded, Event, Incoming, Language, Pressed, Said, SentContact, SentFile, SentPlace

CHANNEL = "telegram"
WANTED = ("message", "callback_query", "inline_query")  # updates this bot asks Telegram for

_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]+))?(?:\s+(.*))?\s*", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
# kinds of content nobody can read here, as Telegram calls them; an animation carries a document as well
_FILES = (
    "animation",
    "document",
    "photo",
    "sticker",
    "voice",
    "video",
    "video_note",
    "audio",
    "poll",
    "dice",
    "story",
    "game",
    "paid_media",
    "checklist",
)


@dataclass(frozen=True, slots=True)
class Me:
    """This bot, as people in a group address it."""

    id: int
    username: str | None = None

    @classmethod
    def of(cls, user: User) -> Me:
        return cls(user.id, user.username)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a reply must know of the message it answers; travels as JSON in `Incoming.origin`."""

    pressed: int | None = None  # the message whose button was pressed
    asked: int | None = None  # in a group: the message that is answered
    thread: int | None = None  # the forum topic it belongs to
    contact: bool = False  # a telephone number was shared: the keyboard that asked for it goes

    def to_json(self) -> str:
        noted = {"pressed": self.pressed, "asked": self.asked, "thread": self.thread, "contact": self.contact or None}
        return json.dumps({key: value for key, value in noted.items() if value is not None})

    @classmethod
    def from_json(cls, text: str) -> Origin:
        """The origin noted in a letter; letters that do not answer anything have none."""
        return cls(**json.loads(text)) if text else cls()


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that can be fetched, if anybody awaits it."""

    kind: str
    file_id: str
    name: str | None = None
    size: int | None = None  # bytes, as far as Telegram says


@dataclass(frozen=True, slots=True)
class Ignored:
    """An update that wants no answer; `reason` is for the log."""

    reason: str


def incoming(update: Update, me: Me) -> Incoming | Ignored:
    """What an update says, to whom, in which language; or why it is none of ours."""
    if update.callback_query:
        return _from_press(update.update_id, update.callback_query)
    if update.message:
        return _from_message(update.update_id, update.message, me)
    return Ignored("not a message to the bot")


def salvage(raw: Mapping[str, Any]) -> Incoming | Ignored:
    """The least that can be said of an update whose content cannot be read: somebody sent something.

    So that a person who uses what this version of the Bot API does not know is answered, and not passed over.
    """
    message = raw.get("message")
    chat = message.get("chat") if isinstance(message, Mapping) else None
    if not isinstance(chat, Mapping) or chat.get("type") != ChatType.PRIVATE or not isinstance(chat.get("id"), int):
        return Ignored("unreadable")
    return Incoming(Chat(CHANNEL, str(chat["id"])), str(raw["update_id"]), SentFile("unreadable"))


def language_of(user: User | None) -> Language | None:
    """Chinese or English as far as the person's app says one of them."""
    code = (user.language_code or "").lower() if user else ""
    if code.startswith("zh"):
        return "zh"
    return "en" if code.startswith("en") else None


def _from_press(update_id: int, query: CallbackQuery) -> Incoming | Ignored:
    if not query.data or not query.message:
        return Ignored("a button without data or chat")
    message = query.message
    seen = message if isinstance(message, Message) and message.is_accessible else None  # else it is too old or deleted
    origin = Origin(pressed=seen.message_id if seen else None, thread=_thread(seen))
    return Incoming(
        Chat(CHANNEL, str(message.chat.id)),
        str(update_id),
        Pressed(_clean(query.data)),
        language_of(query.from_user),
        message.chat.type != ChatType.PRIVATE,
        origin.to_json(),
    )


def _from_message(update_id: int, message: Message, me: Me) -> Incoming | Ignored:
    sender = message.from_user
    if sender is None or sender.is_bot or (message.via_bot and message.via_bot.id == me.id):
        return Ignored("not written by a person")
    private = message.chat.type == ChatType.PRIVATE
    if not private and not _addressed(message, me):
        return Ignored("not addressed to the bot")
    event = _event(message, me)
    if event is None:
        return Ignored("service message")
    asked = None if private else message.message_id
    origin = Origin(asked=asked, thread=_thread(message), contact=isinstance(event, SentContact))
    chat, language = Chat(CHANNEL, str(message.chat.id)), language_of(sender)
    return Incoming(chat, str(update_id), event, language, not private, origin.to_json())


def _addressed(message: Message, me: Me) -> bool:
    """In a group: a command with the bot's name, its name in the words, or a reply to it."""
    answered = message.reply_to_message
    if answered and answered.from_user and answered.from_user.id == me.id:
        return True
    mention = _mention(me)
    return bool(mention and mention.search(message.text or message.caption or ""))


def _mention(me: Me) -> re.Pattern[str] | None:
    return re.compile(rf"@{re.escape(me.username)}(?![A-Za-z0-9_])", re.IGNORECASE) if me.username else None


def _event(message: Message, me: Me) -> Event | None:
    written = message.text if message.text is not None else message.caption  # nobody asked for the picture itself
    if written is not None:
        return _words(_clean(written), me)
    if message.contact:
        own = message.contact.user_id is not None and message.contact.user_id == _sender(message)
        return SentContact(_clean(message.contact.phone_number), own)
    place = message.venue.location if message.venue else message.location
    if place:
        return SentPlace(place.latitude, place.longitude)
    return _file(message)


def _words(text: str, me: Me) -> Event:
    command = _COMMAND.fullmatch(text)
    if command and _is_me(command[2], me):
        return Commanded(command[1].lower(), _without_mention(command[3] or "", me))
    return Said(_without_mention(text, me))


def _is_me(name: str | None, me: Me) -> bool:
    return name is None or me.username is None or name.lower() == me.username.lower()


def _without_mention(text: str, me: Me) -> str:
    mention = _mention(me)
    return mention.sub(" ", text).strip() if mention else text.strip()


def _file(message: Message) -> SentFile | None:
    for kind in _FILES:
        content = getattr(message, kind)
        if content:
            size, name = getattr(content, "file_size", None), getattr(content, "file_name", None)
            return SentFile(kind, name=_clean(name) if name else None, size=size)
    return None


def attachment(message: Message | None) -> Attachment | None:
    """The photo (at its largest) or document of a message."""
    if message is None:
        return None
    if message.photo:
        largest = max(message.photo, key=lambda one: one.width * one.height)
        return Attachment("photo", largest.file_id, size=largest.file_size)
    if document := message.document:
        name = _clean(document.file_name) if document.file_name else None
        return Attachment("document", document.file_id, name, document.file_size)
    return None


def _sender(message: Message) -> int | None:
    return message.from_user.id if message.from_user else None


def _thread(message: Message | None) -> int | None:
    return message.message_thread_id if message and message.is_topic_message else None


def _clean(text: str) -> str:
    """JSON can carry half a character; no database and no answer can."""
    return _SURROGATE.sub("\ufffd", text)
