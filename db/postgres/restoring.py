"""Puts the documents of a backup in the place of what a database holds: `python -m
db.postgres.restoring URL FILE`. Without FILE it begins a new epoch in a database that `pg_restore`
has filled. No server may use the database.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from heapq import merge
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec

from db.carrying_over import carry_over
from db.journal.contents import is_there, salvage
from db.journal.documents import ByTable, Document
from db.journal.errors import Corrupt, JournalError, Locked, end_of
from db.journal.format import encode
from db.postgres import statements
from db.postgres.connecting import or_unavailable
from db.postgres.loading import Loaded, pages_of, read_all, table_of
from db.postgres.migrating import LOCK, migrate
from db.postgres.session import Command, Rows, Session
from db.postgres.statements import BEGIN, COMMIT, ROLLBACK, Final
from db.tables import LASTING, PARTS, PASSING, STORED
from db.upgrading import require_ours

META, META_ID, FIRST_EPOCH = "meta", 1, 1
SLICE, MANY = 2_000, 10_000
_INDEXES = (
    b"SELECT indexrelid::regclass, pg_get_indexdef(indexrelid) FROM pg_index"
    b" WHERE indrelid = $1::text::regclass AND NOT indisprimary"
)
LEAVE_SECONDS = 1.0
PATIENT = (
    Command(b"SET idle_in_transaction_session_timeout = 0"),
    Command(b"SET maintenance_work_mem = '256MB'"),
)
"""Nobody waits for the turn, and sorting a million documents takes longer than a worker may. The
memory is for the indexes of so many.
"""
LEAP = 1_000_000
"""How many ids are left out where nobody knows which ones were issued after a dump."""


def restore(url: str, source: Path, *, force: bool = False) -> int:
    """Replace what a database holds by a backup, and begin a new epoch; return its number.

    source: a backup, or a TinyDB store that no process has open
    force: take a backup that was edited or damaged

    Sequence numbers, epochs and ids continue after the highest that were ever issued.

    Raises `Corrupt` if `source` can't be read, `Mismatch` if no version up to this one wrote it,
    `Locked` if a worker uses the database, `Unavailable` if the database can't be used.
    """
    if not is_there(source):
        raise FileNotFoundError(f"{source} does not exist")
    contents, lost = salvage(source)
    if (contents.found.changed or lost) and not force:
        raise Corrupt(f"{source} was damaged or edited: add --force to take it as it is")
    batches = contents.batches
    states = contents.merge()
    tables = {name: dict(state.documents) for name, state in states.items()}
    require_ours(source, tables)
    next_ids = {name: state.next_id for name, state in states.items()}
    with _opened(url) as session:
        return _replace(session, Loaded(batches, next_ids, tables))


def begin_again(url: str) -> int:
    """Begin a new epoch in a database that was restored from a dump; return its number.

    As after `restore`, the next start ends secret polls that were open, and open pages notice. Ids
    go on far after those of the dump: one that was issued since then must not be issued again.

    Raises `Locked` if a worker uses the database, `Unavailable`, or `Corrupt` if it has no store.
    """
    with _alone(url) as session:
        found = read_all(session, (META,))
        if not found.tables[META]:
            raise Corrupt("the database has no store: restore the dump first")
        epoch = _epoch(found.tables) + 1
        meta = {**found.tables[META][META_ID], "epoch": epoch, "restored": True}
        next_ids = {name: next_id + LEAP for name, next_id in found.next_ids.items()}
        session.run([Command(b"TRUNCATE changes, %s" % ", ".join(PASSING).encode())])
        former = Final(found.tables[META][META_ID], meta, msgspec.Raw(encode(meta)))
        session.run(statements.write(META, {META_ID: former}, ()))
        head = statements.set_head(found.sequence + 1, encode(next_ids), epoch)
        session.run([head, COMMIT])
        return epoch


@contextmanager
def reading_alone(url: str) -> Iterator[Loaded]:
    """Yield what a database holds that no worker uses, and let none start meanwhile.

    Raises `Locked`, or `Unavailable`, also at the end if the session was lost meanwhile.
    """
    with _alone(url) as session:
        yield read_all(session, LASTING)
        session.run([ROLLBACK])


def read_rows(url: str) -> Iterator[tuple[str, int, bytes]]:
    """Yield the documents of a database that no worker uses, as they are
    stored: table, id and JSON, by table and id. Raises `Locked`, or `Unavailable`.
    """
    with _alone(url) as session:
        ((*parts,),) = session.run([statements.PARTS])
        for name in LASTING:
            tables = [name, *(each for each in map(_text, parts) if table_of(each) == name)]
            for key, document in merge(*(pages_of(session, each) for each in tables)):
                yield name, key, document


def _text(row: tuple[bytes | None, ...]) -> str:
    return (row[0] or b"").decode()


def fill(
    url: str,
    tables: ByTable,
    sequence: int,
    next_ids: Mapping[str, int],
    progress: Callable[[int], None],
) -> None:
    """Fill an empty database. Raises FileExistsError if it isn't, `Locked` or `Unavailable`."""
    with _alone(url) as session:
        _require_empty(session)
        for name, documents in tables.items():
            _write(session, name, documents, progress)
        meta = tables.get(META, {}).get(META_ID, {})
        epoch = int(meta.get("epoch", FIRST_EPOCH))
        session.run([statements.set_head(sequence, encode(dict(next_ids)), epoch), COMMIT])


