"""Verdicts: every method, threshold and quorum rule, against a few lines that decide anew."""

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voting.methods import Method, Outcome, Rules, Threshold, Turnout, count
from voting.model.polls import Poll
from voting.verdicts import QuorumRule, apply_verdict, decide_verdict

FOR, AGAINST, ABSTAIN = 1, 2, 3
HALF: Threshold = {"num": 1, "den": 2, "of": "valid", "rule": "more_than"}
BALLOTS: dict[str, list[Any]] = {  # of three candidates
    "one leads": [(1,), (1,), (1,), (2,), (3,)],
    "two are level": [(1,), (1,), (2,), (2,)],
    "only blank": [(), ()],
    "none": [],
}
SCORED = {(1,): {1: 5, 2: 0}, (2,): {2: 5}, (3,): {3: 5}, (): {}}
THRESHOLDS: list[Threshold | None] = [
    None,
    *(
        {"num": num, "den": den, "of": of, "rule": rule}  # type: ignore[misc]
        for (num, den), of, rule in product(
            ((1, 2), (2, 3)),
            ("valid", "cast", "present", "eligible"),
            ("more_than", "at_least"),
        )
    ),
]
TURNOUT = Turnout(present=6, eligible=9)


def expect(
    method: str, threshold: Threshold | None, ballots: list[Any], require: bool, met: bool | None
) -> str:
    """Decide a poll of the first choices of three candidates anew."""
    if require and met is False:
        return "no_quorum"
    votes = [sum(ballot == (each,) for ballot in ballots) for each in (1, 2, 3)]
    motion = method == "motion"
    valid = sum(votes[:2]) if motion else sum(votes)
    bases = {"valid": valid, "cast": len(ballots), "present": 6, "eligible": 9}
    bar = threshold or HALF if motion else threshold

    def passes(number: int) -> bool:
        if bar is None or not number:
            return number > 0
        share, asked = Fraction(number, bases[bar["of"]] or 1), Fraction(bar["num"], bar["den"])
        return share > asked if bar["rule"] == "more_than" else share >= asked

    if motion:
        return "carried" if passes(votes[0]) else "rejected"
    leaders = [number for number in votes if number == max(votes) and passes(number)]
    return ["none_passed", "elected"][len(leaders)] if len(leaders) < 2 else "tied"


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("quorum_rule", get_args(QuorumRule))
@pytest.mark.parametrize("met", [None, True, False])
def test_verdict_is_what_the_rules_say(
    method: Method, quorum_rule: QuorumRule, met: bool | None
) -> None:
    for threshold, ballots in product(THRESHOLDS, BALLOTS.values()):
        bar = threshold or HALF if method == "motion" else threshold
        marks = [SCORED[each] for each in ballots] if method == "score" else ballots
        outcome = count(Rules(method, threshold=bar), (1, 2, 3), marks, TURNOUT)

        verdict = decide_verdict(method, outcome, quorum_rule, met)

        expected = expect(method, threshold, ballots, quorum_rule == "require", met)
        assert verdict == expected, (threshold, ballots)


def test_nobody_is_elected_or_tied_without_a_required_quorum() -> None:
    for ballots in BALLOTS.values():
        outcome = count(Rules("plurality"), (1, 2, 3), ballots, TURNOUT)

        applied = apply_verdict(outcome, "no_quorum")

        assert (applied.winners, applied.tied) == ((), ())
        assert replace(applied, winners=outcome.winners, tied=outcome.tied) == outcome


def test_outcome_is_kept_by_every_other_verdict() -> None:
    outcome = Outcome(3, 0, {1: 2, 2: 1}, {1: True, 2: True}, (1,), (), None)

    assert apply_verdict(outcome, "elected") is outcome


def test_seats_that_stay_empty_are_no_tie() -> None:
    outcome = count(Rules("plurality", seats=2), (1, 2, 3), [(1,), (1,)], TURNOUT)

    assert decide_verdict("plurality", outcome, "record", None) == "elected"


def test_tie_for_the_last_seat_leaves_the_election_open() -> None:
    outcome = count(Rules("plurality", seats=2), (1, 2, 3), [(1,), (1,), (2,), (3,)], TURNOUT)

    assert outcome.winners == (1,)
    assert decide_verdict("plurality", outcome, "record", None) == "tied"


@pytest.mark.parametrize(
    ("winners", "tied", "verdict"),
    [([1], [], "elected"), ([], [1], "tied"), ([], [], "none_passed")],
)
def test_poll_that_was_closed_before_there_were_verdicts_has_one(
    winners: list[int], tied: list[int], verdict: str
) -> None:
    outcome = {"winners": winners, "tied": tied}
    poll = Poll(1, "lobby", "Who?", (), state="closed", outcome=outcome)

    assert poll.verdict == verdict


@pytest.mark.parametrize(
    ("state", "verdict"), [("draft", None), ("open", None), ("paused", None), ("void", "void")]
)
def test_poll_that_was_not_counted_has_no_verdict_of_ballots(state: Any, verdict: Any) -> None:
    assert Poll(1, "lobby", "Who?", (), state=state).verdict == verdict


@given(
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(0, 10),
    st.sampled_from([each for each in THRESHOLDS if each]),
)
def test_motion_is_carried_by_votes_for_it_alone(
    yes: int, no: int, neither: int, blank: int, threshold: Threshold
) -> None:
    ballots: list[Any] = [(FOR,)] * yes + [(AGAINST,)] * no + [(ABSTAIN,)] * neither + [()] * blank
    rules = Rules("motion", threshold=threshold)

    outcome = count(rules, (FOR, AGAINST, ABSTAIN), ballots, TURNOUT)

    assert outcome.ballots == yes + no + neither + blank
    assert outcome.blank == blank
    assert outcome.votes == {FOR: yes, AGAINST: no, ABSTAIN: neither}
    assert (outcome.winners, outcome.tied, outcome.rounds) == ((), (), None)
    assert not outcome.passed[AGAINST]
    assert not outcome.passed[ABSTAIN]
    expected = expect("motion", threshold, ballots, False, None)
    assert decide_verdict("motion", outcome, "record", False) == expected


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_abstaining_never_moves_a_motion_whose_base_is_valid(
    yes: int, no: int, neither: int, blank: int
) -> None:
    def passed(*ballots: Any) -> bool:
        rules = Rules("motion", threshold=HALF)
        return count(rules, (FOR, AGAINST, ABSTAIN), ballots, Turnout()).passed[FOR]

    decided = [(FOR,)] * yes + [(AGAINST,)] * no

    assert passed(*decided, *[(ABSTAIN,)] * neither, *[()] * blank) == passed(*decided)
    assert passed(*decided) == (yes > no)


@pytest.mark.parametrize("threshold", [None, HALF])
@pytest.mark.parametrize("seats", [1, 2])
@pytest.mark.parametrize("rule", [None, "irv"])
def test_motion_has_one_seat_a_threshold_and_no_rule(
    threshold: Threshold | None, seats: int, rule: str | None
) -> None:
    rules = Rules("motion", seats, threshold=threshold)

    if (threshold, seats, rule) == (HALF, 1, None):
        assert count(rules, (FOR, AGAINST, ABSTAIN), [], TURNOUT, rule).passed[FOR] is False
    else:
        with pytest.raises(ValueError):  # noqa: PT011 - the texts are for developers
            count(rules, (FOR, AGAINST, ABSTAIN), [], TURNOUT, rule)
