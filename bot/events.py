"""The nouns of a conversation: what arrives (Event), what is decided (Effect), what is shown (Reply).

An edge turns what its channel delivers into an `Incoming` and shows the `Reply`s it gets back. Nothing in
this module knows a channel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
DATA_BYTES = 64  # Telegram's limit for a button's data; the narrowest channel sets it for all


@dataclass(frozen=True, slots=True)
class Chat:
    """Who is talking, as a channel knows it: the identity everything is stored under."""

    channel: str  # telegram, web, terminal
    id: str

    def __str__(self) -> str:
        return f"{self.channel}:{self.id}"


# --- what arrives -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """Free text."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button; `data` is what the button carried."""

    data: str


@dataclass(frozen=True, slots=True)
class Commanded:
    """/name argument. `name` without slash, lower case, without @bot."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class SentContact:
    telephone: str
    own: bool  # the sender's own number, as the channel vouches


@dataclass(frozen=True, slots=True)
class SentPlace:
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class SentFile:
    """A document, photo, sticker, voice … `kind` is the channel's word for it."""

    kind: str
    name: str | None = None
    size: int | None = None  # bytes
    path: str | None = None  # where the edge put it, if it did
    kept: Mapping[str, Any] | None = None  # the vault's receipt {id, media_type, size, sha256}, or {refused}


Event = Said | Pressed | Commanded | SentContact | SentPlace | SentFile


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update: the same `update_id` again is the same update and is answered from what was committed."""

    chat: Chat
    update_id: str  # unique within the channel
    event: Event
    language: Language | None = None  # what the channel says of the person's language; their choice wins
    public: bool = False  # others read along: a group
    origin: str = ""  # the edge's own note (which message a button hung on); handed back with the letters


# --- what is decided ----------------------------------------------------------------------------


class Outcome(StrEnum):
    """Every kind of answer there is. Each has a template in each language (`templates/*/outcomes/`)."""

    WELCOME = "welcome"
    HELP = "help"
    NOTICE = "notice"  # 一次性告知: the whole notice, what was asked first
    PART = "part"  # one part of a notice
    PLAN = "plan"  # the notice of a 一件事
    SITUATION = "situation"  # which situation is yours?
    CHOOSE = "choose"  # which item do you mean?
    NOT_FOUND = "not_found"
    NONE_OF_THESE = "none_of_these"
    EMERGENCY = "emergency"
    DISTRESS = "distress"  # suicidal words
    COMPLAINT = "complaint"  # wants to complain or report
    PROGRESS = "progress"  # asks how far a case is
    ABUSE = "abuse"
    SMALL_TALK = "small_talk"
    THANKS = "thanks"
    INSTRUCTION = "instruction"  # orders to the bot, prompt injection
    NOISE = "noise"  # nothing to understand
    TOO_LONG = "too_long"
    AGENT = "agent"  # 找人代办
    LANGUAGE = "language"  # choose a language
    LANGUAGE_SET = "language_set"
    REGION = "region"  # choose a region
    REGION_SET = "region_set"
    REGION_UNKNOWN = "region_unknown"
    SIMPLE_ON = "simple_on"
    SIMPLE_OFF = "simple_off"
    CANCELLED = "cancelled"
    NOTHING_TO_CANCEL = "nothing_to_cancel"
    STALE = "stale"  # a press on a button whose meaning is gone
    UNKNOWN_COMMAND = "unknown_command"
    UNEXPECTED = "unexpected"  # a sticker, a voice message, a file nobody asked for
    PAPER = "paper"  # the notice as a PDF
    BUSY = "busy"  # a fault on our side; nothing was lost
    # forms
    FORM = "form"  # a question of a form
    ASIDE = "aside"  # a question about the form itself, answered
    SUMMARY = "summary"  # all answers, to confirm
    FORM_LEFT = "form_left"
    REFUSED = "refused"  # a Refusal, and what can be done instead
    # the applicant
    BOOKED = "booked"
    STATUS = "status"  # a case
    STATUS_LIST = "status_list"  # own engagements and cases
    DOSSIER = "dossier"  # an engagement
    DAYS = "days"  # a limit, day by day
    FOLLOWING = "following"  # 「办好了告诉我」
    UNFOLLOWED = "unfollowed"  # /stop
    NEWS = "news"  # a case moved on
    DOSSIER_NEWS = "dossier_news"  # something was done with an engagement
    MOVED = "moved"  # a move or act of one's own was made
    FILE_KEPT = "file_kept"
    TALKING = "talking"  # what is written now goes to a person
    TALK_ENDED = "talk_ended"
    SENT_ON = "sent_on"  # a message was relayed
    MESSAGE = "message"  # a relayed message
    SLOTS = "slots"  # free appointments, or a call-back
    SLOT_HELD = "slot_held"
    APPOINTMENT = "appointment"  # confirmed or cancelled
    WAITING = "waiting"  # in a slot's waiting list
    PLACE_FREE = "place_free"
    REMINDER = "reminder"
    RATING_ASKED = "rating_asked"
    RATED = "rated"
    COMPLAINT_MADE = "complaint_made"
    COMPLAINT_ANSWERED = "complaint_answered"
    # the staff
    JOINED = "joined"
    OFFER = "offer"  # a booking to take
    HAND_OVER = "hand_over"
    INBOX = "inbox"
    DESK_DOSSIER = "desk_dossier"  # an engagement, for the staff
    DESK_CASE = "desk_case"  # a case, for the staff
    ISSUED = "issued"  # a paper of a dossier
    FILE = "file"  # a file of a dossier, as it was sent
    TEAM = "team"  # the hall's agents, to choose from
    WARNING = "warning"  # a limit is near or has passed
    POOR_RATING = "poor_rating"
    COMPLAINTS = "complaints"  # open ones, for the supervisor
    CONSOLE = "console"  # the one-time link
    AWAY = "away"
    NOT_STAFF = "not_staff"
    UNREACHED = "unreached"  # letters do not reach an applicant, or a colleague, any more


@dataclass(frozen=True, slots=True)
class Button:
    """A labelled choice. Exactly one of `data` (comes back as Pressed) and `url`; one for a `contact` comes back as
    SentContact where the channel can do that."""

    label: str
    data: str = ""
    url: str = ""
    contact: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A button before it has words: `label` is a ready wording, or `term` names one in the templates."""

    data: str
    label: str = ""
    term: str = ""
    url: str = ""
    contact: bool = False  # asks for the person's own telephone number, where the channel can vouch for it


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to send with a reply: made from data, never stored by the core.

    `kind`: `notice` for an item's notice; FILE for what somebody sent, as it was sent, with `id`, `media_type`,
    `material` and the dossier's `number` in `facts`; else a `desk.papers.PaperKind` with what is in it in `facts`.
    """

    FILE: ClassVar[str] = "file"

    kind: str
    item: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Say:
    """Answer this chat: an outcome and what its template needs (plain data, storable as JSON)."""

    outcome: Outcome
    facts: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[tuple[Choice, ...], ...] = ()  # rows of buttons
    papers: tuple[Paper, ...] = ()
    replaces: bool = False  # may take the place of the message whose button was pressed


@dataclass(frozen=True, slots=True)
class KeepQuestion:
    """Keep a question for the catalogue's keepers: without who asked it."""

    question: str
    outcome: Outcome
    nearest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply committed to the outbox and not yet delivered."""

    id: int
    chat: Chat
    say: Say
    language: Language
    simple: bool
    origin: str
    attempts: int


class GivenUp(StrEnum):
    """Why a letter can never be delivered, as the channel's edge found out."""

    UNREACHABLE = "unreachable"  # nobody is there: the bot was blocked, the chat is gone
    FAULT = "fault"  # this letter is not taken, for a fault of ours or of the line


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An item that fits a few typed words: for inline mode and for the web page's search box."""

    code: str
    title: str
    summary: str
    reply: Reply


