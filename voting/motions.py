"""Motions: questions that are answered for, against or by abstaining, and carried or rejected.

A motion's candidates are made here and never changed. They are named in one language, for clients
that know nothing of motions; others word them by `answer`.
"""

from collections.abc import Collection
from dataclasses import replace

from voting.faults import Fault, Invalid
from voting.methods import ANSWERS, Answer, Threshold
from voting.model.polls import Candidate, Poll

NAMES: dict[str, dict[Answer, str]] = {
    "en": {"for": "For", "against": "Against", "abstain": "Abstain"},
    "ko": {"for": "찬성", "against": "반대", "abstain": "기권"},
}
MAJORITY: Threshold = {"num": 1, "den": 2, "of": "valid", "rule": "more_than"}
"""The threshold of a motion for which none was given: more are for it than against it."""


def complete_rules(poll: Poll, given: Collection[str], language: str = "en") -> Poll:
    """Return a draft with what its method brings along: a motion's candidates and threshold, or the
    rule by which ranked ballots are counted.

    given: the fields that the host has set now; what was set for another method is dropped
    language: of the names of a new motion's candidates; English where there are none in it

    Raises `Invalid` for given fields that the method doesn't have, and for missing candidates.
    """
    faults = check_motion(poll, given) if poll.method == "motion" else check_choice(poll, given)
    if faults:
        raise Invalid(*faults)
    if poll.method != "motion":
        rule = (poll.rule or "irv") if poll.method == "ranked" else None
        return replace(poll, rule=rule)
    candidates, threshold = poll.candidates, poll.threshold or MAJORITY
    if not is_motion(candidates):
        names = NAMES.get(language, NAMES["en"])
        candidates = tuple(Candidate(0, names[answer], "", answer) for answer in ANSWERS)
    return replace(
        poll, candidates=candidates, threshold=threshold, seats=1, max_choices=None, rule=None
    )


def check_motion(poll: Poll, given: Collection[str]) -> list[Fault]:
    """Return what a motion was given and doesn't have."""
    faults = []
    if "candidates" in given:
        faults.append(Fault("candidates", "made_by_server"))
    if "seats" in given and poll.seats != 1:
        faults.append(Fault("seats", "too_large", 1))
    if "max_choices" in given and poll.max_choices is not None:
        faults.append(Fault("max_choices", "not_allowed"))
    return faults + _check_rule(poll, given)


def check_choice(poll: Poll, given: Collection[str]) -> list[Fault]:
    """Return what a poll that is no motion lacks, or was given and doesn't have."""
    lacking = not poll.candidates or is_motion(poll.candidates)
    faults = [Fault("candidates", "required")] if lacking else []
    return faults + ([] if poll.method == "ranked" else _check_rule(poll, given))


def is_motion(candidates: Collection[Candidate]) -> bool:
    """Return whether candidates are those of a motion."""
    return any(candidate.answer for candidate in candidates)


def _check_rule(poll: Poll, given: Collection[str]) -> list[Fault]:
    refused = "rule" in given and poll.rule is not None
    return [Fault("rule", "not_allowed")] if refused else []
