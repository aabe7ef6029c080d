"""One update, straight through: nothing happens twice, nothing is lost, anything is answered."""

from __future__ import annotations

import itertools
import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from bot.assistant import FAILURES, LONGEST, Assistant
from bot.events import Chat, Commanded, Incoming, Outcome, Pressed, Said, SentFile
from bot.outbox import Outbox
from bot.render import Renderer
from bot.store import Conflict, Store
from bot.store.schema import chats, unanswered, updates
from knowledge.catalogue import Catalogue
from tests.conftest import NOW, chance, on_each_database

CHAT = Chat("web", "somebody")
LOST = "补办身份证要多少钱"


def said(text: str, update: str = "1", chat: Chat = CHAT) -> Incoming:
    return Incoming(chat, update, Said(text))


def count(store: Store, table: sa.Table) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@on_each_database
def test_the_same_update_again_is_answered_with_the_same_and_changes_nothing(
    assistant: Assistant, store: Store
) -> None:
    first = assistant.respond(said("高考成绩在哪查"))
    again = assistant.respond(said("这一次说的别的也不算数"))
    assert [reply.text for reply in again] == [reply.text for reply in first]
    assert (count(store, updates), count(store, unanswered), count(store, chats)) == (1, 1, 1)


@on_each_database
def test_an_update_is_accepted_once_and_its_letters_wait_in_order(assistant: Assistant, store: Store) -> None:
    chat = Chat("telegram", "7")
    assert assistant.accept(said(LOST, "1", chat))
    assert not assistant.accept(said(LOST, "1", chat))
    assert assistant.accept(Incoming(chat, "2", Commanded("help")))
    waiting = Outbox(store, "telegram", lambda: NOW)
    [letter] = waiting.due(NOW, 10)
    assert letter.say.outcome is Outcome.NOTICE, "the older letter comes first, one a chat"
    assert "40元" in assistant.compose(letter).text
    waiting.sent(letter)
    [letter] = waiting.due(NOW, 10)
    assert letter.say.outcome is Outcome.HELP
    assert waiting.due(NOW, 10, busy=[chat]) == []
    waiting.dead(letter, "Forbidden")
    assert waiting.due(NOW, 10) == []


@on_each_database
def test_two_at_once_in_one_chat_are_both_answered(assistant: Assistant, store: Store) -> None:
    """The edge gives a chat's updates one at a time; where it does not, the state is still never half of each."""
    barrier = threading.Barrier(8)

    def talk(number: int) -> int:
        barrier.wait()
        done = 0
        for turn in range(5):
            for _ in range(20):
                try:
                    assistant.respond(said("结婚登记多少钱", f"{number}-{turn}"))
                    done += 1
                    break
                except Conflict:
                    continue
        return done

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(talk, range(8))) == 40
    with store.engine.connect() as connection:
        assert connection.scalar(sa.select(chats.c.version)) == 40
    assert count(store, updates) == 40


def test_a_single_question_leaves_no_conversation_but_what_was_not_known(assistant: Assistant, store: Store) -> None:
    [reply] = assistant.ask(LOST)
    assert reply.outcome is Outcome.NOTICE
    [reply] = assistant.ask("高考成绩在哪查")
    assert reply.outcome is Outcome.NOT_FOUND
    assert (count(store, updates), count(store, chats), count(store, unanswered)) == (0, 0, 1)


class Broken(Exception):
    pass


@on_each_database
def test_an_update_that_fails_changes_nothing_and_is_parked_the_third_time(
    catalogue: Catalogue, store: Store, renderer: Renderer
) -> None:
    class Faulty:
        hall, regions, item, search = catalogue.hall, catalogue.regions, catalogue.item, catalogue.search

        def understand(self, text: str, region: str | None = None) -> object:
            raise Broken

    assistant = Assistant(Faulty, store, renderer, lambda: NOW, chance())  # type: ignore[arg-type]
    incoming = said(LOST, "1", Chat("telegram", "7"))
    for attempt in range(1, FAILURES + 1):
        with pytest.raises(Broken):
            assistant.accept(incoming)
        assert count(store, updates) == 0
        assert assistant.failed(incoming, "Broken") is (attempt == FAILURES)
    [letter] = Outbox(store, "telegram", lambda: NOW).due(NOW, 10)
    assert letter.say.outcome is Outcome.BUSY
    assert "12345" in assistant.compose(letter).text
    assert not assistant.accept(incoming), "a parked update is not tried again"


@on_each_database
def test_kept_questions_do_not_say_who_asked(assistant: Assistant, store: Store) -> None:
    assistant.respond(said("高考成绩在哪查", chat=Chat("web", "secret-visitor")))
    [kept] = store.unanswered(10)
    assert kept["question"].startswith("高考成绩")
    assert "secret-visitor" not in str(kept)
    assert set(kept) == {"id", "question", "language", "outcome", "nearest", "day"}


@on_each_database
def test_what_is_old_is_forgotten(assistant: Assistant, store: Store) -> None:
    assistant.respond(said(LOST))
    assert store.prune(NOW) == 0
    assert store.prune(NOW.replace(year=2027)) == 2
    assert count(store, chats) == count(store, updates) == 0


def test_a_message_beyond_the_longest_is_refused_kindly(assistant: Assistant) -> None:
    [reply] = assistant.respond(said("啊" * (LONGEST + 1)))
    assert reply.outcome is Outcome.TOO_LONG
    [reply] = assistant.respond(said("身份证丢了怎么补办" + "啊" * 4000, "2"))
    assert reply.outcome is not Outcome.TOO_LONG


@pytest.mark.parametrize(
    "data", ["", ":", "i", "i:", "i:no_such", "o:id_card_apply:kind:none", "p:id_card_apply:x", "x:y", "l:fr"]
)
def test_a_button_nobody_was_shown_is_stale_not_an_error(assistant: Assistant, data: str) -> None:
    [reply] = assistant.respond(Incoming(CHAT, "1", Pressed(data)))
    assert reply.outcome is Outcome.STALE


def test_a_file_nobody_asked_for_is_answered(assistant: Assistant) -> None:
    [reply] = assistant.respond(Incoming(CHAT, "1", SentFile("voice")))
    assert reply.outcome is Outcome.UNEXPECTED


ALPHABETS = (
    lambda r: chr(r.randrange(0x20, 0x7F)),
    lambda r: chr(r.randrange(0x4E00, 0x9FFF)),
    lambda r: chr(r.randrange(0x1F300, 0x1FAFF)),
    lambda r: r.choice("\u200b\u200d\u202e\u2066\ufeff\u0000\u0007\n\t"),
    lambda r: chr(r.randrange(0xD800, 0xE000)),  # lone surrogates
    lambda r: chr(r.randrange(0x110000 - 0x800) + (0x800 if r.random() < 0.5 else 0)),
    lambda r: r.choice(
        ["身份证", "<b>", "</script>", "'; drop table chats; --", "(a+)+$", "%s%n", "{{7*7}}", "/start", "i:x"]
    ),
)


def random_message(source: random.Random) -> str:
    letters = source.sample(ALPHABETS, source.randint(1, 3))
    return "".join(source.choice(letters)(source) for _ in range(source.choice([1, 2, 5, 12, 40, 40, 120, 900])))


def test_ten_thousand_random_messages_are_all_answered(assistant: Assistant) -> None:
    source = random.Random(20261123)
    people = itertools.cycle([Chat("web", str(number)) for number in range(50)])
    for number in range(10_000):
        message = random_message(source)
        replies = assistant.respond(Incoming(next(people), str(number), Said(message)))
        assert replies and all(reply.text.strip() for reply in replies), ascii(message)
