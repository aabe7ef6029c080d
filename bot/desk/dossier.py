"""A dossier (卷宗): one engagement with its cases and all that hangs on it, as a log that is only ever added to.

An entry's number is its place in the log. Whoever appends says how long the log was when it was read, so two people can
never act on the same state without one of them being asked to look again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce

from bot.casework import engagement as engagements
from bot.casework import standing as standings
from bot.casework.applicants import Identity
from bot.casework.case import Case
from bot.casework.engagement import Engagement
from bot.casework.ratings import Rating
from bot.casework.terms import Actor, Role, Term
from bot.events import Chat, Language


class ApplicantKind(Term):
    PERSON = "person", "个人"
    ORGANISATION = "organisation", "企业或其他组织"


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who applies: personal data, sealed wherever it is kept."""

    kind: ApplicantKind
    name: str
    identity: Identity
    telephone: str  # E.164
    contact: str = ""  # an organisation's contact person


# --- what an entry can say ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Opened:
    """The first entry: who applies, from which chat, and the hash of the query password."""

    applicant: Applicant
    chat: Chat
    language: Language
    password: str  # numbers.hash_password
    region: str  # GB/T 2260: where it is to be done
    call_at: str = ""  # when the applicant would like to be called, in their own words


@dataclass(frozen=True, slots=True)
class Acted:
    """Something was done with the engagement."""

    event: engagements.Event


@dataclass(frozen=True, slots=True)
class Moved:
    """A case was opened or moved; `case` is its number."""

    case: str
    event: standings.Event


@dataclass(frozen=True, slots=True)
class Offered:
    """The booking was offered to these agents, best first; to nobody: the coordinator is asked."""

    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wrote:
    """A message relayed between applicant and hall. Who wrote it stands in the entry's `by`."""

    text: str
    file: str = ""  # a file's id instead of words


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that came in; the bytes lie in the file store under `id`."""

    id: str
    media_type: str
    size: int  # bytes
    sha256: str
    case: str = ""
    material: str = ""  # its name on the case's checklist


@dataclass(frozen=True, slots=True)
class Issued:
    """A paper that was made: what it is made from is this log up to here, so it is never stored as bytes."""

    id: str
    kind: str  # desk.papers.PaperKind
    case: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    rating: Rating


@dataclass(frozen=True, slots=True)
class Rectified:
    """How a poor rating was put right (整改)."""

    matter: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that goes out once only was sent; `notice` names it."""

    notice: str


@dataclass(frozen=True, slots=True)
class Followed:
    """A chat wants to be told of progress, or no longer."""

    chat: Chat
    on: bool


Body = Opened | Acted | Moved | Offered | Wrote | Filed | Issued | Rated | Rectified | Told | Followed

