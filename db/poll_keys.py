"""The keys of polls, in a file of their own beside the data: never in journal or backup.

Without a poll's key nobody can tell whose its ballots are, nor whether somebody has voted.
"""

import json
import secrets
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

    def __contains__(self, poll_id: object) -> bool:
        return poll_id in self._keys

    def create(self, poll_id: int) -> None:
        """Make a poll's key; return once it is on disk."""
        keys = {**self._keys, poll_id: secrets.token_bytes(KEY_BYTES)}
        stored = {str(key_of): key.hex() for key_of, key in keys.items()}
        files.replace(self._path, [encode(stored)])
        self._keys = keys
