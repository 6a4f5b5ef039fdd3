"""One subject of the store's benchmark, alone in its process: so that no subject pays for
another's heap, and rounds can be interleaved.

    python -m bench.store_worker SUBJECT FOLDER

It answers each line of its input, a JSON object `{"do": NAME, …}`, with a line of JSON.
Subjects ending in `-gevent` run under gevent's patches, with greenlets for threads.
"""

import sys

if __name__ == "__main__" and sys.argv[1].endswith("-gevent"):
    from gevent import monkey

    monkey.patch_all()

import gc
import json
import sqlite3
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from tinydb import TinyDB, where

from db.journal import JournaledTinyDB
from db.journal.format import Header, batch_payload, encode, seal
from db.journal.snapshot import Position, Writer

UNIQUE = {"ballots": ("voter",)}


def make_ballot(number: int) -> dict[str, Any]:
    """Return a ballot as the server keeps it, another for each number."""
    voter = sha256(b"%d" % number).hexdigest()
    return {
        "poll": 1,
        "voter": voter,
        "receipt": voter[:32],
        "choices": [number % 5],
        "person": None,
        "key": None,
        "superseded": [],
    }


def write_snapshot(path: Path, documents: int) -> None:
    """Make a store that was closed cleanly, of so many ballots."""
    tables = {"ballots": {number: make_ballot(number) for number in range(1, documents + 1)}}
    path.write_bytes(b"".join(Writer(tables, Position(sequence=1, folds="bench"))))


def write_journal(path: Path, documents: int) -> None:
    """Make a store that crashed before it ever compacted: a batch a ballot."""
    writer = Writer({}, Position())
    path.write_bytes(b"".join(writer))
    header = Header(0, "bench", writer.size, writer.crc)
    with path.with_name(path.name + ".journal").open("wb") as file:
        file.write(header.line())
        for number in range(1, documents + 1):
            transaction = encode({"ballots": {str(number): make_ballot(number)}})
            file.write(seal(batch_payload(number, [transaction]), header.seed))


