"""What a close costs by the size of the store, of a secret poll and of a named one with one ballot.

    python -m bench.closing [--rounds N]

An empty store, one of 14 MiB and one of 40 MiB take turns, in one process, without a server.
"""

import argparse
import secrets
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, get_args

from rich.console import Console

from bench.report import Row, describe_machine, save, show
from bench.subjects import HERE
from bench.votes import ratio_row
from db.tinydb_store import TinyDBStore
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.ballots import Ballot
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Room

Secrecy = Literal["secret", "named"]

SIZES = (0, 14, 40)
"""In MiB."""
CHUNK = 5_000
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def make_poll(store: TinyDBStore, secrecy: Secrecy) -> Poll:
    """Make an open poll in the lobby."""
    candidates = tuple(Candidate(0, name) for name in "ABC")
    with store.transaction():
        if store.find(Room, "code", "lobby") is None:
            store.add(Room(0, "lobby", "Room", "public"))
        draft = Poll(0, "lobby", "?", candidates, state="open", secrecy=secrecy)
        return store.make_poll_key(store.add(draft))


def add_ballots(store: TinyDBStore, poll: Poll, count: int) -> None:
    """Store ballots of voters that are not kept."""
    person = None if poll.secrecy == "secret" else "u1"
    marks = (poll.candidates[0].id,)
    with store.transaction():
        for _ in range(count):
            voter = store.pseudonym(poll.id, secrets.token_hex(8))
            ids = secrets.randbits(53), poll.id, voter, secrets.token_hex(16)
            store.add(Ballot(*ids, marks, person))


def make_store(path: Path, mebibytes: int) -> TinyDBStore:
    """Make a store of a size, of a named poll's ballots, and open it."""
    store = TinyDBStore(path, NOW)
    poll = make_poll(store, "named")
    journal = path.with_name(path.name + ".journal")
    while journal.stat().st_size < mebibytes << 20:
        add_ballots(store, poll, CHUNK)
    store.close()
    return TinyDBStore(path, NOW)


def clock_close(
    store: TinyDBStore,
    secrecy: Secrecy,
    ballots: int = 1,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Return how many milliseconds of a clock it takes to close a poll of so many ballots."""
    poll = make_poll(store, secrecy)
    for start in range(0, ballots, CHUNK):
        add_ballots(store, poll, min(CHUNK, ballots - start))
    began = clock()
    close_poll(store, poll.id, NOW, CLOCK)
    return (clock() - began) * 1e3


def measure(rounds: int) -> Iterator[Row]:
    """Cost of a close by the size of the store."""
    found: dict[tuple[Secrecy, int], list[float]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=HERE / "out")))
        stores = {size: make_store(folder / f"{size}" / "rollcall.json", size) for size in SIZES}
        for store in stores.values():
            stack.enter_context(closing(store))
        for _ in range(rounds):
            for secrecy in get_args(Secrecy):
                for size, store in stores.items():
                    found.setdefault((secrecy, size), []).append(clock_close(store, secrecy))
    for (secrecy, size), taken in found.items():
        yield Row("closing", f"a close of a {secrecy} poll, a store of {size} MiB", "ms", taken)
    for size in SIZES[1:]:
        pairs = zip(found["secret", size], found["secret", 0], strict=True)
        ratios = [full / empty for full, empty in pairs]
        what = f"a close of a secret poll at {size} MiB against an empty store"
        yield ratio_row("closing", what, ratios, "≤ 1.3")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.closing", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    options = parser.parse_args()
    (HERE / "out").mkdir(exist_ok=True)
    machine = describe_machine()
    rows = list(measure(options.rounds))
    show(rows, Console())
    save("closing", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
