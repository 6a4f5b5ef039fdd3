"""The keys of polls in one file for all workers, of one machine or of several that share it."""

import fcntl
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from db.journal import files
from db.journal.files import Run
from db.poll_keys import PollKeys


class SharedKeys(PollKeys):
    """Keys whose file other processes write, too: each does so under a lock, and reads it before.

    A key that is lacking is looked for in the file again.
    """

    @property
    def name(self) -> str:
        """What the file is called, by chance: whoever has another name has another file."""
        path = self.path.with_name(self.path.name + ".name")
        if not path.exists():
            made = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
            made.touch(files.PRIVATE)
            made.write_text(secrets.token_hex(8))
            with suppress(FileExistsError):  # another worker was first
                os.link(made, path)
            made.unlink()
        return path.read_text().strip()

    def __init__(self, path: Path, run: Run) -> None:
        self._version: tuple[int, int] | None = None
        super().__init__(path, run)

    def fingerprint(self, poll_id: int) -> str | None:
        self._refresh()
        return super().fingerprint(poll_id)

    def __iter__(self) -> Iterator[int]:
        self._refresh()
        return super().__iter__()

    def _begin(self, poll_id: int) -> tuple[Any, Any]:
        if poll_id not in self._keys:
            self._refresh()
        return super()._begin(poll_id)

    def _write(self, changes: Mapping[int, bytes | None]) -> None:
        with self._locked():
            self._refresh()
            lacking = {
                each: key for each, key in changes.items() if key is None or each not in self._keys
            }
            if lacking or not self.sealed:
                super()._write(lacking)
                self._version = self._stat()

    def _refresh(self) -> None:
        """Read the file again if another process has written it."""
        version = self._stat()
        if version != self._version:
            self._keys, self.sealed = self.read()
            self._begun = {}
            self._version = version

    def _stat(self) -> tuple[int, int] | None:
        try:
            with self.path.open("rb") as file:  # over NFS only an open file is surely the newest
                found = os.fstat(file.fileno())
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_ino

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            self._run(lambda: fcntl.flock(lock, fcntl.LOCK_EX))
            yield
        finally:
            os.close(lock)
