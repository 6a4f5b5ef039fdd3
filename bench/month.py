"""A month of a club: what memory, files and joins cost after the last evening against the first.

    python -m bench.month [--small] [--keep FOLDER] [--evenings N] [--people N] [--polls N]

In each of 30 evenings the server starts, 300 people join and say a line, and vote in 10 polls,
half of them secret; the last is left open until the next evening. At the end all join once more,
which is measured, and the server is stopped. Once it is killed in the middle of an evening and
started again. No ballot may be lost. `--small` is a month of 4 evenings, 50 people and 3 polls.
"""

import argparse
import json
import shutil
import signal
import socket
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
from rich.console import Console
from rich.progress import track

from bench.hall import Hall, make_hall
from bench.report import Row, describe_machine, save, show
from bench.subjects import HERE, LOAD_CORE, SUBJECTS, Running, running
from bench.votes import ratio_row
from bench.workers import worker

LINES = 8
"""How many connections votes come over."""
JOINS = 3
"""How often all join at the end of an evening; the least processor time counts."""
SHOWN_OF = 3
"""Of the evenings, the last of each third is shown, and the first."""
MOST = 1.3
UNITS = {
    "start": "s",
    "join": "ms",
    "snapshot": "KB",
    "close of a secret poll": "ms",
    "close of a named poll": "ms",
    "memory": "MB",
    "files": "KB",
}


