"""Whatever happens in a room, in whatever order: one voter, one ballot, and every one counted."""

import secrets
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from db.tinydb_store import TinyDBStore
from schemas.strings import email_of
from tests.examples import examples
from tests.records import public_record
from tests.unit.lobby import NOW, cast_ballot
from voting.accounts import account_by_email, delete_account, sign_up
from voting.casting import Cast, NewBallot, Vote
from voting.closing import count_poll
from voting.ending import close_poll, finish_endings, void_poll
from voting.leaves import digest
from voting.log import CLOCK
from voting.methods import Turnout, mark_votes
from voting.model.accounts import Account
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Room, Row
from voting.people import find_room
from voting.polls import open_poll, pause_poll
from voting.quorums import count_eligible
from voting.refusals import (
    AlreadyVoted,
    IdempotencyMismatch,
    NotEligible,
    NotFound,
    PollNotOpen,
    Stale,
    WrongState,
)
from voting.roll import claim_row, make_codes, remove_row
from voting.tallies import Tallies, results_document

NAMES = ("ann", "ben", "kim", "lee")
POLLS: tuple[dict[str, Any], ...] = (
    {"eligibility": "accounts", "secrecy": "secret", "method": "plurality"},
    {"eligibility": "accounts", "secrecy": "named", "method": "approval", "allow_change": False},
    {"eligibility": "roll", "secrecy": "secret", "method": "ranked"},
    {"eligibility": "roll", "secrecy": "named", "method": "score"},
)

names = st.sampled_from(NAMES)
polls = st.sampled_from(range(len(POLLS)))
keys = st.one_of(st.none(), st.sampled_from(("k1", "k2", "k3")))
orders = st.lists(st.integers(0, 2), unique=True, max_size=3)


@dataclass
class Last:
    """A voter's ballot as it has to be counted."""

    marks: Any
    receipt: str
    key: str | None


