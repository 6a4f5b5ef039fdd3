"""The rules of casting, and what no sequence of ballots can break."""

import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.tinydb_store import TinyDBStore
from schemas.strings import email_of
from tests.examples import examples
from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh, standing_of
from voting.accounts import delete_account, sign_up
from voting.casting import (
    SUPERSEDED_KEYS,
    Cast,
    Vote,
    check_marks,
    check_open,
    find_ballot,
    is_repeat,
    supersede,
)
from voting.faults import Invalid
from voting.methods import Marks, Method
from voting.model.ballots import Ballot
from voting.model.polls import Candidate, Poll
from voting.record import ballot_document
from voting.refusals import (
    AlreadyVoted,
    IdempotencyMismatch,
    NotEligible,
    NotFound,
    PollNotOpen,
    Refusal,
    Stale,
)
from voting.store import Store
from voting.tallies import Tallies, results_document
from voting.verify.records import is_allowed, read_record

POLL = Poll(1, "lobby", "Who?", (Candidate(1, "Ann"), Candidate(2, "Bob")), state="open")
THREE = replace(POLL, candidates=(*POLL.candidates, Candidate(3, "Cid")))
BALLOT = Ballot(5, 1, "voter", "receipt", (1,), key="first", superseded=("zero",))

# -- pure rules -----------------------------------------------------------------------


@pytest.mark.parametrize("state", ["draft", "paused", "closed", "void"])
def test_check_open_refuses_when_the_poll_is_in_another_state(state: Any) -> None:
    with pytest.raises(PollNotOpen) as caught:
        check_open(replace(POLL, state=state), NOW)

    assert caught.value.details["state"] == state


def test_check_open_refuses_from_the_moment_of_the_close() -> None:
    poll = replace(POLL, closes_at=NOW)

    check_open(poll, NOW - timedelta(microseconds=1))
    for late in (timedelta(0), timedelta(hours=1)):
        with pytest.raises(PollNotOpen) as caught:
            check_open(poll, NOW + late)
        assert caught.value.details["state"] == "closed"


@pytest.mark.parametrize("choices", [(), (1,), (2,)])
def test_check_marks_takes_one_candidate_or_none(choices: tuple[int, ...]) -> None:
    check_marks(POLL, choices)


@pytest.mark.parametrize("choices", [(3,), (10**30,), (1, 2), (1, 1), (0,)])
def test_check_marks_refuses_other_marks(choices: tuple[int, ...]) -> None:
    with pytest.raises(Invalid):
        check_marks(POLL, choices)


@pytest.mark.parametrize(
    ("rules", "marks", "kept"),
    [
        ({"method": "approval"}, (2, 1), (1, 2)),
        ({"method": "approval", "max_choices": 1}, (2,), (2,)),
        ({"method": "approval"}, (), ()),
        ({"method": "ranked"}, (2, 1), (2, 1)),
        ({"method": "ranked"}, (), ()),
        ({"method": "score"}, {2: 0, 1: 5}, {2: 0, 1: 5}),
        ({"method": "score", "score_max": 9}, {1: 9}, {1: 9}),
        ({"method": "score"}, {}, {}),
    ],
)
def test_check_marks_returns_them_as_the_method_keeps_them(
    rules: dict[str, Any], marks: Marks, kept: Marks
) -> None:
    assert check_marks(replace(POLL, **rules), marks) == kept


