"""What must outlast the process, in one database by one URL (SQLite or PostgreSQL).

SQLAlchemy Core; one set of statements for both. `store.py` reads and commits, `schema.py` names the tables,
`migrations/` is how they came to be.
"""

from bot.store.store import Committed, Conflict, Store

__all__ = ["Committed", "Conflict", "Store"]
