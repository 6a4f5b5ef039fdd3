"""Ten tabs of an old frontend that fetch `/candidates` in a tight loop while people vote.

    python -m bench.tabs [--rounds N]

A round votes for some seconds in peace, then with the tabs, 150 requests a second each, as one of
them does in a browser; the votes go to the poll that they look at. The server has one core.
"""

import argparse
import re
import socket
import tempfile
import threading
import time
from pathlib import Path

from rich.console import Console

from bench.hall import make_hall
from bench.load import need_wrk, vote
from bench.report import Row, describe_machine, save, show
from bench.subjects import HERE, SUBJECTS, Running, running
from bench.votes import ratio_row

TABS, RATE = 10, 150
CONNECTIONS, SECONDS = 16, 3
END = b"\r\n\r\n"
ETAG = re.compile(rb"ETag: (\S+)")
VOTERS = 100_000
"""Enough that all the ballots of a measurement go to one poll."""


class Tabs(threading.Thread):
    """Asks for `/candidates` over a connection a tab, at its rate at most, until it is ended."""

    def __init__(self, one: Running) -> None:
        super().__init__()
        self.answered, self.ended = 0, False
        self._tabs = [socket.create_connection(("127.0.0.1", one.port)) for _ in range(TABS)]
        head = f"GET /candidates HTTP/1.1\r\nHost: 127.0.0.1:{one.port}\r\n"
        self._head = f"{head}Origin: http://localhost:3000".encode()
        self._held = [b""] * TABS

    def run(self) -> None:
        began = time.monotonic()
        while not self.ended:
            for tab, etag in zip(self._tabs, self._held, strict=True):
                tab.sendall(self._head + (b"\r\nIf-None-Match: " + etag if etag else b"") + END)
            for place, tab in enumerate(self._tabs):
                answer = tab.recv(65_536)
                self.answered += answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 304"))
                self._held[place] = ETAG.findall(answer)[0]
            time.sleep(max(0.0, began + self.answered / (TABS * RATE) - time.monotonic()))
        for tab in self._tabs:
            tab.close()


def measure(one: Running, rounds: int) -> list[Row]:
    """Return votes a second in peace and with the tabs."""
    peace, tabbed, rates, ratios = [], [], [], []
    vote(one, 1, CONNECTIONS)
    for _ in range(rounds):
        peace.append(vote(one, SECONDS, CONNECTIONS)["rate"])
        tabs = Tabs(one)
        tabs.start()
        tabbed.append(vote(one, SECONDS, CONNECTIONS)["rate"])
        tabs.ended = True
        tabs.join()
        rates.append(tabs.answered / SECONDS)
        ratios.append(tabbed[-1] / peace[-1])
    return [
        Row("tabs", f"votes a second in peace, {CONNECTIONS} connections", "/s", peace),
        Row("tabs", f"votes a second with {TABS} tabs in a loop", "/s", tabbed),
        Row("tabs", "what the tabs were answered", "/s", rates),
        ratio_row("tabs", f"votes with {TABS} tabs in a loop", ratios, "≥ 0.7"),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.tabs", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    need_wrk()
    (HERE / "out").mkdir(exist_ok=True)
    machine = describe_machine()
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        hall = make_hall(Path(folder), VOTERS, 8)
        with running(SUBJECTS["rollcall"], hall) as one:
            rows = measure(one, options.rounds)
    show(rows, Console())
    save("tabs", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