KINDS: Mapping[str, type] = {
    "opened": Opened,
    "acted": Acted,
    "moved": Moved,
    "offered": Offered,
    "wrote": Wrote,
    "filed": Filed,
    "issued": Issued,
    "rated": Rated,
    "rectified": Rectified,
    "told": Told,
    "followed": Followed,
}
KIND_OF: Mapping[type, str] = {kind: name for name, kind in KINDS.items()}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the log: who, when, in which role, what."""

    at: dt.datetime
    by: Actor
    body: Body

    @property
    def kind(self) -> str:
        return KIND_OF[type(self.body)]


# --- what they add up to ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Dossier:
    """A dossier as it stands."""

    number: str  # 代办编号
    entries: tuple[Entry, ...]
    opened: Opened
    engagement: Engagement = field(compare=False)
    cases: Mapping[str, Case] = field(default_factory=dict, compare=False)  # by number, in the order opened
    offer: Offered | None = field(default=None, compare=False)
    offered_at: dt.datetime | None = field(default=None, compare=False)
    messages: tuple[Entry, ...] = field(default=(), compare=False)
    files: Mapping[str, Filed] = field(default_factory=dict, compare=False)
    papers: Mapping[str, Issued] = field(default_factory=dict, compare=False)
    ratings: Mapping[str, Rating] = field(default_factory=dict, compare=False)  # by matter
    rectified: frozenset[str] = field(default=frozenset(), compare=False)  # matters
    told: frozenset[str] = field(default=frozenset(), compare=False)
    followers: frozenset[Chat] = field(default=frozenset(), compare=False)

    @classmethod
    def of(cls, number: str, entries: Iterable[Entry]) -> Dossier:
        """Raises ValueError where the log does not begin with its opening and the engagement's."""
        first, second, *rest = entries
        if not isinstance(first.body, Opened) or not isinstance(second.body, Acted):
            raise ValueError("a dossier begins with its opening and its engagement's")
        engagement = Engagement.of([second.body.event])
        return reduce(cls.then, rest, cls(number, (first, second), first.body, engagement))

    def then(self, entry: Entry) -> Dossier:
        """The dossier after one more entry."""
        after = replace(self, entries=(*self.entries, entry))
        match entry.body:
            case Acted(event):
                return replace(after, engagement=self.engagement.then(event))
            case Moved(case, event):
                moved = self.cases[case].then(event) if case in self.cases else Case.of([event])
                return replace(after, cases={**self.cases, case: moved})
            case Offered() as offer:
                return replace(after, offer=offer, offered_at=entry.at)
            case Wrote():
                return replace(after, messages=(*self.messages, entry))
            case Filed(id=name) as file:
                return replace(after, files={**self.files, name: file})
            case Issued(id=name) as paper:
                return replace(after, papers={**self.papers, name: paper})
            case Rated(rating):
                return replace(after, ratings={**self.ratings, rating.matter: rating})
            case Rectified(matter):
                return replace(after, rectified=self.rectified | {matter})
            case Told(notice):
                return replace(after, told=self.told | {notice})
            case Followed(chat, on):
                return replace(after, followers=self.followers | {chat} if on else self.followers - {chat})
            case Opened():
                raise ValueError("a dossier is opened once")

    def with_(self, entries: Iterable[Entry]) -> Dossier:
        return reduce(Dossier.then, entries, self)

    @property
    def length(self) -> int:
        return len(self.entries)

    @property
    def hall(self) -> str:
        """GB/T 2260 code of the hall that handles it."""
        return self.engagement.standing.booking.hall

    @property
    def responsible(self) -> str:
        """Staff id of who has it; empty while nobody does."""
        return self.engagement.standing.responsible

    @property
    def agents(self) -> frozenset[str]:
        """Staff ids of all who ever acted on it as its agent."""
        return frozenset(entry.by.id for entry in self.entries if entry.by.role is Role.AGENT)

    @property
    def entrustment(self) -> str:
        """The 委托书 staff act on; empty while there is none, and once the engagement has ended."""
        if self.closed:
            return ""
        given = (event.details.entrustment for event in reversed(self.engagement.events))
        return next((one for one in given if one), "")

    @property
    def signed_papers(self) -> tuple[str, ...]:
        """Ids of the files that came in for no material, newest first: a signed 委托书 is one of them."""
        return tuple(file.id for file in reversed(tuple(self.files.values())) if not file.material)

    @property
    def to_rectify(self) -> tuple[Rating, ...]:
        """Poor ratings (差评) that nobody has put right yet, oldest first."""
        return tuple(
            one for one in self.ratings.values() if one.opinion.level.is_poor and one.matter not in self.rectified
        )

    @property
    def closed(self) -> bool:
        return self.engagement.standing.closed_at is not None

    def opened_cases(self) -> tuple[str, ...]:
        """Numbers of the cases that are not at their end."""
        return tuple(number for number, case in self.cases.items() if not case.closed)


def applicant_of(chat: Chat) -> Actor:
    """The applicant who talks in a chat, as the log names them."""
    return Actor(str(chat), Role.APPLICANT)


SYSTEM = Actor("", Role.SYSTEM)
