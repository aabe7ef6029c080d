"""What the desk reads: the records as they stood when an update began. Reading decides nothing and changes nothing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.casework.assignment import Absence
from bot.casework.attempts import Failure
from bot.casework.clock import Light
from bot.casework.slots import Diary
from bot.casework.terms import Role
from bot.desk.dossier import Dossier, Opened
from bot.events import Chat


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff."""

    id: str
    name: str  # public by the rules of proxy service (丰都 2019); sealed where it is kept all the same
    roles: frozenset[Role]
    hall: str  # GB/T 2260 code
    chat: Chat | None = None  # where they are told things; None until they have joined one
    expertise: frozenset[str] = frozenset()
    capacity: int = 30
    load: int = 0  # engagements under way
    absence: Absence | None = None
    revoked: bool = False


class TicketKind(StrEnum):
    INVITATION = "invitation"  # to become a member of staff
    LOGIN = "login"  # to the console, once
    SESSION = "session"  # of the console


@dataclass(frozen=True, slots=True)
class Ticket:
    """Something that lets in whoever holds its secret. Only a hash of the secret is kept."""

    kind: TicketKind
    digest: str  # desk.tickets.digest(secret)
    expires_at: dt.datetime
    facts: dict[str, Any]  # an invitation: roles, hall; else: member
    used_at: dt.datetime | None = None


class Scope(StrEnum):
    MINE = "mine"  # I am responsible, or act for who is
    OFFERED = "offered"  # offered to me and not taken, or offered for hand-over
    UNASSIGNED = "unassigned"  # nobody has it
    HALL = "hall"  # all of the hall
    WINDOW = "window"  # with a case that waits for the window
    POOR = "poor"  # with a poor rating that waits to be put right; closed or not


@dataclass(frozen=True, slots=True)
class Filter:
    """What an inbox shows. Closed dossiers only where `closed` asks for them."""

    halls: tuple[str, ...]
    scope: Scope
    member: str = ""  # empty with `POOR`: those of the whole hall
    acts_for: tuple[str, ...] = ()  # absent colleagues whose deputy the member is today
    search: str = ""  # part of a number; an applicant's whole name, telephone or identity number; an item's code
    state: str = ""  # a case state's or step's value
    light: Light | None = None
    closed: bool = False
    offset: int = 0
    limit: int = 20


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list."""

    number: str
    item: str
    state: str  # standing.State
    awaits: str  # terms.Role, or empty
    due: dt.date | None
    light: Light | None


@dataclass(frozen=True, slots=True)
class Line:
    """A dossier in a list: derived from its log, kept to be searched, never the truth."""

    number: str
    hall: str
    region: str
    step: str  # engagement.Step
    responsible: str
    offered_to: tuple[str, ...]
    hand_over_to: str
    chat: Chat
    applicant: str  # the whole name
    telephone: str
    identity: str
    cases: tuple[CaseLine, ...]
    due: dt.date | None  # the earliest of its open cases
    light: Light | None  # the worst of them
    unread: bool  # the applicant wrote last
    opened_at: dt.datetime
    changed_at: dt.datetime
    closed: bool
    rectify_by: dt.date | None  # by when the first of its poor ratings is to be put right; None: none waits
    wake_at: dt.datetime | None  # when time alone may change something next


@dataclass(frozen=True, slots=True)
class Page:
    lines: tuple[Line, ...]
    total: int


@dataclass(frozen=True, slots=True)
class ComplaintFile:
    """A complaint and its answer."""

    number: str
    about: str
    text: str
    chat: Chat
    hall: str
    at: dt.datetime
    answer_by: dt.date
    provisional: bool
    answer: str = ""
    answered_by: str = ""
    answered_at: dt.datetime | None = None


class Records(Protocol):
    """The records, read in one snapshot."""

    def member(self, chat: Chat) -> Member | None:
        """Who of the staff talks here."""

    def colleague(self, id: str) -> Member | None: ...
    def members(self, hall: str) -> tuple[Member, ...]:
        """The staff of a hall who are not revoked, with their loads; all halls for an empty code."""

    def dossier(self, number: str) -> Dossier | None: ...
    def dossier_of(self, case: str) -> Dossier | None:
        """The dossier that a case belongs to."""

    def opening(self, number: str) -> tuple[str, Opened] | None:
        """The number and the opening of a dossier, by its own number or a case's: as quick for one that is not there,
        however long the log."""

    def own(self, chat: Chat, limit: int) -> tuple[Line, ...]:
        """What was booked from a chat, what is open first, then newest first."""

    def followed(self, chat: Chat) -> tuple[str, ...]:
        """Numbers of the dossiers a chat wants to be told about."""

    def lost(self, chat: Chat) -> dt.datetime | None:
        """Since when letters do not reach a chat; None while they do, and once somebody has written there again."""

    def waits(self, letter: int) -> bool:
        """Whether a letter is neither delivered nor given up."""

    def inbox(self, wanted: Filter) -> Page:
        """By what is due first."""

    def diary(self, hall: str, since: dt.datetime) -> Diary:
        """A hall's appointments that begin after `since`."""

    def failures(self, chat: str, case: str, since: dt.datetime) -> tuple[Failure, ...]:
        """Failed look-ups of a chat and of a case, by their keys."""

    def ticket(self, digest: str) -> Ticket | None: ...
    def serial(self, key: str) -> int:
        """The last serial number given out under a key; 0 before the first."""

    def complaint(self, number: str) -> ComplaintFile | None: ...
    def complaints(self, hall: str, limit: int) -> tuple[ComplaintFile, ...]:
        """Open ones first, the most urgent on top."""
