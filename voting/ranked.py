"""Counting ballots that rank candidates, for one seat: instant-runoff, and Schulze's beatpaths.

Neither breaks a tie: each returns all candidates that could win, and `count` in methods.py makes
them a winner or a tie.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, TypeAlias

EFFORT = 1_000_000  # piles and candidates that following a tie may look at: half a second

Ids: TypeAlias = tuple[int, ...]
Passes: TypeAlias = Callable[[int], bool]
Fates: TypeAlias = dict[Ids, frozenset[int | None]]


@dataclass(frozen=True)
class Round:
    """One round of an instant-runoff count. `votes` are by standing candidate; `eliminated` leave
    after it.

    `exhausted` ballots rank no standing candidate. `tied` candidates are level for elimination, or
    at the end for winning. If it matters who of them is eliminated, the rounds end; otherwise the
    first one is.
    """

    votes: dict[int, int]
    exhausted: int
    eliminated: Ids
    tied: Ids


class Decision(NamedTuple):
    """Who could win (None: nobody), and the votes that the threshold is compared with, by
    candidate.
    """

    fates: frozenset[int | None]
    support: dict[int, int]
    rounds: tuple[Round, ...] | None


class Step(NamedTuple):
    """The possible sets of standing candidates after a round, or at the end the possible
    winners.
    """

    votes: dict[int, int]
    tied: Ids
    ways: tuple[Ids, ...]
    ends: frozenset[int | None]


def run_off(candidates: Sequence[int], ballots: Sequence[Ids], passes: Passes) -> Decision:
    """Decide by instant-runoff, following a tie in every way that it could go.

    Whoever passes with a majority of the continuing ballots wins, else the first of the last
    two, if that passes. Support is the votes in the last round that a candidate stood in. Where
    a tie takes too much to follow, everybody who stands could win.

    Source: Conitzer, Rognlie & Xia, Preference Functions that Score Rankings and Maximum
    Likelihood Estimation, IJCAI 2009 (a winner is who wins in one of the parallel universes).
    """
    pile, standing = Pile(ballots), tuple(candidates)
    fates: Fates = {}
    rounds: list[Round] = []
    while not rounds or rounds[-1].eliminated:
        votes, tied, ways, ends = take_step(pile.first_preferences(standing), passes)
        if len(ways) > 1 and not fates:
            fates = follow_ties(pile, standing, passes)
        after = ways[0] if len({fates.get(way, way) for way in ways}) == 1 else standing
        leaving = tuple(each for each in standing if each not in after)
        rounds.append(Round(votes, len(ballots) - sum(votes.values()), leaving, tied))
        standing = after
    support = {each: votes for past in rounds for each, votes in past.votes.items()}
    return Decision(ends or fates.get(standing, frozenset(standing)), support, tuple(rounds))


def follow_ties(pile: Pile, start: Ids, passes: Passes) -> Fates:
    """Return who could win, by the set that stands, from `start` on; nothing if it is too much.

    How much it is depends on the ballots alone, not on their order or on the candidates'.
    """
    steps: dict[Ids, Step] = {}
    waiting, bound = [start], pile.effort + EFFORT
    while waiting and pile.effort <= bound:
        if (standing := waiting.pop()) not in steps:
            steps[standing] = take_step(pile.first_preferences(standing), passes)
            waiting += steps[standing].ways
    fates: Fates = {}
    for standing in sorted(steps, key=len) if pile.effort <= bound else ():
        _, _, ways, ends = steps[standing]
        fates[standing] = ends.union(*(fates[way] for way in ways))
    return fates


def take_step(votes: dict[int, int], passes: Passes) -> Step:
    """Return what follows a round with these votes.

    The last ones who together have fewer votes than the next leave at once: whatever passes
    between them, none can reach it. Two always stay, for the threshold to be held against.
    """
    order = sorted(votes, key=votes.__getitem__)
    most = votes[order[-1]]
    if len(votes) <= 2 or (2 * most > sum(votes.values()) and passes(most)):
        first = tuple(each for each in votes if votes[each] == most)
        ends = frozenset(each if passes(most) else None for each in first)
        return Step(votes, first if len(ends) > 1 else (), (), ends)
    sums = enumerate(accumulate(votes[each] for each in order[:-2]), 1)
    safe = max((place for place, total in sums if total < votes[order[place]]), default=0)
    tied = () if safe else tuple(each for each in votes if votes[each] == votes[order[0]])
    leaving = [{each} for each in tied] or [set(order[:safe])]
    ways = tuple(tuple(each for each in votes if each not in gone) for gone in leaving)
    return Step(votes, tied, ways, frozenset())


class Pile:
    """Ballots alike in their first `depth` preferences, split by the next when first asked.

    So a round costs what it moves. `effort` grows with what was looked at.
    """

    def __init__(self, ballots: Sequence[Ids], depth: int = 0) -> None:
        self.ballots = ballots
        self.depth = depth
        self.effort = 0

    @cached_property
    def split(self) -> dict[int, Pile]:
        """The piles by next preference; ballots that end here are in none."""
        piles: dict[int, list[Ids]] = {}
        for ballot in self.ballots:
            if len(ballot) > self.depth:
                piles.setdefault(ballot[self.depth], []).append(ballot)
        return {each: Pile(pile, self.depth + 1) for each, pile in piles.items()}

    def first_preferences(self, standing: Ids) -> dict[int, int]:
        """Return how many ballots rank each of `standing` above the others of them."""
        votes = dict.fromkeys(standing, 0)
        waiting = [self]
        self.effort += len(votes)
        while waiting:
            self.effort += 1
            for candidate, pile in waiting.pop().split.items():
                if candidate in votes:
                    votes[candidate] += len(pile.ballots)
                else:
                    waiting.append(pile)
        return votes


def beat_paths(candidates: Sequence[int], ballots: Sequence[Ids], passes: Passes) -> Decision:
    """Decide by the strongest beatpaths, a defeat being as strong as its winning votes.

    Support is the ballots for a candidate against the rival who does best against it.

    Source: Schulze, A new monotonic, clone-independent, reversal symmetric, and
    Condorcet-consistent single-winner election method, Social Choice and Welfare 36, 2011.
    """
    pairs = compare_pairs(candidates, ballots)
    paths, places = find_paths(pairs), range(len(pairs))
    support = {
        each: min((row[j] for j in places if j != i), default=len(ballots))
        for i, (each, row) in enumerate(zip(candidates, pairs, strict=True))
    }
    fates = frozenset(
        each if passes(support[each]) else None
        for i, each in enumerate(candidates)
        if all(paths[i][j] >= paths[j][i] for j in places)
    )
    return Decision(fates, support, None)


def find_paths(pairs: list[list[int]]) -> list[list[int]]:
    """Return the strength of the strongest path from each candidate to each other, by place."""
    places = range(len(pairs))
    paths = [[row[j] if row[j] > pairs[j][i] else 0 for j in places] for i, row in enumerate(pairs)]
    for via, onward in enumerate(paths):
        for row in paths:
            if reach := row[via]:  # min and max, but written out they take six times as long
                row[:] = [
                    old if old >= new or old >= reach else min(new, reach)
                    for old, new in zip(row, onward, strict=True)
                ]
    return paths


def compare_pairs(candidates: Sequence[int], ballots: Sequence[Ids]) -> list[list[int]]:
    """Return, by place, how many ballots put one candidate above another; unranked are last.

    A row of counters is one integer, so that a preference over all below is one addition.
    """
    width = len(ballots).bit_length()
    units = {each: 1 << width * place for place, each in enumerate(candidates)}
    rows = dict.fromkeys(candidates, 0)
    everyone = sum(units.values())
    for ballot in ballots:
        below = everyone
        for each in ballot:
            below -= units[each]
            rows[each] += below
    mask = (1 << width) - 1
    return [[row >> width * place & mask for place in range(len(units))] for row in rows.values()]
