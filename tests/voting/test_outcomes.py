"""Nobody can move an outcome: random evenings of a room, in whatever order things happen.

What a host may do at all is done here: the roll changes, people are checked in and out, members are
restored and admitted, meetings begin and end, polls open, close and are voided, by a host and by
the clock; the server starts again, and a backup is put back. After each step the base of every poll
is what it was at the opening, with the admissions alone added, and its log says so. Each verdict is
counted again by a few lines that know the record and nothing else.
"""

import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from db.__main__ import main
from db.tinydb_store import TinyDBStore
from tests.examples import examples
from tests.records import public_record, whole_log
from tests.unit.lobby import NOW, cast_ballot
from tests.voting.deciding import decide_again
from voting.attendance import check_in
from voting.canonical import canonical
from voting.casting import NewBallot, Vote
from voting.chain import check_chain, start_of
from voting.electorate import admit_row, electorate_of, members_of
from voting.ending import close_poll, finish_endings, void_poll
from voting.log import CLOCK, OPERATOR, head
from voting.meetings import begin_meeting, current_meeting, end_meeting
from voting.model.log import LogEntry
from voting.model.polls import ENDED, ONGOING, Poll
from voting.model.rooms import QuorumCount, RemovedRow, Room, Row
from voting.people import find_room, standing_in
from voting.polls import change_poll, draft_poll, open_poll, pause_poll
from voting.refusals import Refusal
from voting.restoring import restore_row
from voting.roll import change_row, remove_row
from voting.roll_plans import apply_roll, plan_roll
from voting.rooms import change_room
from voting.schedule import Schedule
from voting.tallies import Tallies, results_document
from voting.times import GRACE_SECONDS, is_due
from voting.verify.logs import check_log, check_record_in, read_log
from voting.verify.records import check_record, read_record

HOST = "r1"
OPENED = (*ONGOING, *ENDED)
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""Where a store's many fsyncs take no time: these tests kill nothing."""
ACTS = ("add", "remove", "restore", "demote", "in", "out")
METHODS = ("plurality", "approval", "motion")
thresholds = st.none() | st.fixed_dictionaries(
    {
        "num": st.integers(1, 2),
        "den": st.just(3),
        "of": st.sampled_from(("valid", "cast", "present", "eligible")),
        "rule": st.sampled_from(("more_than", "at_least")),
    }
)
places = st.integers(0, 9)
"""A place on a list, however long that is."""
roles = st.sampled_from(("voter", "host", "observer"))
minutes = st.none() | st.integers(1, 3)
choices = st.lists(st.integers(0, 1), unique=True)


def some_are(*states: str) -> Any:
    """Let a rule run only while polls are in some states: most rules need one."""
    return precondition(lambda evenings: evenings.polls(*states))


