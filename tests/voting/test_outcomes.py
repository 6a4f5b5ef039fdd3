"""Nobody can move an outcome: random evenings of a room, in whatever order things happen.

What a host may do at all is done here: the roll changes, people are checked in and out, members are
restored and admitted, meetings begin and end, polls open, close and are voided. After each step the
base of every poll is what it was at the opening, with the admissions alone added, and its log says
so. Each verdict is counted again by a few lines that know the record and nothing else.
"""

import json
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from db.tinydb_store import TinyDBStore
from tests.records import public_record
from tests.unit.lobby import NOW, cast_ballot
from voting.attendance import check_in
from voting.casting import NewBallot, Vote
from voting.chain import check_chain
from voting.electorate import admit_row, electorate_of, members_of
from voting.ending import close_poll, finish_endings, void_poll
from voting.log import entry_document, head
from voting.meetings import begin_meeting, current_meeting, end_meeting
from voting.model.log import LogEntry
from voting.model.polls import ENDED, ONGOING, Poll
from voting.model.rooms import QuorumCount, RemovedRow, Room, Row
from voting.people import find_room, standing_in
from voting.polls import change_poll, draft_poll, open_poll, pause_poll
from voting.record import canonical
from voting.refusals import Refusal
from voting.restoring import restore_row
from voting.roll import apply_roll, change_row, plan_roll, remove_row
from voting.rooms import change_room
from voting.tallies import Tallies, results_document
from voting.verify.logs import check_log, check_record_in, read_log
from voting.verify.records import check_record, read_record

HOST = "r1"
METHODS = ("plurality", "approval", "motion")
thresholds = st.none() | st.fixed_dictionaries(
    {
        "num": st.integers(1, 3),
        "den": st.just(3),
        "of": st.sampled_from(("valid", "cast", "present", "eligible")),
        "rule": st.sampled_from(("more_than", "at_least")),
    }
)
places = st.integers(0, 9)
"""A place on a list, however long that is."""


