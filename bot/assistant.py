"""One update, straight through: gather, decide, commit, render. Every channel comes through here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from bot.casework.refusal import Refusal
from bot.desk import appointments
from bot.desk.access import knows, open_to
from bot.desk.change import Change, Done
from bot.desk.desk import Chance, Desk
from bot.desk.dossier import Dossier
from bot.desk.office import Office
from bot.desk.papers import paper_facts, sent_paper
from bot.desk.records import Records
from bot.desk.staff import who
from bot.desk.status import dossier_with
from bot.desk.tick import tick
from bot.desk.unreached import given_up
from bot.dialogue.asking import NEAR
from bot.dialogue.forms import refusal_facts
from bot.dialogue.state import Knowledge, State
from bot.dialogue.supplying import awaits_file
from bot.dialogue.table import Decision, step
from bot.events import (
    Chat,
    Event,
    File,
    Incoming,
    KeepQuestion,
    Language,
    Letter,
    Outcome,
    Paper,
    Pressed,
    Reply,
    Said,
    Say,
    Suggestion,
)
from bot.printing import Outside, Printing
from bot.render import Renderer
from bot.says import say_from_json, say_to_json
from bot.store import Committed, Conflict, Exchange, Kept, Store
from bot.store.session import Session

LONGEST = 4096  # characters of a message that are read; what Telegram lets a person send
GLANCE = 200  # characters of a longer one that tell its language
TRIES = 2  # side by side with others; the next one waits its turn and cannot lose
A_LOOK = 100  # dossiers that one look at the clock takes
FAILURES = 3  # of one update before it is parked, so that a chat is never blocked


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Answered:
    says: tuple[Say, ...]
    language: Language
    simple: bool


class Assistant:
    """The assistant behind every channel. Thread-safe; one chat's updates are to be given one at a time."""

    def __init__(
        self,
        knowledge: Callable[[], Knowledge],
        store: Store,
        renderer: Renderer,
        clock: Callable[[], dt.datetime],
        chance: Chance,
        office: Office | None = None,
        outside: Outside | None = None,
    ) -> None:
        """`knowledge` gives the catalogue as it stands now; `clock` an aware datetime in the hall's time zone."""
        self._knowledge, self._store, self._renderer = knowledge, store, renderer
        self._clock, self._chance, self._office = clock, chance, office or Office()
        self._printing = Printing(renderer, clock, outside or Outside())

    # --- conversations ---

    def respond(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Answer an update now. The same update again is answered with the same, and nothing happens twice."""
        answered, _ = self._process(incoming, outbox=False)
        return self._in_words(answered.says, answered.language, answered.simple)

    def _in_words(self, says: Iterable[Say], language: Language, simple: bool) -> tuple[Reply, ...]:
        knowledge = self._knowledge()
        return tuple(self._printing.reply(say, language, simple, knowledge) for say in says)

    def accept(self, incoming: Incoming) -> bool:
        """Answer an update through the outbox, in the same transaction; False if it was committed before."""
        _, fresh = self._process(incoming, outbox=True)
        return fresh

    def ask(self, text: str, language: Language | None = None) -> tuple[Reply, ...]:
        """Answer one question without a conversation; nothing is remembered but what the catalogue did not know."""
        with self._store.reading() as session:
            decision = self._decide(Incoming(Chat("ask", ""), "", Said(text), language), State(), session)
        self._store.keep(_unanswered(decision, self._clock()))
        knowledge = self._knowledge()
        return tuple(
            self._printing.reply(say, decision.language, decision.state.simple, knowledge) for say in decision.says
        )

    def failed(self, incoming: Incoming, reason: str, outbox: bool = True) -> bool:
        """Record that an update could not be processed. True: it is given up and may be confirmed; the person is told,
        through the outbox or, where the edge answers itself, by `respond` to the same update."""
        now = self._clock()
        if self._store.count_failure(incoming.chat, incoming.update_id, reason, now) < FAILURES:
            return False
        with self._store.reading() as session:
            read = session.gather(incoming.chat, incoming.update_id)
        if isinstance(read, Kept):
            language = incoming.language or "zh"
            decision = Decision(_state(read), (Say(Outcome.BUSY),), language)
            self._store.commit(_exchange(incoming, read, decision, outbox, now))
        self._store.park(incoming.chat, incoming.update_id)
        return True

    def compose(self, letter: Letter) -> Reply:
        """A letter from the outbox in words, with its papers."""
        return self._printing.reply(letter.say, letter.language, letter.simple, self._knowledge())

    # --- look-ups without a conversation ---

    def suggest(self, text: str, language: Language, limit: int = 10) -> tuple[Suggestion, ...]:
        """Items that fit a few typed words, best first."""
        knowledge = self._knowledge()
        near = (match.code for match in knowledge.search(text[:LONGEST], limit) if match.score >= NEAR)
        found = (self._suggestion(code, language, knowledge) for code in near)
        return tuple(one for one in found if one is not None)

    def _suggestion(self, code: str, language: Language, knowledge: Knowledge) -> Suggestion | None:
        item, reply = knowledge.item(code), self._printing.notice(code, language, knowledge, {})
        if item is None or reply is None:
            return None
        summary = item.summary.say(language) if item.summary else ""
        return Suggestion(item.code, item.title(language), summary, reply)

    def notice(self, code: str, language: Language, chosen: Mapping[str, str] | None = None) -> Reply | None:
        """An item's whole notice; None if the catalogue has no such item."""
        return self._printing.notice(code, language, self._knowledge(), chosen or {})

    def paper(self, code: str, language: Language, chosen: Mapping[str, str] | None = None) -> File | None:
        """An item's notice as a document to print; None if the catalogue has no such item."""
        return self._printing.notice_paper(code, language, chosen or {}, self._knowledge())

    # --- the desk, for the console and the clock ---

    def read(self, view: Callable[[Desk], T]) -> T:
        """What a page shows, read in one snapshot."""
        with self._store.reading() as session:
            return view(self._desk(session))

    def perform(self, decide: Callable[[Desk], Done | Refusal]) -> Done | Refusal:
        """Do something at the desk outside of a conversation: read, decided and written like an update."""
        for _ in range(TRIES):
            with self._store.reading() as session:
                result = decide(self._desk(session))
            if isinstance(result, Refusal):
                return result
            try:
                self._store.write(result.change, self._clock())
            except Conflict:
                continue
            return result
        with self._store.alone() as session:
            result = decide(self._desk(session))
            if isinstance(result, Done):
                session.write(result.change, self._clock())
        return result

    def tick(self, limit: int = A_LOOK) -> int:
        """Do what is due by now; how many dossiers and halls were looked at. What fails keeps nothing else waiting:
        ExceptionGroup in the end."""
        dossiers = self._store.due(self._clock(), limit)
        halls = self._store.due_halls(self._clock())
        looks: list[tuple[Callable[[Desk, str], Change], str]] = [(tick, number) for number in dossiers]
        looks += [(look, hall) for hall in halls for look in (appointments.expire, appointments.remind)]
        faults = list[Exception]()
        for look, at in looks:
            try:
                self.perform(lambda desk, look=look, at=at: Done(look(desk, at)))  # type: ignore[misc]
            except Exception as fault:  # noqa: BLE001 - told in the end
                faults.append(fault)
        if faults:
            raise ExceptionGroup("what time brought could not all be done", faults)
        return len(dossiers) + len(halls)

    def unreached(self, letter: Letter, reason: str) -> None:
        """Give a letter up because nobody is reached in its chat; whoever has to know is told, once."""
        self.perform(lambda desk: Done(given_up(desk, letter, reason)))

    def letters(self, chat: Chat, limit: int = 20) -> tuple[Reply, ...]:
        """What waits for a chat of a channel that fetches its letters; each is given once."""
        knowledge = self._knowledge()
        rows = self._store.take_letters(chat, limit, self._clock())
        return tuple(
            self._printing.reply(say_from_json(row["say"]), row["language"], row["simple"], knowledge) for row in rows
        )

    def awaits_file(self, chat: Chat) -> bool:
        """Whether a file from this chat would be taken: an edge fetches nothing else."""
        with self._store.reading() as session:
            read = session.gather(chat, "")
            return isinstance(read, Kept) and awaits_file(_state(read), self._desk(session), chat)

    def issued(self, chat: Chat, paper: str, language: Language) -> File | None:
        """A paper of one's own dossier, or of one that the member of staff in this chat may see; None for any other:
        papers name the applicant in full."""
        with self._store.reading() as session:
            desk = self._desk(session)
            number, _, _ = paper.partition("-")
            dossier = dossier_with(desk, number)
            if dossier is None or not open_to(desk, chat, dossier):
                return None
            return self._paper_of(desk, dossier, paper, language)

    def sent(self, chat: Chat, number: str, file: str, language: Language) -> File | None:
        """A file of a dossier as it was sent, for whom `issued` gives its papers; None for any other."""
        with self._store.reading() as session:
            desk = self._desk(session)
            dossier = desk.records.dossier(number)
            kept = dossier.files.get(file) if dossier and open_to(desk, chat, dossier) else None
        return self._printing.sent(sent_paper(number, kept), language) if kept else None

    def issued_to(self, session: str, paper: str, language: Language) -> File | None:
        """A paper of a dossier that the member of staff behind a console's session knows in full; else None."""
        number, _, _ = paper.partition("-")
        with self._store.reading() as records:
            desk = self._desk(records)
            member, dossier = who(desk, session), dossier_with(desk, number)
            if member is None or dossier is None or not knows(desk, member, dossier):
                return None
            return self._paper_of(desk, dossier, paper, language)

    def _paper_of(self, desk: Desk, dossier: Dossier, paper: str, language: Language) -> File | None:
        facts = paper_facts(desk, dossier, paper)
        return self._printing.issued(Paper(facts["kind"], facts=facts), language, self._knowledge()) if facts else None

    def refusal(self, refusal: Refusal, language: Language) -> str:
        """A refusal in words, for a page."""
        return self._renderer.refusal(refusal_facts(refusal), language, self._knowledge())

    # --- the one way an update goes ---

    def _process(self, incoming: Incoming, outbox: bool) -> tuple[_Answered, bool]:
        for _ in range(TRIES):
            with self._store.reading() as session:
                answered, exchange = self._answered(incoming, outbox, session)
            if exchange is None:
                return answered, False
            try:
                self._store.commit(exchange)
            except Conflict:
                continue
            return answered, True
        with self._store.alone() as session:
            answered, exchange = self._answered(incoming, outbox, session)
            if exchange is not None:
                session.commit(exchange)
        return answered, exchange is not None

    def _answered(self, incoming: Incoming, outbox: bool, session: Session) -> tuple[_Answered, Exchange | None]:
        """What is answered, and what is to be committed; nothing for an update that was committed before."""
        read = session.gather(incoming.chat, incoming.update_id)
        if isinstance(read, Committed):
            return _answered_before(read), None
        decision = self._decide(incoming, _state(read), session)
        exchange = _exchange(incoming, read, decision, outbox, self._clock())
        return _Answered(decision.says, decision.language, decision.state.simple), exchange

    def _desk(self, records: Records) -> Desk:
        return Desk(records, self._knowledge(), self._office, self._clock(), self._chance)

    def _decide(self, incoming: Incoming, state: State, records: Records) -> Decision:
        event = incoming.event
        if isinstance(event, Said):
            if len(event.text) > LONGEST:
                return self._too_long(event, state)
            event = self._as_press(event, state, incoming.language)
        desk = self._desk(records)
        return step(state, event, incoming.language, self._knowledge(), desk, incoming.chat, incoming.public)

    def _too_long(self, said: Said, state: State) -> Decision:
        """Not read, but for the language it is written in."""
        written = self._knowledge().understand(said.text[:GLANCE]).language
        return Decision(state, (Say(Outcome.TOO_LONG),), state.language or ("en" if written == "en" else "zh"))

    def _as_press(self, said: Said, state: State, hint: Language | None) -> Event:
        """A button's label, typed, is that button."""
        language = state.language or state.spoken or hint or "zh"
        data = self._renderer.pressed(said.text, state.offered, language)
        return Pressed(data) if data else said


def _state(read: Kept) -> State:
    return State.from_json(read.state)


def _answered_before(committed: Committed) -> _Answered:
    rows = committed.said
    says = tuple(say_from_json(row["say"]) for row in rows)
    return _Answered(says, rows[0]["language"] if rows else "zh", bool(rows and rows[0]["simple"]))


def _exchange(incoming: Incoming, read: Kept, decision: Decision, outbox: bool, now: dt.datetime) -> Exchange:
    said = [
        {"say": say_to_json(say), "language": decision.language, "simple": decision.state.simple}
        for say in decision.says
    ]
    return Exchange(
        chat=incoming.chat,
        update_id=incoming.update_id,
        read=read,
        state=decision.state.to_json(),
        said=said,
        letters=[_letter(incoming.chat, row, incoming.origin, now) for row in said] if outbox else (),
        unanswered=_unanswered(decision, now),
        change=decision.change,
        at=now,
    )


def _letter(chat: Chat, row: dict[str, Any], origin: str, now: dt.datetime) -> dict[str, Any]:
    return {
        **row,
        "channel": chat.channel,
        "chat": chat.id,
        "origin": origin,
        "attempts": 0,
        "queued_at": now,
        "due_at": now,
        "dead": False,
    }


def _unanswered(decision: Decision, now: dt.datetime) -> list[dict[str, Any]]:
    return [_kept(effect, decision.language, now) for effect in decision.effects if isinstance(effect, KeepQuestion)]


def _kept(kept: KeepQuestion, language: Language, now: dt.datetime) -> dict[str, Any]:
    return {
        "question": kept.question,
        "language": language,
        "outcome": kept.outcome,
        "nearest": list(kept.nearest),
        "day": now.date(),
    }