class Evenings(RuleBasedStateMachine):
    """A room, and what a bystander would have noted of its polls."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY))
        self.data, self.backup = self.folder / "rollcall.json", self.folder / "backup.json"
        self.now = NOW
        self.start()
        self.noted: dict[str, dict[int, Any]] = {"voters": {}, "cast": {}, "verdicts": {}}
        """By poll: who has a vote, noted at the opening and at each admission; who has cast one;
        what it came to."""
        self.noted_before: dict[str, dict[int, Any]] = {}
        """The same, when the backup was made."""

    def start(self) -> None:
        self.store = TinyDBStore(self.data, self.now)
        finish_endings(self.store, self.now)
        self.tallies = Tallies(self.store, lambda _changed: None)
        self.schedule = Schedule(self.store)

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
        reading = read_log(whole_log(self.store, "lobby"))
        checks = [*check_log(reading)]
        for poll in self.polls("closed"):
            record = public_record(self.store, poll.id)
            checks += check_record(read_record(record), None, None)
            checks += check_record_in(reading, record)
        assert [each for each in checks if each.agrees is False] == []

    @property
    def room(self) -> Room:
        return find_room(self.store, "lobby")

    @property
    def voters(self) -> dict[int, set[int]]:
        return self.noted["voters"]

    def row(self, place: int) -> Row:
        rows = self.store.group(Row, "lobby")
        return rows[place % len(rows)]

    def polls(self, *states: str) -> list[Poll]:
        return [each for each in self.store.each(Poll) if each.state in states]

    def poll(self, number: int, *states: str) -> list[Poll]:
        """Return one of the polls in some states, the latest first; nothing where there is none."""
        found = self.polls(*states)[::-1]
        return found[number % len(found) :][:1] if found else []

    def note_openings(self) -> None:
        """Note who has a vote in the polls that have just opened."""
        for poll in self.polls(*OPENED):
            if poll.id not in self.voters:
                rows = self.store.group(Row, "lobby")
                self.voters[poll.id] = {each.id for each in rows if each.role != "observer"}
                self.noted["cast"][poll.id] = set()

    def attempt(self, act: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return what an act of the store gives; None where it is refused."""
        try:
            return act(self.store, *given, **named)
        except Refusal:
            return None

    # -- the roll and the hall --------------------------------------------------------

    @rule(act=st.sampled_from(ACTS), place=places, role=roles)
    def change_roll(self, act: str, place: int, role: Any) -> None:
        row, removed = self.row(place), self.store.group(RemovedRow, "lobby")
        if act == "add":
            self.add_member(role)
        elif act == "remove":
            self.attempt(remove_row, self.room, row.id, self.now, HOST)
        elif act == "restore" and removed:
            row_id = removed[place % len(removed)].id
            restore_row(self.store, self.room, row_id, self.now, HOST)
        elif act == "demote":
            self.attempt(change_row, self.room, row.id, {"role": role}, self.now, HOST)
        else:
            check_in(self.store, self.room, row, self.now, HOST, present=act == "in")

    def add_member(self, role: Any) -> None:
        rows = [("rows.0", {"name": f"New {secrets.token_hex(4)}", "role": role})]
        host = standing_in(self.store, self.room, self.row(0))
        with self.store.transaction():
            change = plan_roll(self.store, self.room, rows, host, replacing=False, now=self.now)
            apply_roll(self.store, self.room, change, self.now, HOST)

    def begin_or_end_meeting(self) -> None:
        meeting = current_meeting(self.store, self.room)
        if meeting is None:
            begin_meeting(self.store, self.room, self.now, actor=HOST)
        else:
            self.attempt(end_meeting, self.room, meeting.id, self.now, actor=HOST)

    @rule(after=st.sampled_from((0, 1, 1, 2, 5, 13 * 60)), late=st.booleans())
    def let_time_pass(self, after: int, late: bool) -> None:
        """Let minutes pass, or begin or end a meeting; the clock's own steps may come late."""
        self.now += timedelta(minutes=after)
        if not after:
            self.begin_or_end_meeting()
        elif not late:
            self.schedule.keep(self.now)
            self.note_openings()
            assert not any(is_due(poll, self.now) for poll in self.polls(*ONGOING))

    # -- polls ------------------------------------------------------------------------

    @rule(
        method=st.sampled_from(METHODS),
        secrecy=st.sampled_from(("secret", "named")),
        threshold=thresholds,
        seats=st.integers(1, 2),
        opens=minutes,
        lasts=minutes,
    )
    def open(
        self,
        method: str,
        secrecy: str,
        threshold: Any,
        seats: int,
        opens: int | None,
        lasts: int | None,
    ) -> None:
        fields: dict[str, Any] = {"title": "?", "method": method, "secrecy": secrecy}
        fields |= {"eligibility": "roll", "threshold": threshold}
        if method != "motion":
            fields |= {"candidates": [{"name": name} for name in "AB"], "seats": seats}
        starts_at = self.now + timedelta(minutes=opens or 0)
        fields["opens_at"] = starts_at if opens else None
        fields["closes_at"] = starts_at + timedelta(minutes=lasts) if lasts else None
        with self.store.transaction():
            draft = self.store.add(draft_poll(self.room, fields))
        if opens is None:
            open_poll(self.store, draft.id, self.now, HOST)
            self.note_openings()

    @some_are(*OPENED)
    @rule(number=places, results=st.none() | st.sampled_from(("live", "closed", "host")))
    def pause_or_hide(self, number: int, results: str | None) -> None:
        for poll in self.poll(number, *(OPENED if results else ONGOING)):
            if results:
                self.attempt(change_poll, poll.id, {"results": results}, self.now, HOST)
            else:
                move = pause_poll if poll.state == "open" else open_poll
                self.attempt(move, poll.id, self.now, HOST)
            after = self.store.get(Poll, poll.id)
            assert after is not None
            if poll.state in ENDED:
                assert replace(after, tally_shown=poll.tally_shown) == poll

    @some_are(*OPENED)
    @rule(number=places, place=places, role=st.none() | roles)
    def admit(self, number: int, place: int, role: Any) -> None:
        """Admit a member; with a role, one who comes now."""
        if role:
            self.add_member(role)
        row = self.row(-1 if role else place)
        for poll in self.poll(number, *OPENED):
            known = row.id in self.voters[poll.id]
            new = self.attempt(admit_row, poll.id, row.id, self.now, HOST)
            if known:
                assert new is False
            else:
                assert (new is True) == (poll.state in ONGOING and row.role != "observer")
            if new:
                self.voters[poll.id].add(row.id)

    @some_are("open")
    @rule(number=places, ballots=st.lists(st.tuples(places, choices), min_size=1, max_size=6))
    def vote(self, number: int, ballots: list[tuple[int, list[int]]]) -> None:
        for poll in self.poll(number, "open"):
            for place, chosen in ballots:
                self.cast(poll, self.row(place), chosen)

    def cast(self, poll: Poll, row: Row, chosen: list[int]) -> None:
        ids = [poll.candidates[each].id for each in chosen]
        marks = tuple(ids if poll.method == "approval" else ids[:1])
        fresh = NewBallot(self.now, secrets.randbits(53), secrets.token_hex(16))
        done = self.attempt(cast_ballot, poll.id, row, Vote(marks), fresh)
        allowed = row.id in self.voters[poll.id] and row.role != "observer"
        assert (done is not None) == (allowed and not is_due(poll, self.now))
        if done is not None:
            assert done.first == (row.id not in self.noted["cast"][poll.id])
            self.noted["cast"][poll.id].add(row.id)

    @some_are(*ONGOING)
    @rule(number=places, void=st.sampled_from((False, False, True)))
    def end(self, number: int, void: bool) -> None:
        for poll in self.poll(number, *(OPENED if void else ONGOING)):
            if void:
                void_poll(self.store, poll.id, self.now, HOST, "a test")
                self.noted["verdicts"].pop(poll.id, None)
            else:
                closed = close_poll(self.store, poll.id, self.now, HOST)
                assert closed.closed_at == (poll.closes_at if is_due(poll, self.now) else self.now)

    # -- the server -------------------------------------------------------------------

    @rule(back_up=st.booleans())
    def start_again(self, back_up: bool) -> None:
        if back_up:
            self.backup.write_bytes(b"".join(self.store.backup()))
            self.noted_before = deepcopy(self.noted)
        self.store.close()
        self.start()

    @precondition(lambda self: self.noted_before)
    @rule()
    def put_backup_back(self) -> None:
        before = head(self.store, "lobby")
        self.store.close()
        assert main(["restore", str(self.backup), "--data", str(self.data)]) == 0
        self.noted = deepcopy(self.noted_before)
        self.start()
        log = self.store.group(LogEntry, "lobby")
        (restored,) = [each for each in log if each.data.get("epoch") == self.store.epoch]
        lost = before["n"] > 0 and before["hash"] not in {each.hash for each in log}
        assert restored.data["replaced"] == (before if lost else None)

    # -- what has to hold -------------------------------------------------------------

    @invariant()
    def bases_move_by_admissions_alone(self) -> None:
        for poll in self.polls(*OPENED):
            tally, voters = self.tallies.of(poll.id), self.voters[poll.id]
            assert tally is not None
            document = results_document(self.tallies, tally, hidden=False)
            assert document["eligible"] == len(voters)
            assert document["turnout"] is None or 0 <= document["turnout"] <= 1
            assert document["ballots"] == len(self.noted["cast"][poll.id]) <= len(voters)
            members = dict(members_of(self.store, poll))
            assert (set(members), set(members.values())) == (voters, {1})
            assert (poll.quorum.present or 0) <= len(voters)

    @invariant()
    def digests_are_of_those_who_had_a_vote_at_the_opening(self) -> None:
        for poll in self.polls(*OPENED):
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
            assert self.noted["verdicts"].setdefault(poll.id, verdict) == verdict

    @invariant()
    def log_is_a_chain_and_agrees_with_polls(self) -> None:
        log = self.store.group(LogEntry, "lobby")
        entries = whole_log(self.store, "lobby")["entries"]
        assert check_chain(entries, start_of("lobby")) is None
        seen = Counter((each.kind, each.data.get("poll")) for each in log)
        entries = {(each.kind, each.data.get("poll")): each for each in log}
        for poll in self.polls(*OPENED):
            count, outcome = poll.electorate, poll.outcome or {}
            assert count is not None
            opened = entries["poll_opened", poll.id]
            assert opened.data["electorate"] == count["digest"]
            assert opened.actor == (HOST if poll.opens_at is None else CLOCK)
            assert seen["admitted", poll.id] == count["admitted"]
            assert seen["poll_voided", poll.id] == (poll.state == "void")
            if poll.state == "closed":
                closed = entries["poll_closed", poll.id]
                assert closed.data["digest"] == outcome["digest"]
                assert closed.actor in (HOST, OPERATOR) or poll.closes_at == poll.closed_at

    @invariant()
    def openings_that_were_missed_are_left_to_a_host(self) -> None:
        for poll in self.polls(*OPENED):
            if poll.opens_at is not None and poll.opened_at is not None:
                late = poll.opened_at - poll.opens_at
                assert timedelta(0) <= late <= timedelta(seconds=GRACE_SECONDS)


TestEvenings = Evenings.TestCase
TestEvenings.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