class Evenings(RuleBasedStateMachine):
    """A room, and what a bystander would have noted of its polls."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.store = TinyDBStore(self.folder / "rollcall.json", NOW)
        self.tallies = Tallies(self.store, lambda _changed: None)
        self.now = NOW
        self.voters: dict[int, set[int]] = {}
        """Who has a vote in each opened poll: noted at the opening, and at each admission."""
        self.cast: dict[int, set[int]] = {}
        self.verdicts: dict[int, str] = {}

    @initialize(quorum=st.none() | st.integers(1, 4), need=st.sampled_from(("record", "require")))
    def make_room(self, quorum: int | None, need: Any) -> None:
        with self.store.transaction():
            self.store.add(Room(0, "lobby", "Lobby", "public", quorum_rule=need))
            self.store.add(Row(0, "lobby", "Host", role="host"))
            for number in range(4):
                self.store.add(Row(0, "lobby", f"Voter {number}"))
        if quorum is not None:
            count: QuorumCount = {"count": quorum}
            change_room(self.store, self.room, {"quorum": count}, self.now, HOST)

    def teardown(self) -> None:
        try:
            self.verify_all()
        finally:
            self.store.close()
            shutil.rmtree(self.folder)

    def verify_all(self) -> None:
        """Check the log and every record as an auditor does, each alone and all together."""
        entries = [entry_document(each) for each in self.store.group(LogEntry, "lobby")]
        log = {"room": "lobby", "head": head(self.store, "lobby"), "entries": entries}
        reading = read_log(json.loads(json.dumps(log)))
        checks = [*check_log(reading)]
        for poll in self.polls("closed"):
            record = public_record(self.store, poll.id)
            checks += check_record(read_record(record), None, None)
            checks += check_record_in(reading, record)
        assert [each for each in checks if each.agrees is False] == []

    @property
    def room(self) -> Room:
        return find_room(self.store, "lobby")

    def row(self, place: int) -> Row:
        rows = self.store.group(Row, "lobby")
        return rows[place % len(rows)]

    def polls(self, *states: str) -> list[Poll]:
        return [each for each in self.store.each(Poll) if each.state in states]

    def attempt(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return what an act of the store gives; None where it is refused."""
        try:
            return act(self.store, *given, **named)
        except Refusal:
            return None

    # -- the roll and the hall --------------------------------------------------------

    @rule(role=st.sampled_from(("voter", "host", "observer")))
    def add_member(self, role: Any) -> None:
        rows = [("rows.0", {"name": f"New {secrets.token_hex(4)}", "role": role})]
        host = standing_in(self.store, self.room, self.row(0))
        with self.store.transaction():
            change = plan_roll(self.store, self.room, rows, host, replacing=False, now=self.now)
            apply_roll(self.store, self.room, change, self.now, HOST)

    @rule(place=places)
    def remove_member(self, place: int) -> None:
        row = self.row(place)
        self.attempt(remove_row, self.room, row.id, self.now, HOST)

    @rule(place=places)
    def restore_member(self, place: int) -> None:
        removed = self.store.group(RemovedRow, "lobby")
        if removed:
            row_id = removed[place % len(removed)].id
            restore_row(self.store, self.room, row_id, self.now, HOST)

    @rule(place=places, role=st.sampled_from(("voter", "host", "observer")))
    def change_role(self, place: int, role: Any) -> None:
        row, fields = self.row(place), {"role": role}
        self.attempt(change_row, self.room, row.id, fields, self.now, HOST)

    @rule(place=places, present=st.booleans())
    def check_in_or_out(self, place: int, present: bool) -> None:
        check_in(self.store, self.room, self.row(place), self.now, HOST, present=present)

    @rule(hours=st.sampled_from((0, 0, 1, 13)))
    def begin_or_end_meeting(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        meeting = current_meeting(self.store, self.room)
        if meeting is None:
            begin_meeting(self.store, self.room, self.now, actor=HOST)
        else:
            ended = meeting.id
            self.attempt(end_meeting, self.room, ended, self.now, actor=HOST)

    # -- polls ------------------------------------------------------------------------

    @rule(
        method=st.sampled_from(METHODS),
        secrecy=st.sampled_from(("secret", "named")),
        threshold=thresholds,
        seats=st.integers(1, 2),
    )
    def open(self, method: str, secrecy: str, threshold: Any, seats: int) -> None:
        fields: dict[str, Any] = {"title": "?", "method": method, "secrecy": secrecy}
        fields |= {"eligibility": "roll", "threshold": threshold}
        if method != "motion":
            fields |= {"candidates": [{"name": name} for name in "AB"], "seats": seats}
        with self.store.transaction():
            draft = self.store.add(draft_poll(self.room, fields))
        rows = self.store.group(Row, "lobby")
        self.voters[draft.id] = {each.id for each in rows if each.role != "observer"}
        self.cast[draft.id] = set()
        open_poll(self.store, draft.id, self.now, HOST)

    @rule(number=places)
    def pause_or_continue(self, number: int) -> None:
        for poll in self.polls(*ONGOING)[number : number + 1]:
            if poll.state == "open":
                pause_poll(self.store, poll.id, self.now, HOST)
            else:
                open_poll(self.store, poll.id, self.now, HOST)

    @rule(number=places, place=places)
    def admit(self, number: int, place: int) -> None:
        row = self.row(place)
        for poll in self.store.each(Poll)[number : number + 1]:
            known = row.id in self.voters[poll.id]
            new = self.attempt(admit_row, poll.id, row.id, self.now, HOST)
            if known:
                assert new is False
            else:
                assert (new is True) == (poll.state in ONGOING and row.role != "observer")
            if new:
                self.voters[poll.id].add(row.id)

    @rule(number=places, place=places, choices=st.lists(st.integers(0, 1), unique=True))
    def vote(self, number: int, place: int, choices: list[int]) -> None:
        row = self.row(place)
        for poll in self.polls("open")[number : number + 1]:
            ids = [poll.candidates[each].id for each in choices]
            marks = tuple(ids if poll.method == "approval" else ids[:1])
            fresh = NewBallot(self.now, secrets.randbits(53), secrets.token_hex(16))
            done = self.attempt(cast_ballot, poll.id, row, Vote(marks), fresh)
            allowed = row.id in self.voters[poll.id] and row.role != "observer"
            assert (done is not None) == allowed
            if done is not None:
                assert done.first == (row.id not in self.cast[poll.id])
                self.cast[poll.id].add(row.id)

    @rule(number=places)
    def close(self, number: int) -> None:
        for poll in self.polls(*ONGOING)[number : number + 1]:
            close_poll(self.store, poll.id, self.now, HOST)

    @rule(number=places)
    def void(self, number: int) -> None:
        for poll in self.store.each(Poll)[number : number + 1]:
            void_poll(self.store, poll.id, self.now, HOST, "a test")
            self.verdicts.pop(poll.id, None)

    @rule(number=places, results=st.sampled_from(("live", "closed", "host")))
    def hide(self, number: int, results: str) -> None:
        for poll in self.store.each(Poll)[number : number + 1]:
            fields = {"results": results}
            self.attempt(change_poll, poll.id, fields, self.now, HOST)
            after = self.store.get(Poll, poll.id)
            assert poll.state not in ENDED or after == poll

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = TinyDBStore(self.folder / "rollcall.json", self.now)
        finish_endings(self.store, self.now)
        self.tallies = Tallies(self.store, lambda _changed: None)

    # -- what has to hold -------------------------------------------------------------

    @invariant()
    def bases_move_by_admissions_alone(self) -> None:
        for poll in self.store.each(Poll):
            tally, voters = self.tallies.of(poll.id), self.voters[poll.id]
            assert tally is not None
            document = results_document(self.tallies, tally, hidden=False)
            assert document["eligible"] == len(voters)
            assert document["turnout"] is None or 0 <= document["turnout"] <= 1
            assert document["ballots"] == len(self.cast[poll.id]) <= len(voters)
            members = dict(members_of(self.store, poll))
            assert (set(members), set(members.values())) == (voters, {1})

    @invariant()
    def digests_are_of_those_who_had_a_vote_at_the_opening(self) -> None:
        for poll in self.store.each(Poll):
            digest, size, admissions = electorate_of(self.store, poll)
            later = {each.row for each in admissions}
            first = [[row, 1] for row in sorted(self.voters[poll.id] - later)]
            form = canonical({"poll": poll.id, "members": first})
            assert (digest, size) == (sha256(form).hexdigest(), len(first))

    @invariant()
    def verdicts_are_those_of_their_records(self) -> None:
        for poll in self.polls("closed"):
            record = public_record(self.store, poll.id)
            verdict = decide_again(record)
            assert poll.verdict == record["result"]["verdict"] == verdict
            voters = self.voters[poll.id]
            assert record["bases"]["eligible"] == len(voters) >= len(record["ballots"])
            later = {each["row"] for each in record["electorate"]["admissions"]}
            assert record["electorate"]["size"] == len(voters - later)
            assert self.verdicts.setdefault(poll.id, verdict) == verdict

    @invariant()
    def log_is_a_chain_and_agrees_with_polls(self) -> None:
        log = self.store.group(LogEntry, "lobby")
        assert check_chain([entry_document(each) for each in log]) is None
        seen = Counter((each.kind, each.data.get("poll")) for each in log)
        data = {(each.kind, each.data.get("poll")): each.data for each in log}
        for poll in self.store.each(Poll):
            count, outcome = poll.electorate, poll.outcome or {}
            assert count is not None
            assert data["poll_opened", poll.id]["electorate"] == count["digest"]
            assert seen["admitted", poll.id] == count["admitted"]
            assert seen["poll_voided", poll.id] == (poll.state == "void")
            if poll.state == "closed":
                assert data["poll_closed", poll.id]["digest"] == outcome["digest"]


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


TestEvenings = Evenings.TestCase
TestEvenings.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