@pytest.mark.parametrize(
    ("rules", "marks", "fields"),
    [
        ({"method": "approval", "max_choices": 1}, (1, 2), {"choices"}),
        ({"method": "approval"}, (1, 1), {"choices.1"}),
        ({"method": "ranked", "max_choices": 1}, (2, 1), {"choices"}),
        ({"method": "ranked"}, (1, 2, 1, 7), {"choices", "choices.2", "choices.3"}),
        ({"method": "score"}, {1: 6, 7: 1}, {"scores.1", "scores.7"}),
        ({"method": "score", "max_choices": 1}, {1: 1, 2: 0}, {"scores"}),
        ({"method": "score"}, (1,), {"choices"}),
        ({"method": "plurality"}, {1: 1}, {"scores"}),
        ({"method": "ranked"}, {}, {"scores"}),
        ({"method": "motion"}, (1, 2), {"choices"}),
        ({"method": "motion"}, {1: 1}, {"scores"}),
    ],
)
def test_check_marks_names_what_the_method_does_not_have(
    rules: dict[str, Any], marks: Marks, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        check_marks(replace(POLL, **rules), marks)

    assert {fault.field for fault in caught.value.faults} == fields


MARKS: list[Marks] = [
    *(marks for size in range(4) for marks in product((1, 2, 3, 4), repeat=size)),
    *(
        {each: points for each, points in zip((1, 2, 4), given, strict=True) if points is not None}
        for given in product((None, 0, 5, 6), repeat=3)
    ),
]
"""All short marks of three candidates, an unknown one, and points up to one too many."""


@pytest.mark.parametrize("most", [None, 1, 2])
@pytest.mark.parametrize("method", get_args(Method))
def test_check_marks_accepts_what_verifying_a_record_accepts(
    method: Method, most: int | None
) -> None:
    differ = [
        marks for marks in MARKS if is_cast(method, most, marks) != holds(method, most, marks)
    ]

    # a record can't hold marks of the other kind
    assert [marks for marks in differ if isinstance(marks, tuple) == (method != "score")] == []


def is_cast(method: Method, most: int | None, marks: Marks) -> bool:
    """Return whether a ballot with these marks is accepted."""
    try:
        check_marks(replace(THREE, method=method, max_choices=most), marks)
    except Invalid:
        return False
    return True


def holds(method: Method, most: int | None, marks: Marks) -> bool:
    """Return whether verifying accepts a ballot with these marks in a record."""
    rules = {"secrecy": "secret", "seats": 1, "max_choices": most, "score_max": 5}
    ballot = ballot_document(method, "receipt", marks)
    record = {
        "record_version": 2,
        "method": method,
        "rules": {**rules, "threshold": None},
        "bases": {"present": None, "eligible": None},
        "candidates": [{"id": each.id, "name": each.name} for each in THREE.candidates],
        "ballots": [ballot],
    }
    return is_allowed(ballot, read_record(record))


@pytest.mark.parametrize(
    ("vote", "repeat"),
    [
        (Vote((1,), "first"), True),
        (Vote((2,)), False),
        (Vote(()), False),
        (Vote((2,), "second"), False),
        (Vote((1,), "second"), False),
    ],
)
def test_is_repeat_goes_by_the_key(vote: Vote, repeat: bool) -> None:
    assert is_repeat(POLL, BALLOT, vote) is repeat
    assert is_repeat(replace(POLL, secrecy="named"), BALLOT, vote) is repeat


@pytest.mark.parametrize(("secrecy", "repeat"), [("named", True), ("secret", False)])
def test_is_repeat_compares_marks_without_a_key_in_named_polls_alone(
    secrecy: Any, repeat: bool
) -> None:
    assert is_repeat(replace(POLL, secrecy=secrecy), BALLOT, Vote(BALLOT.marks)) is repeat


@pytest.mark.parametrize(
    ("vote", "refusal"),
    [
        (Vote((2,), "first"), IdempotencyMismatch),
        (Vote((), "first"), IdempotencyMismatch),
        (Vote((1,), "zero"), Stale),
        (Vote((2,), "zero"), Stale),
    ],
)
@pytest.mark.parametrize("allow_change", [True, False])
def test_is_repeat_refuses_a_key_that_was_used(
    vote: Vote, refusal: type[Refusal], allow_change: bool
) -> None:
    with pytest.raises(refusal):
        is_repeat(replace(POLL, allow_change=allow_change), BALLOT, vote)


def test_is_repeat_refuses_all_but_the_same_key_when_changes_are_barred() -> None:
    final = replace(POLL, allow_change=False)

    assert is_repeat(final, BALLOT, Vote((1,), "first")) is True
    for vote in (Vote((1,)), Vote((2,)), Vote(()), Vote((1,), "second")):
        with pytest.raises(AlreadyVoted):
            is_repeat(final, BALLOT, vote)


def test_supersede_keeps_whose_ballot_it_is_and_the_keys_before() -> None:
    later = supersede(BALLOT, Vote((2,), "second"), "new")

    assert later == Ballot(5, 1, "voter", "new", (2,), None, "second", ("zero", "first"))
    assert supersede(later, Vote(()), "newer").superseded == ("zero", "first", "second")


def test_supersede_keeps_the_latest_keys_when_there_are_many() -> None:
    ballot = BALLOT._replace(superseded=())
    for number in range(SUPERSEDED_KEYS + 10):
        ballot = supersede(ballot, Vote((1,), str(number)), "receipt")

    assert len(ballot.superseded) == SUPERSEDED_KEYS
    assert ballot.superseded[-1] == str(SUPERSEDED_KEYS + 8)


# -- with a store ---------------------------------------------------------------------


def test_cast_is_refused_when_there_is_no_such_poll(store: Store) -> None:
    draft, voter = add_poll(store, state="draft"), add_account(store, "ann")

    for poll_id in (draft.id, 999, 10**30):
        with pytest.raises(NotFound):
            cast_ballot(store, poll_id, voter, Vote(()), fresh())


@pytest.mark.parametrize("eligibility", ["roll"])
def test_cast_is_refused_when_the_poll_is_for_others(store: Store, eligibility: str) -> None:
    poll, voter = add_poll(store, eligibility=eligibility), add_account(store, "ann")

    with pytest.raises(NotEligible):
        cast_ballot(store, poll.id, voter, Vote(()), fresh())


def test_voter_has_another_pseudonym_in_every_poll(store: Store) -> None:
    polls, voter = [add_poll(store), add_poll(store)], add_account(store, "ann")

    names = {store.pseudonym(poll.id, voter.voter) for poll in polls}

    assert len(names) == 2
    for poll in polls:
        assert cast_ballot(store, poll.id, voter, Vote(()), fresh()).first


def test_voter_is_the_same_when_the_account_is_made_again(store: Store) -> None:
    poll, voter = add_poll(store), add_account(store, "ann")
    cast_ballot(store, poll.id, voter, Vote(()), fresh())
    delete_account(store, voter, NOW)
    again = sign_up(store, email_of("ANN@example.org"), "another", "hash", NOW)

    assert not cast_ballot(store, poll.id, again, Vote(()), fresh()).first


def test_find_ballot_gives_ones_own(store: Store) -> None:
    poll, ann, bob = add_poll(store), add_account(store, "ann"), add_account(store, "bob")
    cast_ballot(store, poll.id, ann, Vote((poll.candidates[0].id,)), fresh())

    found = find_ballot(store, poll, standing_of(store, poll, ann))

    assert found is not None
    assert found.marks == (poll.candidates[0].id,)
    assert find_ballot(store, poll, standing_of(store, poll, bob)) is None


# -- whatever comes -------------------------------------------------------------------


@dataclass
class Stored:
    """What a voter has said so far, kept apart from the code under test."""

    marks: Marks
    key: str | None
    receipt: str
    keys: set[str]


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.integers(0, 3),  # who
            st.sampled_from([(), (0,), (1,), (2,)]),  # whom, by place
            st.sampled_from([None, None, "a", "b", "c"]),  # with which key
        ),
        st.just("open again"),
    ),
    min_size=1,
    max_size=25,
)


