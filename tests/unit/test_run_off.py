"""Ties of an instant-runoff count: what the shortcuts leave out never changes who could win."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from voting import run_off
from voting.methods import Outcome, Rules, Turnout, count
from voting.ranked import Contest, Fates, Ids, Passes, look_ahead
from voting.run_off import NOBODY, Ties, find_able, ways_apart

CANDIDATES = tuple(range(8))
marks = st.lists(st.sampled_from(CANDIDATES), unique=True, min_size=1).map(tuple)
few = st.lists(marks, min_size=1, max_size=16).map(Counter)
thresholds = st.sampled_from((0, 0, 4, 6))


def follow_plainly(ballots: Mapping[Ids, int], passes: Passes) -> Fates:
    """Who could win when one leaves at a time, in every way, down to two, with no shortcut."""

    @cache
    def follow(standing: frozenset[int]) -> Fates:
        votes = Counter(dict.fromkeys(standing, 0))
        for ballot, number in ballots.items():
            votes.update(dict.fromkeys([each for each in ballot if each in standing][:1], number))
        most, least = max(votes.values()), min(votes.values())
        if len(standing) <= 2:
            return frozenset(
                each if passes(most) else None for each in standing if votes[each] == most
            )
        leaving = (each for each in standing if votes[each] == least)
        return NOBODY.union(*(follow(standing - {each}) for each in leaving))

    return follow(frozenset(CANDIDATES))


def all_at_first(ballots: Mapping[Ids, int], candidates: Ids = CANDIDATES) -> Contest:
    return Contest.at_first(candidates, ballots, lambda: None)


def elect(candidates: int, ballots: Iterable[Ids]) -> Outcome:
    return count(Rules("ranked"), tuple(range(candidates)), ballots, Turnout())


@settings(max_examples=examples(150), deadline=None)
@given(few, thresholds)
@example(Counter({(7,): 3, (6,): 3, (0, 1, 7): 1, (1, 2, 6): 1, (2, 0): 1, (3,): 1}), 0)
def test_following_every_way_finds_who_could_win(ballots: Counter[Ids], needed: int) -> None:
    start = all_at_first(ballots)

    fates = Ties(needed.__le__).follow_all(start)

    assert fates == follow_plainly(ballots, needed.__le__)


@settings(max_examples=examples(150), deadline=None)
@given(few, thresholds)
def test_nobody_who_could_win_is_ruled_out(ballots: Counter[Ids], needed: int) -> None:
    able = find_able(all_at_first(ballots), needed.__le__)

    assert able >= follow_plainly(ballots, needed.__le__)


@settings(max_examples=examples(150), deadline=None)
@given(few, thresholds)
def test_count_decides_ties_as_following_every_way_does(ballots: Counter[Ids], needed: int) -> None:
    decision = run_off.run_off(CANDIDATES, ballots, needed.__le__, lambda: None)

    assert decision.fates == follow_plainly(ballots, needed.__le__)


@settings(max_examples=examples(100), deadline=None)
@given(few, st.permutations(CANDIDATES), st.integers(1, 60))
def test_giving_up_does_not_depend_on_the_order_of_candidates(
    ballots: Counter[Ids], order: list[int], effort: int
) -> None:
    renamed = Counter({tuple(order[each] for each in b): number for b, number in ballots.items()})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run_off, "EFFORT", effort)

        one, other = (
            run_off.run_off(CANDIDATES, each, lambda _votes: True, lambda: None).fates
            for each in (ballots, renamed)
        )

    assert {order[each] for each in one if each is not None} == other


def test_only_the_ballots_of_those_who_leave_move() -> None:
    looked_at: list[None] = []
    ballots = {(0, 1): 5, (0, 2): 1, (1, 2): 7, (2, 3): 4, (3,): 2}
    start = Contest.at_first((0, 1, 2, 3), ballots, lambda: looked_at.append(None))
    looked_at.clear()

    after = start.without((0, 3))

    assert after.votes == {1: 12, 2: 5}
    assert len(looked_at) == len([each for each in ballots if each[0] in (0, 3)])
    assert start.votes == {0: 6, 1: 7, 2: 4, 3: 2}


def test_level_candidates_between_whom_no_ballot_passes_leave_in_one_order() -> None:
    ballots = {(0, 9): 1, (1, 2, 9): 1, (2,): 1, (3, 8): 1, (8,): 4, (9,): 5}
    start = all_at_first(ballots, (0, 1, 2, 3, 8, 9))

    ways = ways_apart(start, look_ahead(start.votes, lambda _votes: True))

    assert ways == ((0, 3),)


# --- elections of which a count that gives up knows too little


def test_one_who_has_two_votes_wins_where_all_others_vote_for_themselves() -> None:
    members = 40

    outcome = elect(members, [(0,), *((each,) for each in range(members))])

    assert (outcome.winners, outcome.tied) == ((0,), ())


def test_all_are_tied_where_everybody_votes_for_themselves() -> None:
    members = 40

    outcome = elect(members, [(each,) for each in range(members)])

    assert outcome.tied == tuple(range(members))


def draw(chance: random.Random, strong: int, weak: int, voters: int) -> list[Ids]:
    """Ballots of up to six marks: some candidates are well known, and many are level."""
    likes = [10.0] * strong + [0.5] * weak
    return [
        tuple(
            sorted(range(strong + weak), key=lambda each: -(chance.random() ** (1 / likes[each])))
        )[: chance.randint(1, 6)]
        for _ in range(voters)
    ]


@pytest.mark.parametrize(("strong", "weak", "voters"), [(3, 30, 100), (8, 60, 400)])
def test_many_weak_candidates_who_are_level_leave_the_winner_certain(
    strong: int, weak: int, voters: int
) -> None:
    outcome = elect(strong + weak, draw(random.Random(1), strong, weak, voters))

    assert len(outcome.winners) == 1


def test_rounds_end_at_a_tie_when_those_before_took_all_the_effort(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    weak = range(2, 14)
    ballots = {(0,): 10, (1,): 10, **{(each,): 1 for each in weak}}
    start, ties = all_at_first(ballots, (0, 1, *weak)), Ties(lambda _votes: True)
    later = start.without((2,))

    settled = [ties.settle(each, *look_ahead(each.votes, bool)[:2]) for each in (start, later)]
    monkeypatch.setattr(run_off, "EFFORT", -1)
    last = ties.settle(later, *look_ahead(later.votes, bool)[:2])

    assert settled == [NOBODY, NOBODY]
    assert last == {0, 1}


def test_a_long_count_rests_often() -> None:
    rests = 0

    def rest() -> None:
        nonlocal rests
        rests += 1

    chance = random.Random(1)
    ballots = [tuple(chance.sample(range(20), 20)) for _ in range(200)]

    for rule in (None, "schulze"):
        rests = 0
        count(Rules("ranked"), tuple(range(20)), ballots, Turnout(), rule, rest=rest)
        assert rests > len(ballots)
