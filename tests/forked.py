"""Server processes that start without the second that imports take.

`Forked` asks for one, by a module that has a `main`. All are forked from one process, `main` below,
that has imported `run.py`: see `tests/nursery.py`.
"""

import json
import os
import select
import socket
import subprocess
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).parent.parent

_mutex = Lock()


class Forked:
    """A process that runs `main` of a module in a folder; in part a `subprocess.Popen`.

    Its output is all it writes, errors too. It has the environment that it is given.
    """

    def __init__(self, module: str, folder: Path, environ: dict[str, str]) -> None:
        self.returncode: int | None = None
        output, written = os.pipe()
        status, reports = os.pipe()
        asked = json.dumps([module, str(folder), environ]).encode()
        with _mutex:
            socket.send_fds(_nursery(), [asked], [written, reports])
        os.close(written)
        os.close(reports)
        self.stdout = open(output, encoding="utf-8")  # noqa: SIM115
        self._status = open(status, encoding="ascii")  # noqa: SIM115
        self.pid = int(self._status.readline())

    def poll(self) -> int | None:
        """Return the exit code, or None as long as it runs."""
        return self._look(0)

    def wait(self, timeout: float) -> int:
        """Return the exit code once it has ended, within so many seconds."""
        code = self._look(timeout)
        if code is None:
            raise subprocess.TimeoutExpired("a server", timeout)
        return code

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, and its exit code is on its way
                os.kill(self.pid, number)

    def _look(self, seconds: float) -> int | None:
        if self.returncode is None and select.select([self._status], [], [], seconds)[0]:
            self.returncode = int(self._status.readline())
            self._status.close()
        return self.returncode


@lru_cache(1)
def _nursery() -> socket.socket:
    """Start the process that forks, and ends with this one; return the socket that asks it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "tests.nursery"]
    with theirs:
        subprocess.Popen(command, cwd=ROOT, stdin=theirs, env=environ)
    return ours
