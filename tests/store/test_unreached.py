"""A letter that reaches nobody: given up together with what follows from it, once, whoever else is at it."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from bot.casework.terms import Role
from bot.desk.change import Change, Tell, Unreached
from bot.desk.dossier import Entry, Told
from bot.events import Chat, Letter, Outcome, Say
from bot.outbox import LEASE, Outbox
from bot.render import Renderer
from bot.store import Conflict, Store
from bot.store.schema import outbox
from knowledge.catalogue import Catalogue
from tests.conftest import NOW
from tests.desk.scene import INVESTOR, Scene
from tests.store.paperwork import AGENT, CHAT, NUMBER, opened, written
from tests.store.racing import at_once
from tests.store.test_exchange import exchange

DAY = dt.timedelta(days=1)


def letter(store: Store, chat: Chat = CHAT) -> Letter:
    """A letter that waits for a chat."""
    store.write(Change(letters=(Tell(chat, Say(Outcome.HELP)),)), NOW)
    return next(one for one in Outbox(store, chat.channel, lambda: NOW).due(NOW, 10) if one.chat == chat)


def unreached(letter: Letter, read: dt.datetime | None = None, since: dt.datetime = NOW) -> Change:
    return Change(unreached=(Unreached(letter.id, letter.chat, "Forbidden", read, since),))


def lost(store: Store, chat: Chat = CHAT) -> dt.datetime | None:
    with store.reading() as session:
        return session.lost(chat)


def waits(store: Store, letter: Letter) -> bool:
    with store.reading() as session:
        return session.waits(letter.id)


def test_a_chat_is_lost_until_somebody_writes_there(store: Store) -> None:
    store.write(unreached(letter(store)), NOW)
    assert lost(store) == NOW and lost(store, INVESTOR) is None
    with store.reading() as session:
        read = session.gather(CHAT, "1")
    store.commit(exchange(read=read))
    assert lost(store) is None


def test_a_letter_is_given_up_once(store: Store) -> None:
    given = letter(store)
    assert waits(store, given)
    store.write(unreached(given), NOW)
    assert not waits(store, given)
    with pytest.raises(Conflict):
        store.write(unreached(given, NOW), NOW)
    with store.engine.connect() as connection:
        [row] = connection.execute(sa.select(outbox)).mappings()
    assert (row["dead"], row["reason"], row["done_at"]) == (True, "Forbidden", NOW)


@pytest.mark.parametrize("read", [None, NOW - DAY])
def test_who_read_of_the_chat_what_no_longer_holds_writes_nothing(store: Store, read: dt.datetime | None) -> None:
    store.write(unreached(letter(store)), NOW)
    late = letter(store)
    with pytest.raises(Conflict):
        store.write(unreached(late, read, NOW + DAY), NOW)
    assert waits(store, late) and lost(store) == NOW


def test_a_letter_is_given_up_with_all_that_follows_or_not_at_all(store: Store) -> None:
    """As after a crash: whoever tries again finds everything as it was."""
    store.write(written(opened()), NOW)
    given, after = letter(store), opened().with_([Entry(NOW, AGENT, Told("unreached"))])
    with pytest.raises(Conflict):
        store.write(unreached(given).and_(written(after, read=2)), NOW)
    assert waits(store, given) and lost(store) is None
    store.write(unreached(given).and_(written(after, read=3)), NOW)
    with store.reading() as session:
        found = session.dossier(NUMBER)
    assert found and found.told == {"unreached"} and not waits(store, given)


def test_that_an_applicant_is_lost_is_remembered_while_the_dossier_is_open(store: Store) -> None:
    store.write(written(opened()), NOW)
    for chat in (CHAT, INVESTOR):
        store.write(unreached(letter(store, chat)), NOW)
    store.prune(NOW + 400 * DAY)
    assert lost(store) == NOW, "has an open dossier"
    assert lost(store, INVESTOR) is None
    store.write(written(opened(), read=3, closed=True), NOW)
    store.prune(NOW + 400 * DAY)
    assert lost(store) is None


def test_many_who_find_out_at_once_tell_it_once(catalogue: Catalogue, store: Store, renderer: Renderer) -> None:
    """Claims ran out, and every worker has a letter of the same chat in its hands, some of them the same."""
    scene = Scene(catalogue, store, renderer)
    scene.member("agent", Role.AGENT)
    number, _ = scene.handled()
    own = Outbox(store, INVESTOR.channel, lambda: scene.now)
    with store.engine.connect() as connection:
        ids = connection.scalars(sa.select(outbox.c.id).where(outbox.c.chat == INVESTOR.id).order_by(outbox.c.id)).all()
    first = next(one for one in own.due(scene.now + LEASE, 10) if one.chat == INVESTOR)
    given = [Letter(id, INVESTOR, first.say, "zh", False, "", 0) for id in ids]

    def give_up(worker: int) -> str:
        scene.assistant.unreached(given[worker % len(given)], "Forbidden")
        return "done"

    assert at_once(4 * len(given), give_up) == ["done"] * 4 * len(given)
    dossier = scene.dossier(number)
    assert len([one for one in dossier.told if one.startswith("unreached:")]) == 1
    told = [one["say"]["outcome"] for one in store.take_letters(Chat("terminal", "agent"), 100, scene.now)]
    assert told.count("unreached") == 1
    assert not any(waits(store, one) for one in given)
