"""One update, straight through: gather, decide, commit, render. Every channel comes through here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.dialogue.asking import NEAR
from bot.dialogue.state import Knowledge, State
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
    Pressed,
    Reply,
    Said,
    Say,
    Suggestion,
)
from bot.render import Renderer
from bot.says import say_from_json, say_to_json
from bot.store import Committed, Conflict, Store
from bot.store.store import Change, Kept

LONGEST = 4096  # characters of a message that are read; what Telegram lets a person send
GLANCE = 200  # characters of a longer one that tell its language
TRIES = 5  # at a state another update of the same chat is changing
FAILURES = 3  # of one update before it is parked, so that a chat is never blocked


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
        item_link: Callable[[str], str] | None = None,
    ) -> None:
        """`knowledge` gives the catalogue as it stands now; `clock` an aware datetime in the hall's time zone;
        `item_link` the public address of an item's page, if there is one."""
        self._knowledge, self._store, self._renderer = knowledge, store, renderer
        self._clock, self._item_link = clock, item_link

    # --- conversations ---

    def respond(self, incoming: Incoming) -> tuple[Reply, ...]:
        """Answer an update now. The same update again is answered with the same, and nothing happens twice."""
        answered, _ = self._process(incoming, outbox=False)
        knowledge = self._knowledge()
        return tuple(self._reply(say, answered.language, answered.simple, knowledge) for say in answered.says)

    def accept(self, incoming: Incoming) -> bool:
        """Answer an update through the outbox, in the same transaction; False if it was committed before."""
        _, fresh = self._process(incoming, outbox=True)
        return fresh

    def ask(self, text: str, language: Language | None = None) -> tuple[Reply, ...]:
        """Answer one question without a conversation; nothing is remembered but what the catalogue did not know."""
        decision = self._decide(Incoming(Chat("ask", ""), "", Said(text), language), State())
        self._store.keep(_unanswered(decision, self._clock()))
        knowledge = self._knowledge()
        return tuple(self._reply(say, decision.language, decision.state.simple, knowledge) for say in _says(decision))

    def failed(self, incoming: Incoming, reason: str, outbox: bool = True) -> bool:
        """Record that an update could not be processed. True: it is given up and may be confirmed; the person is told,
        through the outbox or, where the edge answers itself, by `respond` to the same update."""
        now = self._clock()
        if self._store.count_failure(incoming.chat, incoming.update_id, reason, now) < FAILURES:
            return False
        read = self._store.gather(incoming.chat, incoming.update_id)
        if isinstance(read, Kept):
            language = incoming.language or "zh"
            decision = Decision(_state(read), (Say(Outcome.BUSY),), language)
            self._store.commit(_change(incoming, read, decision, outbox, now))
        self._store.park(incoming.chat, incoming.update_id)
        return True

    def compose(self, letter: Letter) -> Reply:
        """A letter from the outbox in words, with its papers."""
        return self._reply(letter.say, letter.language, letter.simple, self._knowledge())

    # --- look-ups without a conversation ---

    def suggest(self, text: str, language: Language, limit: int = 10) -> tuple[Suggestion, ...]:
        """Items that fit a few typed words, best first."""
        knowledge = self._knowledge()
        near = (match for match in knowledge.search(text[:LONGEST], limit) if match.score >= NEAR)
        found = (knowledge.item(match.code) for match in near)
        return tuple(
            Suggestion(
                code=item.code,
                title=item.name.say(language),
                summary=item.summary.say(language) if item.summary else "",
                reply=self._notice(item.code, language, knowledge),
            )
            for item in found
            if item is not None
        )

    def notice(self, code: str, language: Language, chosen: dict[str, str] | None = None) -> Reply | None:
        """An item's whole notice; None if the catalogue has no such item."""
        knowledge = self._knowledge()
        return self._notice(code, language, knowledge, chosen) if knowledge.item(code) else None

    def paper(self, code: str, language: Language, chosen: dict[str, str] | None = None) -> File | None:
        """An item's notice as a document to print; None if the catalogue has no such item."""
        knowledge = self._knowledge()
        return self._paper(code, language, chosen or {}, knowledge) if knowledge.item(code) else None

    # --- the one way an update goes ---

    def _process(self, incoming: Incoming, outbox: bool) -> tuple[_Answered, bool]:
        for _ in range(TRIES):
            read = self._store.gather(incoming.chat, incoming.update_id)
            if isinstance(read, Committed):
                return _answered_before(read), False
            decision = self._decide(incoming, _state(read))
            try:
                self._store.commit(_change(incoming, read, decision, outbox, self._clock()))
            except Conflict:
                continue
            return _Answered(_says(decision), decision.language, decision.state.simple), True
        raise Conflict(f"{incoming.chat.channel} update {incoming.update_id}")

    def _decide(self, incoming: Incoming, state: State) -> Decision:
        event = incoming.event
        if isinstance(event, Said):
            if len(event.text) > LONGEST:
                return self._too_long(event, state)
            event = self._as_press(event, state, incoming.language)
        return step(state, event, incoming.language, self._knowledge(), self._clock().date())

    def _too_long(self, said: Said, state: State) -> Decision:
        """Not read, but for the language it is written in."""
        written = self._knowledge().understand(said.text[:GLANCE]).language
        return Decision(state, (Say(Outcome.TOO_LONG),), state.language or ("en" if written == "en" else "zh"))

    def _as_press(self, said: Said, state: State, hint: Language | None) -> Event:
        """A button's label, typed, is that button."""
        language = state.language or state.spoken or hint or "zh"
        data = self._renderer.pressed(said.text, state.offered, language)
        return Pressed(data) if data else said

    # --- words ---

    def _reply(self, say: Say, language: Language, simple: bool, knowledge: Knowledge) -> Reply:
        reply = self._renderer.reply(say, language, simple, knowledge)
        if reply.paper is None or knowledge.item(reply.paper.item) is None:
            return reply
        return replace(reply, files=(self._paper(reply.paper.item, language, reply.paper.chosen, knowledge),))

    def _notice(self, code: str, language: Language, knowledge: Knowledge, chosen: Any = None) -> Reply:
        item = knowledge.item(code)
        outcome = Outcome.PLAN if item and item.parts else Outcome.NOTICE
        facts = {"item": code, "chosen": dict(chosen or {}), "aspect": None, "region": None}
        say = Say(outcome, facts | {"today": self._clock().date().isoformat()})
        return self._renderer.reply(say, language, False, knowledge)

    def _paper(self, code: str, language: Language, chosen: Any, knowledge: Knowledge) -> File:
        from bot.paper import pdf

        reply = self._notice(code, language, knowledge, chosen)
        item = knowledge.item(code)
        assert item is not None
        title = item.name.say(language)
        content = pdf(
            reply.blocks,
            title=title,
            language=language,
            footer=self._renderer.term(language, "paper", "footer"),
            printed_on=self._clock().date(),
            link=self._item_link(code) if self._item_link else None,
        )
        return File(f"{title}.pdf", "application/pdf", content)


def _state(read: Kept) -> State:
    return State.from_json(read.state)


def _says(decision: Decision) -> tuple[Say, ...]:
    return tuple(effect for effect in decision.effects if isinstance(effect, Say))


def _answered_before(committed: Committed) -> _Answered:
    rows = committed.said
    says = tuple(say_from_json(row["say"]) for row in rows)
    return _Answered(says, rows[0]["language"] if rows else "zh", bool(rows and rows[0]["simple"]))


def _change(incoming: Incoming, read: Kept, decision: Decision, outbox: bool, now: dt.datetime) -> Change:
    said = [
        {"say": say_to_json(say), "language": decision.language, "simple": decision.state.simple}
        for say in _says(decision)
    ]
    return Change(
        chat=incoming.chat,
        update_id=incoming.update_id,
        read=read,
        state=decision.state.to_json(),
        said=said,
        letters=[_letter(incoming.chat, row, incoming.origin, now) for row in said] if outbox else (),
        unanswered=_unanswered(decision, now),
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
