"""What a poll came to, decided anew from its record alone, in a few lines of its own."""

from collections import Counter
from fractions import Fraction
from typing import Any


def decide_again(record: dict[str, Any]) -> str:
    """Return the verdict of a record: written anew, by the ballots and bases in it alone."""
    answers = {each["id"]: each["answer"] for each in record["candidates"]}
    ballots = [ballot["choices"] for ballot in record["ballots"]]
    votes = Counter(choice for choices in ballots for choice in choices)
    abstained = sum(votes[each] for each, answer in answers.items() if answer == "abstain")
    valid = sum(map(bool, ballots)) - abstained
    bases = record["bases"] | {"valid": valid, "cast": len(ballots)}
    required = bases["required"]
    strict = record["rules"]["quorum_rule"] == "require" and required is not None
    if strict and bases["present"] < required:
        return "no_quorum"
    able = [each for each in answers if votes[each] and passes(record, votes[each], bases)]
    if record["method"] == "motion":
        return "carried" if any(answers[each] == "for" for each in able) else "rejected"
    order, seats = sorted((votes[each] for each in able), reverse=True), record["rules"]["seats"]
    if len(order) > seats and order[seats - 1] == order[seats]:
        return "tied"
    return "elected" if able else "none_passed"


def passes(record: dict[str, Any], votes: int, bases: dict[str, int]) -> bool:
    threshold = record["rules"]["threshold"]
    if threshold is None:
        return True
    needed = Fraction(threshold["num"], threshold["den"]) * bases[threshold["of"]]
    return votes > needed if threshold["rule"] == "more_than" else votes >= needed
