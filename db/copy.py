"""Copies a store from TinyDB to PostgreSQL or back: `python -m db.copy SOURCE TARGET`.

No server may use either: the source can't be started until the copy is complete. The target must
be empty. Open polls go on: their keys are copied, too. What was written is read again, and compared
with the source.
"""

import argparse
import hashlib
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec

from db.configured import DATABASES, KEYS, LACKING, TINYDB, configured_instance
from db.journal import JournalError, files
from db.journal.contents import is_there, read
from db.journal.documents import ByTable
from db.journal.errors import Corrupt, Mismatch, Unavailable, end_of
from db.journal.format import encode
from db.journal.snapshot import Position, Writer
from db.poll_keys import PollKeys, check_keys
from db.tables import LASTING, POLLS
from db.upgrading import FORMAT, format_of, require_ours

Progress = Callable[[int], None]
"""Called with how many more documents were written."""


@dataclass(frozen=True)
class Copied:
    """What a copy has: the documents by table, the SHA-256 over them, and the heads of the rooms'
    logs: by room, how many entries and the hash of the last.
    """

    documents: dict[str, int]
    digest: str
    logs: dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Contents:
    """The documents of a store, without what belongs to running processes."""

    tables: ByTable
    sequence: int
    next_ids: Mapping[str, int]


class TinyDBPlace:
    """A TinyDB file; `keys` is the file of its polls' keys."""

    def __init__(self, path: Path) -> None:
        self.path, self.keys = path, files.beside(path, ".keys")

    @contextmanager
    def reading(self) -> Iterator[Contents]:
        """Yield what the files have, and let no server start meanwhile. Raises `JournalError`."""
        if not self.path.exists():
            raise FileNotFoundError(f"{self.path} does not exist")
        with files.locked(self.path):
            contents = read(self.path)
            if contents.found.changed:
                raise Corrupt(f"{self.path} was edited: look at it with `rollcall check` first")
            sequence, states = contents.batches, contents.merge()
            require_ours(self.path, {name: state.documents for name, state in states.items()})
            kept = {name: states[name] for name in LASTING if name in states}
            tables = {name: state.documents for name, state in kept.items()}
            yield Contents(tables, sequence, {name: each.next_id for name, each in kept.items()})

    def require_empty(self) -> None:
        """Raise FileExistsError if there is a store."""
        if is_there(self.path):
            raise FileExistsError(f"{self.path} exists: the target must be empty")

    def write(self, contents: Contents, progress: Progress) -> None:
        """Make the file. Raises FileExistsError."""
        self.require_empty()
        files.make_folder(self.path.parent)
        tables = {name: dict(documents) for name, documents in contents.tables.items()}
        ids = dict(contents.next_ids)
        position = Position(contents.sequence, secrets.token_hex(8), next_ids=ids)
        with files.locked(self.path):
            files.replace(self.path, Writer(tables, position, lambda: progress(250)))

    def describe(self) -> Copied:
        """Return what the files have, read again."""
        with self.reading() as contents:
            return describe(contents.tables)


class PostgresPlace:
    """A PostgreSQL database, with the keys in the folder of this machine's own files."""

    def __init__(self, url: str, folder: Path) -> None:
        from db.postgres import restoring  # noqa: PLC0415 (psycopg is optional)

        self._restoring = restoring
        self.url, self.keys = url, folder / KEYS

    @contextmanager
    def reading(self) -> Iterator[Contents]:
        """Yield what the database has, and let no worker start meanwhile. Raises `Locked` if one
        uses it.
        """
        with self._restoring.reading_alone(self.url) as found:
            yield Contents(found.tables, found.sequence, found.next_ids)

    def require_empty(self) -> None:
        """Raise FileExistsError if the database has a store, or `Locked`."""
        self._restoring.require_empty(self.url)

    def write(self, contents: Contents, progress: Progress) -> None:
        """Fill the database. Raises FileExistsError if it has anything, or `Locked`."""
        files.make_folder(self.keys.parent)
        sequence, next_ids = contents.sequence, contents.next_ids
        self._restoring.fill(self.url, contents.tables, sequence, next_ids, progress)

    def describe(self) -> Copied:
        """Return what the database has, read again."""
        return _describe(self._restoring.read_rows(self.url))


Place = TinyDBPlace | PostgresPlace


