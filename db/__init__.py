"""The store: `entity_store` stores the core's types in an engine, with `entity_writes` and
`entity_reads`. There are two engines: TinyDB with a journal (`journal/`, which `tinydb_store`
opens) and PostgreSQL (`postgres/`).

`tables` and `rows` say how the core's types are stored. `poll_keys` stores the keys of polls in a
file of their own. `upgrading` adds what stores of earlier versions lack. `preparing` works out
large changes before their transaction. `sharing` does work once for all waiting callers. `backups`
and `archive` are what a folder of backups has; `drilling` proves one of them, and `carrying_over`
says what a restore takes over.
"""

from db.journal.errors import JournalError, OutcomeUnknown, StorageFull, Unavailable

__all__ = ["JournalError", "OutcomeUnknown", "StorageFull", "Unavailable"]
