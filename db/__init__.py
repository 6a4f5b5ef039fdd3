"""What is kept: `tinydb_store` keeps it in TinyDB with a journal (`journal/`).

`poll_keys` holds the keys of polls; `sharing` lets those who wait for the same work share it.
"""

from db.journal.errors import JournalError, OutcomeUnknown, StorageFull, Unavailable

__all__ = ["JournalError", "OutcomeUnknown", "StorageFull", "Unavailable"]
