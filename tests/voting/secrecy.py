"""Secret polls whose every secret is known, and a look into every file for one of them."""

import json
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from db import tinydb_store
from db.journal.part_files import part_path, run_path
from db.tinydb_store import TinyDBStore
from tests.keys import read_keys
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot
from voting.casting import NewBallot, Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.accounts import Account
from voting.model.ballots import Ballot

VOTERS = 6


@dataclass(frozen=True)
class Known:
    """What may lie in no file once the poll has ended, and what has to."""

    poll: int
    forbidden: frozenset[bytes]
    receipts: frozenset[str]


def cast(store: TinyDBStore, poll: int, voter: Account, choice: int, key: str) -> str:
    """Cast a ballot as the server does; return its receipt."""
    fresh = NewBallot(NOW, secrets.randbits(53), secrets.token_hex(16))
    return cast_ballot(store, poll, voter, Vote((choice,), key), fresh).receipt


def make_secret_poll(path: Path, *, ended: bool = False) -> Known:
    """Make a store with an open secret poll in which everybody has changed their mind, and all
    that crashes while it was open can leave beside it: a torn tail and temporary files.

    ended: it is being closed as well, and a crash interrupts that
    """
    store = TinyDBStore(path, NOW)
    poll = add_poll(store, secrecy="secret")
    never, yes, no = (candidate.id for candidate in poll.candidates)
    voters = [add_account(store, f"voter{n}") for n in range(VOTERS)]
    keys = [str(uuid4()) for _ in range(2 * VOTERS)]
    gone = [cast(store, poll.id, voter, never, keys.pop()) for voter in voters]
    if tinydb_store.FILED:  # not in an earlier version
        store._engine.fold("ballots", 2 * poll.id)  # so that they are in the poll's run
        assert run_path(path, 1).exists()
    used = {ballot.key for ballot in store.each(Ballot)}
    kept = [
        cast(store, poll.id, voter, (yes, no)[n % 2], keys.pop()) for n, voter in enumerate(voters)
    ]
    used |= {ballot.key for ballot in store.each(Ballot)}
    key = bytes.fromhex(read_keys(path)[str(poll.id)])
    pseudonyms = [store.pseudonym(poll.id, voter.voter) for voter in voters]
    forbidden = forbidden_of(key, pseudonyms, gone)
    forbidden |= {str(used_key).encode() for used_key in used}
    forbidden |= {b'"%d":{"poll"' % ballot.id for ballot in store.each(Ballot)}
    forbidden |= {b'"choices":[%d]' % never}
    if ended:
        with suppress(BaseException):
            close_poll(store, poll.id, NOW, CLOCK)
    crash_while_open(path)
    return Known(poll.id, frozenset(forbidden), frozenset(kept))


def forbidden_of(key: bytes, *texts: Iterable[str]) -> set[bytes]:
    """Return a poll's key, and its voters' pseudonyms and former receipts, as a file holds them."""
    return {key, key.hex().encode(), *(each.encode() for these in texts for each in these)}


def crash_while_open(path: Path) -> None:
    """Leave the files of a process that was killed while it wrote a batch and compacted."""
    journal = path.with_name(path.name + ".journal")
    part = part_path(path, 1)
    for each in (path, journal, part, run_path(path, 1), path.with_name(path.name + ".keys")):
        if each.exists():
            each.with_name(each.name + ".tmp").write_bytes(each.read_bytes())
    for each in filter(Path.exists, (journal, part)):
        written = each.read_bytes().rstrip(b"\0")
        each.with_name(each.name + ".torn").write_bytes(written)
        last = written.splitlines(keepends=True)[-1]
        each.write_bytes(written + last[: len(last) // 2])


def find_leaks(folder: Path, known: Known) -> list[str]:
    """Return which file holds something forbidden, after a look into each byte of them all."""
    return [
        f"{name} holds {secret!r}"
        for name, content in read_files(folder).items()
        for secret in known.forbidden
        if secret in content
    ]


def read_files(folder: Path) -> dict[str, bytes]:
    """Return what all files hold at one moment; a run may just be taking its place."""
    while True:
        with suppress(FileNotFoundError):
            paths = sorted(path for path in folder.rglob("*") if path.is_file())
            found = {path.name: path.read_bytes() for path in paths}
            if paths == sorted(path for path in folder.rglob("*") if path.is_file()):
                return found


def check_documents(ballots: dict[str, dict[str, Any]], receipts: Iterable[str]) -> None:
    """Check that ballots hold marks and receipt alone, in the order of their receipts."""
    listed = [ballot["receipt"] for ballot in ballots.values()]
    assert listed == sorted(receipts)
    for ballot in ballots.values():
        assert {name for name, value in ballot.items() if value} == {"poll", "receipt", "choices"}
    ids = [int(each) for each in ballots]
    assert max(ids, default=2**53) > 2**32, "the ids are counted, not random"


def read_ballots(path: Path) -> dict[str, dict[str, Any]]:
    """Return the documents of the ballots in the files of a store that was closed, in order."""
    ballots: dict[str, dict[str, Any]] = {}
    for file in (path, *sorted(path.parent.glob(f"{path.name}.part.*.run"))):
        ballots |= json.loads(file.read_bytes())["ballots"]
    return ballots
