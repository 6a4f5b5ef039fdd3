"""The store: `tinydb_store` stores everything in TinyDB's tables, over a journal (`journal/`).

`poll_keys` stores the keys of polls in a file of their own. `upgrading` adds what stores of earlier
versions lack. `sharing` runs a piece of work once for
everybody who waits for it.
"""

from db.journal.errors import JournalError, OutcomeUnknown, StorageFull, Unavailable

__all__ = ["JournalError", "OutcomeUnknown", "StorageFull", "Unavailable"]
