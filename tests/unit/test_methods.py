"""Counting against published elections, votelib, brute force and what must hold of any count."""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, pairwise, permutations

import pytest
import votelib.convert
import votelib.evaluate.condorcet
import votelib.evaluate.core
import votelib.evaluate.sequential
from hypothesis import given, settings
from hypothesis import strategies as st

import voting.run_off
from tests.examples import examples
from voting.methods import (
    Marks,
    Method,
    Outcome,
    Rules,
    Threshold,
    Turnout,
    count,
    fill_seats,
    mark_votes,
    reaches,
)
from voting.ranked import compare_pairs, find_paths

A, B, C, D, E = range(1, 6)
RANKED = Rules("ranked")
NOBODY = Turnout()
BY = (None, "schulze")


def share(num: int, den: int, of: str, rule: str) -> Threshold:
    """A threshold: a share of `num` / `den`."""
    return {"num": num, "den": den, "of": of, "rule": rule}  # type: ignore[typeddict-item]


def rankings(*groups: tuple[int, str]) -> list[Marks]:
    """Ballots from (how many, letters best first)."""
    return [tuple(map(ord, letters)) for number, letters in groups for _ in range(number)]


def letters(ids: Sequence[int]) -> str:
    return "".join(map(chr, ids))


def rank(candidates: str, ballots: list[Marks], rule: str | None = None) -> Outcome:
    return count(RANKED, tuple(map(ord, candidates)), ballots, NOBODY, rule)


def plain(method: Method, ballots: list[Marks], seats: int = 1, **more: object) -> Outcome:
    return count(Rules(method, seats, **more), (A, B, C), ballots, NOBODY)  # type: ignore[arg-type]


# Where the capital of Tennessee should be: https://en.wikipedia.org/wiki/Instant-runoff_voting
TENNESSEE = rankings((42, "MNCK"), (26, "NCKM"), (15, "CKNM"), (17, "KCNM"))


def test_plurality_elects_memphis_in_the_tennessee_example() -> None:
    first = [ballot[:1] for ballot in TENNESSEE if isinstance(ballot, tuple)]

    outcome = count(Rules("plurality"), tuple(map(ord, "MNCK")), first, NOBODY)

    assert letters(outcome.winners) == "M"


def test_run_off_elects_knoxville_in_the_tennessee_example() -> None:
    outcome = rank("MNCK", TENNESSEE)

    assert letters(outcome.winners) == "K"
    assert [letters(each.eliminated) for each in outcome.rounds or ()] == ["C", "N", ""]
    assert [dict(each.votes) for each in outcome.rounds or ()] == [
        {ord("M"): 42, ord("N"): 26, ord("C"): 15, ord("K"): 17},
        {ord("M"): 42, ord("N"): 26, ord("K"): 32},
        {ord("M"): 42, ord("K"): 58},
    ]


def test_schulze_elects_nashville_in_the_tennessee_example() -> None:
    outcome = rank("MNCK", TENNESSEE, "schulze")

    assert letters(outcome.winners) == "N"
    assert outcome.rounds is None


@pytest.mark.parametrize(
    ("candidates", "groups", "winners", "tied"),
    [
        # by hand: d reaches all by 13 or more (d b 19, b a 13, a c 14), and is reached by 12
        ("abcd", [(8, "acdb"), (2, "badc"), (4, "cdba"), (4, "dbac"), (3, "dcba")], "d", ""),
        # by hand: b to c is 7 and d to a is 6; all other paths are 5
        ("abcd", [(3, "abcd"), (2, "dabc"), (2, "dbca"), (2, "cbda")], "", "bd"),
        # https://en.wikipedia.org/wiki/Schulze_method, its example of 45 voters
        (
            "ABCDE",
            [
                (5, "ACBED"),
                (5, "ADECB"),
                (8, "BEDAC"),
                (3, "CABED"),
                (7, "CAEBD"),
                (2, "CBADE"),
                (7, "DCEBA"),
                (8, "EBADC"),
            ],
            "E",
            "",
        ),
    ],
)
def test_schulze_elects_the_candidate_with_the_strongest_paths(
    candidates: str, groups: list[tuple[int, str]], winners: str, tied: str
) -> None:
    outcome = rank(candidates, rankings(*groups), "schulze")

    assert (letters(outcome.winners), letters(outcome.tied)) == (winners, tied)


