"""Checks a record: is it whole, was it held by its rules, does it count to its result?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from voting.canonical import canonical
from voting.leaves import digest, name_hash, salt_of
from voting.methods import ANSWERS, Marks, Method, Outcome, Rules, Turnout, count, most_marks
from voting.record import Record, marks_document, outcome_document, read_marks, result_document
from voting.record_v1 import RecordV1, digest_v1
from voting.verdicts import apply_verdict, decide_verdict
from voting.verify.reading import Check, check_keys, check_none, read_hex, unchecked

SALT_BYTES = 16
KEYS = {1: RecordV1.__annotations__.keys(), 2: Record.__annotations__.keys()}
"""What a record of each version holds."""


@dataclass(frozen=True)
class Reading:
    """A record as it was read, not checked yet: `names` by candidate, `marks` by ballot."""

    record: dict[str, Any]
    version: int
    rules: Rules
    rule: str | None
    turnout: Turnout
    names: dict[int, str]
    marks: list[Marks]

    def count(self, rule: str | None = None) -> Outcome:
        """Count the ballots, whose marks must be allowed, by the poll's rule or by another."""
        rule = rule or self.rule
        return count(self.rules, tuple(self.names), self.marks, self.turnout, rule)

    def decide(self) -> tuple[Outcome, dict[str, Any]]:
        """Count the ballots, and return what the poll came to: as it is, and as a record has it."""
        counted = self.count()
        if self.version == 1:
            return counted, {**outcome_document(counted)}
        required, present = self.record["bases"]["required"], self.turnout.present
        met = None if required is None else present is not None and present >= required
        quorum_rule = self.record["rules"]["quorum_rule"]
        verdict = decide_verdict(self.rules.method, counted, quorum_rule, met)
        outcome = apply_verdict(counted, verdict)
        return outcome, {**result_document(outcome, verdict)}


def read_record(record: dict[str, Any]) -> Reading:
    """Return a record's reading. Raises one of `MISSHAPEN` for any other document."""
    method, terms, version = record["method"], record["rules"], record.get("record_version", 1)
    if method not in get_args(Method):
        raise ValueError(f"there is no method {method}")
    bases = {1: terms, 2: record.get("bases", {})}[version]
    return Reading(
        record,
        version,
        Rules(method, terms["seats"], terms["score_max"], terms["threshold"]),
        terms.get("rule"),
        Turnout(bases["present"], bases["eligible"]),
        {int(each["id"]): str(each["name"]) for each in record["candidates"]},
        [read_marks(each) for each in record["ballots"]],
    )


def check_record(reading: Reading, receipt: str | None, rule: str | None) -> Iterator[Check]:
    """Yield a sentence for all that a record claims, and whether it agrees with the rest.

    Raises one of `MISSHAPEN` if a claim has another form than a record's.
    """
    record = reading.record
    counted = digest_v1(record) if reading.version == 1 else digest(record)
    yield Check(
        record["digest"] == counted,
        f"digest: the record says {record['digest']}, its content gives {counted}",
    )
    yield check_keys(record.keys() ^ KEYS[reading.version])
    receipts = [ballot["receipt"] for ballot in record["ballots"]]
    yield Check(receipts == sorted({*receipts}), "receipts: each on one ballot, and in order")
    yield from check_names(reading)
    yield Check(len(reading.names) == len(record["candidates"]), "candidates: each has its own id")
    if reading.rules.method == "motion":
        answers = [each["answer"] for each in record["candidates"]]
        yield Check(answers == [*ANSWERS], "candidates: for, against and abstain, in this order")
    if receipt is not None:
        found = [ballot for ballot in record["ballots"] if ballot["receipt"] == receipt]
        held = " and ".join(canonical(ballot).decode() for ballot in found) or "on no ballot"
        yield Check(len(found) == 1, f"receipt {receipt}: {held}")
    if reading.version > 1:
        yield from check_bases(record, receipts)
    spoilt = [each["receipt"] for each in record["ballots"] if not is_allowed(each, reading)]
    yield check_none("marks: ballots that the poll doesn't allow", spoilt)
    if not spoilt:
        yield from check_result(reading, rule)
    yield from map(unchecked, left_open(reading))


def check_names(reading: Reading) -> Iterator[Check]:
    """Yield whether the names that stand beside a record belong to its ballots."""
    record = reading.record
    names, ballots = record["names"] or {}, {each["receipt"]: each for each in record["ballots"]}
    yield Check({*names} <= {*ballots}, "names: each at a receipt on a ballot")
    if reading.version == 1:
        return
    salts, named = record["salts"] or {}, record["rules"]["secrecy"] == "named"
    for salt in salts.values():
        read_hex(salt, SALT_BYTES)
    whole = names.keys() == salts.keys() and (record["names"] is None) == (record["salts"] is None)
    yield Check(whole and (named or not names), "salts: one for each name, in a named poll alone")
    wrong = [
        receipt
        for receipt, name in names.items()
        if name_hash(str(name), salts.get(receipt, "")) != ballots.get(receipt, {}).get("name_hash")
    ]
    yield check_none("names: on another's ballot", wrong)


