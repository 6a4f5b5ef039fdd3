"""Starts worker processes, watches them and restarts those that end. It does no more than that.

All share the listening socket, so what waits in its queue goes to whoever has the fewest
connections, and a worker that ends loses nothing of it. It is opened before gevent patches
anything, as are the sockets by which workers give each other connections.
"""

import ctypes
import mmap
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import click

from api.systemd import notify_systemd

SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
LOOK_SECONDS, AGAIN_SECONDS = 0.2, 1.0
"""How often the workers are looked at, and how long one that has ended at once waits."""
STEADY_SECONDS, COMPLETE_SECONDS = 5.0, 30.0
"""How long one has to run to be started again at once; and how long all have to come before it
counts as a start that some of them serve.
"""
SET_DEATH_SIGNAL = 1
ENDED = 1 << 40
"""What stands for the connections of a worker that takes none."""


@dataclass(frozen=True)
class Place:
    """What a worker is given.

    greets: whether it prints where the server is
    others: where the other workers take connections, by name
    counts, number: how many connections each worker has, and which place is this one's
    """

    name: str
    listener: socket.socket
    own: socket.socket
    others: dict[str, socket.socket]
    counts: memoryview
    number: int
    greets: bool
    ready: Callable[[], object]


class Supervisor:
    """The workers `names`, which all serve `listener` by `serve`; that ends the process."""

    def __init__(
        self, names: list[str], listener: socket.socket, serve: Callable[[Place], None]
    ) -> None:
        self._names, self._listener, self._serve = names, listener, serve
        self._pairs = {each: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for each in names}
        self._counts = memoryview(mmap.mmap(-1, 8 * len(names))).cast("q")
        self._running: dict[int, tuple[str, float]] = {}
        self._due: dict[str, float] = {}
        self._ready = os.pipe()
        self._serving: set[int] = set()
        """The numbers of those that have said so since they were started."""
        self._stopping = self._greeted = False

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; return the exit code."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        self._start(self._names[0])
        code = self._await_first()  # it makes the tables, and says what is wrong with the settings
        if code is None and not self._stopping:
            for name in self._names[1:]:
                self._start(name)
            self._await_others(time.monotonic() + COMPLETE_SECONDS)
            notify_systemd("READY=1")
        while self._running or (self._due and not self._stopping):
            self._look(LOOK_SECONDS)
        return code or 0

    def _await_first(self) -> int | None:
        """Return once the first worker serves, or its exit code if it doesn't come so far."""
        while not self._hear_ready():
            self._hear(0)
            ended, status = os.waitpid(-1, os.WNOHANG)
            if ended:
                self._running.pop(ended, None)
                return 0 if self._stopping else os.waitstatus_to_exitcode(status) or 1
        return None

    def _await_others(self, until: float) -> None:
        """Return once all workers serve. One that ends meanwhile is started again."""
        while self._hear_ready() < len(self._names) and time.monotonic() < until:
            if self._stopping:
                return
            self._look(0)

    def _hear_ready(self) -> int:
        """Wait for a moment until one more worker serves; return how many do."""
        if select.select([self._ready[0]], [], [], LOOK_SECONDS)[0]:
            self._serving |= {*os.read(self._ready[0], len(self._names))}
        return len(self._serving)

    def _look(self, seconds: float) -> None:
        """Wait for a signal; start those again that have ended."""
        self._hear(seconds)
        now = time.monotonic()
        while self._running:
            ended, status = os.waitpid(-1, os.WNOHANG)
            if not ended:
                break
            name, since = self._running.pop(ended)
            number = self._names.index(name)
            self._counts[number] = ENDED
            self._serving.discard(number)
            if not self._stopping:
                says = f"worker {name} has ended and is started again: {_describe(status)}"
                click.echo(f"rollcall: {says}", err=True)
                self._due[name] = now + (0 if now - since > STEADY_SECONDS else AGAIN_SECONDS)
        for name in [each for each, at in self._due.items() if at <= now and not self._stopping]:
            del self._due[name]
            self._start(name)

    def _hear(self, seconds: float) -> None:
        heard = signal.sigtimedwait(SIGNALS, seconds)
        if heard is None or heard.si_signo == signal.SIGCHLD:
            return
        if not self._stopping:
            notify_systemd("STOPPING=1")
        self._stopping = True
        for pid in self._running:
            os.kill(pid, signal.SIGTERM)

    def _start(self, name: str) -> None:
        pid = os.fork()
        if pid:
            self._running[pid] = name, time.monotonic()
            self._greeted = True
            return
        self._become(name)
        sys.exit()

    def _become(self, name: str) -> None:
        if sys.platform == "linux":  # no worker outlives a supervisor that was killed
            ctypes.CDLL(None).prctl(SET_DEATH_SIGNAL, signal.SIGTERM)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
        os.environ.pop("NOTIFY_SOCKET", None)
        others = {each: pair[1] for each, pair in self._pairs.items() if each != name}
        ready, number = self._ready[1], self._names.index(name)
        place = Place(
            name,
            self._listener.dup(),
            self._pairs[name][0],
            others,
            self._counts,
            number,
            not self._greeted,
            lambda: os.write(ready, bytes([number])),
        )
        self._serve(place)
        sys.stdout.flush()
        sys.stderr.flush()


def _describe(status: int) -> str:
    """Return how a process has ended. What it refused it has said itself."""
    code = os.waitstatus_to_exitcode(status)
    return f"exit code {code}" if code >= 0 else f"{signal.strsignal(-code)} (signal {-code})"