class Histories(RuleBasedStateMachine):
    """The store beside a model of it: who voted what in which poll."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = TinyDBStore(self.folder / "rollcall.json", NOW)
        self.tallies = Tallies(self.store, lambda _changed: None)
        self.last: list[dict[str, Last]] = [{} for _ in POLLS]
        self.versions: dict[int, int] = {}
        self.seen: dict[int, dict[str, Any]] = {}
        self.ended: dict[int, tuple[Poll, dict[str, Any]]] = {}

    @initialize()
    def make_room(self) -> None:
        with self.store.transaction():
            self.store.add(Room(0, "lobby", "Lobby", "public"))
            for name in NAMES:
                self.store.add(Row(0, "lobby", name, ref=name))
            candidates = tuple(Candidate(0, name) for name in "ABC")
            drafts = [Poll(0, "lobby", "?", candidates, **rules) for rules in POLLS]
            self.ids = [self.store.add(draft).id for draft in drafts]
        for name in NAMES[:3]:
            self.sign_up(name)

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    # -- people -----------------------------------------------------------------------

    @rule(name=names)
    def sign_up(self, name: str) -> None:
        if self.account(name) is None:
            sign_up(self.store, email_of(f"{name}@example.org"), name, "hash", NOW)

    @rule(name=names)
    def delete(self, name: str) -> None:
        account = self.account(name)
        if account is not None:
            delete_account(self.store, account, NOW)

    @rule(name=names, row=names)
    def claim(self, name: str, row: str) -> None:
        room = find_room(self.store, "lobby")
        found = [each for each in self.rows() if each.ref == row]
        if found:
            code = secrets.token_hex(8)
            make_codes(self.store, room, [found[0].id], NOW, CLOCK, lambda: code)
            try:
                claim_row(self.store, room, code, self.account(name), NOW)
            except WrongState:
                return

    @rule(row=names)
    def strike(self, row: str) -> None:
        for each in self.rows():
            if each.ref == row:
                remove_row(self.store, find_room(self.store, "lobby"), each.id, NOW, CLOCK)

    @rule(row=names, role=st.sampled_from(("voter", "observer")))
    def enrol(self, row: str, role: Any) -> None:
        if not any(each.ref == row for each in self.rows()):
            with self.store.transaction():
                self.store.add(Row(0, "lobby", row, ref=row, role=role))

    # -- polls ------------------------------------------------------------------------

    @rule(number=polls)
    def open(self, number: int) -> None:
        self.move(lambda: open_poll(self.store, self.ids[number], NOW, CLOCK))

    @rule(number=polls)
    def pause(self, number: int) -> None:
        self.move(lambda: pause_poll(self.store, self.ids[number], NOW, CLOCK))

    @rule(number=polls)
    def close(self, number: int) -> None:
        self.move(lambda: close_poll(self.store, self.ids[number], NOW, CLOCK))

    @rule(number=polls)
    def void(self, number: int) -> None:
        self.ended.pop(number, None)
        self.move(lambda: void_poll(self.store, self.ids[number], NOW, CLOCK, "a test"))

    @staticmethod
    def move(step: Any) -> None:
        try:
            step()
        except WrongState:
            return

    # -- ballots ----------------------------------------------------------------------

    @rule(name=names, number=polls, order=orders, key=keys)
    def cast(self, name: str, number: int, order: list[int], key: str | None) -> None:
        self.vote(self.account(name), number, self.marks(number, order), key)

    @rule(row=names, number=st.sampled_from((2, 3)), order=orders, key=keys)
    def cast_from_a_lent_tablet(
        self, row: str, number: int, order: list[int], key: str | None
    ) -> None:
        for each in self.rows():
            if each.ref == row:
                self.vote(each, number, self.marks(number, order), key)

    @rule(name=names, number=polls)
    def retry(self, name: str, number: int) -> None:
        account = self.account(name)
        last = self.last[number].get(self.voter(number, account))
        if last is not None:
            done = self.vote(account, number, last.marks, last.key)
            assert done is None or not done.first

    def vote(
        self, holder: Account | Row | None, number: int, marks: Any, key: str | None
    ) -> Cast | None:
        poll, voter = self.poll(number), self.voter(number, holder)
        before = self.last[number].get(voter)
        fresh = NewBallot(NOW, secrets.randbits(53), secrets.token_hex(16))
        try:
            done = cast_ballot(self.store, poll.id, holder, Vote(marks, key), fresh)
        except PollNotOpen:
            assert poll.state != "open"
            return None
        except AlreadyVoted:
            assert before is not None
            assert not poll.allow_change
            return None
        except (Stale, IdempotencyMismatch):
            assert before is not None
            assert key is not None
            return None
        except NotFound:
            assert poll.state == "draft"
            return None
        except NotEligible:
            return None
        assert poll.state == "open"
        assert done.first == (before is None)
        if done.first or done.changed:
            self.last[number][voter] = Last(marks, done.receipt, key)
        else:
            assert before is not None
            assert (done.receipt, marks) == (before.receipt, before.marks)
        return done

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = TinyDBStore(self.folder / "rollcall.json", NOW)
        finish_endings(self.store, NOW)
        self.tallies = Tallies(self.store, lambda _changed: None)

    # -- what has to hold -------------------------------------------------------------

    @invariant()
    def every_voter_has_one_ballot_and_all_are_counted(self) -> None:
        for number in range(len(POLLS)):
            poll, model = self.poll(number), self.last[number]
            kept = self.store.ballots(poll.id)
            assert {b.receipt: b.marks for b in kept} == {
                last.receipt: last.marks for last in model.values()
            }
            tally = self.tallies.of(poll.id)
            assert tally is not None
            votes: Counter[int] = Counter()
            for ballot in kept:
                votes.update(dict(mark_votes(poll.method, ballot.marks)))
            assert tally.ballots == len(kept) == len(model)
            assert tally.blank == sum(not ballot.marks for ballot in kept)
            assert {k: v for k, v in tally.votes.items() if v} == {
                k: v for k, v in votes.items() if v
            }
            if poll.state != "draft":
                again = count_poll(poll, kept, Turnout())
                assert again.ballots == tally.ballots

    @invariant()
    def versions_only_grow_and_tell_changes(self) -> None:
        for poll_id in getattr(self, "ids", ()):
            tally = self.tallies.of(poll_id)
            assert tally is not None
            document = results_document(self.tallies, tally, hidden=False)
            version = document.pop("version")
            assert version >= self.versions.get(poll_id, 0)
            if version == self.versions.get(poll_id) and document["state"] != "draft":
                assert document == self.seen[poll_id]
            self.versions[poll_id], self.seen[poll_id] = version, document

    @invariant()
    def eligible_is_kept_as_it_would_be_counted(self) -> None:
        for number in range(len(POLLS)):
            poll = self.poll(number)
            if poll.state in ("open", "paused"):
                assert self.tallies.eligible(poll) == count_eligible(self.store, poll)

    @invariant()
    def closed_polls_never_change(self) -> None:
        for number in range(len(POLLS)):
            poll = self.poll(number)
            if poll.state == "closed":
                record = public_record(self.store, poll.id)
                names, _ = record.pop("names"), record.pop("salts")
                assert record["digest"] == digest(record) == (poll.outcome or {})["digest"]
                assert (names is None) == (poll.secrecy == "secret")
                assert self.ended.setdefault(number, (poll, record)) == (poll, record)
            else:
                assert number not in self.ended

    # -- helpers ----------------------------------------------------------------------

    def poll(self, number: int) -> Poll:
        poll = self.store.get(Poll, self.ids[number])
        assert poll is not None
        return poll

    def account(self, name: str) -> Account | None:
        return account_by_email(self.store, email_of(f"{name}@example.org"))

    def rows(self) -> list[Row]:
        return self.store.group(Row, "lobby")

    def voter(self, number: int, holder: Account | Row | None) -> str:
        """Return who votes as the contract has it: a row, or an email."""
        if POLLS[number]["eligibility"] == "accounts":
            return holder.email_key if isinstance(holder, Account) else ""
        if isinstance(holder, Row):
            return str(holder.id)
        mine = [row.id for row in self.rows() if holder and row.account == holder.id]
        return str(mine[0]) if mine else ""

    def marks(self, number: int, order: list[int]) -> Any:
        ids = [candidate.id for candidate in self.poll(number).candidates]
        match POLLS[number]["method"]:
            case "plurality":
                return tuple(ids[each] for each in order[:1])
            case "approval":
                return tuple(sorted(ids[each] for each in order))
            case "ranked":
                return tuple(ids[each] for each in order)
        return {ids[each]: place + 1 for place, each in enumerate(order)}


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=examples(120),
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
