"""The count's benchmark: ranked ballots by each rule, against votelib.

    python -m bench.counting [--ballots N] [--rounds N]

Every ballot ranks every candidate, in an order of its own: nothing can be counted for two at
once, so this is the slowest kind. Rounds are interleaved, ratios are taken within a round.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Callable
from statistics import median
from typing import Any

import votelib.convert
import votelib.evaluate.condorcet
import votelib.evaluate.sequential
from rich.console import Console
from rich.table import Table

from voting.methods import Rules, Turnout, count
from voting.ranked import Ids

CANDIDATES = 10
TARGET_SECONDS = 0.2

Subject = Callable[[tuple[int, ...], list[Ids]], Any]


def count_ours(rule: str | None) -> Subject:
    """All that a close asks for, from ballots to outcome."""
    return lambda candidates, ballots: count(Rules("ranked"), candidates, ballots, Turnout(), rule)


def run_off_votelib(_candidates: tuple[int, ...], ballots: list[Ids]) -> Any:
    selector = votelib.evaluate.sequential.TransferableVoteSelector()
    return selector.evaluate(dict(Counter(ballots)), 1)


def schulze_votelib(_candidates: tuple[int, ...], ballots: list[Ids]) -> Any:
    pairs = votelib.convert.RankedToCondorcetVotes().convert(dict(Counter(ballots)))
    return votelib.evaluate.condorcet.Schulze().evaluate(pairs)


SUBJECTS: dict[str, tuple[Subject, Subject]] = {
    "instant-runoff": (count_ours(None), run_off_votelib),
    "schulze": (count_ours("schulze"), schulze_votelib),
}


def make_ballots(chance: random.Random, candidates: int, ballots: int) -> list[Ids]:
    """Full rankings, each candidate somewhat better liked than the next: so without ties."""
    likes = [1 + place / candidates for place in range(candidates)]
    return [
        tuple(sorted(range(candidates), key=lambda each: chance.random() ** likes[each]))
        for _ in range(ballots)
    ]


def clock(subject: Subject, candidates: tuple[int, ...], ballots: list[Ids]) -> float:
    """Return the seconds that one count takes."""
    start = time.perf_counter()
    subject(candidates, ballots)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.counting")
    parser.add_argument("--ballots", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    candidates = tuple(range(CANDIDATES))
    ballots = make_ballots(random.Random(1), CANDIDATES, options.ballots)
    rounds = [
        {
            rule: [clock(subject, candidates, ballots) for subject in subjects]
            for rule, subjects in SUBJECTS.items()
        }
        for _ in range(options.rounds)
    ]
    table = Table("rule", "median", "slowest", "votelib", "ratio", f"≤ {TARGET_SECONDS} s")
    for rule in SUBJECTS:
        ours, theirs = zip(*(each[rule] for each in rounds), strict=True)
        ratio = median(peer / own for own, peer in zip(ours, theirs, strict=True))
        times = [f"{seconds * 1000:.0f} ms" for seconds in (median(ours), max(ours))]
        met = "yes" if median(ours) <= TARGET_SECONDS else "no"
        table.add_row(rule, *times, f"{median(theirs) * 1000:.0f} ms", f"{ratio:.1f} x", met)
    Console().print(f"{options.ballots} ballots of {CANDIDATES} candidates", table)


if __name__ == "__main__":
    main()
