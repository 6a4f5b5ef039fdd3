"""Workers of one machine that share a port give each other connections.

A client that polls comes with each request to any worker, but one has its session. The id of the
session begins with that worker's name, so whoever gets the request gives the whole connection to
it, with what has been read.
"""

import array
import re
import socket
from collections.abc import Callable, Mapping
from typing import Any

import gevent

READ = 1
MOST_BYTES = 256 << 10
"""How much of a request is passed at most; that fits into a packet of a UNIX socket."""
_OWNER = re.compile(r"(?:^|&)sid=(\w+)\.").search

Adopt = Callable[[int, bytes, tuple[str, str]], None]
"""Called with an open file, what has been read from it, and the client's address and port."""


class Handover:
    """The other workers of this machine.

    own: where this worker is sent connections
    others: where each other one is, by name
    counts, number: how many connections each has, in memory that all share; and this one's place
    """

    def __init__(
        self,
        own: socket.socket,
        others: Mapping[str, socket.socket],
        counts: memoryview,
        number: int,
    ) -> None:
        self._own, self._others = own, others
        self._counts, self._number = counts, number
        counts[number] = 0
        own.setblocking(False)
        self._watcher: Any = None

    def start(self, adopt: Adopt) -> None:
        """Take connections from now on."""
        self._watcher = gevent.get_hub().loop.io(self._own.fileno(), READ)
        self._watcher.start(self._take, adopt)

    def leaves(self, count: int) -> bool:
        """Note how many connections this worker has; return whether another has fewer."""
        self._counts[self._number] = count
        return min(self._counts) < count

    def stop(self) -> None:
        """Take no more."""
        if self._watcher is not None:
            self._watcher.stop()
            self._watcher.close()
            self._watcher = None

    def give(
        self, environ: Mapping[str, Any], file: int, read: bytes, remote: tuple[str, str]
    ) -> bool:
        """Give a connection away if another worker has its client; return whether that is so."""
        found = _OWNER(environ["QUERY_STRING"])
        other = None if found is None else self._others.get(found[1])
        if other is None or len(read) > MOST_BYTES // 2:
            return False
        packet = f"{remote[0]} {remote[1]}\n".encode() + read
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))]
        try:
            other.sendmsg([packet], rights, socket.MSG_DONTWAIT)
        except OSError:  # it doesn't take any: the client begins anew
            return False
        return True

    def _take(self, adopt: Adopt) -> None:
        while True:
            try:
                packet, files, _, _ = socket.recv_fds(self._own, MOST_BYTES, 1)
            except OSError:
                return
            head, _, read = packet.partition(b"\n")
            address, _, port = head.decode().partition(" ")
            for file in files:
                adopt(file, read, (address, port))