def test_pairs_and_paths_are_those_of_the_published_example() -> None:
    # https://en.wikipedia.org/wiki/Schulze_method, its example of 45 voters
    ballots = rankings(
        *[(5, "ACBED"), (5, "ADECB"), (8, "BEDAC"), (3, "CABED")],
        *[(7, "CAEBD"), (2, "CBADE"), (7, "DCEBA"), (8, "EBADC")],
    )

    pairs = compare_pairs(tuple(map(ord, "ABCDE")), Counter(map(tuple, ballots)))
    paths = find_paths(pairs)

    assert pairs == [
        [0, 20, 26, 30, 22],
        [25, 0, 16, 33, 18],
        [19, 29, 0, 17, 24],
        [15, 12, 28, 0, 14],
        [23, 27, 21, 31, 0],
    ]
    assert [row[:i] + row[i + 1 :] for i, row in enumerate(paths)] == [
        [28, 28, 30, 24],
        [25, 28, 33, 24],
        [25, 29, 29, 24],
        [25, 28, 28, 24],
        [25, 28, 28, 31],
    ]


def test_paths_leave_open_what_schulze_says_that_they_leave_open() -> None:
    # M. Schulze on the election-methods list, 28 November 2011: a defeat of each strength
    pairs = [[0] * 4 for _ in range(4)]
    for winner, loser, strength in ("DB5", "CB4", "AC3", "BA2", "CD2", "DA1"):
        pairs["ABCD".index(winner)]["ABCD".index(loser)] = int(strength)

    paths = find_paths(pairs)

    assert paths[0][1:] == [3, 3, 2]
    assert paths[3][0] == paths[0][3]


def test_paths_are_the_strongest_of_all_that_there_are() -> None:
    chance = random.Random(7)
    for _ in range(300):
        size = chance.randint(2, 5)
        pairs = [[chance.randint(0, 9) * (i != j) for j in range(size)] for i in range(size)]

        paths = find_paths(pairs)

        for start, end in permutations(range(size), 2):
            between = [each for each in range(size) if each not in (start, end)]
            ways = chain.from_iterable(permutations(between, n) for n in range(size - 1))
            assert paths[start][end] == max(
                min(pairs[i][j] * (pairs[i][j] > pairs[j][i]) for i, j in pairwise(path))
                for path in ((start, *way, end) for way in ways)
            )


# --- marks, seats and their ties


@pytest.mark.parametrize(
    ("method", "marks", "votes"),
    [
        ("plurality", (B,), [(B, 1)]),
        ("approval", (C, A), [(C, 1), (A, 1)]),
        ("ranked", (C, A), [(C, 1)]),
        ("score", {A: 5, B: 0}, [(A, 5), (B, 0)]),
        ("approval", (), []),
        ("ranked", (), []),
        ("score", (), []),
        ("score", {}, []),
    ],
)
def test_ballot_gives_votes_by_its_method(
    method: Method, marks: Marks, votes: list[tuple[int, int]]
) -> None:
    assert list(mark_votes(method, marks)) == votes


