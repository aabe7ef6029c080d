"""Several processes deliver one channel's letters: each letter once, each chat's in order, none lost with a process."""

from __future__ import annotations

import datetime as dt
import itertools
import threading

import pytest

from bot.desk.change import Change, Tell
from bot.events import Chat, Letter, Outcome, Say
from bot.outbox import LEASE, Outbox
from bot.store import Store
from tests.conftest import NOW
from tests.store.racing import at_once

SECOND = dt.timedelta(seconds=1)
CHATS, EACH = 12, 5


def write(store: Store, chats: int = 1, each: int = 1) -> None:
    """`each` letters to each of so many chats, numbered in the order they are written."""
    numbers = itertools.count()
    for _ in range(each):
        letters = tuple(
            Tell(Chat("telegram", str(chat)), Say(Outcome.HELP, {"n": next(numbers)})) for chat in range(chats)
        )
        store.write(Change(letters=letters), NOW)


def outbox(store: Store, claimant: str) -> Outbox:
    return Outbox(store, "telegram", lambda: NOW, claimant)


def number(letter: Letter) -> int:
    return int(letter.say.facts["n"])


def test_two_deliver_side_by_side_each_letter_once_and_each_chat_in_order(store: Store) -> None:
    write(store, CHATS, EACH)
    delivered: list[Letter] = []
    lock = threading.Lock()

    def deliver(claimant: int) -> str:
        own = outbox(store, f"process-{claimant}")
        while len(delivered) < CHATS * EACH:
            for letter in own.due(NOW, 4):
                with lock:
                    delivered.append(letter)
                own.sent(letter)
        return "done"

    assert at_once(3, deliver) == ["done"] * 3
    assert sorted(number(letter) for letter in delivered) == list(range(CHATS * EACH)), "each once"
    for chat in {letter.chat for letter in delivered}:
        of_chat = [number(letter) for letter in delivered if letter.chat == chat]
        assert of_chat == sorted(of_chat)


def test_what_one_has_claimed_nobody_else_gets_nor_what_comes_after_it(store: Store) -> None:
    write(store, chats=2, each=2)
    [first] = outbox(store, "a").due(NOW, 1)
    assert [number(letter) for letter in outbox(store, "b").due(NOW, 10)] == [1]
    assert outbox(store, "c").due(NOW + LEASE - SECOND, 10) == []
    outbox(store, "a").sent(first)
    assert [number(letter) for letter in outbox(store, "c").due(NOW, 10)] == [2]


def test_letters_of_one_that_died_come_free_and_one_that_lives_keeps_its_own(store: Store) -> None:
    write(store)
    [letter] = outbox(store, "dies").due(NOW, 10)
    assert outbox(store, "lives").due(NOW + LEASE - SECOND, 10) == []
    assert outbox(store, "lives").due(NOW + LEASE, 10) == [letter]
    assert outbox(store, "lives").due(NOW + LEASE + SECOND, 10) == [letter], "its own, again"
    assert outbox(store, "dies").due(NOW + LEASE + SECOND, 10) == [], "too late"


def test_a_claim_that_is_renewed_lasts(store: Store) -> None:
    write(store)
    later = NOW + LEASE / 2
    [letter] = outbox(store, "slow").due(NOW, 10)
    Outbox(store, "telegram", lambda: later, "slow").renew()
    assert outbox(store, "b").due(NOW + LEASE, 10) == []
    assert outbox(store, "b").due(later + LEASE, 10) == [letter]


def test_a_claim_that_is_over_cannot_be_renewed(store: Store) -> None:
    write(store)
    outbox(store, "slow").due(NOW, 10)
    Outbox(store, "telegram", lambda: NOW + LEASE, "slow").renew()
    assert len(outbox(store, "b").due(NOW + LEASE, 10)) == 1


def test_what_is_postponed_is_for_anybody_when_it_is_due(store: Store) -> None:
    write(store)
    [letter] = outbox(store, "a").due(NOW, 10)
    outbox(store, "a").postpone(letter, NOW + SECOND, "RetryAfter")
    assert outbox(store, "b").due(NOW, 10) == []
    [again] = outbox(store, "b").due(NOW + SECOND, 10)
    assert (again.id, again.attempts) == (letter.id, 1)


def test_who_lost_a_letter_does_not_put_it_off_for_the_one_who_has_it(store: Store) -> None:
    write(store)
    [letter] = outbox(store, "a").due(NOW, 10)
    outbox(store, "b").due(NOW + LEASE, 10)
    outbox(store, "a").postpone(letter, NOW + dt.timedelta(days=1), "TimedOut")
    assert outbox(store, "b").due(NOW + LEASE, 10) == [letter]


@pytest.mark.parametrize("dead", [False, True])
def test_what_is_settled_never_comes_again(store: Store, dead: bool) -> None:
    write(store)
    own = outbox(store, "a")
    [letter] = own.due(NOW, 10)
    own.dead(letter, "Forbidden") if dead else own.sent(letter)
    own.postpone(letter, NOW, "too late")
    assert own.due(NOW + LEASE, 10) == []


def test_a_busy_chat_is_left_alone(store: Store) -> None:
    write(store, chats=2)
    assert [number(letter) for letter in outbox(store, "a").due(NOW, 10, {Chat("telegram", "0")})] == [1]
