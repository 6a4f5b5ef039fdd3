"""The store's system calls, counted and interfered with; and what waits for conditions."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

Rule = Callable[..., Any]
UPKEEP = "folding", "compaction"
"""What the threads are called that work beside the writers."""


class Calls:
    """Stands in for `os` in `db.journal`. A call is known as (function, file's name).

    `rules` maps a call, or just its function, to what is done in its stead: it is given the
    real function and its arguments. A folder's name is `folder`.
    """

    def __init__(self) -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.rules: dict[Any, Rule] = {}
        self._paths: dict[int, Path] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        descriptor: int = self._call("open", path, os.open, path, flags, mode)
        self._paths[descriptor] = path
        return descriptor

    def close(self, descriptor: int) -> None:
        self._paths.pop(descriptor, None)
        os.close(descriptor)

    def write(self, descriptor: int, data: Any) -> int:
        written: int = self._call("write", self._paths[descriptor], os.write, descriptor, data)
        return written

    def fsync(self, descriptor: int) -> None:
        self._call("fsync", self._paths[descriptor], os.fsync, descriptor)

    def replace(self, source: Path, target: Path) -> None:
        self._call("replace", target, os.replace, source, target)
        for descriptor, path in self._paths.items():
            if path == source:
                self._paths[descriptor] = target

    def unlink(self, path: Path) -> None:
        self._call("unlink", path, os.unlink, path)

    def mkdir(self, path: Path) -> None:
        self._call("mkdir", path, os.mkdir, path)

    def _call(self, function: str, path: Path, real: Rule, *arguments: Any) -> Any:
        name = "folder" if path.is_dir() else path.name
        self.counts[function, name] += 1
        rule = self.rules.get((function, name)) or self.rules.get(function)
        return real(*arguments) if rule is None else rule(real, *arguments)


def failing(error: BaseException) -> Rule:
    """Raise instead of calling."""

    def rule(real: Rule, *arguments: Any) -> Any:
        raise error

    return rule


def failing_nth(number: int, error: BaseException) -> Rule:
    """Raise instead of the call of this number, from 0."""
    asked = count()

    def rule(real: Rule, *arguments: Any) -> Any:
        if next(asked) == number:
            raise error
        return real(*arguments)

    return rule


def failing_short(error: BaseException) -> Rule:
    """Write half of what is asked, then raise."""
    asked: list[int] = []

    def rule(real: Rule, descriptor: int, data: Any) -> Any:
        if asked:
            raise error
        asked.append(len(data))
        return real(descriptor, bytes(data)[: len(data) // 2])

    return rule


def short(most: int) -> Rule:
    """Write so many bytes of what is asked, at most."""

    def rule(real: Rule, descriptor: int, data: Any) -> Any:
        return real(descriptor, bytes(data)[:most])

    return rule


def full_beyond(size: int, error: BaseException) -> Rule:
    """Let a file have so many bytes: write what fits, raise where nothing does."""

    def rule(real: Rule, descriptor: int, data: Any) -> Any:
        free = size - os.lseek(descriptor, 0, os.SEEK_CUR)
        if free <= 0:
            raise error
        return real(descriptor, bytes(data)[:free])

    return rule


class Gate:
    """Holds the calls that come to it until it is opened; native threads may wait at it too."""

    def __init__(self) -> None:
        self.waiting = 0
        self._read, self._write = os.pipe()
        self.then: Rule | None = None

    def rule(self, real: Rule, *arguments: Any) -> Any:
        self.waiting += 1
        os.read(self._read, 1)
        return real(*arguments) if self.then is None else self.then(real, *arguments)

    def open(self, then: Rule | None = None) -> None:
        """Let all pass, and do `then` in the stead of what they asked."""
        self.then = then
        os.write(self._write, bytes(1_000))

    def close(self) -> None:
        for descriptor in (self._read, self._write):
            with suppress(OSError):
                os.close(descriptor)


def journal_size(path: Path) -> int:
    """Return how many bytes of a store's journal are written, without the room after them."""
    return len(path.with_name(path.name + ".journal").read_bytes().rstrip(b"\0"))


def end_upkeep() -> None:
    """Return once nothing is folded or compacted beside the writers any more."""
    while under_way := [each for each in threading.enumerate() if each.name in UPKEEP]:
        for each in under_way:
            each.join()


def wait_until(condition: Callable[[], Any], seconds: float = 120) -> None:
    """Return once the condition holds; fail after so many seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.001)