@pytest.mark.parametrize(
    ("votes", "seats", "winners", "tied"),
    [
        ([5, 3, 3], 1, (A,), ()),
        ([5, 3, 3], 2, (A,), (B, C)),
        ([5, 3, 3], 3, (A, B, C), ()),
        ([3, 5, 3], 1, (B,), ()),
        ([3, 3, 5], 2, (C,), (A, B)),
        ([3, 5, 5], 1, (), (B, C)),
        ([3, 5, 5], 2, (B, C), ()),
        ([4, 4, 4], 2, (), (A, B, C)),
        ([2, 0, 0], 2, (A,), ()),
        ([0, 0, 0], 1, (), ()),
        ([1, 2, 3], 9, (A, B, C), ()),
    ],
)
def test_seats_are_filled_and_ties_at_the_last_one_reported(
    votes: list[int], seats: int, winners: tuple[int, ...], tied: tuple[int, ...]
) -> None:
    by_candidate = dict(zip((A, B, C), votes, strict=True))

    assert fill_seats(by_candidate, seats, lambda _votes: True) == (winners, tied)


def test_approval_counts_every_mark() -> None:
    outcome = plain("approval", [(A, B), (B,), (B, C), ()])

    assert outcome.votes == {A: 1, B: 3, C: 1}
    assert (outcome.ballots, outcome.blank, outcome.winners) == (4, 1, (B,))


def test_score_adds_points() -> None:
    outcome = plain("score", [{A: 5, B: 3}, {B: 3}, {}])

    assert outcome.votes == {A: 5, B: 6, C: 0}
    assert (outcome.blank, outcome.winners) == (1, (B,))


@pytest.mark.parametrize("method", ["plurality", "approval", "score", "ranked"])
@pytest.mark.parametrize("ballots", [[], [()], [(), ()]])
def test_nobody_wins_or_is_tied_when_no_ballot_is_valid(
    method: Method, ballots: list[Marks]
) -> None:
    outcome = plain(method, ballots)

    assert (outcome.ballots, outcome.blank) == (len(ballots), len(ballots))
    assert (outcome.winners, outcome.tied, outcome.rounds) == ((), (), None)
    assert outcome.votes == {A: 0, B: 0, C: 0}


@pytest.mark.parametrize("rule", BY)
@pytest.mark.parametrize(("of", "winners"), [("valid", (A,)), ("cast", ())])
def test_single_candidate_wins_when_its_ballots_pass(
    rule: str | None, of: str, winners: tuple[int, ...]
) -> None:
    rules = Rules("ranked", threshold=share(1, 2, of, "more_than"))

    outcome = count(rules, (A,), [(A,), ()], NOBODY, rule)

    assert outcome.winners == winners


@pytest.mark.parametrize(
    ("rules", "rule"),
    [(Rules("approval"), "schulze"), (RANKED, "borda"), (Rules("ranked", seats=2), None)],
)
def test_count_refuses_a_rule_or_seats_that_the_method_lacks(rules: Rules, rule: str) -> None:
    with pytest.raises(ValueError, match="has no rule"):
        count(rules, (A, B), [(A,)], NOBODY, rule)


# --- thresholds


@pytest.mark.parametrize(
    ("num", "den", "rule", "votes", "base", "passes"),
    [
        (2, 3, "at_least", 6, 9, True),
        (2, 3, "at_least", 5, 9, False),
        (2, 3, "more_than", 6, 9, False),
        (2, 3, "more_than", 7, 9, True),
        (1, 2, "more_than", 5, 10, False),
        (1, 2, "more_than", 6, 11, True),
        (1, 2, "at_least", 5, 11, False),
        (1, 1, "at_least", 9, 9, True),
        (1, 2, "at_least", 0, 0, False),
        (1, 3, "at_least", 10**15 + 1, 3 * (10**15 + 1), True),
        (1, 3, "at_least", 10**15, 3 * 10**15 + 1, False),
    ],
)
def test_threshold_passes_exactly_at_its_share(
    num: int, den: int, rule: str, votes: int, base: int, passes: bool
) -> None:
    assert reaches(share(num, den, "valid", rule), votes, base) is passes


