"""A disk that remembers what is not on it yet, and the states that a crash could leave.

`Recorder` stands in for `os` in `db.journal.files`: every call is passed on to the real file
system, which plays the page cache, and noted in a model of the disk below it. The model is
adversarial; it grants what fsync grants and nothing more:

- A file's bytes are on the disk at fsync of that file. Of what was written since, the disk may
  have nothing, all, any prefix, or the rest without it, or both ends without the middle. What it
  lacks is as it was before; past the file's former end it is zeros, or the file is shorter.
- A name (created, renamed, unlinked) is on the disk at fsync of its folder. Of the changes
  since, the disk may have any subset; a rename is one change, whole or not at all. Neither
  fsync implies the other: a name may point to a file without its bytes.
- After an fsync that failed, the page cache shows the bytes as clean, and no later fsync
  writes them: they stay as uncertain as they were, until they are written again.
- A killed process loses nothing but its descriptors: the page cache outlives it.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from typing import Any

State = tuple[tuple[str, bytes], ...]
Writes = list[tuple[int, bytes]]


class Killed(BaseException):
    """The process is gone: nothing of it runs any more."""


@dataclass(eq=False)
class Inode:
    """A file: what is surely on the disk, and the writes since, as (offset, bytes)."""

    name: str
    durable: bytes = b""
    writes: Writes = field(default_factory=list)
    doubtful: list[tuple[int, int]] = field(default_factory=list)

    @property
    def content(self) -> bytes:
        return _laid(self.durable, self.writes)

    def synced(self) -> None:
        self.durable, self.writes = self.content, []

    def sync_failed(self) -> None:
        self.doubtful += [(offset, len(data)) for offset, data in self.writes]
        self.synced()

    def variants(self) -> set[bytes]:
        """What the disk may hold of it."""
        found = {self.durable, self.content}
        for cut in _cuts(b"".join(data for _, data in self.writes)):
            head, rest = _split(self.writes, cut)
            torn = _laid(self.durable, head)
            found |= {torn, torn.ljust(len(self.content), b"\0"), _laid(self.durable, rest)}
            if cut > 9:
                start, _ = _split(self.writes, 9)
                found.add(_laid(self.durable, [*start, *rest]))
        for offset, size in self.doubtful:
            found |= {
                content[:offset] + bytes(size) + content[offset + size :] for content in found
            }
        return found


@dataclass(frozen=True)
class Name:
    """A pending change of a folder: `name` is to point to `inode` (None: to nothing)."""

    name: str
    inode: Inode | None
    gone: str = ""


class Recorder:
    """Stands in for `os`. `at_point(states)` is called after each call that changed something.

    skip: the step whose fsync is left out, as `<function> <file>`
    """

    def __init__(
        self, folder: Path, at_point: Callable[[Iterator[State]], None], skip: str = ""
    ) -> None:
        self.folder = folder
        self.steps: set[str] = set()
        self.points = 0
        self.killed_at: int | None = None
        self.after: dict[str, Callable[[], None]] = {}
        self.failing = ""
        self._at_point = at_point
        self._skip = skip
        self._lock = threading.RLock()
        self._descriptors: dict[int, Inode | Path] = {}
        self._made: list[str] = []
        self._durable: dict[str, Inode] = {}
        self._pending: list[Name] = []
        self._folder_durable = folder.exists()

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    # -- the calls --------------------------------------------------------------------

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        self._alive()
        with self._lock:
            if flags & os.O_TRUNC and self._skip == "truncate":
                flags &= ~os.O_TRUNC
            fresh = not path.exists()
            descriptor = os.open(path, flags, mode)
            if path.is_dir():
                self._descriptors[descriptor] = path
                return descriptor
            if fresh:
                self._pending.append(Name(path.name, Inode(path.name)))
            inode = self._names(self._pending)[path.name]
            if flags & os.O_TRUNC and inode.content:
                inode.durable, inode.writes = b"", []  # nothing reads it before it is rewritten
            self._descriptors[descriptor] = inode
        if fresh:
            self._point()
        return descriptor

    def close(self, descriptor: int) -> None:
        if self._descriptors.pop(descriptor, None) is not None:
            os.close(descriptor)

    def write(self, descriptor: int, data: Any) -> int:
        self._alive()
        with self._lock:
            inode = self._descriptors[descriptor]
            assert isinstance(inode, Inode)
            written = os.write(descriptor, data)
            offset = os.lseek(descriptor, 0, os.SEEK_CUR) - written
            inode.writes.append((offset, bytes(data[:written])))
        self._point()
        return written

    def fsync(self, descriptor: int) -> None:
        self._alive()
        step = self._step()
        with self._lock:
            self.steps.add(step)
            target = self._descriptors[descriptor]
            if step == self.failing and isinstance(target, Inode):
                target.sync_failed()
                raise OSError(5, "Input/output error")
            if step != self._skip:
                if isinstance(target, Inode):
                    target.synced()
                elif target == self.folder:
                    self._durable, self._pending = self._names(self._pending), []
                elif target == self.folder.parent:
                    self._folder_durable = True
        self._point()
        if step in self.after:
            self.after.pop(step)()

    def replace(self, source: Path, target: Path) -> None:
        self._alive()
        with self._lock:
            inode = self._names(self._pending)[source.name]
            os.replace(source, target)
            self._pending.append(Name(target.name, inode, gone=source.name))
        self._point()

    def unlink(self, path: Path) -> None:
        self._alive()
        with self._lock:
            os.unlink(path)
            self._pending.append(Name(path.name, None))
        self._point()

    def mkdir(self, path: Path) -> None:
        self._alive()
        os.mkdir(path)
        self._point()

    def ftruncate(self, descriptor: int, size: int) -> None:
        self._alive()
        inode = self._descriptors[descriptor]
        assert isinstance(inode, Inode)
        assert inode.name.endswith(".lock"), "only the lock file is cut"
        os.ftruncate(descriptor, size)

    # -- what a test does with it -----------------------------------------------------

    def kill(self) -> None:
        """Let the process be gone, and its locks with it."""
        for descriptor in list(self._descriptors):
            self.close(descriptor)
        self.killed_at = None

    def tear(self, name: str, data: bytes) -> None:
        """Add to a file's lines what an earlier crash left of another."""
        inode = self._names(self._pending)[name]
        written = (len(inode.content.rstrip(b"\0")), data)
        inode.durable = _laid(inode.durable, [written])
        (self.folder / name).write_bytes(inode.content)

    def leave(self, name: str, data: bytes) -> None:
        """Make a file as a program does that fsyncs nothing."""
        (self.folder / name).write_bytes(data)
        self._pending.append(Name(name, Inode(name, writes=[(0, data)])))

    def edit(self, name: str, data: bytes) -> None:
        """Overwrite a file as a program does that fsyncs what it writes."""
        inode = self._names(self._pending)[name]
        (self.folder / name).write_bytes(data)
        inode.durable, inode.writes = data, []

    def states(self) -> Iterator[State]:
        """Yield what a crash could leave now."""
        if not self._folder_durable:
            yield ()
        for count in range(len(self._pending) + 1):
            for chosen in combinations(self._pending, count):
                names = {
                    name: inode
                    for name, inode in sorted(self._names(chosen).items())
                    if not name.endswith(".lock")
                }
                contents = [
                    {inode.content} if name.endswith(".tmp") else inode.variants()
                    for name, inode in names.items()
                ]
                for combination in product(*contents):
                    yield tuple(zip(names, combination, strict=True))

    # -- helpers ----------------------------------------------------------------------

    def _alive(self) -> None:
        if self.killed_at is not None and self.points >= self.killed_at:
            raise Killed

    def _point(self) -> None:
        with self._lock:
            self.points += 1
            self._at_point(self.states())

    def _names(self, changes: Any) -> dict[str, Inode]:
        names = dict(self._durable)
        for change in changes:
            names.pop(change.gone, None)
            if change.inode is None:
                names.pop(change.name, None)
            else:
                names[change.name] = change.inode
        return names

    def _step(self) -> str:
        """Name the function of `files` that asked for an fsync, and the file it is about."""
        frame = sys._getframe(2)
        while frame.f_code.co_name in ("fsync", "fsync_folder", "direct", "__call__"):
            frame = frame.f_back  # type: ignore[assignment]
        function = frame.f_code.co_name
        if function == "append" and frame.f_back.f_code.co_name == "keep":  # type: ignore[union-attr]
            return "keep's append"
        named = frame.f_locals.get("path")
        return f"{function} {named.name}" if named is not None else function


def _laid(content: bytes, writes: Writes) -> bytes:
    for offset, data in writes:
        content = content[:offset].ljust(offset, b"\0") + data + content[offset + len(data) :]
    return content


def _cuts(written: bytes) -> set[int]:
    """Where a write may be cut: at its ends and in the middle, of its lines and of their room."""
    cuts = {0, 1, 8, 9}
    for length in (len(written), len(written.rstrip(b"\0"))):
        cuts |= {length // 2, length - 2, length - 1, length}
    return {cut for cut in cuts if 0 <= cut <= len(written)}


def _split(writes: Writes, size: int) -> tuple[Writes, Writes]:
    """Return the first `size` bytes of all that was written, and the others."""
    head, rest = [], []
    for offset, data in writes:
        cut = min(size, len(data))
        head.append((offset, data[:cut]))
        rest.append((offset + cut, data[cut:]))
        size -= cut
    return head, rest
