"""Serves a WSGI app of a test's on the project's own HTTP server, in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import gevent

from api.httpd import Server, listen
from tests.server import ROOT


def serve(app: Callable[..., Any], lane: Callable[[Any], bool] | None = None) -> None:
    """Serve an app on a free port until the process ends; print the port."""
    listener = listen("127.0.0.1", 0)
    Server(listener, app, lane=lane).start()
    print(listener.getsockname()[1], flush=True)
    gevent.get_hub().join()


@contextmanager
def running(module: str, *arguments: str) -> Iterator[tuple[int, int]]:
    """Run a module that serves; yield its process's id and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.pid, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def count_connections(pid: int) -> int:
    """Return how many sockets a process has beside the one that it listens on."""
    sockets = 0
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # it has just been closed
            sockets += os.readlink(path).startswith("socket:")
    return sockets - 1