def check_bases(record: Mapping[str, Any], receipts: list[str]) -> Iterator[Check]:
    """Yield whether the numbers of people in a record fit each other and the ballots."""
    bases, electorate = record["bases"], record["electorate"]
    known = electorate["size"] is not None
    yield Check(
        known == (record["rules"]["eligibility"] == "roll") == (electorate["digest"] is not None)
        and (known or not electorate["admissions"]),
        "electorate: fixed where the roll votes, and there alone",
    )
    size = electorate["size"] + len(electorate["admissions"]) if known else None
    yield Check(
        bases["eligible"] == size, f"eligible: {bases['eligible']} of {size} in the electorate"
    )
    if size is not None:
        yield Check(
            len(receipts) <= size, f"turnout: {len(receipts)} ballots, {size} in the electorate"
        )
    known_present = (bases["present_at_open"] or 0, bases["present_at_close"], len(receipts))
    yield Check(
        bases["present"] == max(known_present),
        f"present: {bases['present']}, the most of those at the open, at the close, and ballots",
    )
    yield Check(record["salt"] == salt_of(receipts), "salt: that of the receipts")


def check_result(reading: Reading, rule: str | None) -> Iterator[Check]:
    """Yield the same for the result, which is counted again, and the outcome in words."""
    outcome, counted = reading.decide()
    recorded = reading.record["result"]
    for key in sorted({*recorded, *counted}):
        claimed, found = (canonical(result.get(key)).decode() for result in (recorded, counted))
        yield Check(claimed == found, f"{key}: the record says {claimed}, the ballots give {found}")
    if counted.get("verdict") == "no_quorum":
        yield Check(True, "counted: nothing is decided without the quorum")
    elif reading.rules.method == "motion":
        yield Check(True, f"counted: {word_motion(reading, outcome, counted['verdict'])}")
    else:
        yield Check(True, f"counted: {word_outcome(reading, outcome)}")
    if rule is not None:
        other = word_outcome(reading, reading.count(rule))
        yield Check(True, f"counted by {rule}, for comparison: {other}")


def word_outcome(reading: Reading, outcome: Outcome) -> str:
    """Return in words who won, and who are tied."""
    winners, tied = (
        ", ".join(f"{reading.names[each]} ({each})" for each in those) or "nobody"
        for those in (outcome.winners, outcome.tied)
    )
    return f"winners {winners}; tied {tied}"


def word_motion(reading: Reading, outcome: Outcome, verdict: str) -> str:
    """Return in words whether a motion was carried or rejected, and how many voted how."""
    counts = ", ".join(
        f"{outcome.votes[int(each['id'])]} {each['answer']}"
        for each in reading.record["candidates"]
    )
    return f"the motion is {verdict}: {counts}"


def is_allowed(ballot: dict[str, Any], reading: Reading) -> bool:
    """Return whether a ballot has only marks that the poll's method and rules allow."""
    rules, marks = reading.rules, read_marks(ballot)
    form = {"receipt": ballot["receipt"], **marks_document(rules.method, marks)}
    if reading.version > 1 and reading.record["rules"]["secrecy"] == "named":
        form["name_hash"] = ballot["name_hash"]
    if canonical(ballot) != canonical(form) or not {*marks} <= {*reading.names}:
        return False
    if isinstance(marks, Mapping) and not all(0 <= it <= rules.score_max for it in marks.values()):
        return False
    most = most_marks(rules.method, reading.record["rules"]["max_choices"], len(reading.names))
    return len({*marks}) == len(marks) <= most


def left_open(reading: Reading) -> Iterator[str]:
    """Yield what a record alone can't prove."""
    record = reading.record
    present, eligible = reading.turnout.present, reading.turnout.eligible
    yield "that no ballot was left out or added: voters look for their receipts"
    yield "that this digest is the one that the meeting noted: compare the two"
    if reading.turnout != Turnout():
        yield f"that {present} were present and {eligible} eligible: no ballot can prove these"
    if reading.version == 1:
        if record["names"]:
            yield "the names: this version's digest doesn't cover them"
        return
    if record["electorate"]["digest"] is not None:
        yield "who is in the electorate: the record has only a digest of it"
    hashed = sum(each.get("name_hash") is not None for each in record["ballots"])
    if missing := hashed - len(record["names"] or ()):
        yield f"the names of {missing} ballots: this file doesn't have them"
