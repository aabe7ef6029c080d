"""What lies on the disk: nothing that names a person or that a person wrote, and what older versions left is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from bot.desk.change import Change, Tell
from bot.desk.records import Filter, Scope
from bot.events import Chat, Outcome, Say
from bot.says import say_to_json
from bot.store import Claim, Committed, Exchange, Kept, Seal, Store, WrongKey
from bot.store.schema import chats, metadata, outbox, updates
from tests.conftest import NOW, SEAL
from tests.store.paperwork import CHAT, HALL, IDENTITY, NAME, OTHER_CHAT, TELEPHONE, WORDS, full, written
from tests.store.test_records import LI, TICKET, complaint

SECRET = (NAME, TELEPHONE, IDENTITY, WORDS, "明天上午", "等得太久", "已当面道歉", "李测试", "态度不好", "电镀废水")
SAY = Say(Outcome.HELP, {"words": "电镀废水", "name": NAME, "telephone": TELEPHONE})
EVERYTHING = (
    written(full()).and_(Change(letters=(Tell(OTHER_CHAT, SAY),))).and_(
        Change(members=(LI,), tickets=(TICKET,), complaints=(complaint("1", 3),))
    )
)  # fmt: skip


def exchange(chat: Chat = CHAT) -> Exchange:
    said = [{"say": say_to_json(SAY), "language": "zh", "simple": False}]
    state = {"step": "form", "form": {"answers": {"name": NAME, "identity": IDENTITY, "what": WORDS}}}
    letter = {
        **said[0], "channel": chat.channel, "chat": chat.id, "origin": "", "attempts": 0, "queued_at": NOW,
        "due_at": NOW, "dead": False,
    }  # fmt: skip
    return Exchange(chat, chat.id, Kept({}, 0), state, said, [letter], (), NOW, EVERYTHING)


def forms(secret: str) -> set[bytes]:
    """How text may lie on a disk: as it is, or as JSON escapes it."""
    return {secret.encode(), json.dumps(secret).strip('"').encode(), secret.removeprefix("+86").encode()}


def test_nothing_personal_lies_in_a_file_of_sqlite(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'sealed.db'}", SEAL)
    store.commit(exchange())
    raw = b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))
    store.close()
    raw += b"".join(file.read_bytes() for file in sorted(tmp_path.iterdir()))
    assert b"food_licence" in raw and b"3713" in raw, "what is plain is found this way"
    assert [secret for secret in SECRET if any(form in raw for form in forms(secret))] == []


def test_nothing_personal_is_in_any_column(store: Store) -> None:
    store.commit(exchange())
    with store.engine.connect() as connection:
        rows = [connection.execute(sa.text(f"SELECT * FROM {name}")).all() for name in metadata.tables]
    raw = repr(rows).encode()
    assert b"food_licence" in raw and b"3713" in raw, "what is plain is found this way"
    assert [secret for secret in SECRET if any(form in raw for form in forms(secret))] == []


def test_what_was_written_before_there_was_a_seal_is_read(store: Store) -> None:
    said = [{"say": say_to_json(SAY), "language": "zh", "simple": False}]
    key = {"channel": CHAT.channel, "chat": CHAT.id}
    with store.engine.begin() as connection:
        connection.execute(chats.insert().values(**key, state={"step": "idle"}, version=3, seen_at=NOW))
        connection.execute(updates.insert().values(**key, update_id="7", said=said, at=NOW))
        connection.execute(outbox.insert().values(exchange().letters[0]))
    with store.reading() as session:
        assert session.gather(CHAT, "8") == Kept({"step": "idle"}, 3)
        before = session.gather(CHAT, "7")
    assert isinstance(before, Committed) and before.said[0]["say"]["facts"]["name"] == NAME
    [waiting] = store.claim_letters(CHAT.channel, NOW, 5, [], Claim("", NOW))
    assert waiting["say"]["facts"]["name"] == NAME


def test_the_wrong_key_is_found_out_at_the_door(database_url: str) -> None:
    url, old, new = database_url, Fernet.generate_key(), Fernet.generate_key()
    for keys in ([old], [new, old], [old, new]):
        store = Store(url, Seal(keys))
        store.close()
    for keys in ([new], [Fernet.generate_key(), new]):
        with pytest.raises(WrongKey, match="BANGBAN_KEY"):
            Store(url, Seal(keys))


def test_after_a_change_of_keys_everything_is_read_and_found(database_url: str) -> None:
    url, old, new = database_url, Fernet.generate_key(), Fernet.generate_key()
    store = Store(url, Seal([old]))
    store.commit(exchange())
    store.close()
    store = Store(url, Seal([new, old]))
    with store.reading() as session:
        assert session.dossier(full().number) == full()
        assert session.members(HALL) == (LI,)
        assert session.inbox(Filter((HALL,), Scope.HALL, search=NAME)).total == 1
        assert isinstance(session.gather(CHAT, CHAT.id), Committed)
    store.close()
