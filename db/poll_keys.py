"""The keys of polls, in a file of their own beside the data: never in journal or backup.

Without a poll's key nobody can tell whose its ballots are, nor whether somebody has voted.
A poll whose key is gone stays in the file, without it, until no other file holds more either.
"""

import hmac
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path

from db.journal import Corrupt, files
from db.journal.format import encode

KEY_BYTES = 32


class PollKeys:
    """Keys by poll id, in `path` (mode 0600), each durable before it is used.

    Raises `Corrupt` where the file is not as it was written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._macs: dict[int, hmac.HMAC] = {}
        try:
            stored = json.loads(path.read_bytes()) if path.exists() else {}
            self._keys = {int(poll_id): bytes.fromhex(key) for poll_id, key in stored.items()}
        except (AttributeError, TypeError, ValueError) as error:
            raise Corrupt(
                f"{path} is not as it was written: put a copy of it back; or remove it and "
                "`restore` the data: that closes the polls that were open"
            ) from error

    def pseudonym(self, poll_id: int, voter: str) -> str:
        """Return HMAC-SHA-256 of a voter under a poll's key, in hex. Raises KeyError for no key."""
        mac = (self._macs.get(poll_id) or self._prepare(poll_id)).copy()
        mac.update(voter.encode())
        return mac.hexdigest()

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def create(self, poll_id: int) -> None:
        """Make a poll's key; return once it is on disk."""
        self._write({poll_id: secrets.token_bytes(KEY_BYTES)})

    def forget(self, *poll_ids: int) -> None:
        """Remove polls' keys, not yet the polls; return once the file without them is on disk."""
        self._write(dict.fromkeys(poll_ids, b""))

    def remove(self, *poll_ids: int) -> None:
        """Remove polls whose keys are gone, and what they were kept for done."""
        self._write(dict.fromkeys(poll_ids))

    def _prepare(self, poll_id: int) -> hmac.HMAC:
        """Return what a pseudonym begins from: from the key alone each takes twice as long."""
        key = self._keys[poll_id]
        if not key:
            raise KeyError(poll_id)
        mac = self._macs[poll_id] = hmac.new(key, digestmod="sha256")
        return mac

    def _write(self, changes: Mapping[int, bytes | None]) -> None:
        with self._mutex:
            keys = {each: key for each, key in {**self._keys, **changes}.items() if key is not None}
            files.replace(
                self._path, [encode({str(each): key.hex() for each, key in keys.items()})]
            )
            self._keys, self._macs = keys, {}
