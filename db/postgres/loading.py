"""Reads everything that the database holds, at one moment, or again and up to the present."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import msgspec

from db.journal.documents import Document, settle
from db.postgres import statements
from db.postgres.session import Rows, Session, StatementFailed
from db.postgres.statements import BEGIN, HEAD, ROLLBACK, TURN

ATTEMPTS = 5
UNDEFINED_TABLE = "42P01"


@dataclass
class Loaded:
    """The documents of each table, with those of its parts, and the next ids, as of a batch.

    parts: the tables of parts
    epoch: the database's
    """

    sequence: int
    next_ids: dict[str, int]
    tables: dict[str, dict[int, Document]] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)
    epoch: bytes | None = None

    def go_on(self, head: Rows, rows: Rows) -> bool:
        """Take in lines of the log; return whether they reach from the batch to the head."""
        ((seq, self.epoch, _),) = head
        for number, body in rows:
            if int(number or 0) != self.sequence + 1:
                return False
            tables, next_ids = statements.read_line(body)
            for name, states in tables.items():
                documents = self.tables.setdefault(name, {})
                for key, document in states.items():
                    if document is None:
                        documents.pop(key, None)
                    else:
                        documents[key] = document
            self.next_ids.update(next_ids)
            self.sequence += 1
        return self.sequence == int(seq or 0)


def load(session: Session, names: tuple[str, ...]) -> Loaded:
    """Return what the database holds. Raises `SessionLost`, or `StatementFailed`."""
    for attempt in range(ATTEMPTS):
        session.run([statements.SNAPSHOT])
        try:
            return read_all(session, names)
        except StatementFailed as error:  # a part was dropped since the snapshot was taken
            if error.state != UNDEFINED_TABLE or attempt == ATTEMPTS - 1:
                raise
        finally:
            session.run([ROLLBACK])
    raise AssertionError("unreachable")


def load_with_turn(session: Session, names: tuple[str, ...]) -> Loaded:
    """Take the turn, and return what the database holds then. Most is read before, while others may
    write. Raises `SessionLost`, or `StatementFailed`.
    """
    for _ in range(ATTEMPTS):
        found = load(session, names)
        after = statements.changes_after(found.sequence)
        _, _, head, rows = session.run([BEGIN, TURN, HEAD, after])
        if found.go_on(head, rows):
            return found
        session.run([ROLLBACK])  # the log was emptied meanwhile
    session.run([BEGIN, TURN])
    return read_all(session, names)


def read_all(session: Session, names: tuple[str, ...]) -> Loaded:
    """Read everything in the transaction that is under way."""
    head, next_ids, parts = session.run([HEAD, statements.NEXT_IDS, statements.PARTS])
    ((seq, epoch, _),) = head
    found = Loaded(int(seq or 0), msgspec.json.decode(next_ids[0][0] or b"{}"), epoch=epoch)
    for name in names:
        found.tables[name] = {}
        _read(session, name, found.tables[name])
    for (part,) in parts:
        name = (part or b"").decode()
        table = table_of(name)
        if table in found.tables:
            found.parts.append(name)
            _read(session, name, found.tables[table])
    return found


def table_of(part: str) -> str:
    """Return the table whose part a table is."""
    return re.sub("_[0-9]+$", "", part)


def pages_of(session: Session, table: str) -> Iterator[tuple[int, bytes]]:
    """Yield the ids and documents of a table, by id, in the transaction that is under way."""
    after = -1
    while True:
        (rows,) = session.run([statements.page_of(table, after)])
        for key, document in rows:
            after = int(key or 0)
            yield after, document or b"{}"
        if len(rows) < statements.PAGE:
            return


def _read(session: Session, table: str, into: dict[int, Document]) -> None:
    for key, document in pages_of(session, table):
        into[key] = settle(msgspec.json.decode(document))
