"""How long a proof takes: the first of a poll, which sorts its ballots, and each after it.

    python -m bench.proofs [--ballots 1000000]

Ends with 1 where a proof takes longer than the target.
"""

import argparse
import secrets
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from api.records import Records
from db.tinydb_store import TinyDBStore
from voting.ending import close_poll
from voting.log import CLOCK
from voting.merkle import hash_leaf, root_by_path
from voting.model.ballots import Ballot
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Room

TARGET_SECONDS = 0.05
PROOFS = 200
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)


def close_with(store: TinyDBStore, count: int) -> Poll:
    """Return a secret poll that was closed with so many ballots."""
    candidates = tuple(Candidate(0, name) for name in "ABC")
    with store.transaction():
        store.add(Room(0, "lobby", "Room", "public"))
        draft = store.add(Poll(0, "lobby", "?", candidates, state="open"))
        poll = store.make_poll_key(draft)
        for number in range(count):
            choice = poll.candidates[number % 3].id
            ids = secrets.randbits(53), poll.id, f"{number:064x}", secrets.token_hex(16)
            store.add(Ballot(*ids, (choice,)))
    return close_poll(store, poll.id, NOW, CLOCK)


def main() -> int:
    parser = argparse.ArgumentParser("python -m bench.proofs", description=__doc__)
    parser.add_argument("--ballots", type=int, default=1_000_000)
    count = parser.parse_args().ballots
    with tempfile.TemporaryDirectory() as folder:
        store = TinyDBStore(Path(folder) / "rollcall.json", NOW)
        began = time.perf_counter()
        poll = close_with(store, count)
        print(f"{count:,} ballots: cast and closed in {time.perf_counter() - began:.1f} s")
        ballots = store.ballots(poll.id)
        receipts = [secrets.choice(ballots).receipt for _ in range(PROOFS)]
        records, taken = Records(store), []
        for receipt in receipts:
            began = time.perf_counter()
            proof = records.prove(poll, receipt, "u1")
            taken.append(time.perf_counter() - began)
            path = [bytes.fromhex(node) for node in proof["path"]]
            leaf = hash_leaf(proof["leaf"].encode())
            assert root_by_path(leaf, proof["index"], proof["size"], path).hex() == proof["root"]
        store.close()
    later = sorted(taken[1:])
    median, slowest = statistics.median(later), later[int(len(later) * 0.99)]
    print(f"the first proof: {taken[0]:.2f} s, while others are served")
    print(f"each after it: median {median * 1000:.1f} ms, 99 % within {slowest * 1000:.1f} ms")
    return 0 if median <= TARGET_SECONDS else 1


if __name__ == "__main__":
    sys.exit(main())