def expect(stored: Stored | None, vote: Vote, poll: Poll) -> type[Refusal] | str:
    """Return what the contract says of a ballot: a refusal, or what becomes of it."""
    if stored is None:
        return "first"
    if vote.key is not None and vote.key == stored.key:
        return "same" if vote.marks == stored.marks else IdempotencyMismatch
    if vote.key in stored.keys:
        return Stale
    if not poll.allow_change:
        return AlreadyVoted
    compared = vote.key is None and poll.secrecy == "named"
    return "same" if compared and vote.marks == stored.marks else "changed"


@settings(max_examples=examples(60), deadline=None)
@given(steps=STEPS, allow_change=st.booleans(), secrecy=st.sampled_from(["named", "secret"]))
def test_ballots_are_counted_once_whatever_comes(
    steps: list[Any], allow_change: bool, secrecy: str
) -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        run_steps(folder / "rollcall.json", steps, allow_change=allow_change, secrecy=secrecy)
    finally:
        shutil.rmtree(folder)


def run_steps(path: Path, steps: list[Any], *, allow_change: bool, secrecy: str) -> None:
    """Do the steps, and compare with a recount by hand after each."""
    store = TinyDBStore(path, NOW)
    poll = add_poll(store, allow_change=allow_change, secrecy=secrecy)
    voters = [sign_up(store, email_of(f"v{n}@example.org"), f"v{n}", "hash", NOW) for n in range(4)]
    tallies, stored = Tallies(store, lambda _changed: None), dict[int, Stored]()
    last: dict[str, Any] = {"version": 0}
    for step in steps:
        if step == "open again":
            store.close()
            store = TinyDBStore(path, NOW)
            tallies = Tallies(store, lambda _changed: None)
        else:
            who, places, key = step
            vote = Vote(tuple(poll.candidates[place].id for place in places), key)
            cast_and_compare(store, poll, voters[who], vote, stored)
        last = compare_results(tallies, poll, stored, last)
    store.close()


def cast_and_compare(
    store: Store, poll: Poll, voter: Any, vote: Vote, stored: dict[int, Stored]
) -> None:
    before = stored.get(voter.id)
    expected = expect(before, vote, poll)
    new = fresh()
    if not isinstance(expected, str):
        with pytest.raises(expected):
            cast_ballot(store, poll.id, voter, vote, new)
        return

    cast = cast_ballot(store, poll.id, voter, vote, new)

    if expected == "same":
        assert before is not None
        assert cast == Cast(before.receipt, poll.id, first=False, changed=False)
        return
    assert cast == Cast(new.receipt, poll.id, first=before is None, changed=before is not None)
    keys = before.keys | {before.key or ""} if before else set()
    stored[voter.id] = Stored(vote.marks, vote.key, new.receipt, keys)


def compare_results(
    tallies: Tallies, poll: Poll, stored: dict[int, Stored], last: dict[str, Any]
) -> dict[str, Any]:
    """Check the results document against a recount and the last one; return it."""
    tally = tallies.of(poll.id)
    assert tally is not None
    document = results_document(tallies, tally, hidden=False)
    recount = Counter(mark for one in stored.values() for mark in one.marks)
    assert document["ballots"] == len(stored)
    assert document["blank"] == sum(not one.marks for one in stored.values())
    assert {row["candidate"]: row["votes"] for row in document["tally"]} == {
        candidate.id: recount[candidate.id] for candidate in poll.candidates
    }
    assert document["version"] >= last["version"]
    if {**document, "version": 0} != {**last, "version": 0}:
        assert document["version"] > last["version"]
    return document