def require_empty(url: str) -> None:
    """Raise FileExistsError if a database has a store, `Locked` or `Unavailable`."""
    with _alone(url) as session:
        _require_empty(session)


def _require_empty(session: Session) -> None:
    if any(read_all(session, LASTING).tables.values()):
        raise FileExistsError("the database has a store already: the target must be empty")


@contextmanager
def _alone(url: str) -> Iterator[Session]:
    """Yield a session with the turn, in a database that no worker uses."""
    with _opened(url) as session:
        _take_alone(session)
        yield session


@contextmanager
def _opened(url: str) -> Iterator[Session]:
    """Yield a session in a database that has its tables. Raises `Unavailable`."""
    with or_unavailable(), closing(Session(url, "rollcall copy")) as session:
        migrate(session)
        yield session


def _take_alone(session: Session) -> None:
    until = monotonic() + LEAVE_SECONDS
    session.run([*PATIENT, BEGIN, LOCK])
    while session.run([statements.ALONE]) != [[(b"t",)]]:
        if monotonic() >= until:  # PostgreSQL notices the end of a worker a moment later
            raise Locked("a worker uses the database: stop all of them first")
        time.sleep(0.05)


def _replace(session: Session, backup: Loaded) -> int:
    _take_alone(session)
    former = read_all(session, STORED)
    epoch = max(_epoch(former.tables), _epoch(backup.tables)) + 1
    tables = backup.tables
    meta = tables.setdefault(META, {})
    meta[META_ID] = {**meta.get(META_ID, {}), "epoch": epoch, "restored": True}
    for name, changed in carry_over(former.tables, tables).items():
        tables.setdefault(name, {}).update(changed)
    names = tables.keys() & set(STORED)
    next_ids = {
        name: max(
            former.next_ids.get(name, 1),
            backup.next_ids.get(name, 1),
            *(1 + max(each.get(name, {}), default=0) for each in (former.tables, tables)),
        )
        for name in STORED
    }
    session.run([statements.drop_part(each) for each in former.parts])
    session.run([Command(b"TRUNCATE changes, %s" % ", ".join(STORED).encode())])
    for name in names:
        _write(session, name, tables[name])
    seq = max(former.sequence, backup.sequence) + 1
    session.run([statements.set_head(seq, encode(next_ids), epoch), COMMIT])
    return epoch


def _write(
    session: Session,
    name: str,
    documents: Mapping[int, Document],
    progress: Callable[[int], None] = lambda _count: None,
) -> None:
    rule, parts = PARTS.get(name), dict[Any, dict[int, Document]]()
    for key, document in documents.items():
        parts.setdefault(rule(document) if rule else None, {})[key] = document
    for value, own in parts.items():
        table = name if value is None else f"{name}_{value}"
        if value is not None:
            session.run(statements.create_part(table, name))
        with _unindexed(session, table, len(own)):
            session.copy(table.encode(), _lines(own, progress))
        if value is not None:
            session.run(statements.copy_nothing_of(table))


@contextmanager
def _unindexed(session: Session, table: str, count: int) -> Iterator[None]:
    """Make a table's indexes after its rows, if there are many: that is several times as fast."""
    made: Rows = []
    if count >= MANY:
        (made,) = session.run([Command(_INDEXES, (table.encode(),))])
    session.run([Command(b"DROP INDEX %s" % (index or b"")) for index, _ in made])
    yield
    session.run([Command(definition or b"") for _, definition in made])


def _lines(documents: Mapping[int, Document], progress: Callable[[int], None]) -> Iterator[bytes]:
    keys = iter(sorted(documents))  # what comes in order is indexed sooner
    while some := list(islice(keys, SLICE)):
        yield b"".join(
            b"%d\t%s\n" % (key, encode(documents[key]).replace(b"\\", b"\\\\")) for key in some
        )
        progress(len(some))


def _epoch(tables: ByTable) -> int:
    return int(tables.get(META, {}).get(META_ID, {}).get("epoch", FIRST_EPOCH))


def main(arguments: Sequence[str] | None = None) -> int:
    """Restore a database; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m db.postgres.restoring", description=__doc__)
    parser.add_argument("url", help="postgresql://…")
    parser.add_argument("file", type=Path, nargs="?", help="a backup; none after pg_restore")
    parser.add_argument("--force", action="store_true", help="take one that was edited")
    options = parser.parse_args(arguments)
    try:
        if options.file is None:
            epoch = begin_again(options.url)
        else:
            epoch = restore(options.url, options.file, force=options.force)
    except (JournalError, OSError, ValueError) as error:
        code, says = end_of(error)
        sys.stderr.write(f"{says}\n")
        return code
    sys.stdout.write(f"Restored; epoch {epoch} begins.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
