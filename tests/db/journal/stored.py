"""What the files of a store in a folder of its own hold."""

from pathlib import Path

import pytest

from db.journal import JournaledStorage


class Stored:
    """The files of the store at `path`, which a subclass opens."""

    path: Path

    def open(self) -> JournaledStorage:
        raise NotImplementedError

    def names(self) -> set[str]:
        """Return the names of the parts' files."""
        return {path.name for path in self.path.parent.glob("s.json.part*")}

    def holding(self, data: bytes) -> set[str]:
        """Return the names of the files that hold some bytes."""
        return {path.name for path in self.path.parent.iterdir() if data in path.read_bytes()}

    def read(self) -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in self.path.parent.iterdir() if path.is_file()}

    def refuses(self, refusal: type[Exception], match: str) -> None:
        """It is refused, and nothing is changed."""
        before = self.read()
        with pytest.raises(refusal, match=match):
            self.open()
        lock = self.path.with_name("s.json.lock")
        after = self.read()
        changed = {path for path in before | after if before.get(path) != after.get(path)}
        assert changed <= {lock}
