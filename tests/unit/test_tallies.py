"""Running tallies: what they tell, of what is durable, and what they hide."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from tests.unit.lobby import NOW, add_account, add_poll, cast_ballot, fresh
from voting.casting import Vote
from voting.electorate import admit_row
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.rooms import Row
from voting.polls import open_poll
from voting.store import Store
from voting.tallies import Tallies, Tally, results_document, results_hidden


class Notified:
    """Remembers which polls were told to have changed."""

    def __init__(self) -> None:
        self.polls: list[set[int]] = []

    def __call__(self, changed: set[int]) -> None:
        self.polls.append(changed)


def document(tallies: Tallies, poll: Poll) -> dict[str, Any]:
    tally = tallies.of(poll.id)
    assert tally is not None
    return results_document(tallies, tally, hidden=results_hidden(poll))


@pytest.mark.parametrize(
    ("results", "published", "state", "hidden"),
    [
        ("live", False, "open", False),
        ("live", False, "closed", False),
        ("closed", False, "open", True),
        ("closed", False, "paused", True),
        ("closed", False, "closed", False),
        ("host", False, "open", True),
        ("host", False, "closed", True),
        ("host", True, "closed", False),
    ],
)
def test_tally_is_hidden_by_the_polls_policy(
    results: Any, published: bool, state: Any, hidden: bool
) -> None:
    poll = Poll(1, "lobby", "Who?", (), results=results, published=published, state=state)

    assert results_hidden(poll) is hidden


def test_document_shows_nothing_of_the_tally_while_it_is_hidden(store: Store) -> None:
    poll = add_poll(store, results="closed")
    tallies = Tallies(store, Notified())
    for name, choices in (("ann", (poll.candidates[0].id,)), ("bob", ())):
        cast_ballot(store, poll.id, add_account(store, name), Vote(choices), fresh())

    results = document(tallies, poll)

    assert results["ballots"] == 2
    hidden = (
        "blank",
        "tally",
        "winners",
        "tied",
        "rounds",
        "verdict",
        "quorum",
        "threshold",
        "digest",
    )
    assert {results[member] for member in hidden} == {None}


@pytest.mark.parametrize("eligibility", ["accounts", "anyone"])
def test_document_has_no_turnout_when_the_poll_is_not_for_the_roll(
    store: Store, eligibility: str
) -> None:
    poll = add_poll(store, eligibility=eligibility)
    add_account(store, "ann")

    results = document(Tallies(store, Notified()), poll)

    assert results["eligible"] is None
    assert results["turnout"] is None


def test_document_shares_nothing_when_nobody_has_voted(store: Store) -> None:
    poll = add_poll(store)

    results = document(Tallies(store, Notified()), poll)

    assert results["ballots"] == 0
    assert [row["share"] for row in results["tally"]] == [0.0, 0.0, 0.0]


def test_changed_polls_are_notified_when_a_ballot_is_durable(store: Store) -> None:
    first, second = add_poll(store), add_poll(store)
    voter, notified = add_account(store, "ann"), Notified()
    tallies = Tallies(store, notified)
    assert notified.polls == []

    cast_ballot(store, second.id, voter, Vote(()), fresh())
    versions = [document(tallies, poll)["version"] for poll in (first, second)]
    cast_ballot(store, second.id, voter, Vote(()), fresh())

    assert notified.polls == [{second.id}, set()]
    assert versions[1] > versions[0]
    assert document(tallies, second)["version"] == versions[1]


@pytest.mark.parametrize("results", ["live", "closed", "host"])
@pytest.mark.parametrize("secrecy", ["named", "secret"])
def test_version_grows_exactly_when_a_document_shows_something_else(
    store: Store, secrecy: str, results: str
) -> None:
    """By what a watcher keeps, nobody can tell that somebody has voted again in between."""
    poll = add_poll(store, secrecy=secrecy, results=results)
    notified = Notified()
    tallies = Tallies(store, notified)
    ann, bob = add_account(store, "ann"), add_account(store, "bob")
    one, two, _ = (candidate.id for candidate in poll.candidates)
    steps = [(ann, (one,)), (ann, (two,)), (ann, (two,)), (ann, ()), (bob, (one,)), (bob, (two,))]
    seen = [documents(tallies, poll)]
    notified.polls.clear()

    for voter, marks in steps:
        cast_ballot(store, poll.id, voter, Vote(marks), fresh())
        seen.append(documents(tallies, poll))
    close_poll(store, poll.id, NOW, CLOCK)
    seen.append(documents(tallies, poll))

    shown = [[{**each, "version": None} for each in both] for both in seen]
    changed = [before != after for before, after in pairwise(shown)]
    versions = [both[0]["version"] for both in seen]
    assert [later - earlier for earlier, later in pairwise(versions)] == [int(c) for c in changed]
    assert [bool(polls) for polls in notified.polls if polls] == [True] * sum(changed)


def documents(tallies: Tallies, poll: Poll) -> list[dict[str, Any]]:
    """Return a poll's documents as others see them and as its host does."""
    tally = tallies.of(poll.id)
    assert tally is not None
    return [
        results_document(tallies, tally, hidden=results_hidden(tally.poll, host=host))
        for host in (False, True)
    ]


