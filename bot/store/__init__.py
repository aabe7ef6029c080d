"""What must outlast the process, in one database by one URL (SQLite or PostgreSQL).

SQLAlchemy Core; one set of statements for both. `store.py` has the transactions, `session.py` reads in one,
`writing.py` writes in one, `letters.py` is the
outbox, `seal.py` encrypts; `schema.py` and `desk_schema.py` name the tables, `migrations/` is how
they came to be.
"""

from bot.store.conversation import Committed, Exchange, Kept
from bot.store.letters import Claim
from bot.store.race import Conflict
from bot.store.seal import BadKey, Seal, WrongKey, read_key
from bot.store.session import Session
from bot.store.store import Alone, Store

__all__ = [
    "Alone",
    "BadKey",
    "Claim",
    "Committed",
    "Conflict",
    "Exchange",
    "Kept",
    "Seal",
    "Session",
    "Store",
    "WrongKey",
    "read_key",
]
