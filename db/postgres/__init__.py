"""PostgreSQL as the engine of a store, for any number of processes on any number of machines.

Each worker has everything in memory, as with the journal, and writes only while it has the turn.
PostgreSQL keeps the documents, decides the order and notifies the others. `session` speaks with it,
`waiters` wait for it, `turns` takes the turn, `pinging` shows meanwhile that the worker is alive,
`keeping` keeps the turn while nobody else is there, `flying` has the batches whose outcome isn't
known, `engine` is the tables in memory, `transaction` one use of them, `statements` the SQL,
`part_tables` that of open secret polls, `loading` reads everything, `migrating` makes the tables,
`store` is what the server opens. See docs/scaling.md.
"""

from db.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
