"""Instant-runoff: its rounds, and its ties for elimination, followed in every way they could go.

To follow a tie is hard in general (NP-complete: Conitzer, Rognlie & Xia 2009), so three shortcuts
are taken that never change who could win. Some candidates are shown to win in no way, without
following any. If each of the others is found to win in some way, that is all. And of candidates who
are level, those between whom no ballot can pass leave in any order with the same result, so one
order is followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from voting.ranked import (
    Contest,
    Decision,
    Fates,
    Ids,
    Outlook,
    Passes,
    Round,
    compare_pairs,
    look_ahead,
)
from voting.rest import Rest

EFFORT = 2_000_000
"""How many candidates and piles of ballots are looked at, to follow the first tie in every way: a
few seconds. As much again is spent on all later ties together.
"""
NOBODY: Fates = frozenset()
LAST = 2
"""How many always stay, for the threshold to be held against."""


def run_off(
    candidates: Sequence[int], ballots: Mapping[Ids, int], passes: Passes, rest: Rest
) -> Decision:
    """Decide by instant-runoff, following a tie in every way that it could go.

    Whoever passes with a majority of the continuing ballots wins, else the first of the last
    two, if that passes. Support is the votes in the last round that a candidate stood in. Where
    a tie takes too much to follow, everybody could win who isn't shown to win in no way.

    Source: Conitzer, Rognlie & Xia, Preference Functions that Score Rankings and Maximum
    Likelihood Estimation, IJCAI 2009 (a winner is who wins in one of the parallel universes).
    """
    contest, ties = Contest.at_first(candidates, ballots, rest), Ties(passes)
    valid, fates = sum(ballots.values()), NOBODY
    rounds: list[Round] = []
    while not fates:
        votes, (tied, ways, fates) = contest.votes, look_ahead(contest.votes, passes)
        if len(ways) > 1:
            fates = ties.settle(contest, tied, ways)
        leaving = () if fates else ways[0]
        rounds.append(Round(votes, valid - sum(votes.values()), leaving, tied))
        contest = contest.without(leaving)
    support = {each: votes for past in rounds for each, votes in past.votes.items()}
    return Decision(fates, support, tuple(rounds))


class Ties:
    """Follows the ties of one count. They depend on the ballots alone, and on no order."""

    def __init__(self, passes: Passes) -> None:
        self._passes = passes
        self._fates: dict[int, Fates] = {}
        self._known: Fates = NOBODY
        self._spent = 0

    def settle(self, contest: Contest, tied: Ids, ways: Sequence[Ids]) -> Fates:
        """Return who could win if it matters who of the tied leaves; nobody if it doesn't."""
        if not self._known:
            followed = self._follow(contest)
            self._known = followed or find_able(contest, self._passes)
            if followed is None:
                return self._known
            self._spent = 0  # what follows decides nothing but how many rounds are shown
        if len(self._known) == 1:
            return NOBODY
        if not self._known.isdisjoint(tied):  # who leaves can't win any more
            return self._known
        alike = all(
            self._spent <= EFFORT and self._follow(contest.without(way)) == self._known
            for way in ways
        )
        return NOBODY if alike else self._known

    def _follow(self, start: Contest) -> Fates | None:
        """Return who could win from `start` on; None if that takes too much."""
        if start.key not in self._fates:
            able = find_able(start, self._passes)
            self._spent += sum(map(len, start.piles.values())) * len(start.votes)
            if len(able) > 1 and able != self._sample(start, able):
                return self.follow_all(start)
            self._fates[start.key] = able
        return self._fates[start.key]

    def _sample(self, start: Contest, able: Fates) -> Fates:
        """Return who wins in a few ways: for each who is able to, one that keeps them if it can."""
        found = NOBODY
        for each in sorted(each for each in able if each is not None):
            if each not in found:
                found |= self._go_one_way(start, each)
                if each not in found:
                    break
        return found

    def _go_one_way(self, contest: Contest, kept: int) -> Fates:
        while not (ahead := look_ahead(contest.votes, self._passes)).ends:
            self._spent += len(contest.votes)
            ways = [way for way in ahead.ways if kept not in way] or ahead.ways
            gains = [count_passing(contest, way, kept) for way in ways] if len(ways) > 1 else [0]
            contest = contest.without(ways[gains.index(max(gains))])
        return ahead.ends

    def follow_all(self, start: Contest) -> Fates | None:
        """Return who could win, by following every way; None if that takes too much.

        How much it is depends on the ballots alone.
        """
        outlooks: dict[int, tuple[Fates, list[int]]] = {}
        waiting, seen, effort = [start], {start.key}, 0
        while waiting:
            contest = waiting.pop()
            ahead = look_ahead(contest.votes, self._passes)
            ways = ways_apart(contest, ahead)
            effort += len(contest.votes)
            effort += sum(len(contest.piles[each]) for way in ways for each in way)
            if effort > EFFORT:
                self._spent += effort
                return None
            keys = [contest.key_without(way) for way in ways]
            outlooks[contest.key] = ahead.ends, keys
            for way, key in zip(ways, keys, strict=True):
                if key not in seen:
                    seen.add(key)
                    waiting.append(contest.without(way))
            contest.rest()
        self._spent += effort
        for key in sorted(outlooks, key=int.bit_count):
            ends, keys = outlooks[key]
            self._fates[key] = ends.union(*(self._fates[each] for each in keys))
        return self._fates[start.key]


