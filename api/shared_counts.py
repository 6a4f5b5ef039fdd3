"""Counts that guard secrets, such as failed sign-ins: processes that share a store count together.

Each tells the others whom it has counted, by a digest. Nothing of it is stored. Without others it
only counts.
"""

import hashlib
import hmac
from collections.abc import Callable

from voting.store import Store

DIGEST_LENGTH = 32

Count = Callable[[str], None]
"""Counts an asker, by their digest."""


class SharedCounts:
    """The counts of all processes that share a store, by name.

    key: of the tokens; nobody without it can find out who is meant by a digest
    """

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self._secret = hashlib.sha256(f"rollcall counts {key}".encode()).digest()
        self._counts: dict[str, Count] = {}
        store.hear_notes(self._hear)

    def digest(self, *asker: str) -> str:
        """Return what stands for an asker."""
        return hmac.new(self._secret, "\0".join(asker).encode(), "sha256").hexdigest()[
            :DIGEST_LENGTH
        ]

    def share(self, name: str, count: Count) -> Count:
        """Return what counts an asker in this process and in all others.

        Raises `ValueError` for a name that has a space, or that is shared already: what others
        count would be lost.
        """
        if " " in name or name in self._counts:
            raise ValueError(f"{name!r} can't name a count")
        self._counts[name] = count

        def count_everywhere(digest: str) -> None:
            count(digest)
            self._store.send_note(f"{name} {digest}")

        return count_everywhere

    def _hear(self, note: str) -> None:
        name, _, digest = note.partition(" ")
        if (count := self._counts.get(name)) is not None:
            count(digest)