# --- what is shown ------------------------------------------------------------------------------


class BlockKind(StrEnum):
    HEADING = "heading"  # title of a reply
    SECTION = "section"  # title of a section: a message is split before one
    PARAGRAPH = "paragraph"
    ITEM = "item"  # list entry
    CHECK = "check"  # entry of a checklist
    NOTE = "note"  # evidence, source, small print


@dataclass(frozen=True, slots=True)
class Span:
    text: str
    bold: bool = False
    code: bool = False
    href: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    spans: tuple[Span, ...]

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes with a reply."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a channel shows: the same content in all of them."""

    outcome: Outcome
    language: Language
    blocks: tuple[Block, ...]
    buttons: tuple[tuple[Button, ...], ...] = ()
    files: tuple[File, ...] = ()
    papers: tuple[
        Paper, ...
    ] = ()  # what `files` were made from, one each, for a channel that would rather link to them
    replaces: bool = False
    simple: bool = False
    asks: str = ""  # the field of a form that an answer is awaited for

    @property
    def text(self) -> str:
        """Plain text, as the terminal and `--json` show it."""
        return plain(self.blocks)


_LEAD = {BlockKind.ITEM: "• ", BlockKind.CHECK: "☐ "}


def plain(blocks: tuple[Block, ...]) -> str:
    """Blocks as plain text: one a line, a blank line before each section."""
    lines: list[str] = []
    for block in blocks:
        if block.kind is BlockKind.SECTION and lines:
            lines.append("")
        words = "".join(f"{s.text} ({s.href})" if s.href and s.href != s.text else s.text for s in block.spans)
        lines.append(_LEAD.get(block.kind, "") + words)
    return "\n".join(lines)
