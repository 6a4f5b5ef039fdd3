"""Counting: what a poll's ballots decide, by each method.

Pure, in integers. No tie is broken by chance, age or alphabet: candidates that are level are
reported as tied. The order of ballots never matters; the order of candidates only decides the order
of the result. Marks must fit the method already. docs/counting.md explains all this to voters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from operator import ge, gt
from typing import Any, Literal, TypeAlias, TypedDict, get_args

from voting.ranked import Ids, Passes, Round, beat_paths
from voting.rest import Rest, in_parts, no_rest
from voting.run_off import run_off

Method = Literal["plurality", "approval", "score", "ranked", "motion"]
Rule = Literal["irv", "schulze"]
"""How ranked ballots are counted: by instant-runoff, or by Schulze's beatpaths."""
Answer = Literal["for", "against", "abstain"]
ANSWERS: tuple[Answer, ...] = get_args(Answer)
"""What a motion can be answered with, in the order of its candidates."""

Marks: TypeAlias = Ids | Mapping[int, int]
"""Candidates' ids, best first where ranked, or points by candidate; empty is a blank ballot."""
Alike: TypeAlias = tuple[Any, ...]
"""The marks of ballots that are alike; points as pairs with their candidates, in order."""

GROUPED_AT_ONCE = 100


class Threshold(TypedDict):
    """What a winner must have: a share of `num` / `den` of the base `of`."""

    num: int
    den: int
    of: Literal["valid", "cast", "present", "eligible"]
    rule: Literal["more_than", "at_least"]


@dataclass(frozen=True)
class Rules:
    """How ballots are counted; `score_max` is of use to score alone."""

    method: Method
    seats: int = 1
    score_max: int = 5
    threshold: Threshold | None = None


@dataclass(frozen=True)
class Turnout:
    """How many people were present and eligible; None if unknown. Ballots don't say it."""

    present: int | None = None
    eligible: int | None = None


@dataclass(frozen=True)
class Outcome:
    """The result of a count. `votes` are marks, points or first preferences by candidate.

    Nobody wins a motion: it is carried if the candidate `for` has passed.
    """

    ballots: int
    blank: int
    votes: dict[int, int]
    passed: dict[int, bool]
    winners: Ids
    tied: Ids
    rounds: tuple[Round, ...] | None


def count(
    rules: Rules,
    candidates: Sequence[int],
    ballots: Iterable[Marks],
    turnout: Turnout,
    rule: str | None = None,
    *,
    rest: Rest = no_rest,
) -> Outcome:
    """Count ballots; ranked ones by instant-runoff, or by beatpaths where `rule` is "schulze".

    candidates: their ids; those of a motion in the order of `ANSWERS`
    rest: called often

    Raises `ValueError` as `check_rule`.
    """
    check_rule(rules, rule)
    marked = group_alike(ballots, rest)
    blank = marked.pop((), 0)
    number, votes = sum(marked.values()), add_votes(rules.method, candidates, marked, rest)
    valid = count_valid(rules.method, candidates, votes, number)
    passes = set_bar(rules, turnout, number + blank, valid)
    support, rounds = votes, None
    winners: Ids = ()
    tied: Ids = ()
    if rules.method == "motion":  # who is against it or abstains carries nothing
        support = {each: votes[each] if each == candidates[0] else 0 for each in candidates}
    elif rules.method == "ranked" and marked:
        decide = beat_paths if rule == "schulze" else run_off
        fates, support, rounds = decide(candidates, marked, passes, rest)
        able = tuple(each for each in candidates if each in fates)
        winners, tied = (able, ()) if len(fates) == 1 else ((), able)
    else:
        winners, tied = fill_seats(votes, rules.seats, passes)
    passed = {each: each in {*winners, *tied} or passes(support[each]) for each in candidates}
    return Outcome(number + blank, blank, votes, passed, winners, tied, rounds)


def group_alike(ballots: Iterable[Marks], rest: Rest) -> Counter[Alike]:
    """Return how many ballots have the same marks: most are like others."""
    alike: Counter[Alike] = Counter()
    for some in in_parts(ballots, GROUPED_AT_ONCE):
        alike.update(
            marks if isinstance(marks, tuple) else tuple(sorted(marks.items())) for marks in some
        )
        rest()
    return alike