class Evening:
    """One evening in a room, as its host and its people."""

    def __init__(self, one: Running, room: str | None) -> None:
        self._one, self._tokens = one, one.hall.tokens.read_text().split()
        self._session = requests.Session()
        self.room = room or str(self.ask("POST", "/rooms", {"name": "Club"})["code"])

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as the host; return the document."""
        head = {"Authorization": f"Bearer {self._tokens[0]}"}
        url = self._one.url + path
        answer = self._session.request(method, url, json=body, headers=head, timeout=300)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    @contextmanager
    def joined(self, *, saying: bool) -> Iterator[float]:
        """Let everybody join, and say a line if they are `saying` one; give how many ms of the
        server's processor time one took.
        """
        join = json.dumps(["room:join", {"room": self.room}])
        line = json.dumps(["chat:send", {"room": self.room, "text": "Good evening"}])
        script = ['40{"token":"TOKEN"}', f"420{join}", *([f"421{line}"] if saying else [])]
        people = {"clients": len(self._tokens), "tokens": self._tokens}
        with worker("bench.live_clients", core=LOAD_CORE) as crowd:
            before = self._one.cpu_seconds()
            joined = crowd.ask("connect", port=self._one.port, script=script, **people)
            assert joined["joined"] >= len(self._tokens), joined
            taken = self._one.cpu_seconds() - before
            crowd.order("listen", seconds=3_600)
            yield taken * 1_000 / len(self._tokens)

    def open_poll(self, number: int) -> Any:
        """Open a poll: the even ones are secret."""
        candidates = [{"name": name} for name in ("Ada", "Noah", "Mina")]
        secrecy = ("secret", "named")[number % 2]
        draft = {"title": f"Poll {number}", "candidates": candidates, "secrecy": secrecy}
        poll = self.ask("POST", f"/rooms/{self.room}/polls", draft)
        self.ask("POST", f"/polls/{poll['id']}/open")
        return poll

    def vote(self, poll: Any) -> None:
        """Let everybody vote, over a few connections at once."""
        heads = []
        for number, token in enumerate(self._tokens):
            body = json.dumps({"choices": [poll["candidates"][number % 3]["id"]]})
            heads.append(
                f"PUT /polls/{poll['id']}/ballot HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: Bearer {token}\r\nContent-Type: application/json\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
            )
        opened = [socket.create_connection(("127.0.0.1", self._one.port)) for _ in range(LINES)]
        for line, sock in enumerate(opened):
            own = heads[line::LINES]
            sock.sendall(b"".join(own))
            read_responses(sock, len(own))
            sock.close()

    def close_poll(self, poll: Any) -> float:
        """Close a poll, whose ballots must all be there; return the ms that it took."""
        began = time.perf_counter()
        closed = self.ask("POST", f"/polls/{poll['id']}/close")
        taken = (time.perf_counter() - began) * 1_000
        counted = self.ask("GET", f"/polls/{closed['id']}/results")["ballots"]
        assert counted == len(self._tokens), (poll["id"], counted)
        return taken


def read_responses(sock: socket.socket, count: int) -> None:
    """Read so many responses of cast ballots."""
    read = b""
    while read.count(b"HTTP/1.1 ") < count or not read.rstrip().endswith(b"}"):
        data = sock.recv(1 << 16)
        assert data, read[-500:]
        read += data
    assert read.count(b"HTTP/1.1 20") == count, read[-500:]


def memory_mb(one: Running) -> float:
    """Return the server's resident memory."""
    status = Path(f"/proc/{one.process.pid}/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) / 1_024


def snapshot_kb(one: Running, room: str, token: str) -> float:
    """Return the size of a join snapshot, over polling."""
    transport = f"{one.url}/socket.io/?EIO=4&transport=polling"
    opened = requests.get(transport, timeout=30).text
    client = f"{transport}&sid={json.loads(opened[1:])['sid']}"
    for packet in (f'40{{"token":"{token}"}}', f'420["room:join",{{"room":"{room}"}}]'):
        requests.post(client, data=packet, timeout=30)
        answer = requests.get(client, timeout=30)
    return len(answer.content) / 1_000


class Month:
    """All evenings over the same files. `found` has what was measured, by evening."""

    def __init__(self, hall: Hall, polls: int) -> None:
        self._hall, self._polls = hall, polls
        self._room: str | None = None
        self._left: Any = None
        self.found: list[dict[str, float]] = []

    @contextmanager
    def serving(self) -> Iterator[tuple[Running, float]]:
        """Run the server; stop it cleanly, unless it was killed."""
        began = time.monotonic()
        with running(SUBJECTS["rollcall"], self._hall) as one:
            yield one, time.monotonic() - began
            if one.process.poll() is None:
                one.process.send_signal(signal.SIGTERM)
                one.process.wait(120)

    def spend(self, *, crash: bool) -> None:
        """Spend an evening, with a crash in its middle or without."""
        taken: defaultdict[str, list[float]] = defaultdict(list)
        halves = (self._polls // 2, self._polls - self._polls // 2) if crash else (self._polls,)
        for part, polls in enumerate(halves):
            with self.serving() as (one, seconds):
                taken["start"].append(seconds)
                self._spend(one, polls, taken)
                taken["memory"] = [memory_mb(one)]
                if crash and part == 0:
                    one.process.kill()
                    one.process.wait()
        files = self._hall.tokens.parent.glob("rollcall.json*")
        taken["files"] = [sum(each.stat().st_size for each in files) / 1_000]
        self.found.append({name: min(each) for name, each in taken.items()})

    def _spend(self, one: Running, polls: int, taken: defaultdict[str, list[float]]) -> None:
        evening = Evening(one, self._room)
        self._room = evening.room
        if self._left is not None:
            evening.close_poll(self._left)
        token = self._hall.tokens.read_text().split()[1]
        with evening.joined(saying=True):
            for number in range(polls):
                self._left = poll = evening.open_poll(number)
                evening.vote(poll)
                if number < polls - 1:
                    kind = ("secret", "named")[number % 2]
                    taken[f"close of a {kind} poll"].append(evening.close_poll(poll))
        taken["snapshot"].append(snapshot_kb(one, evening.room, token))
        for _ in range(JOINS):
            with evening.joined(saying=False) as join:
                taken["join"].append(join)
            time.sleep(1)  # until they have gone


def rows_of(found: list[dict[str, float]]) -> Iterator[Row]:
    """Return some evenings, and the ratios of the last and the first."""
    first, last = found[0], found[-1]
    shown = [1, *(round(third * len(found) / SHOWN_OF) for third in range(1, SHOWN_OF + 1))]
    for name, unit in UNITS.items():
        for number in shown:
            if name in found[number - 1]:  # a crash may leave no time for a close
                yield Row("month", f"{name}, evening {number}", unit, [found[number - 1][name]])
        target = f"≤ {MOST}" if name in ("join", "snapshot") else ""
        what = f"{name}: evening {len(found)} against evening 1"
        yield ratio_row("month", what, [last[name] / first[name]], target)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.month", description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--keep", type=Path, help="a folder that the store's files are copied to")
    for name, count in (("evenings", 30), ("people", 300), ("polls", 10)):
        parser.add_argument(f"--{name}", type=int, default=count)
    options = parser.parse_args()
    if options.small:
        options.evenings, options.people, options.polls = 4, 50, 3
    (HERE / "out").mkdir(exist_ok=True)
    machine, console = describe_machine(), Console(stderr=True)
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        month = Month(make_hall(Path(folder), options.people, 1), options.polls)
        for number in track(range(options.evenings), "Evenings", console=console):
            month.spend(crash=number == options.evenings // 2)
        if options.keep:
            shutil.copytree(folder, options.keep, dirs_exist_ok=True)
    rows = list(rows_of(month.found))
    show(rows, Console())
    if not options.small:
        save("month", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
