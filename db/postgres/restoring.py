"""Puts the documents of a backup in the place of what a database holds."""

import time
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

from db.ended_sessions import Documents
from db.journal.contents import salvage
from db.journal.documents import Document
from db.journal.errors import Corrupt, Locked
from db.journal.format import encode
from db.postgres import statements
from db.postgres.loading import Loaded, read_all
from db.postgres.migrating import LOCK, migrate
from db.postgres.session import Command, Session
from db.postgres.statements import BEGIN, COMMIT, Final
from db.replaced_logs import carry_over
from db.tables import PARTS, UNIQUE

META, META_ID, FIRST_EPOCH = "meta", 1, 1
NAMES = (META, *UNIQUE)
SLICE = 2_000
LEAVE_SECONDS = 1.0


def restore(url: str, source: Path, *, force: bool = False) -> int:
    """Replace what a database holds by a backup, and begin a new epoch; return its number.

    source: a backup, or a TinyDB store that no process has open
    force: take a backup that was edited or damaged

    Sequence numbers, epochs and ids continue after the highest that were ever issued.

    Raises `Corrupt` if `source` can't be read, `Locked` if a worker uses the database.
    """
    contents, lost = salvage(source)
    if (contents.found.changed or lost) and not force:
        raise Corrupt(f"{source} was damaged or edited: add --force to take it as it is")
    batches = contents.batches
    states = contents.merge()
    tables = {name: dict(state.documents) for name, state in states.items()}
    next_ids = {name: state.next_id for name, state in states.items()}
    session = Session(url, "rollcall restore")
    try:
        migrate(session)
        return _replace(session, Loaded(batches, next_ids, tables))
    finally:
        session.close()


def _replace(session: Session, backup: Loaded) -> int:
    until = monotonic() + LEAVE_SECONDS
    session.run([BEGIN, LOCK])
    while session.run([statements.ALONE]) != [[(b"t",)]]:
        if monotonic() < until:  # PostgreSQL notices the end of a worker a moment later
            time.sleep(0.05)
            continue
        raise Locked("a worker uses the database: stop all of them first")
    former = read_all(session, NAMES)
    epoch = max(_epoch(former.tables), _epoch(backup.tables)) + 1
    tables = backup.tables
    meta = tables.setdefault(META, {})
    meta[META_ID] = {**meta.get(META_ID, {}), "epoch": epoch, "restored": True}
    for name, changed in carry_over(former.tables, tables).items():
        _take_over(tables.setdefault(name, {}), changed or {})
    names = tables.keys() & set(NAMES)
    next_ids = {
        name: max(
            former.next_ids.get(name, 1),
            backup.next_ids.get(name, 1),
            *(1 + max(each.get(name, {}), default=0) for each in (former.tables, tables)),
        )
        for name in NAMES
    }
    session.run([statements.drop_part(each) for each in former.parts])
    session.run([Command(b"TRUNCATE changes, %s" % ", ".join(NAMES).encode())])
    for name in names:
        _write(session, name, tables[name])
    seq = max(former.sequence, backup.sequence) + 1
    session.run([statements.set_head(seq, encode(next_ids), epoch), COMMIT])
    return epoch


def _take_over(table: dict[int, Document], changed: Mapping[str, Any]) -> None:
    for key, document in changed.items():
        if document is None:
            table.pop(int(key), None)
        else:
            table[int(key)] = document


def _write(session: Session, name: str, documents: Mapping[int, Document]) -> None:
    rule, parts = PARTS.get(name), dict[Any, dict[int, Document]]()
    for key, document in documents.items():
        parts.setdefault(rule(document) if rule else None, {})[key] = document
    for value, own in parts.items():
        table = name if value is None else f"{name}_{value}"
        if value is not None:
            session.run(statements.create_part(table, name))
        rows: Iterable[tuple[int, Document]] = iter(own.items())
        while some := list(islice(rows, SLICE)):
            finals = {key: Final(None, doc, msgspec.Raw(encode(doc))) for key, doc in some}
            session.run(statements.write(table, finals, ()))


def _epoch(tables: Documents) -> int:
    return int(tables.get(META, {}).get(META_ID, {}).get("epoch", FIRST_EPOCH))
