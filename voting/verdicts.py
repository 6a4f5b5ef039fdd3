"""Verdicts: what a closed poll has come to, in one word.

Pure: it takes what was counted and what was required, and reads nothing else. A missed quorum is
only noted, unless the room requires it: then nothing is decided, whatever the ballots say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from voting.methods import Method, Outcome

Verdict = Literal["elected", "carried", "rejected", "tied", "no_quorum", "none_passed", "void"]
QuorumRule = Literal["record", "require"]
"""Whether a missed quorum is only recorded, or prevents a decision."""


def decide_verdict(
    method: Method, outcome: Outcome, quorum_rule: QuorumRule, met: bool | None
) -> Verdict:
    """Return the verdict of a poll that was counted.

    met: whether the quorum was met at the close; None where there is none
    """
    if quorum_rule == "require" and met is False:
        return "no_quorum"
    if method == "motion":
        return "carried" if any(outcome.passed.values()) else "rejected"
    return decide_election(outcome.winners, outcome.tied)


def decide_election(winners: Sequence[int], tied: Sequence[int]) -> Verdict:
    """Return the verdict of a poll that isn't a motion: a tie for one seat leaves it open."""
    if tied:
        return "tied"
    return "elected" if winners else "none_passed"


def apply_verdict(outcome: Outcome, verdict: Verdict) -> Outcome:
    """Return an outcome as its verdict leaves it: without a quorum nobody is elected or tied. The
    votes, and who reached the threshold, stay as they were counted.
    """
    return replace(outcome, winners=(), tied=()) if verdict == "no_quorum" else outcome
