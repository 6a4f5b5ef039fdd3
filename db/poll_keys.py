"""The keys of polls, in a file of their own beside the data: never in journal or backup.

Without a poll's key nobody can tell whose its ballots are, nor whether somebody has voted.
"""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

from db.journal import files
from db.journal.format import encode

KEY_BYTES = 32


class PollKeys:
    """Keys by poll id, in `path` (mode 0600), each durable before it is used."""

    def __init__(self, path: Path) -> None:
        self._path = path
        stored = json.loads(path.read_bytes()) if path.exists() else {}
        self._keys = {int(poll_id): bytes.fromhex(key) for poll_id, key in stored.items()}

    def __getitem__(self, poll_id: int) -> bytes:
        return self._keys[poll_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._keys)

    def create(self, poll_id: int) -> None:
        """Make a poll's key; return once it is on disk."""
        self._write({**self._keys, poll_id: secrets.token_bytes(KEY_BYTES)})

    def forget(self, poll_id: int) -> None:
        """Remove a poll's key; return once the file without it is on disk."""
        self._write({each: key for each, key in self._keys.items() if each != poll_id})

    def _write(self, keys: dict[int, bytes]) -> None:
        stored = {str(poll_id): key.hex() for poll_id, key in keys.items()}
        files.replace(self._path, [encode(stored)])
        self._keys = keys
