"""A server of the rehearsal's own: started, ended and started again.

It has a socket that the rehearsal opened, as under systemd, so it has the same port all the time.
"""

import os
import signal
import socket
import subprocess  # nosec B404 (it starts this program)
import sys
from pathlib import Path

from cli.output import Refused

STOP_SECONDS = 30


class OwnServer:
    """`rollcall serve` with its data in `folder`, and no limits, because all come at once.

    workers, database: how many processes serve, and their PostgreSQL database, which is empty
    """

    def __init__(self, folder: Path, workers: int = 1, database: str | None = None) -> None:
        self._folder, self._log = folder, folder / "log"
        self._workers, self._database = workers, database
        self._process: subprocess.Popen[bytes] | None = None
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=4_096)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def start(self) -> None:
        """Start it. Its clients wait until it answers."""
        kept = {name: value for name, value in os.environ.items() if name[:9] != "ROLLCALL_"}
        own = {
            "ROLLCALL_DATABASE_URL": self._database
            or f"tinydb:///{self._folder / 'rollcall.json'}",
            "ROLLCALL_INSTANCE": str(self._folder),
            "ROLLCALL_PUBLIC_URL": self.url,
            "ROLLCALL_RATE_LIMITS": "off",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        }
        file = self._listener.fileno()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # nosec B603
                [sys.executable, "-m", "cli.activated", str(file), f"--workers={self._workers}"],
                cwd=self._folder,
                env=kept | own,
                pass_fds=(file,),
                stdout=log,
                stderr=log,
            )

    def check(self) -> None:
        """Raise `Refused` with the end of its log, if it has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            raise Refused(f"the server ended:\n{self._log.read_text(errors='replace')[-2000:]}")

    def kill_worker(self) -> None:
        """Kill one of several workers; it is started again by itself."""
        if self._process is not None:
            pid = self._process.pid
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            os.kill(int(children[-1]), signal.SIGKILL)

    def end(self, number: int = signal.SIGKILL) -> None:
        """End it by a signal; return once it has ended."""
        if self._process is not None:
            process, self._process = self._process, None
            process.send_signal(number)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def close(self) -> None:
        """End it, and close its socket."""
        self.end()
        self._listener.close()
