"""A worker class for gunicorn: our HTTP server and our WebSockets on gunicorn's sockets.

gunicorn opens the sockets, starts and watches the process, and reloads it; the worker does all the
rest as `run.py` does. A file has one process, so there is one worker: after a reload the new one
waits until the old one has closed the store, and clients wait in the socket's queue.
"""

import os
import signal
import sys
import time
from typing import Any

from gunicorn.workers.base import Worker

NOTIFY_SECONDS, LOOK_SECONDS = 1, 0.02
BOOT_ERROR = 3
"""The exit code at which gunicorn gives up (`Arbiter.WORKER_BOOT_ERROR`)."""


class RollcallWorker(Worker):  # type: ignore[misc]
    """The one worker. Its app is that of the settings; gunicorn's `wsgi_app` is not called."""

    _settings: Any
    _rollcall: Any
    _stopped: Any

    @classmethod
    def check_config(cls, cfg: Any, _log: Any) -> None:
        """Refuse more than one worker. gunicorn prints a RuntimeError and exits with 1."""
        if cfg.workers != 1:
            raise RuntimeError(
                f"{cfg.workers} workers can't share a TinyDB file: start one (workers = 1). "
                "It serves a hall; what it can't use is a second core."
            )

    def init_process(self) -> None:
        """Patch the standard library, in this process only, and then start as any worker."""
        import gevent  # noqa: PLC0415 (gunicorn itself must not have it)
        from gevent import monkey  # noqa: PLC0415
        from gevent.event import Event  # noqa: PLC0415

        monkey.patch_all()
        gevent.reinit()
        self._stopped = Event()
        super().init_process()

    def init_signals(self) -> None:
        """Stop gracefully at SIGTERM, and at SIGINT and SIGQUIT, too: a vote is not thrown away."""
        import gevent  # noqa: PLC0415

        super().init_signals()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            gevent.signal_handler(number, self._stopped.set)

    def load_wsgi(self) -> None:
        """Wire the server once the worker before has left the store. Other errors end gunicorn."""
        from api.log_lines import start_logging  # noqa: PLC0415 (after the patching)
        from api.serving import open_rollcall  # noqa: PLC0415
        from api.settings import BadSetting, read_settings  # noqa: PLC0415
        from db import JournalError  # noqa: PLC0415
        from db.journal.errors import Locked  # noqa: PLC0415

        start_logging()
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while not self._stopped.is_set():
            try:
                self._settings = read_settings()
                start_logging(self._settings.log)
                self._rollcall = open_rollcall(self._settings)
            except Locked as locked:
                if time.monotonic() > deadline:
                    self._refuse(locked)
                self.notify()
                time.sleep(LOOK_SECONDS)
            except (BadSetting, JournalError, OSError) as error:
                self._refuse(error)
            else:
                return
        sys.exit(0)

    def _refuse(self, error: Exception) -> None:
        self.log.error("rollcall: %s", error)
        sys.exit(BOOT_ERROR)

    def run(self) -> None:
        """Serve until a signal stops it; notify gunicorn every second that the event loop runs."""
        from api.httpd import adopt  # noqa: PLC0415 (after the patching)
        from api.serving import Serving  # noqa: PLC0415
        from run import greeting  # noqa: PLC0415

        listeners = [adopt(each.sock.detach()) for each in self.sockets]
        serving = Serving(self._rollcall, listeners)
        try:
            serving.start()
            sys.stdout.write(greeting(self._settings, self._rollcall))
            sys.stdout.flush()
            while not self._stopped.wait(NOTIFY_SECONDS) and self.ppid == os.getppid():
                self.notify()
        finally:
            self.notify()
            serving.stop()
