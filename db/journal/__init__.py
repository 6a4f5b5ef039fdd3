"""TinyDB with a journal: TinyDB's tables, queries and JSON file, durable and O(1).

Nothing here knows what a vote is; it stands alone as a TinyDB extension:

    db = JournaledTinyDB("data.json", unique={"users": ("email",)})
    with db.transaction():
        db.table("users").insert({"email": "a@example.org"})
        db.table("log").insert({"event": "signup"})
    db.close()

A write returns once it is on disk. `format` is the journal's lines, `files` the
system calls, `committer` the group commit, `runner` where it waits for the disk,
`memory` and `tables` the tables in memory, `parts` what is stored in files of its
own, `recovery` what opening finds, `storage` the engine over them, `database` the
TinyDB classes.
"""

from db.journal.database import JournaledTable, JournaledTinyDB
from db.journal.documents import Change, share_list
from db.journal.errors import (
    Corrupt,
    Duplicate,
    JournalError,
    Locked,
    Mismatch,
    OutcomeUnknown,
    StorageFull,
    Unavailable,
)
from db.journal.memory import Prepared
from db.journal.storage import JournaledStorage

__all__ = [
    "Change",
    "Corrupt",
    "Duplicate",
    "JournalError",
    "JournaledStorage",
    "JournaledTable",
    "JournaledTinyDB",
    "Locked",
    "Mismatch",
    "OutcomeUnknown",
    "Prepared",
    "StorageFull",
    "Unavailable",
    "share_list",
]