@pytest.mark.parametrize(
    ("of", "passes"),
    [("valid", True), ("cast", False), ("present", True), ("eligible", False)],
)
def test_threshold_is_held_against_the_base_that_it_names(of: str, passes: bool) -> None:
    rules = Rules("plurality", threshold=share(1, 2, of, "more_than"))
    ballots: list[Marks] = [(A,), (A,), (A,), (B,), (), ()]

    outcome = count(rules, (A, B), ballots, Turnout(present=5, eligible=6))

    assert outcome.passed == {A: passes, B: False}
    assert outcome.winners == ((A,) if passes else ())


@pytest.mark.parametrize("of", ["present", "eligible"])
def test_nobody_passes_a_share_of_an_unknown_number(of: str) -> None:
    rules = Rules("plurality", threshold=share(1, 9, of, "at_least"))

    outcome = count(rules, (A,), [(A,)], Turnout())

    assert (outcome.passed, outcome.winners) == ({A: False}, ())


def test_threshold_of_score_is_a_share_of_all_points_that_could_be_given() -> None:
    rules = Rules("score", score_max=5, threshold=share(1, 2, "valid", "at_least"))

    outcome = count(rules, (A, B), [{A: 4}, {A: 1, B: 4}, {}], NOBODY)

    assert outcome.passed == {A: True, B: False}


def test_tied_candidates_must_pass_the_threshold() -> None:
    rules = Rules("plurality", threshold=share(1, 2, "valid", "more_than"))

    outcome = count(rules, (A, B), [(A,), (B,)], NOBODY)

    assert (outcome.winners, outcome.tied) == ((), ())


def test_run_off_goes_on_to_the_last_two_when_its_majority_has_not_passed() -> None:
    ballots = rankings((6, "abc"), (3, "ba"), (2, "ca"))
    rules = Rules("ranked", threshold=share(2, 3, "valid", "at_least"))

    outcome = count(rules, tuple(map(ord, "abc")), ballots, NOBODY)

    assert letters(outcome.winners) == "a"
    assert [letters(each.eliminated) for each in outcome.rounds or ()] == ["c", ""]


def test_run_off_elects_nobody_when_the_last_two_do_not_pass() -> None:
    ballots = rankings((6, "a"), (3, "b"), (2, "c"))
    rules = Rules("ranked", threshold=share(2, 3, "valid", "at_least"))

    outcome = count(rules, tuple(map(ord, "abc")), ballots, NOBODY)

    assert (outcome.winners, outcome.tied) == ((), ())
    assert not any(outcome.passed.values())


def test_run_off_shows_a_tie_when_only_some_ways_reach_the_threshold() -> None:
    # b and c are level for leaving: then a has 5 of 10 against b (who also has 5), or 6 against c
    ballots = rankings((4, "a"), (2, "ba"), (1, "b"), (1, "ca"), (2, "cb"))
    rules = Rules("ranked", threshold=share(6, 10, "valid", "at_least"))

    outcome = count(rules, tuple(map(ord, "abc")), ballots, NOBODY)

    assert brute_force("abc", ballots, lambda votes: votes >= 6) == {ord("a"), None}
    assert (outcome.winners, letters(outcome.tied)) == ((), "a")


def test_threshold_of_schulze_is_held_against_the_strongest_rival() -> None:
    def passes(num: int) -> bool:
        rules = Rules("ranked", threshold=share(num, 100, "valid", "at_least"))
        nashville = ord("N")
        outcome = count(rules, tuple(map(ord, "MNCK")), TENNESSEE, NOBODY, "schulze")
        return outcome.winners == (nashville,) and outcome.passed[nashville]

    assert (passes(58), passes(59)) == (True, False)


# --- ties of a run-off


def test_run_off_ends_at_the_tie_that_decides() -> None:
    # without b c wins, without c a wins, and b and c are level for leaving
    outcome = rank("abc", rankings((4, "ab"), (3, "bc"), (3, "ca")))

    assert (outcome.winners, letters(outcome.tied)) == ((), "ac")
    assert [(letters(r.eliminated), letters(r.tied)) for r in outcome.rounds or ()] == [("", "bc")]


