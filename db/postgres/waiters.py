"""How a session waits for its socket, and is woken: in a thread, or in a greenlet under gevent."""

import select
import socket
import sys
import threading
from contextlib import suppress

READ, WRITE = 1, 2


class ThreadWaiter:
    """Waits for a socket in a thread; another thread can wake it."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._inner, self._outer = socket.socketpair()
        self._woken = threading.Lock()
        self._idle = select.poll()
        self._idle.register(fd, select.POLLIN)
        self._idle.register(self._inner, select.POLLIN)

    def ready(self, events: int, seconds: float) -> int:
        poll = select.poll()
        wanted = (select.POLLIN if events & READ else 0) | (select.POLLOUT if events & WRITE else 0)
        poll.register(self._fd, wanted)
        found = poll.poll(1_000 * seconds)
        if not found:
            return 0
        event = found[0][1]
        return (READ if event & ~select.POLLOUT else 0) | (WRITE if event & select.POLLOUT else 0)

    def wake(self) -> None:
        if self._woken.acquire(blocking=False):
            with suppress(OSError):  # it was closed just now: nobody waits
                self._outer.send(b"w")

    def idle(self, seconds: float) -> None:
        ready = self._idle.poll(1_000 * seconds)
        if any(fd == self._inner.fileno() for fd, _ in ready):
            self._inner.recv(1)
            self._woken.release()

    def close(self) -> None:
        self._inner.close()
        self._outer.close()


class GreenletWaiter:
    """Waits for a socket in a greenlet; others run meanwhile."""

    def __init__(self, fd: int) -> None:
        from gevent import get_hub, socket  # noqa: PLC0415 (only where gevent runs)
        from gevent.event import Event  # noqa: PLC0415

        self._io = get_hub().loop.io
        self._fd = fd
        self._wait = socket.wait
        self._readable, self._both = self._io(fd, READ), self._io(fd, READ | WRITE)
        self._event = Event()

    def ready(self, events: int, seconds: float) -> int:
        try:
            self._wait(self._both if events & WRITE else self._readable, seconds)
        except TimeoutError:
            return 0
        return events  # what is not ready does no harm: libpq tries without blocking

    def wake(self) -> None:
        self._event.set()

    def idle(self, seconds: float) -> None:
        self._readable.start(self._event.set)
        try:
            self._event.wait(seconds)
        finally:
            self._readable.stop()
        self._event.clear()

    def close(self) -> None:
        self._readable.close()
        self._both.close()


def make_waiter(fd: int) -> ThreadWaiter | GreenletWaiter:
    """Return what waits for a socket here: under gevent, or in threads."""
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None and monkey.is_module_patched("threading"):
        return GreenletWaiter(fd)
    return ThreadWaiter(fd)