def ways_apart(contest: Contest, ahead: Outlook) -> Sequence[Ids]:
    """Return ways that together reach every possible end.

    If no ballot can pass between two candidates who are level, the order in which they leave
    changes nothing. So only one of the groups between which no ballot can pass is followed.
    Two who aren't level must stand, so that all who are level leave before the last two.
    """
    tied = ahead.tied
    if len(ahead.ways) < 2 or len(contest.votes) - len(tied) < LAST:
        return ahead.ways
    group_of = {each: {each} for each in tied}
    for each in tied:
        for ballot, place, _ in contest.piles[each]:
            for onward in range(place + 1, len(ballot)):
                if (heir := ballot[onward]) in group_of:
                    joined = group_of[each] | group_of[heir]
                    group_of |= dict.fromkeys(joined, joined)
                elif heir in contest.votes:
                    break
    groups = list(group_of.values())
    if alone := tuple(each for each in tied if len(group_of[each]) == 1):
        return (alone,)
    smallest = min(map(len, groups))
    return tuple((each,) for each in tied if len(group_of[each]) == smallest)


def count_passing(contest: Contest, leaving: Ids, heir: int) -> int:
    """Return how many ballots of those who leave have `heir` next."""
    return sum(
        number
        for each in leaving
        for ballot, place, number in contest.piles[each]
        if next((next_ for next_ in ballot[place + 1 :] if next_ in contest.votes), None) == heir
    )


def find_able(contest: Contest, passes: Passes) -> Fates:
    """Return everybody who may win in some way, without following any; it may be too many.

    A candidate can't win if another certainly stays longer. Of the last two, the one that more
    ballots prefer wins.
    """
    outlasted = count_outlasting(contest)
    last = {each: None for each in contest.votes if outlasted[each] < LAST}
    ballots: Counter[Ids] = Counter()
    for pile in contest.piles.values():
        for ballot, place, number in pile:
            ballots[tuple(each for each in ballot[place:] if each in last)] += number
            contest.rest()
    pairs = compare_pairs([*last], ballots, contest.rest)
    return frozenset(
        each if passes(pairs[i][j]) else None
        for i, each in enumerate(last)
        if not outlasted[each]
        for j in range(len(last))
        if i != j and pairs[i][j] >= pairs[j][i]
    )


def count_outlasting(contest: Contest) -> dict[int, int]:
    """Return, by candidate, how many others certainly leave later; there may be more of them.

    Of the candidates with at least so many votes, nobody leaves before one to whom fewer ballots
    than that come while all of them stand.
    """
    votes = contest.votes
    levels = sorted({*votes.values()} - {0})
    above: dict[int, Counter[int]] = {each: Counter() for each in votes}
    for pile in contest.piles.values():
        for ballot, place, number in pile:
            contest.rest()
            highest = 0
            for each in ballot[place:]:
                if each in votes:
                    above[each][highest] += number
                    if (highest := max(highest, votes[each])) == levels[-1]:
                        break
    outlasting = dict.fromkeys(votes, 0)
    for each, numbers in above.items():
        contest.rest()
        most = 0
        for lower, level in pairwise([0, *levels]):
            most += numbers[lower]
            if most < level:
                outlasting[each] = sum(number >= level for number in votes.values())
                break
    return outlasting