def test_eligible_is_the_electorate_whatever_happens_to_the_roll(store: Store) -> None:
    draft = add_poll(store, eligibility="roll", state="draft")
    with store.transaction():
        ann = store.add(Row(0, "lobby", "Ann"))
        store.add(Row(0, "lobby", "Bob", role="observer"))
        store.add(Row(0, "lobby", "Kim", role="host"))
    poll = open_poll(store, draft.id, NOW, "u1")
    notified = Notified()
    tallies = Tallies(store, notified)
    before = document(tallies, poll)

    with store.transaction():
        store.remove(ann)
        late = store.add(Row(0, "lobby", "Lee"))
    after = document(tallies, poll)
    admit_row(store, poll.id, late.id, NOW, "r3")

    assert (before["eligible"], before["turnout"]) == (2, 0.0)
    assert after == before
    assert document(tallies, poll)["eligible"] == 3
    assert document(tallies, poll)["version"] > before["version"]
    assert notified.polls == [{poll.id}]


def test_tally_counts_points_marks_and_first_preferences(store: Store) -> None:
    score, approval, ranked = (
        add_poll(store, method=method) for method in ("score", "approval", "ranked")
    )
    (a, b, _), (c, d, _), (e, f, _) = (
        [candidate.id for candidate in poll.candidates] for poll in (score, approval, ranked)
    )
    ann, bob = add_account(store, "ann"), add_account(store, "bob")
    tallies = Tallies(store, Notified())

    cast_ballot(store, score.id, ann, Vote({a: 5, b: 2}), fresh())
    cast_ballot(store, score.id, bob, Vote({b: 1}), fresh())
    cast_ballot(store, approval.id, ann, Vote((c, d)), fresh())
    cast_ballot(store, approval.id, bob, Vote((d,)), fresh())
    cast_ballot(store, ranked.id, ann, Vote((e, f)), fresh())
    cast_ballot(store, ranked.id, bob, Vote(()), fresh())

    rows_of = [document(tallies, poll)["tally"] for poll in (score, approval, ranked)]
    assert [[row["votes"] for row in rows] for rows in rows_of] == [
        [5, 3, 0],
        [1, 2, 0],
        [1, 0, 0],
    ]
    assert [[row["share"] for row in rows] for rows in rows_of] == [
        [0.5, 0.3, 0.0],
        [0.5, 1.0, 0.0],
        [1.0, 0.0, 0.0],
    ]


def test_versions_begin_above_the_last_ones_when_started_again(store: Store) -> None:
    poll = add_poll(store)
    tallies = Tallies(store, Notified())
    voters = [add_account(store, f"v{n}") for n in range(5)]
    for voter in voters:
        cast_ballot(store, poll.id, voter, Vote(()), fresh())

    again = Tallies(store, Notified())

    assert document(again, poll)["version"] >= document(tallies, poll)["version"]
    counted = {"version": None}
    assert {**document(again, poll), **counted} == {**document(tallies, poll), **counted}


def test_tally_is_the_same_when_a_ballot_is_put_in_and_taken_out() -> None:
    poll = Poll(1, "lobby", "Who?", (), state="open")
    tally = Tally(poll, 0)
    marked, blank = Ballot(1, 1, "v", "r", (7,)), Ballot(2, 1, "w", "s", ())

    for ballot in (marked, blank):
        tally.add(ballot, 1)
    counted = (tally.ballots, tally.blank, dict(tally.votes))
    for ballot in (marked, blank):
        tally.add(ballot, -1)

    assert counted == (2, 1, {7: 1})
    assert (tally.ballots, tally.blank, tally.votes[7]) == (0, 0, 0)


def test_step_that_takes_a_poll_further_shows_in_its_document(store: Store) -> None:
    poll = add_poll(store)
    tallies = Tallies(store, Notified())
    before = document(tallies, poll)

    with store.transaction():
        store.save(replace(poll, state="paused"))

    after = document(tallies, poll)
    assert after["state"] == "paused"
    assert after["version"] > before["version"]
