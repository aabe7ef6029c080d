"""What a decision writes, all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.casework.attempts import Failure
from bot.casework.slots import Booking
from bot.desk.dossier import Dossier
from bot.desk.records import ComplaintFile, Line, Member, Ticket
from bot.events import Chat, Say


@dataclass(frozen=True, slots=True)
class Appended:
    """A dossier with new entries: those beyond `read` are written, if the log is still `read` entries long."""

    dossier: Dossier
    read: int  # 0: the dossier is new
    line: Line


@dataclass(frozen=True, slots=True)
class Tell:
    """A letter to a chat: sent when, and only if, everything else was written."""

    to: Chat
    say: Say


@dataclass(frozen=True, slots=True)
class Appointments:
    """Bookings of a hall's diary to write, if nobody wrote in it since it was read."""

    hall: str
    read: int  # Diary.version
    bookings: tuple[Booking, ...]


@dataclass(frozen=True, slots=True)
class Unreached:
    """A letter is given up, if it still waits, because nobody is reached in its chat; which counts as lost, if it still
    is as it was read, until somebody writes there."""

    letter: int  # Letter.id
    chat: Chat
    reason: str
    read: dt.datetime | None  # since when the chat was lost when it was read; None: it was not
    since: dt.datetime  # since when it is lost now


@dataclass(frozen=True, slots=True)
class Change:
    """Everything one decision writes, in one transaction. What contradicts another one made meanwhile fails."""

    appended: tuple[Appended, ...] = ()
    letters: tuple[Tell, ...] = ()
    appointments: tuple[Appointments, ...] = ()
    members: tuple[Member, ...] = ()  # added or put in place of those with the same id
    tickets: tuple[Ticket, ...] = ()  # likewise, by digest; a ticket is used once
    failures: tuple[Failure, ...] = ()
    serials: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # key → the last given out, before and now
    complaints: tuple[ComplaintFile, ...] = ()
    unreached: tuple[Unreached, ...] = ()

    def and_(self, other: Change) -> Change:
        """Both at once."""
        return Change(
            self.appended + other.appended,
            self.letters + other.letters,
            self.appointments + other.appointments,
            self.members + other.members,
            self.tickets + other.tickets,
            self.failures + other.failures,
            {**self.serials, **other.serials},
            self.complaints + other.complaints,
            self.unreached + other.unreached,
        )


@dataclass(frozen=True, slots=True)
class Done:
    """Something was decided: what to write, and what to say of it (`facts` are plain data for a template)."""

    change: Change = Change()
    dossier: Dossier | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