def test_run_off_passes_by_a_tie_that_does_not_matter() -> None:
    outcome = rank("abc", rankings((4, "a"), (2, "ba"), (2, "ca")))

    assert letters(outcome.winners) == "a"
    assert [(letters(r.eliminated), letters(r.tied)) for r in outcome.rounds or ()] == [
        ("b", "bc"),
        ("", ""),
    ]


def test_run_off_ties_the_last_two_when_they_are_level() -> None:
    outcome = rank("abc", rankings((3, "a"), (3, "b"), (1, "c")))

    assert letters(outcome.tied) == "ab"
    assert [(letters(r.eliminated), letters(r.tied)) for r in outcome.rounds or ()] == [
        ("c", ""),
        ("", "ab"),
    ]
    assert (outcome.rounds or ())[-1].exhausted == 1


def test_run_off_excludes_all_at_once_who_together_cannot_reach_the_next() -> None:
    outcome = rank("abcde", rankings((9, "a"), (8, "b"), (2, "cb"), (2, "db"), (1, "e")))

    assert [letters(each.eliminated) for each in outcome.rounds or ()] == ["cde", ""]
    assert letters(outcome.winners) == "b"


def test_run_off_ties_all_who_may_win_when_there_are_too_many_ways(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(voting.run_off, "EFFORT", 20)
    ring = [(3, each) for each in ("abcd", "bcda", "cdab", "dabc")]

    outcome = rank("abcdyz", rankings((8, "y"), (9, "z"), *ring))

    assert letters(outcome.tied) == "abcdz"  # z beats y, and nobody passes both
    assert [letters(each.tied) for each in outcome.rounds or ()] == ["abcd"]


def test_run_off_of_many_candidates_ends_when_every_way_is_level() -> None:
    candidates = tuple(range(30))
    ballots: list[Marks] = [candidates[start:] + candidates[:start] for start in candidates]

    outcome = count(RANKED, candidates, ballots, NOBODY)

    assert outcome.tied == candidates


# --- oracles


def brute_force(
    candidates: str, ballots: Sequence[Marks], passes: Callable[[int], bool] = lambda _: True
) -> set[int | None]:
    """Who can win when one leaves at a time, in every way, down to two, with no shortcut."""

    def follow(standing: frozenset[int]) -> set[int | None]:
        votes = Counter(dict.fromkeys(standing, 0))
        for ballot in ballots:
            votes.update([each for each in ballot if each in standing][:1])
        most, least = max(votes.values()), min(votes.values())
        if len(standing) <= 2:
            return {each if passes(most) else None for each in standing if votes[each] == most}
        out = [each for each in standing if votes[each] == least]
        return set[int | None]().union(*(follow(standing - {each}) for each in out))

    return follow(frozenset(map(ord, candidates)))


def profiles(seed: int, number: int, *, most: int = 6, voters: int = 12) -> Iterator[list[Marks]]:
    """Small random profiles over the letters from a, often level, with cut and blank ballots."""
    chance = random.Random(seed)
    for _ in range(number):
        names = [ord("a") + place for place in range(chance.randint(1, most))]
        yield [
            tuple(chance.sample(names, chance.randint(0, len(names))))
            for _ in range(chance.randint(1, voters))
        ]


def names_of(ballots: Sequence[Marks]) -> str:
    return "".join(chr(each) for each in sorted({each for ballot in ballots for each in ballot}))


def test_run_off_gives_what_brute_force_gives() -> None:
    for ballots in profiles(1, 1500):
        if not (names := names_of(ballots)):
            continue

        outcome = rank(names, ballots)

        assert {*outcome.winners, *outcome.tied} == brute_force(names, ballots), ballots
        assert len(outcome.winners) + min(len(outcome.tied), 2) in (1, 2)
        assert not (outcome.winners and outcome.tied)


def test_run_off_with_a_threshold_gives_what_brute_force_gives() -> None:
    rules = Rules("ranked", threshold=share(3, 5, "cast", "at_least"))
    for ballots in profiles(2, 1500):
        if not (names := names_of(ballots)):
            continue
        needed = -(-3 * len(ballots) // 5)
        could = brute_force(names, ballots, needed.__le__)

        outcome = count(rules, tuple(map(ord, names)), ballots, NOBODY)

        assert {*outcome.winners, *outcome.tied} == could - {None}, ballots
        assert bool(outcome.winners) == (len(could) == 1 and None not in could), ballots
        assert all(outcome.passed[each] for each in (*outcome.winners, *outcome.tied))


def test_pairs_are_those_that_each_ballot_gives() -> None:
    for ballots in profiles(3, 500):
        ids = tuple(map(ord, names_of(ballots)))

        pairs = compare_pairs(ids, Counter(map(tuple, ballots)))

        for i, one in enumerate(ids):
            for j, other in enumerate(ids):
                above = sum(
                    one in ballot
                    and (other not in ballot or list(ballot).index(one) < list(ballot).index(other))
                    for ballot in ballots
                )
                assert pairs[i][j] == (above if one != other else 0)


def test_run_off_agrees_with_votelib_wherever_that_gives_an_answer() -> None:
    oracle = votelib.evaluate.sequential.TransferableVoteSelector()
    answered = 0
    for ballots in profiles(4, 3000, voters=30):
        valid = Counter(ballot for ballot in ballots if ballot)
        try:
            (elected,) = oracle.evaluate(dict(valid), 1)
        except (NotImplementedError, ValueError, votelib.evaluate.core.VotingSystemError):
            continue  # it met a tie, or no valid ballot

        outcome = rank(names_of(ballots), ballots)

        # votelib may step over a tie by chance of its order: then its winner is one of the tied
        assert elected in (outcome.winners or outcome.tied), ballots
        answered += bool(outcome.winners)
    assert answered > 1500


def test_schulze_agrees_with_votelib_wherever_that_gives_one_winner() -> None:
    oracle, pairs = votelib.evaluate.condorcet.Schulze(), votelib.convert.RankedToCondorcetVotes()
    answered = 0
    for ballots in profiles(5, 3000, voters=30):
        valid = {ballot: number for ballot, number in Counter(ballots).items() if ballot}
        if len(names := names_of(ballots)) < 2:
            continue
        elected = oracle.evaluate(pairs.convert(valid), 1)

        outcome = rank(names, ballots, "schulze")

        if outcome.winners:
            assert elected == list(outcome.winners), ballots
            answered += 1
        elif elected and not isinstance(elected[0], votelib.evaluate.core.Tie):
            assert elected[0] in outcome.tied, ballots
    assert answered > 1500


@pytest.mark.parametrize("method", ["plurality", "approval"])
def test_sums_agree_with_votelib(method: Method) -> None:
    chance = random.Random(6)
    for _ in range(1000):
        most = 1 if method == "plurality" else 5
        ids, seats = (A, B, C, D, E), chance.randint(1, 5)
        ballots: list[Marks] = [
            tuple(chance.sample(ids, chance.randint(0, most))) for _ in range(chance.randint(1, 20))
        ]
        votes = Counter(each for ballot in ballots for each in ballot)
        best = votelib.evaluate.core.get_n_best(dict(votes), seats)
        ties = [each for each in best if isinstance(each, votelib.evaluate.core.Tie)]

        outcome = count(Rules(method, seats), ids, ballots, NOBODY)

        assert {*outcome.winners} == {*best} - {*ties}
        assert {*outcome.tied} == set().union(*ties)


# --- what must hold of any count

ballots_of = {
    "plurality": st.lists(st.lists(st.sampled_from((A, B, C, D)), max_size=1).map(tuple)),
    "approval": st.lists(st.lists(st.sampled_from((A, B, C, D)), unique=True).map(tuple)),
    "ranked": st.lists(st.lists(st.sampled_from((A, B, C, D)), unique=True).map(tuple)),
    "score": st.lists(st.dictionaries(st.sampled_from((A, B, C, D)), st.integers(0, 5))),
}
methods = st.sampled_from([*((method, None) for method in ballots_of), ("ranked", "schulze")])


@settings(max_examples=examples(150), deadline=None)
@given(st.data(), methods, st.randoms(use_true_random=False))
def test_count_does_not_depend_on_the_order_of_ballots(
    data: st.DataObject, by: tuple[Method, str | None], chance: random.Random
) -> None:
    method, rule = by
    ballots = data.draw(ballots_of[method])
    shuffled = chance.sample(ballots, len(ballots))

    outcomes = [
        count(Rules(method), (A, B, C, D), each, NOBODY, rule) for each in (ballots, shuffled)
    ]

    assert outcomes[0] == outcomes[1]


@settings(max_examples=examples(150), deadline=None)
@given(st.data(), methods, st.permutations([A, B, C, D]))
def test_count_does_not_depend_on_who_the_candidates_are(
    data: st.DataObject, by: tuple[Method, str | None], order: list[int]
) -> None:
    method, rule = by
    ballots = data.draw(ballots_of[method])
    other = dict(zip((A, B, C, D), order, strict=True))
    renamed = [
        {other[each]: points for each, points in ballot.items()}
        if isinstance(ballot, dict)
        else tuple(other[each] for each in ballot)
        for ballot in ballots
    ]

    one = count(Rules(method), (A, B, C, D), ballots, NOBODY, rule)
    two = count(Rules(method), (A, B, C, D), renamed, NOBODY, rule)

    assert {other[each] for each in one.winners} == {*two.winners}
    assert {other[each] for each in one.tied} == {*two.tied}
    assert {other[each]: votes for each, votes in one.votes.items()} == two.votes


@settings(max_examples=examples(100), deadline=None)
@given(ballots_of["ranked"])
def test_first_preferences_and_exhausted_ballots_sum_to_the_valid_ones(
    ballots: list[Marks],
) -> None:
    outcome = count(RANKED, (A, B, C, D), ballots, NOBODY)

    valid = outcome.ballots - outcome.blank
    assert sum(outcome.votes.values()) == valid
    assert all(sum(each.votes.values()) + each.exhausted == valid for each in outcome.rounds or ())


@settings(max_examples=examples(150), deadline=None)
@given(st.data(), methods, st.integers(1, 12), st.sampled_from(["more_than", "at_least"]))
def test_higher_threshold_never_lets_more_pass(
    data: st.DataObject, by: tuple[Method, str | None], num: int, kind: str
) -> None:
    method, rule = by
    ballots = data.draw(ballots_of[method])

    low, high = (
        count(
            Rules(method, threshold=share(number, 12, "valid", kind)),
            (A, B, C, D),
            ballots,
            NOBODY,
            rule,
        )
        for number in (num, num + 1)
    )

    assert {*high.winners} <= {*low.winners}
    if rule or method != "ranked":  # a run-off that goes on shows later, higher votes
        assert all(low.passed[each] for each in low.passed if high.passed[each])


@settings(max_examples=examples(150), deadline=None)
@given(ballots_of["ranked"])
def test_schulze_elects_whoever_beats_each_other_one(ballots: list[Marks]) -> None:
    ids = (A, B, C, D)
    pairs = compare_pairs(ids, Counter(map(tuple, filter(None, ballots))))
    beats_all = tuple(
        each
        for i, each in enumerate(ids)
        if all(pairs[i][j] > pairs[j][i] for j in range(4) if j != i)
    )

    outcome = count(RANKED, ids, ballots, NOBODY, "schulze")

    assert not beats_all or outcome.winners == beats_all
