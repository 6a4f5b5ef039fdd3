"""Journals that stay when a compaction has put the next one in their place, and what they tell.

A journal that is kept has a second name, with the number of the batch before its first and its
salt. It has no document of a filed table: those are in files of their own. Marks of the clock
between its transactions say what came before which time.
"""

import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from db.journal.documents import Document, Stored, as_document
from db.journal.errors import Corrupt, Unreachable
from db.journal.filed import FiledState
from db.journal.files import beside
from db.journal.format import FORMAT, Header, Journal, Transaction, read_journal
from db.journal.memory import States, TableState
from db.journal.part_list import TABLE

logger = logging.getLogger(__name__)

CLOCK, CLOCK_ID = "clock", 1
"""The table with the last mark of the clock: its row says `at`."""
MOST_KEPT = 16
"""So many are kept beside a store: nobody may take them away."""
KEPT = re.compile(r".+\.journal\.\d+-[0-9a-f]+")


def mark_at(now: datetime) -> Document:
    """Return the row of a mark."""
    return {"at": now.isoformat()}


def kept_path(path: Path, header: Header) -> Path:
    """Return under which name the journal of the store at `path` with this header is kept."""
    return beside(path, f".journal.{header.base}-{header.salt}")


def keep(path: Path, header: Header) -> None:
    """Give the journal of a store its second name; the caller fsyncs the folder. A disk that can't
    must not stop a compaction: that is logged.
    """
    kept, others = kept_path(path, header), find_kept(path)
    if kept not in others and len(others) >= MOST_KEPT:
        logger.warning("%d journals are kept already: the next is not", len(others))
        return
    try:
        with suppress(FileNotFoundError):
            os.unlink(kept)  # of before a crash: it has less
        os.link(beside(path, ".journal"), kept)
    except OSError as error:
        logger.warning("a journal is not kept: %s", error)


def find_kept(path: Path) -> list[Path]:
    """Return the journals that are kept beside the store at `path`."""
    found = path.parent.glob(f"{path.name}.journal.*")
    return sorted(each for each in found if KEPT.fullmatch(each.name))


def replay(
    states: States, sequence: int, journals: Iterable[Path], until: datetime
) -> tuple[int, datetime]:
    """Apply to the tables of a backup what came after its batch `sequence`, up to the last mark of
    the clock that is not after `until`. Return the last batch's number, and the mark's time.

    Raises `Unreachable` if the journals don't lead there.
    """
    if any(isinstance(each, FiledState) for each in states.values()):
        raise Unreachable("this store has documents in files of their own: use a backup of it")
    reached = _marked(rows_of(states, CLOCK).get(CLOCK_ID))
    if reached is not None and reached > until:
        raise Unreachable(
            f"the backup was taken after {in_words(reached)}, and so after {in_words(until)}: use "
            "one before"
        )
    last, waiting = sequence, list[Transaction]()
    for number, transaction in _transactions(journals, sequence):
        waiting.append(transaction)
        at = _marked((transaction.get(CLOCK) or {}).get(CLOCK_ID))
        if at is not None and at > until and reached is not None:
            return last, reached
        if at is not None and at <= until:
            for each in waiting:
                _apply(states, each)
            last, reached, waiting = number, at, []
    end = "there is none" if reached is None else f"they end at {in_words(reached)}"
    raise Unreachable(f"no journal leads from the backup to {in_words(until)}: {end}")


def in_words(moment: datetime) -> str:
    """Return a moment as people and `--until` read it, to the second before it."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _transactions(journals: Iterable[Path], after: int) -> Iterator[tuple[int, Transaction]]:
    """Yield the transactions of all batches above `after`, as far as no batch is missing."""
    for _, path in sorted((_base_of(each), each) for each in journals):
        journal = _read(path.read_bytes())
        if journal is None or journal.header.base > after or journal.header.format != FORMAT:
            continue
        for batch in journal.batches(after):
            after += 1
            yield from ((after, each) for each in batch)


def _base_of(path: Path) -> int:
    with path.open("rb") as file:
        journal = _read(file.readline())
    return 0 if journal is None else journal.header.base


def _read(data: bytes) -> Journal | None:
    try:
        return read_journal(data, salvage=True)
    except Corrupt:
        return None


def _apply(states: States, transaction: Transaction) -> None:
    for name, table in transaction.items():
        state = states.setdefault(name, TableState(name))
        if name != TABLE:
            state.replay(table)


def rows_of(states: States, name: str) -> Mapping[int, Document]:
    """Return the documents of a table that may not be there."""
    return states[name].documents if name in states else {}


def _marked(mark: Stored) -> datetime | None:
    """Return the time of a mark; None if there is none."""
    row = as_document(mark)
    return None if row is None else datetime.fromisoformat(row["at"])