def add_votes(
    method: Method, candidates: Sequence[int], marked: Mapping[Alike, int], rest: Rest
) -> dict[int, int]:
    """Return the votes by candidate that ballots give, which are grouped by their marks."""
    votes = dict.fromkeys(candidates, 0)
    for marks, ballots in marked.items():
        for candidate, each in mark_votes(method, dict(marks) if method == "score" else marks):
            votes[candidate] += each * ballots
        rest()
    return votes


def check_rule(rules: Rules, rule: str | None) -> None:
    """Raises `ValueError` for a rule that the method doesn't have, for more seats than one in a
    ranked poll or a motion, and for a motion without a threshold.
    """
    method, seats = rules.method, rules.seats
    known = (None, *get_args(Rule)) if method == "ranked" else (None,)
    if rule not in known or (method in ("ranked", "motion") and seats != 1):
        raise ValueError(f"{method} with {seats} seats has no rule {rule}")
    if method == "motion" and rules.threshold is None:
        raise ValueError("a motion has a threshold")


def most_marks(method: Method, max_choices: int | None, candidates: int) -> int:
    """Return how many candidates a ballot may mark, of so many that there are."""
    return 1 if method in ("plurality", "motion") else max_choices or candidates


def count_valid(
    method: Method, candidates: Sequence[int], votes: Mapping[int, int], marked: int
) -> int:
    """Return how many ballots are valid: of a motion those for or against, else all with marks.

    marked: how many ballots have marks
    """
    return sum(votes.get(each, 0) for each in candidates[:2]) if method == "motion" else marked


def mark_votes(method: Method, marks: Marks) -> Iterable[tuple[int, int]]:
    """Return (candidate, votes) that a ballot gives: 1 a mark, points, 1 the first preference."""
    if not isinstance(marks, tuple):
        return marks.items()
    return zip(marks[:1] if method == "ranked" else marks, repeat(1))


def marks_counts(marks: Marks) -> dict[str, int]:
    """Return what a ballot adds to the counts of its poll, whatever the method: `ballots`, `blank`,
    for each candidate's id its marks or points, and `first` with the id of the first preference.
    """
    if not marks:
        return {"ballots": 1, "blank": 1}
    if not isinstance(marks, tuple):
        return {"ballots": 1, **{str(each): points for each, points in marks.items()}}
    return {"ballots": 1, f"first {marks[0]}": 1, **dict.fromkeys(map(str, marks), 1)}


def set_bar(rules: Rules, turnout: Turnout, cast: int, valid: int) -> Passes:
    """Return a function that decides whether votes reach the threshold; without a threshold all do.

    For score the base is points: `score_max` for each ballot or person. Nothing reaches a share of
    an unknown number.
    """
    threshold = rules.threshold
    if threshold is None:
        return lambda _votes: True
    people = {"present": turnout.present, "eligible": turnout.eligible}
    base = {"valid": valid, "cast": cast, **people}[threshold["of"]]
    if base is None:
        return lambda _votes: False
    full = base * (rules.score_max if rules.method == "score" else 1)
    return lambda votes: reaches(threshold, votes, full)


def reaches(threshold: Threshold, votes: int, base: int) -> bool:
    """Return whether votes reach the threshold's share of `base`; no votes never do."""
    compare = {"at_least": ge, "more_than": gt}[threshold["rule"]]
    return votes > 0 and compare(votes * threshold["den"], threshold["num"] * base)


def fill_seats(votes: Mapping[int, int], seats: int, passes: Passes) -> tuple[Ids, Ids]:
    """Return the winners, and the candidates tied at the last seat; neither without votes."""
    able = {each: number for each, number in votes.items() if number and passes(number)}
    if len(able) <= seats:
        return tuple(able), ()
    last, below = sorted(able.values(), reverse=True)[seats - 1 : seats + 1]
    winners = tuple(each for each in able if able[each] > below)
    return winners, tuple(each for each in able if able[each] == below) if last == below else ()