class Subject(ABC):
    """A store that keeps ballots, one durable step a vote."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._next = 10_000_000

    @abstractmethod
    def vote(self, ballot: dict[str, Any]) -> None:
        """Keep a ballot, unless its voter has one; return once it is on disk."""

    def fill(self, documents: int) -> dict[str, Any]:
        """Have so many ballots."""
        for number in range(documents):
            self.vote(make_ballot(number))
        return {}

    def run(self, votes: int, writers: int = 1, pause: float = 0.0) -> dict[str, Any]:
        """Cast `votes` ballots from each of `writers` at once; return how long each took."""
        crowd = [[make_ballot(self._number()) for _ in range(votes)] for _ in range(writers)]
        took: list[float] = []
        start = threading.Barrier(writers + 1) if writers > 1 else None

        def write(ballots: list[dict[str, Any]]) -> None:
            with self.connected() as vote:
                if start is not None:
                    start.wait()
                for ballot in ballots:
                    if pause:
                        time.sleep(pause)
                    began = time.perf_counter()
                    vote(ballot)
                    took.append(time.perf_counter() - began)

        if start is None:
            began = time.perf_counter()
            write(crowd[0])
        else:
            threads = [threading.Thread(target=write, args=(ballots,)) for ballots in crowd]
            for thread in threads:
                thread.start()
            start.wait()
            began = time.perf_counter()
            for thread in threads:
                thread.join()
        return {"seconds": time.perf_counter() - began, "took": took}

    @contextmanager
    def connected(self) -> Iterator[Callable[[dict[str, Any]], None]]:
        """Give what one writer votes by."""
        yield self.vote

    def _number(self) -> int:
        self._next += 1
        return self._next


class Journaled(Subject):
    """The store of `db/journal`."""

    def open(self) -> dict[str, Any]:
        began, busy = time.perf_counter(), time.process_time()
        self.db = JournaledTinyDB(self.path, unique=UNIQUE)
        self.ballots = self.db.table("ballots")
        seconds, cpu = time.perf_counter() - began, time.process_time() - busy
        memory = {"rss_mb": _memory_mb("VmRSS"), "peak_mb": _memory_mb("VmHWM")}
        return {"seconds": seconds, "cpu_seconds": cpu, **memory, "n": len(self.ballots)}

    def fill(self, documents: int) -> dict[str, Any]:
        if not self.path.exists():
            write_snapshot(self.path, documents)
        return self.open()

    def vote(self, ballot: dict[str, Any]) -> None:
        with self.db.transaction():
            if self.ballots.get(where("voter") == ballot["voter"]) is None:
                self.ballots.insert(ballot)

    def _write(self, done: threading.Event, pause: float, took: list[float]) -> None:
        """Vote again and again, and note how long each took, until it is done."""
        while not done.is_set():
            ballot = make_ballot(self._number())
            began = time.perf_counter()
            self.vote(ballot)
            took.append(time.perf_counter() - began)
            time.sleep(pause)

    def compact_beside(self, writers: int, pause: float) -> dict[str, Any]:
        """Compact while `writers` vote, each `pause` seconds after its last vote."""
        took: list[float] = []
        gaps: list[float] = []
        done = threading.Event()
        threads = [
            *(
                threading.Thread(target=self._write, args=(done, pause, took))
                for _ in range(writers)
            ),
            threading.Thread(target=watch_stalls, args=(done, gaps)),
        ]
        for thread in threads:
            thread.start()
        time.sleep(2)
        before, stalls_before = took[:], gaps[:]
        took.clear()
        gaps.clear()
        began = time.perf_counter()
        self.db.compact()
        seconds = time.perf_counter() - began
        during, stalls = took[:], gaps[:]
        done.set()
        for thread in threads:
            thread.join()
        return {
            "seconds": seconds,
            "before": before,
            "during": during,
            "stall_before": max(stalls_before),
            "stall": max(stalls),
        }


def watch_stalls(done: threading.Event, gaps: list[float]) -> None:
    """Note by how much each sleep of a millisecond is longer, until it is done."""
    while not done.is_set():
        began = time.perf_counter()
        time.sleep(0.001)
        gaps.append(time.perf_counter() - began - 0.001)


class Stock(Subject):
    """TinyDB as it comes."""

    def fill(self, documents: int) -> dict[str, Any]:
        rows = {str(number): make_ballot(number) for number in range(1, documents + 1)}
        self.path.write_text(json.dumps({"ballots": rows}))
        self.db = TinyDB(self.path)
        self.ballots = self.db.table("ballots", cache_size=0)
        return {}

    def vote(self, ballot: dict[str, Any]) -> None:
        if not self.ballots.contains(where("voter") == ballot["voter"]):
            self.ballots.insert(ballot)


class Sqlite(Subject):
    """SQLite in WAL mode, synchronous=FULL, a commit a vote; a connection a writer."""

    SCHEMA = """
        CREATE TABLE IF NOT EXISTS ballots (
            id INTEGER PRIMARY KEY, poll INTEGER NOT NULL, voter TEXT NOT NULL UNIQUE,
            receipt TEXT NOT NULL, choices TEXT NOT NULL, person TEXT, key TEXT, superseded TEXT
        )
    """
    INSERT = (
        "INSERT INTO ballots (poll, voter, receipt, choices, person, key, superseded)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)"
    )

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.own = self._connect()
        self.own.execute(self.SCHEMA)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=60, isolation_level=None, check_same_thread=False
        )
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _insert(self, connection: sqlite3.Connection, ballot: dict[str, Any]) -> None:
        connection.execute("BEGIN IMMEDIATE")
        values = [
            json.dumps(value) if isinstance(value, list) else value for value in ballot.values()
        ]
        connection.execute(self.INSERT, values)
        connection.execute("COMMIT")

    def vote(self, ballot: dict[str, Any]) -> None:
        self._insert(self.own, ballot)

    @contextmanager
    def connected(self) -> Iterator[Callable[[dict[str, Any]], None]]:
        connection = self._connect()
        try:
            yield lambda ballot: self._insert(connection, ballot)
        finally:
            connection.close()


class SqliteOneWriter(Sqlite):
    """The same through one connection, guarded by a lock: nobody waits in SQLite's own back-off."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._lock = threading.Lock()

    @contextmanager
    def connected(self) -> Iterator[Callable[[dict[str, Any]], None]]:
        yield self.vote

    def vote(self, ballot: dict[str, Any]) -> None:
        with self._lock:
            super().vote(ballot)


SUBJECTS: dict[str, type[Subject]] = {
    "journaled": Journaled,
    "journaled-gevent": Journaled,
    "stock": Stock,
    "sqlite": Sqlite,
    "sqlite-one": SqliteOneWriter,
}


def _memory_mb(field: str) -> float:
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{field}:")[1].split()[0]) / 1024


def main() -> None:
    subject = SUBJECTS[sys.argv[1]](Path(sys.argv[2]))
    for line in sys.stdin:
        order = json.loads(line)
        result = getattr(subject, order.pop("do"))(**order)
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()
        gc.collect(0)


if __name__ == "__main__":
    main()
