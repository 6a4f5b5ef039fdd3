"""Opens the listening socket: at a host and port, at a UNIX socket, or as systemd passed it."""

import errno
import os
import resource
import socket
import stat
from contextlib import suppress
from typing import Any

from gevent.monkey import get_original

Socket: Any = get_original("socket", "socket")
"""The standard library's socket: gevent's has watchers of its own."""

BACKLOG = 4_096
LOST_SECONDS = 30
"""How long a peer may leave sent bytes unacknowledged or unread."""
UNSENT_BYTES = 64 << 10
"""How many bytes the kernel buffers beyond what it can send: more would be outdated on arrival."""
RESERVED_FILES = 128
"""Files reserved for data, and for connections that are refused."""
UNIX = "unix:"
SOCKET_MODE = 0o660
ACTIVATED_FILE = 3
"""The file descriptor of the first socket that systemd passes."""


class CannotListen(Exception):
    """The host is not this machine's, or this user may not use the port."""


class PortTaken(CannotListen):
    """Another program listens on the port, or the socket file."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket: the one that systemd passed, if any, otherwise one at a host and
    port, or at "unix:/path". Raises `PortTaken` or `CannotListen`.
    """
    passed = _passed()
    if passed is not None:
        return passed
    if host.startswith(UNIX):
        return _listen_at(host.removeprefix(UNIX))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener: socket.socket = Socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _bind(listener, (host, port))


def _bind(listener: socket.socket, address: Any) -> socket.socket:
    _set_options(listener)
    try:
        listener.bind(address)
        listener.listen(BACKLOG)
    except (OSError, ValueError) as error:
        listener.close()
        taken = getattr(error, "errno", None) == errno.EADDRINUSE
        raise (PortTaken if taken else CannotListen)(error) from error
    listener.setblocking(False)
    return listener


def _listen_at(path: str) -> socket.socket:
    """Listen at a socket file. A file on which nobody listens any more is replaced."""
    with suppress(OSError):
        if stat.S_ISSOCK(os.stat(path).st_mode) and not _answers(path):
            os.unlink(path)
    before = os.umask(0o777 & ~SOCKET_MODE)
    try:
        return _bind(Socket(socket.AF_UNIX, socket.SOCK_STREAM), path)
    finally:
        os.umask(before)


def _answers(path: str) -> bool:
    with Socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return bool(probe.connect_ex(path) != errno.ECONNREFUSED)


def _passed() -> socket.socket | None:
    """Return the socket that was opened for this process. Source: sd_listen_fds(3)."""
    count = os.environ.pop("LISTEN_FDS", "")
    if os.environ.pop("LISTEN_PID", "") != str(os.getpid()) or count in ("", "0"):
        return None
    return adopt(ACTIVATED_FILE)


def adopt(file: int) -> socket.socket:
    """Return the listening socket that another program has opened, as this open file."""
    listener: socket.socket = Socket(fileno=file)
    os.set_inheritable(file, False)
    _set_options(listener)
    listener.setblocking(False)
    return listener


def _set_options(listener: socket.socket) -> None:
    """Set the options that accepted connections inherit. Some exist only on Linux. Without NODELAY
    a keep-alive request waits 40 ms for the client's delayed acknowledgement.
    """
    if listener.family == socket.AF_UNIX:
        return
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, LOST_SECONDS * 1000)
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)


def count_places() -> int:
    """Return how many connections there may be: the files it may open, less the reserved ones."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return (hard if hard != resource.RLIM_INFINITY else 1 << 20) - RESERVED_FILES


def lan_address() -> str | None:
    """Return the address by which other machines on the network reach this one, if there is one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # documentation address: UDP connects without sending
        except OSError:
            return None
        return str(probe.getsockname()[0])
