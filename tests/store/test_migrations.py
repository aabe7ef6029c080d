"""Coming to the newest tables: from nothing, from an older version with what is in it, and by several at once."""

from __future__ import annotations

import json
import multiprocessing
from multiprocessing.synchronize import Barrier

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bot.events import Chat, Outcome, Say
from bot.says import say_to_json
from bot.store import Committed, Kept, Store, migrations
from bot.store.schema import metadata
from tests.conftest import NOW, SEAL
from tests.store.paperwork import NUMBER, opened, written

CHAT = Chat("telegram", "4711")
SAID = json.loads(
    json.dumps([{"say": say_to_json(Say(Outcome.HELP, {"words": "电镀"})), "language": "zh", "simple": False}])
)  # as a database gives it back


def begun_with_the_first_version(url: str) -> None:
    """A database as version 0001 made it, in use."""
    engine = sa.create_engine(url)
    config = Config()
    config.set_main_option("script_location", str(next(iter(migrations.__path__))))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        old = sa.MetaData()
        old.reflect(connection)
        at = NOW if connection.dialect.name == "postgresql" else NOW.replace(tzinfo=None)
        key = {"channel": CHAT.channel, "chat": CHAT.id}
        connection.execute(
            old.tables["chats"].insert(), {**key, "state": {"language": "en"}, "version": 2, "seen_at": at}
        )
        connection.execute(old.tables["updates"].insert(), {**key, "update_id": "7", "said": SAID, "at": at})
        letter = {**SAID[0], "origin": "", "attempts": 1, "queued_at": at, "due_at": at, "dead": False}
        connection.execute(old.tables["outbox"].insert(), {**key, **letter})
    engine.dispose()


def test_a_database_of_the_first_version_is_used_on(bare_database_url: str) -> None:
    begun_with_the_first_version(bare_database_url)
    store = Store(bare_database_url, SEAL)
    assert store.gather(CHAT, "8") == Kept({"language": "en"}, 2)
    assert store.gather(CHAT, "7") == Committed(SAID)
    store.write(written(opened()), NOW)
    with store.reading() as session:
        assert session.dossier(NUMBER) == opened()
    [letter] = store.take_letters(CHAT, 5, NOW)
    assert (letter["say"], letter["attempts"]) == (SAID[0]["say"], 1)
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    store.close()


def test_no_newer_version_is_left_out() -> None:
    """A database that is at `HEAD` is not looked at any closer."""
    config = Config()
    config.set_main_option("script_location", str(next(iter(migrations.__path__))))
    assert ScriptDirectory.from_config(config).get_current_head() == migrations.HEAD


def test_several_processes_that_open_a_new_database_at_once_all_find_it_ready(bare_database_url: str) -> None:
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(3)
    people = [context.Process(target=begin, args=(bare_database_url, start)) for _ in range(3)]
    for one in people:
        one.start()
    for one in people:
        one.join(120)
    assert [one.exitcode for one in people] == [0, 0, 0]


def begin(url: str, start: Barrier) -> None:
    start.wait(60)
    Store(url, SEAL).close()
