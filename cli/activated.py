"""`python -m cli.activated FD [OPTION]…`: `rollcall serve` on a socket that the caller opened.

As under systemd, the socket outlives the server: while none runs, clients wait in its queue and
are not refused.
"""

import os
import sys

from cli.main import rollcall

SOCKET_FILE = 3
"""Where systemd puts the socket: sd_listen_fds(3)."""


def main() -> None:
    """Serve on the open file whose number is the first argument, with the other arguments."""
    os.dup2(int(sys.argv[1]), SOCKET_FILE)
    os.environ |= {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    rollcall(["serve", *sys.argv[2:]], prog_name="rollcall")


if __name__ == "__main__":
    main()
