"""Records of version 2 as the server would give them, made of their parts."""

import json
from collections.abc import Callable
from typing import Any

from voting.leaves import digest, name_hash, salt_of
from voting.methods import ANSWERS, Marks, Method, Rules, Turnout, count
from voting.model.polls import Candidate, Poll
from voting.record import Recorded, ballot_document, record_head, result_document
from voting.verdicts import apply_verdict, decide_verdict

A, B, C = 1, 2, 3
PRESENT = 7
TURNOUT = Turnout(present=PRESENT, eligible=9)
THRESHOLD = {"num": 1, "den": 4, "of": "eligible", "rule": "at_least"}
HEAD = {"n": 41, "hash": "ab" * 32}

BALLOTS: dict[Method, list[Marks]] = {
    "plurality": [(A,), (A,), (A,), (B,), ()],
    "approval": [(A, B), (B,), (C, B), ()],
    "score": [{A: 5, B: 3}, {B: 4}, {A: 5, C: 0}, {}, ()],
    "ranked": [(A, B, C), (A, C), (B, C, A), (C, A), (A,), ()],
    "motion": [(A,), (A,), (A,), (B,), (C,), ()],
}
NAMES = ("김하나", "이둘", "Ada", "박넷", "최다섯", "한여섯")

Record = dict[str, Any]
Verify = Callable[..., tuple[int, str, list[str]]]


def make_record(method: Method = "plurality", required: int = 5, **more: Any) -> Record:
    """A record of a named `roll` poll, read back from its JSON; ballots come out of order."""
    answers = ANSWERS if method == "motion" else (None, None, None)
    candidates = tuple(
        Candidate(each, name, answer=answer)
        for each, name, answer in zip((A, B, C), "가나다", answers, strict=True)
    )
    fields = {"max_choices": 3, "score_max": 5, "threshold": THRESHOLD, "secrecy": "named"}
    fields |= {"eligibility": "roll", "meeting": 3, **more}
    poll = Poll(7, "K7M2QX", "누구?", candidates, "설명", method=method, **fields)  # type: ignore[arg-type]
    receipts = [f"{9 - i}" * 32 for i in range(len(BALLOTS[method]))]
    named = zip(receipts, NAMES, strict=False)
    people = {receipt: (name, f"{i:032x}") for i, (receipt, name) in enumerate(named)}
    rules = Rules(method, poll.seats, poll.score_max, poll.threshold)
    outcome = count(rules, (A, B, C), BALLOTS[method], TURNOUT)
    verdict = decide_verdict(method, outcome, poll.quorum_rule, required <= PRESENT)
    recorded: Recorded = {
        "version": 2,
        "log": HEAD,  # type: ignore[typeddict-item]
        "electorate": {
            "digest": "cd" * 32,
            "size": 8,
            "admissions": [{"row": 31, "weight": 1, "at": "2026-11-20T09:00:00.000Z"}],
        },
        "bases": {
            "present_at_open": 6,
            "present_at_close": 7,
            "present": PRESENT,
            "eligible": 9,
            "required": required,
        },  # type: ignore[typeddict-item]
        "salt": salt_of(receipts),
    }
    record: Record = {
        **record_head(poll, recorded),
        "ballots": [
            {
                **ballot_document(method, receipt, marks),
                **({"name_hash": name_hash(*people[receipt])} if poll.secrecy == "named" else {}),
            }
            for receipt, marks in sorted(zip(receipts, BALLOTS[method], strict=True))
        ],
        "result": result_document(apply_verdict(outcome, verdict), verdict),
        "salt": recorded["salt"],
        "names": {receipt: name for receipt, (name, _) in people.items()},
        "salts": {receipt: salt for receipt, (_, salt) in people.items()},
    }
    if poll.secrecy == "secret":
        record |= {"names": None, "salts": None}
    read: Record = json.loads(json.dumps(seal(record)))
    return read


def seal(record: Record) -> Record:
    """Give a changed record the digest of what it holds now."""
    return {**record, "digest": digest(record)}