def place_at(url: str, folder: Path) -> Place:
    """Return the place of a store by its URL; folder: where the keys are, with PostgreSQL.

    Raises ValueError, or `Unavailable` without psycopg.
    """
    if url.startswith(DATABASES):
        if find_spec("psycopg") is None:
            raise Unavailable(LACKING)
        return PostgresPlace(url, folder)
    if not url.startswith(TINYDB):
        raise ValueError(
            f"{url!r} is no address of a store: tinydb:///path/to/file.json and "
            "postgresql://host/name are"
        )
    return TinyDBPlace(Path(url.removeprefix(TINYDB)).resolve())


def copy(source: Place, target: Place, begin: Callable[[int], Progress]) -> Copied:
    """Copy a store, read it again, and return what it has. The source can't be used meanwhile.

    begin: called with how many documents there are; returns what is told of the progress

    Raises `JournalError`, OSError, or `Mismatch` if the copy isn't what the source is.
    """
    if target.keys.exists():
        raise FileExistsError(
            f"{target.keys} exists: the target must be empty. It may have the keys of another "
            "store's polls: move it away, or choose another file, or folder (--instance)"
        )
    target.require_empty()  # also the source itself is refused by that
    with source.reading() as contents:
        if format_of(contents.tables.get("meta", {})) != FORMAT:
            raise Mismatch("an earlier version wrote the source: start this version with it once")
        check_keys(PollKeys(source.keys), contents.tables.get(POLLS, {}))
        target.write(contents, begin(sum(map(len, contents.tables.values()))))
        if source.keys.exists():
            files.replace(target.keys, [source.keys.read_bytes()])
        wanted, found = describe(contents.tables), target.describe()
        if wanted != found:
            raise Mismatch("the copy is not what the source is: remove it")
    return found


def describe(tables: ByTable) -> Copied:
    """Return what a store has."""
    return _describe(
        (name, key, encode(tables[name][key]))
        for name in LASTING
        for key in sorted(tables.get(name, ()))
    )


def _describe(rows: Iterable[tuple[str, int, bytes]]) -> Copied:
    """Return what documents there are: table, id and JSON of each, by table and id."""
    digest, counts = hashlib.sha256(), dict.fromkeys(LASTING, 0)
    logs: dict[str, tuple[int, str]] = {}
    for name, key, document in rows:
        counts[name] += 1
        digest.update(b'["%s",%d,%s]' % (name.encode(), key, document))
        if name == "log":
            entry = msgspec.json.decode(document)
            if entry["n"] > logs.get(entry["room"], (0, ""))[0]:
                logs[entry["room"]] = entry["n"], entry["hash"]
    return Copied(counts, digest.hexdigest(), logs)


def lines_of(copied: Copied, target: str) -> list[str]:
    """Return what is printed of a copy."""
    parts = [f"{count} {name}" for name, count in copied.documents.items() if count]
    return [
        f"The copy is {target}: {', '.join(parts) or 'nothing'}.",
        f"It was read again: the same documents (SHA-256 {copied.digest[:16]}…), the same heads "
        f"of {len(copied.logs)} rooms' logs.",
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return the exit code."""
    from rich.progress import Progress as Bar  # noqa: PLC0415 (only here)

    parser = argparse.ArgumentParser(prog="python -m db.copy", description=__doc__)
    for name in ("source", "target"):
        parser.add_argument(name, help="tinydb:///file.json or postgresql://host/name")
    parser.add_argument(
        "--instance",
        type=Path,
        default=configured_instance(),
        help="the folder of polls.keys, with PostgreSQL (default: ROLLCALL_INSTANCE)",
    )
    given = parser.parse_args(arguments)
    try:
        with Bar(transient=True, disable=not sys.stderr.isatty()) as bar:
            copied = copy_with(bar, given.source, given.target, given.instance)
    except (JournalError, OSError, ValueError) as error:
        code, says = end_of(error)
        sys.stderr.write(f"{says}\n")
        return code
    sys.stdout.write("\n".join([*lines_of(copied, given.target), ""]))
    return 0


def copy_with(bar: Any, source: str, target: str, folder: Path) -> Copied:
    """Copy the store at a URL to another, and show that on a `rich.progress.Progress`."""

    def begin(total: int) -> Progress:
        task = bar.add_task("Copying", total=total)
        return lambda count: bar.update(task, advance=count)

    return copy(place_at(source, folder), place_at(target, folder), begin)


if __name__ == "__main__":
    sys.exit(main())
