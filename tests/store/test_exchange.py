"""One update, all or nothing: what was said, the chat's state, and what was decided at the desk with its letters."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from bot.desk.change import Change, Tell
from bot.desk.records import Filter, Scope
from bot.events import Chat, Outcome, Say
from bot.says import say_from_json, say_to_json
from bot.store import Claim, Committed, Conflict, Exchange, Kept, Store
from tests.conftest import NOW
from tests.store.paperwork import CHAT, NUMBER, OTHER_CHAT, opened, written

SAY = Say(Outcome.HELP, {"words": "电镀"})


def exchange(update: str = "1", read: Kept | None = None, change: Change | None = None, **state: object) -> Exchange:
    said = [{"say": say_to_json(SAY), "language": "zh", "simple": False}]
    return Exchange(CHAT, update, read or Kept({}, 0), state, said, (), (), NOW, change)


def gathered(store: Store, update: str, chat: Chat = CHAT) -> Kept | Committed:
    with store.reading() as session:
        return session.gather(chat, update)


def test_an_exchange_comes_back(store: Store) -> None:
    assert gathered(store, "1") == Kept({}, 0)
    store.commit(exchange(step="form"))
    before = gathered(store, "1")
    assert isinstance(before, Committed) and [say_from_json(row["say"]) for row in before.said] == [SAY]
    assert gathered(store, "2") == Kept({"step": "form"}, 1)
    assert gathered(store, "2", OTHER_CHAT) == Kept({}, 0)


@pytest.mark.parametrize("late", [exchange("1", Kept({}, 1)), exchange("2"), exchange("2", Kept({}, 2))])
def test_an_exchange_that_lost_a_race_leaves_nothing(store: Store, late: Exchange) -> None:
    store.commit(exchange(step="form"))
    with pytest.raises(Conflict):
        store.commit(replace(late, change=written(opened())))
    assert gathered(store, "3") == Kept({"step": "form"}, 1)
    with store.reading() as session:
        assert session.dossier(NUMBER) is None


def test_a_decision_that_lost_a_race_leaves_the_conversation_as_it_was(store: Store) -> None:
    store.write(written(opened()), NOW)
    with pytest.raises(Conflict):
        store.commit(exchange(change=Change(letters=(Tell(OTHER_CHAT, SAY),)).and_(written(opened()))))
    assert gathered(store, "1") == Kept({}, 0)
    assert store.take_letters(OTHER_CHAT, 10, NOW) == []


def test_alone_an_exchange_is_written_the_same(store: Store) -> None:
    with store.alone() as session:
        assert session.gather(CHAT, "1") == Kept({}, 0)
        session.commit(exchange(change=written(opened())))
        assert session.dossier(NUMBER) == opened()
    assert isinstance(gathered(store, "1"), Committed)


def test_a_letter_speaks_as_its_reader_chose(store: Store) -> None:
    """Chosen with /lang, else last written in; who never wrote here reads the language of their dossier, or Chinese."""
    chosen, spoken, unknown = Chat("telegram", "1"), Chat("telegram", "2"), Chat("telegram", "3")
    for chat, state in (
        (chosen, {"language": "en", "spoken": "zh", "simple": True}),
        (spoken, {"language": None, "spoken": "en"}),
    ):
        store.commit(replace(exchange(), chat=chat, update_id=chat.id, state=state))
    letters = tuple(Tell(chat, SAY) for chat in (chosen, spoken, unknown, CHAT))
    store.write(written(opened()).and_(Change(letters=letters)), NOW)
    found = [store.take_letters(chat, 10, NOW) for chat in (chosen, spoken, unknown, CHAT)]
    assert [(row["language"], row["simple"]) for [row] in found] == [
        ("en", True),
        ("en", False),
        ("zh", False),
        ("en", False),
    ]
    assert say_from_json(found[0][0]["say"]) == SAY


def test_a_letter_to_the_chat_itself_speaks_the_language_just_chosen(store: Store) -> None:
    store.commit(exchange(change=Change(letters=(Tell(CHAT, SAY),)), language="en"))
    [letter] = store.take_letters(CHAT, 10, NOW)
    assert letter["language"] == "en"


def test_letters_are_taken_once_and_in_order(store: Store) -> None:
    for word in "abc":
        store.write(Change(letters=(Tell(CHAT, Say(Outcome.HELP, {"word": word})), Tell(OTHER_CHAT, SAY))), NOW)
    later = NOW + dt.timedelta(days=30)
    words = [[row["say"]["facts"]["word"] for row in store.take_letters(CHAT, limit, later)] for limit in (2, 2, 2)]
    assert words == [["a", "b"], ["c"], []]
    assert len(store.claim_letters(OTHER_CHAT.channel, later, 10, [], Claim("", later))) == 1, (
        "other people's still wait"
    )
    assert store.prune(later) == 0
    assert store.prune(later + dt.timedelta(seconds=1)) == 3, "taken letters are forgotten, waiting ones are not"


def test_what_no_database_takes_is_kept_as_far_as_it_can_be(store: Store) -> None:
    """PostgreSQL refuses a NUL, and every database half a character; both can be sent by anybody."""
    bad = "a\0b\ud83d"
    question = {"question": bad, "language": "zh", "outcome": "noise", "nearest": [bad], "day": NOW.date()}
    chat = Chat("web", bad)
    store.commit(replace(exchange(), chat=chat, update_id=bad, state={"said": bad}, unanswered=(question,)))
    assert isinstance(gathered(store, bad, chat), Committed)
    assert gathered(store, "2", chat) == Kept({"said": bad}, 1)
    assert gathered(store, "2", Chat("web", "ab")) == Kept({}, 0), "nobody else's chat"
    [kept] = store.unanswered(5)
    assert kept["question"] == "a\ufffdb\ufffd"
    assert store.count_failure(chat, "3", f"no such {bad}", NOW) == 1
    with store.reading() as session:
        assert session.dossier(bad) is None and session.dossier_of(bad) is None
        assert session.own(chat, 5) == () and session.inbox(Filter((bad,), Scope.HALL, bad, search=bad)).total == 0
        assert session.ticket(bad) is None and session.complaint(bad) is None and session.colleague(bad) is None
        assert session.member(chat) is None and session.failures(bad, bad, NOW) == () and session.serial(bad) == 0
