"""How long the event loop stands still while a poll is closed, and how long the close takes.

    python -m bench.stalls [--kind plurality|ranked] [--secrecy secret|named] [--ballots N]
                           [--candidates N] [--rounds N] [--against CHECKOUT]

A server of its own is started for each close. Two greenlets measure it from inside: one counts the
processor time that passes until it runs again, so that other programs don't count; the other the
time. `--against` takes turns with another checkout, and prints the ratios.
"""

import argparse
import json
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

KEY = "the key of nothing but measurements"
START_SECONDS, TICK_SECONDS, LOOK_SECONDS = 120, 0.001, 0.1
CHUNK = 20_000
WITHIN_MS = 20


def make_store(folder: Path, kind: str, secrecy: str, ballots: int, candidates: int) -> None:
    """Make a store whose only poll is open and has so many ballots."""
    from api.tokens import Tokens  # noqa: PLC0415 (of the checkout that is measured)
    from db.tinydb_store import TinyDBStore  # noqa: PLC0415
    from voting.model.accounts import Account  # noqa: PLC0415
    from voting.model.ballots import Ballot  # noqa: PLC0415
    from voting.model.polls import Candidate, Poll  # noqa: PLC0415
    from voting.model.rooms import Guest, Room  # noqa: PLC0415

    now, chance = datetime.now(UTC), random.Random(1)
    store = TinyDBStore(folder / "rollcall.json", now)
    named = tuple(Candidate(0, f"Candidate {number}") for number in range(candidates))
    with store.transaction():
        store.add(Room(0, "lobby", "Lobby", "public"))
        host = store.add(
            Account(0, "host@example.org", "host@example.org", "Host", "", 0, True, now)
        )
        draft = Poll(0, "lobby", "?", named, method=kind, secrecy=secrecy)  # type: ignore[arg-type]
        opened = now - timedelta(minutes=1)
        poll = store.make_poll_key(store.add(draft))
        from dataclasses import replace  # noqa: PLC0415

        poll = store.save(replace(poll, state="open", opened_at=opened))
    ids = [each.id for each in poll.candidates]
    likes = [1 + place / len(ids) for place in range(len(ids))]
    for start in range(0, ballots, CHUNK):
        with store.transaction():
            for _ in range(start, min(start + CHUNK, ballots)):
                marks = (chance.choice(ids),)
                if kind == "ranked":  # each candidate is somewhat better liked than the next
                    order = sorted(range(len(ids)), key=lambda each: chance.random() ** likes[each])
                    marks = tuple(ids[each] for each in order)
                person = None
                if secrecy == "named":
                    person = store.add(Guest(0, "lobby", secrets.token_hex(8), now)).person
                key = secrets.token_hex(32), secrets.token_hex(16)
                store.add(Ballot(secrets.randbits(53), poll.id, *key, marks, person))
    store.close()
    (folder / "token").write_text(Tokens(KEY, 24).issue(host, now)[0])


def serve(folder: Path) -> None:
    """Run the checkout's server, and keep the longest that its event loop stood still."""
    from gevent import monkey  # noqa: PLC0415

    monkey.patch_all()

    import gevent  # noqa: PLC0415

    import run  # noqa: PLC0415

    def measure(name: str, clock: Callable[[], float]) -> None:
        longest, path = 0.0, folder / name
        while True:
            before = clock()
            gevent.sleep(TICK_SECONDS)
            stalled = clock() - before
            if not path.exists():
                longest = 0.0
            if stalled > longest or not path.exists():
                longest = stalled
                path.write_text(str(longest * 1000))

    gevent.spawn(measure, "cpu", time.thread_time)
    gevent.spawn(measure, "wall", time.perf_counter)
    run.main()


@contextmanager
def serving(checkout: Path, folder: Path) -> Iterator[str]:
    """Start a checkout's server; give its address once it answers."""
    import requests  # noqa: PLC0415

    from bench.subjects import free_port  # noqa: PLC0415

    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environ = os.environ | {
        "PYTHONPATH": str(checkout),
        "ROLLCALL_DATABASE_URL": f"tinydb:///{folder}/rollcall.json",
        "ROLLCALL_PORT": str(port),
        "ROLLCALL_SECRET_KEY": KEY,
        "ROLLCALL_RATE_LIMITS": "off",
    }
    command = [sys.executable, __file__, "--serve", str(folder)]
    with subprocess.Popen(command, cwd=checkout, env=environ, stdout=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while time.monotonic() < deadline:
                try:
                    requests.get(f"{url}/healthz", timeout=START_SECONDS)
                    break
                except requests.ConnectionError:
                    time.sleep(0.1)
            yield url
        finally:
            process.kill()


def close(checkout: Path, options: argparse.Namespace) -> dict[str, float]:
    """Close a poll in a server; return the seconds it took and the longest stalls in ms."""
    import requests  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = [options.kind, options.secrecy, str(options.ballots), str(options.candidates)]
        subprocess.run(
            [sys.executable, __file__, "--make", str(folder), *made],
            cwd=checkout,
            env=os.environ | {"PYTHONPATH": str(checkout)},
            check=True,
        )
        token = (folder / "token").read_text()
        with serving(checkout, folder) as url:
            time.sleep(1)
            for each in ("cpu", "wall"):
                (folder / each).unlink()
            time.sleep(0.1)
            began = time.monotonic()
            answer = requests.post(
                f"{url}/polls/1/close", headers={"Authorization": token}, timeout=3600
            )
            while answer.json()["state"] != "closed":  # one that takes long is answered before
                assert answer.ok, answer.text
                time.sleep(LOOK_SECONDS)
                answer = requests.get(f"{url}/polls/1", timeout=3600)
            seconds = time.monotonic() - began
            stalls = {each: float((folder / each).read_text()) for each in ("cpu", "wall")}
        return {"seconds": seconds, **stalls}


def main() -> int:
    parser = argparse.ArgumentParser("python -m bench.stalls", description=__doc__)
    parser.add_argument("--kind", default="ranked")
    parser.add_argument("--secrecy", default="secret")
    parser.add_argument("--ballots", type=int, default=2_000)
    parser.add_argument("--candidates", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path)
    options = parser.parse_args()
    checkouts = [Path(__file__).parents[1], *([options.against] if options.against else [])]
    rounds = [[close(each, options) for each in checkouts] for _ in range(options.rounds)]
    for measured in rounds:
        print(json.dumps(measured))
    for what in ("seconds", "cpu", "wall"):
        ratios = [each[0][what] / each[-1][what] for each in rounds]
        print(f"{what}: {median(each[0][what] for each in rounds):.2f}, ratio {median(ratios):.3f}")
    return int(median(each[0]["cpu"] for each in rounds) > WITHIN_MS)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(Path(sys.argv[2]))
    elif sys.argv[1:2] == ["--make"]:
        make_store(Path(sys.argv[2]), *sys.argv[3:5], *map(int, sys.argv[5:7]))  # type: ignore[arg-type]
    else:
        sys.exit(main())
