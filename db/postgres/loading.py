"""Reads everything that the database holds, at one moment."""

import re
from dataclasses import dataclass, field

import msgspec

from db.journal.documents import Document, settle
from db.postgres import statements
from db.postgres.session import Session, StatementFailed

ATTEMPTS = 5
UNDEFINED_TABLE = "42P01"


@dataclass
class Loaded:
    """The documents of each table, with those of its parts, and the next ids, as of a batch.

    parts: the tables of parts
    """

    sequence: int
    next_ids: dict[str, int]
    tables: dict[str, dict[int, Document]] = field(default_factory=dict)
    parts: list[str] = field(default_factory=list)


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
            session.run([statements.ROLLBACK])
    raise AssertionError("unreachable")


def read_all(session: Session, names: tuple[str, ...]) -> Loaded:
    """Read everything in the transaction that is under way."""
    head, next_ids, parts = session.run([statements.HEAD, statements.NEXT_IDS, statements.PARTS])
    found = Loaded(int(head[0][0] or 0), msgspec.json.decode(next_ids[0][0] or b"{}"))
    for name in names:
        found.tables[name] = {}
        _read(session, name, found.tables[name])
    for (part,) in parts:
        name = (part or b"").decode()
        table = re.sub("_[0-9]+$", "", name)
        if table in found.tables:
            found.parts.append(name)
            _read(session, name, found.tables[table])
    return found


def _read(session: Session, table: str, into: dict[int, Document]) -> None:
    after = -1
    while True:
        (rows,) = session.run([statements.page_of(table, after)])
        for key, document in rows:
            after = int(key or 0)
            into[after] = settle(msgspec.json.decode(document or b"{}"))
        if len(rows) < statements.PAGE:
            return
