"""What votes wait while a stranger reads a closed poll's record in a loop, over 8 connections.

    python -m bench.reading [--rounds N] [--only READER …]

The poll has 1,000 ballots that rank 20 candidates. In each round a lone voter, and then 16 at once,
vote in peace, beside the reader, and in peace again; each ratio is of one round. The server's
limits are on. What the readers do is in `bench.attackers`.
"""

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bench.attackers import READERS
from bench.hostile import VOTERS, attacked, prepare
from bench.load import need_wrk, vote
from bench.report import Row, describe_machine, save, show
from bench.subjects import HERE, SUBJECTS, Running, running
from bench.votes import own_files, ratio_row

CROWDS = {1: "a lone vote", 16: "votes of 16 at once"}
SECONDS, WARM_SECONDS = 2, 1
MOST = 1.2


def measure(one: Running, name: str, token: str) -> dict[int, tuple[float, float]]:
    """Return votes' p50 beside a reader, in ms, and by what factor that is more than in peace, by
    the number of connections.
    """
    found = {}
    for crowd in CROWDS:
        before = vote(one, SECONDS, crowd)["p50_ms"]
        with attacked(one, name, token):
            beside = vote(one, SECONDS, crowd)["p50_ms"]
        after = vote(one, SECONDS, crowd)["p50_ms"]
        found[crowd] = beside, 2 * beside / (before + after)
    return found


def rows_of(one: Running, name: str, token: str, rounds: int) -> Iterator[Row]:
    """Return what one reader costs."""
    found = [measure(one, name, token) for _ in range(rounds)]
    for crowd, words in CROWDS.items():
        yield Row(name, f"{words}: p50", "ms", [each[crowd][0] for each in found])
        ratios = [each[crowd][1] for each in found]
        yield ratio_row(name, f"{words}: p50 against peace", ratios, f"≤ {MOST}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=READERS, action="append", help="may be repeated")
    options = parser.parse_args()
    need_wrk()
    (HERE / "out").mkdir(exist_ok=True)
    machine, rows = describe_machine(), list[Row]()
    with tempfile.TemporaryDirectory(dir=HERE / "out") as folder:
        hall = prepare(Path(folder))
        token = hall.tokens.read_text().split()[0]
        for name in options.only or READERS:
            limits = {"ROLLCALL_RATE_LIMITS": "on"}
            with own_files(hall) as own, running(SUBJECTS["rollcall"], own, **limits) as one:
                one.next = VOTERS  # the first poll is closed
                while one.next < 2 * VOTERS:  # the first vote by each token takes longer
                    vote(one, WARM_SECONDS, 16)
                rows += rows_of(one, name, token, options.rounds)
    show(rows, Console())
    save("reading", machine, rows)
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
