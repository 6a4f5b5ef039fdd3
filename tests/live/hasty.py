"""The server with little memory for its sockets; with deadlines of a second, unless `patient`."""

import sys
from pathlib import Path

from gevent import monkey

monkey.patch_all()

sys.path.insert(0, str(Path(__file__).parents[2]))

import run  # noqa: E402
from api.live import live  # noqa: E402
from api.wire import engine  # noqa: E402

if __name__ == "__main__":
    engine.UNREAD_BYTES = 1 << 20
    if "patient" not in sys.argv:
        engine.JOIN_SECONDS = engine.LEAVE_SECONDS = engine.STUCK_SECONDS = 1
        live.PING_SECONDS, live.CLOSING_SECONDS = (1, 1), 1
    run.main()
