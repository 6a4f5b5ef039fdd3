"""The keys of polls, in a file of their own beside the data, never in the journal or a backup.

Without a poll's key nobody can find out whose its ballots are, or whether somebody has voted.

The file is one line, sealed as the journal's are: crc32 SP {poll: key in hex} LF. Files of
earlier versions have no checksum, or polls with an empty key; they are read, and sealed at the next
start. A poll keeps its key's fingerprint, so that an intact file of another time or store is
noticed, too.
"""

import hmac
import json
import secrets
import threading
from collections.abc import Collection, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from db.journal import Corrupt, Mismatch, files
from db.journal.errors import disk_fault
from db.journal.files import Run, direct
from db.journal.format import encode, seal
from voting.model.polls import ONGOING

KEY_BYTES = 32
FINGERPRINT_LENGTH = 32
PADS = 0x36, 0x5C
"""What an HMAC's key is combined with for its inner and its outer hash (RFC 2104, 2)."""
_LABEL = b"fingerprint of a poll's key"  # no voter is called so: theirs begin with their kind


class PollKeys:
    """Keys by poll id, in `path` (mode 0600), each durable before it is used.

    run: runs each blocking step of writing the file

    Raises `Corrupt` if the file is not as it was written, `Unavailable` if it can't be read.
    """

    def __init__(self, path: Path, run: Run = direct) -> None:
        self.path = path
        self._run = run
        self._mutex = threading.Lock()
        self._begun: dict[int, tuple[Any, Any]] = {}
        self._keys, self.sealed = self.read()

    def read(self) -> tuple[dict[int, bytes], bool]:
        """Return the keys that the file holds, and whether it has a checksum."""
        path = self.path
        try:
            return _read(path.read_bytes()) if path.exists() else ({}, True)
        except (AttributeError, TypeError, ValueError) as error:
            raise Corrupt(
                f"{path} is not as it was written: put a copy of it back; or remove it and "
                "`restore` the data: that closes the polls that were open"
            ) from error
        except OSError as error:
            raise disk_fault(error, f"{path} can't be read") from error

    def pseudonym(self, poll_id: int, voter: str) -> str:
        """Return HMAC-SHA-256 of a voter under a poll's key, in hex. Raises KeyError for no key."""
        begun_inner, begun_outer = self._begun.get(poll_id) or self._begin(poll_id)
        inner, outer = begun_inner.copy(), begun_outer.copy()
        inner.update(voter.encode())
        outer.update(inner.digest())
        digest: str = outer.hexdigest()
        return digest

    def fingerprint(self, poll_id: int) -> str | None:
        """Return the fingerprint of a poll's key, which reveals nothing of it; None for no key."""
        key = self._keys.get(poll_id)
        return hmac.new(key, _LABEL, "sha256").hexdigest()[:FINGERPRINT_LENGTH] if key else None

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def create(self, poll_ids: Collection[int]) -> None:
        """Make polls' keys, where they have none; return once they are on disk."""
        if self._keys.keys() >= set(poll_ids):  # then nobody waits for the file
            return
        with self._mutex:
            lacking = [each for each in poll_ids if each not in self._keys]
            if lacking:
                self._write({each: secrets.token_bytes(KEY_BYTES) for each in lacking})

    def remove(self, poll_ids: Collection[int]) -> None:
        """Remove polls' keys; return once the file without them is on disk."""
        with self._mutex:
            self._write(dict.fromkeys(poll_ids))

    def ignore(self, poll_id: int) -> None:
        """Treat a poll as one without a key. The file loses the key when it is written next."""
        del self._keys[poll_id]

    def seal(self) -> None:
        """Rewrite the file if it has no checksum."""
        with self._mutex:
            if not self.sealed:
                self._write({})

    def _begin(self, poll_id: int) -> tuple[Any, Any]:
        """Return the inner and the outer hash of an HMAC that have taken in the key. An object of
        `hmac` takes twice as long to copy and finish.
        """
        key = self._keys[poll_id]
        if not key:
            raise KeyError(poll_id)
        block = key.ljust(sha256().block_size, b"\0")
        inner, outer = (sha256(bytes(byte ^ pad for byte in block)) for pad in PADS)
        self._begun[poll_id] = inner, outer
        return inner, outer

    def _write(self, changes: Mapping[int, bytes | None]) -> None:
        changed = {**self._keys, **changes}
        keys = {each: key for each, key in changed.items() if key is not None}
        payload = encode({str(each): key.hex() for each, key in keys.items()})
        files.replace(self.path, [seal(payload, seed=0)], self._run)
        self._keys, self._begun, self.sealed = keys, {}, True


def find_faults(keys: PollKeys, polls: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    """Return what is wrong with polls' keys by poll id: the file `lacks the` key or `has another`.

    polls: the polls' documents by id
    """
    faults = {}
    for poll_id, row in polls.items():
        found, kept = keys.fingerprint(poll_id), row.get("key_fingerprint")
        if found is None and row["state"] in ONGOING:
            faults[poll_id] = "lacks the"
        elif found is not None and kept is not None and found != kept:
            faults[poll_id] = "has another"
    return faults


def check_keys(keys: PollKeys, polls: Mapping[int, Mapping[str, Any]]) -> None:
    """Raises `Mismatch` if an open poll lacks its own key: everybody could vote in it again."""
    for poll_id, fault in find_faults(keys, polls).items():
        if polls[poll_id]["state"] in ONGOING:
            raise Mismatch(
                f"{keys.path} {fault} key of poll {poll_id}, which is open: put the file back "
                "that lay beside the data, or `restore` the data: that closes the poll"
            )


def accept_keys(keys: PollKeys, polls: Mapping[int, Mapping[str, Any]], *, restored: bool) -> None:
    """Seal the keys, without those of another store. Raises `Mismatch` as `check_keys` does.

    After a restore they may be others: `voting.ending.finish_endings` closes polls that have
    lost their own. Keys of earlier versions, without a fingerprint, are accepted.
    """
    if not restored:
        check_keys(keys, polls)
    for poll_id, fault in find_faults(keys, polls).items():
        if fault == "has another":
            keys.ignore(poll_id)
    try:
        keys.seal()
    except OSError as error:
        raise disk_fault(error, f"{keys.path} can't be written") from error


def _read(data: bytes) -> tuple[dict[int, bytes], bool]:
    """Return the keys that a file holds, and whether it has a checksum. Raises ValueError."""
    payload = data[9:-1]
    sealed = data == seal(payload, seed=0)
    if not sealed and not data.startswith(b"{"):
        raise ValueError("the checksum does not hold")
    stored = json.loads(payload if sealed else data)
    return {int(poll_id): bytes.fromhex(key) for poll_id, key in stored.items()}, sealed
