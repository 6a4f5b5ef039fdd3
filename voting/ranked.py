"""Counting ballots that rank candidates, for one seat: instant-runoff, and Schulze's beatpaths.

Neither breaks a tie: each returns all candidates that could win, and `count` in methods.py makes
them a winner or a tie. Ballots that are alike are counted at once, with how many they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple, TypeAlias

from voting.rest import Rest, no_rest

Ids: TypeAlias = tuple[int, ...]
Passes: TypeAlias = Callable[[int], bool]
Fates: TypeAlias = frozenset[int | None]
"""Who could win; None: nobody."""
Bundle: TypeAlias = tuple[Ids, int, int]
"""Ballots that are alike: their marks, the place of the candidate they count for, their number."""
Piles: TypeAlias = dict[int, list[Bundle]]
"""The ballots that count for each candidate."""


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
    """Who could win, and the votes that the threshold is compared with, by candidate."""

    fates: Fates
    support: dict[int, int]
    rounds: tuple[Round, ...] | None


class Outlook(NamedTuple):
    """What follows a round: the ways it could go, each with the candidates who leave, or at the end
    the possible winners.
    """

    tied: Ids
    ways: tuple[Ids, ...]
    ends: Fates


class Contest:
    """The candidates who stand in a round, with the ballots that count for each.

    votes: by standing candidate, in the candidates' order
    key: the set of those who stand, as bits by their places
    """

    __slots__ = ("_bits", "key", "piles", "rest", "votes")

    def __init__(
        self, piles: Piles, votes: dict[int, int], bits: dict[int, int], rest: Rest
    ) -> None:
        self.piles, self.votes, self.rest = piles, votes, rest
        self._bits = bits
        self.key = sum(bits[each] for each in votes)

    @classmethod
    def at_first(cls, candidates: Sequence[int], ballots: Mapping[Ids, int], rest: Rest) -> Contest:
        """Return how everybody stands before the first round; no ballot is blank."""
        piles: Piles = {each: [] for each in candidates}
        votes = dict.fromkeys(candidates, 0)
        for ballot, number in ballots.items():
            piles[ballot[0]].append((ballot, 0, number))
            votes[ballot[0]] += number
            rest()
        return cls(piles, votes, {each: 1 << place for place, each in enumerate(candidates)}, rest)

    def key_without(self, leaving: Ids) -> int:
        """Return the key of those who stand when others have left."""
        return self.key - sum(self._bits[each] for each in leaving)

    def without(self, leaving: Ids) -> Contest:
        """Return how candidates stand when others have left; only the ballots of these move."""
        piles, votes = dict(self.piles), dict(self.votes)
        left = [piles.pop(each) for each in leaving]
        for each in leaving:
            del votes[each]
        moved: Piles = {}
        for pile in left:
            for ballot, place, number in pile:
                self.rest()
                for onward in range(place + 1, len(ballot)):
                    if (heir := ballot[onward]) in votes:
                        votes[heir] += number
                        moved.setdefault(heir, []).append((ballot, onward, number))
                        break
        for heir, more in moved.items():
            piles[heir] = piles[heir] + more  # the list before is shared with other rounds
        return Contest(piles, votes, self._bits, self.rest)


def look_ahead(votes: Mapping[int, int], passes: Passes) -> Outlook:
    """Return what follows a round with these votes.

    The last ones who together have fewer votes than the next leave at once: whatever passes
    between them, none can reach it. Two always stay, for the threshold to be held against.
    """
    order = sorted(votes, key=votes.__getitem__)
    most = votes[order[-1]]
    if len(votes) <= 2 or (2 * most > sum(votes.values()) and passes(most)):
        first = tuple(each for each in votes if votes[each] == most)
        ends = frozenset(each if passes(most) else None for each in first)
        return Outlook(first if len(ends) > 1 else (), (), ends)
    sums = enumerate(accumulate(votes[each] for each in order[:-2]), 1)
    safe = max((place for place, total in sums if total < votes[order[place]]), default=0)
    if safe:
        last = {*order[:safe]}
        return Outlook((), (tuple(each for each in votes if each in last),), frozenset())
    tied = tuple(each for each in votes if votes[each] == votes[order[0]])
    return Outlook(tied, tuple((each,) for each in tied), frozenset())


def beat_paths(
    candidates: Sequence[int], ballots: Mapping[Ids, int], passes: Passes, rest: Rest
) -> Decision:
    """Decide by the strongest beatpaths, a defeat being as strong as its winning votes.

    Support is the ballots for a candidate against the rival who does best against it.

    Source: Schulze, A new monotonic, clone-independent, reversal symmetric, and
    Condorcet-consistent single-winner election method, Social Choice and Welfare 36, 2011.
    """
    pairs = compare_pairs(candidates, ballots, rest)
    paths, places = find_paths(pairs, rest), range(len(pairs))
    valid = sum(ballots.values())
    support = {
        each: min((row[j] for j in places if j != i), default=valid)
        for i, (each, row) in enumerate(zip(candidates, pairs, strict=True))
    }
    fates = frozenset(
        each if passes(support[each]) else None
        for i, each in enumerate(candidates)
        if all(paths[i][j] >= paths[j][i] for j in places)
    )
    return Decision(fates, support, None)


def find_paths(pairs: list[list[int]], rest: Rest = no_rest) -> list[list[int]]:
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
            rest()
    return paths


def compare_pairs(
    candidates: Sequence[int], ballots: Mapping[Ids, int], rest: Rest = no_rest
) -> list[list[int]]:
    """Return, by place, how many ballots put one candidate above another; unranked are last.

    A row of counters is one integer, so that a preference over all below is one addition.
    """
    width = sum(ballots.values()).bit_length()
    units = {each: 1 << width * place for place, each in enumerate(candidates)}
    everyone = sum(units.values())
    rows_by_number: dict[int, dict[int, int]] = {}
    for ballot, number in ballots.items():
        rows = rows_by_number.setdefault(number, {})
        below = everyone
        for each in ballot:
            below -= units[each]
            rows[each] = rows.get(each, 0) + below
        rest()
    mask, pairs = (1 << width) - 1, []
    for each in candidates:
        row = sum(rows.get(each, 0) * number for number, rows in rows_by_number.items())
        pairs.append([row >> width * place & mask for place in range(len(units))])
        rest()
    return pairs
