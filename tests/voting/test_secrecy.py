"""Secret polls: no file, backup or output leads from a voter to a ballot after the end."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest

from db import tinydb_store
from db.ballots import TableBallots
from db.journal.part_files import run_path
from db.names import TableNames
from db.poll_keys import PollKeys
from db.tinydb_store import TinyDBStore
from tests.db.journal.earlier import make_journal_of_format_1
from tests.keys import read_keys
from tests.records import public_record
from tests.server import ROOT, Server
from tests.unit.lobby import NOW, add_account, add_poll, standing_of
from tests.voting.secrecy import (
    Known,
    cast,
    check_documents,
    find_leaks,
    forbidden_of,
    make_secret_poll,
    read_ballots,
)
from voting.casting import find_ballot
from voting.ending import close_poll, finish_endings, void_poll
from voting.log import CLOCK
from voting.model.ballots import Ballot
from voting.model.polls import Poll

NAMES = ("ann", "ben", "kim", "lee")
VOID = {"reason": "a test"}


class Meeting:
    """A server whose host has opened a poll in which all have voted, and changed their minds."""

    def __init__(self, server: Server, secrecy: str) -> None:
        self.server = server
        self.host = server.sign_up("host")
        code = {"code": server.setup_code()}
        assert server.request("POST", "/auth/admin", self.host, json=code).status_code == 200
        names = ("Never", "Yes", "No")
        body = {"title": "?", "candidates": [{"name": n} for n in names], "secrecy": secrecy}
        made = server.request("POST", "/rooms/lobby/polls", self.host, json=body).json()
        self.poll: int = made["id"]
        never, yes, no = (candidate["id"] for candidate in made["candidates"])
        self.do("open")
        self.tokens = [server.sign_up(name) for name in NAMES]
        self.keys = [str(uuid4()) for _ in range(2 * len(NAMES))]
        gone = [
            self.cast(token, never, key) for token, key in zip(self.tokens, self.keys, strict=False)
        ]
        keys, choices = self.keys[len(NAMES) :], (yes, no, yes, yes)
        kept = [self.cast(*each) for each in zip(self.tokens, choices, keys, strict=True)]
        self.key = bytes.fromhex(read_keys(server.data)[str(self.poll)])
        forbidden = forbidden_of(self.key, [f"email:{n}@example.org" for n in NAMES], gone)
        forbidden |= {each.encode() for each in self.keys} | {b'"choices":[%d]' % never}
        self.known = Known(self.poll, frozenset(forbidden), frozenset(kept))

    def cast(self, token: str, choice: int, key: str) -> str:
        receipt: str = self.server.cast(token, [choice], key, self.poll).json()["receipt"]
        return receipt

    def do(self, what: str, body: dict[str, str] | None = None) -> None:
        path = f"/polls/{self.poll}/{what}"
        answer = self.server.request("POST", path, self.host, json=body)
        assert answer.status_code == 200, answer.text

    def backup(self, path: Path) -> bytes:
        """Take a backup as an administrator does; return it."""
        answer = self.server.request("GET", "/admin/backup", self.host)
        assert answer.status_code == 200
        path.write_bytes(answer.content)
        return path.read_bytes()


@pytest.fixture
def secret(server: Server) -> Meeting:
    return Meeting(server, "secret")


@pytest.mark.parametrize("end", ["close", "void"])
def test_nothing_leads_from_a_voter_to_a_ballot_when_a_secret_poll_has_ended(
    secret: Meeting, end: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    aside, server = tmp_path_factory.mktemp("backups"), secret.server
    before = secret.backup(aside / "before.json")

    secret.do(end, VOID if end == "void" else None)
    running = find_leaks(server.folder, secret.known)
    after = json.loads(secret.backup(aside / "after.json"))
    server.stop()

    assert running + find_leaks(server.folder, secret.known) == []
    assert find_leaks(aside, secret.known), "the backup of an open poll has pseudonyms"
    (aside / "before.json").unlink()
    assert find_leaks(aside, secret.known) == []
    assert secret.key.hex().encode() not in before
    ballots = {k: v for k, v in after["ballots"].items() if v["poll"] == secret.poll}
    check_documents(ballots, secret.known.receipts)
    assert not re.search(r"example\.org|[0-9a-f]{32}|/polls/", "".join(server.output))


def test_people_are_sent_nothing_more_of_their_ballot_when_a_secret_poll_has_ended(
    secret: Meeting,
) -> None:
    path = f"/polls/{secret.poll}/ballot"
    before = secret.server.request("GET", path, secret.tokens[0])

    secret.do("close")
    after = secret.server.request("GET", path, secret.tokens[0])
    turnout = secret.server.request("GET", f"/polls/{secret.poll}/turnout", secret.host).json()
    record = secret.server.request("GET", f"/polls/{secret.poll}/record", secret.host).json()

    assert before.json() == {"poll": secret.poll, "voted": True}
    assert (after.status_code, after.json()["code"]) == (404, "not_found")
    assert (turnout["voted"], turnout["people"]) == (len(NAMES), None)
    assert record["names"] is None
    assert {ballot["receipt"] for ballot in record["ballots"]} == secret.known.receipts


def test_people_see_their_ballots_and_names_when_a_named_poll_is_closed(server: Server) -> None:
    named = Meeting(server, "named")

    named.do("close")
    server.kill()
    server.start()
    ballot = server.request("GET", f"/polls/{named.poll}/ballot", named.tokens[0]).json()
    turnout = server.request("GET", f"/polls/{named.poll}/turnout", named.host).json()
    record = server.request("GET", f"/polls/{named.poll}/record", named.host).json()

    assert ballot["receipt"] in named.known.receipts
    assert record["names"][ballot["receipt"]] == "ann"
    assert sorted(record["names"].values()) == sorted(NAMES)
    voted = {person["name"]: person["voted"] for person in turnout["people"]}
    assert voted == dict.fromkeys(NAMES, True)


# -- restoring a backup ---------------------------------------------------------------


@pytest.mark.parametrize("machine", ["the same", "another"])
@pytest.mark.parametrize("meanwhile", ["open", "closed"])
def test_restored_backup_closes_its_open_secret_poll_before_serving(
    secret: Meeting, tmp_path_factory: pytest.TempPathFactory, machine: str, meanwhile: str
) -> None:
    backup, server = tmp_path_factory.mktemp("backup") / "backup.json", secret.server
    secret.backup(backup)
    epoch = server.results(secret.poll)["epoch"]
    if meanwhile == "closed":
        secret.do("close")
    server.stop()
    place = server if machine == "the same" else Server(tmp_path_factory.mktemp("another"))

    restore(place.data, backup)
    place.start()
    try:
        results = place.results(secret.poll)
        late = place.cast(place.sign_in("ann@example.org"), [1], poll=secret.poll)
        leaks = [each for each in find_leaks(place.folder, secret.known) if "before" not in each]
        again = place.stop(), place.start(), place.results(secret.poll)
    finally:
        place.kill()

    assert (results["state"], results["ballots"]) == ("closed", len(NAMES))
    assert results["epoch"] > epoch
    assert (late.status_code, late.json()["code"]) == (409, "poll_not_open")
    assert leaks == []
    assert again[2]["digest"] == results["digest"] is not None


def test_restored_backup_keeps_its_named_poll_open_where_its_key_is(server: Server) -> None:
    named = Meeting(server, "named")
    backup = server.folder / "backup.json"
    named.backup(backup)
    server.stop()

    restore(server.data, backup)
    server.start()
    again = server.cast(
        server.sign_in("ann@example.org"), [named_choice(server, named)], poll=named.poll
    )

    assert server.results(named.poll)["state"] == "open"
    assert (again.status_code, again.json()["changed"]) == (200, True)


def named_choice(server: Server, named: Meeting) -> int:
    candidates = server.request("GET", f"/polls/{named.poll}").json()["candidates"]
    return int(candidates[2]["id"])


def test_restored_backup_closes_its_named_poll_where_its_key_is_not(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    named = Meeting(server, "named")
    backup = server.folder / "backup.json"
    named.backup(backup)
    another = Server(tmp_path_factory.mktemp("another"))

    restore(another.data, backup)
    another.start()
    try:
        results = another.results(named.poll)
        token = another.sign_in("ann@example.org")
        mine = another.request("GET", f"/polls/{named.poll}/ballot", token)
    finally:
        another.stop()

    assert (results["state"], results["ballots"]) == ("closed", len(NAMES))
    assert mine.json()["receipt"] in named.known.receipts


def test_restored_backup_closes_a_named_poll_where_the_key_is_another_polls(
    server: Server, tmp_path_factory: pytest.TempPathFactory
) -> None:
    named = Meeting(server, "named")
    backup = server.folder / "backup.json"
    named.backup(backup)
    another = Server(tmp_path_factory.mktemp("another")).start()
    Meeting(another, "named")
    another.stop()

    restore(another.data, backup)
    another.start()
    try:
        results = another.results(named.poll)
    finally:
        another.stop()

    assert (results["state"], results["ballots"]) == ("closed", len(NAMES))


def restore(data: Path, backup: Path) -> None:
    command = [sys.executable, "-m", "db", "restore", backup, "--data", data]
    subprocess.run(command, cwd=ROOT, check=True, timeout=30, capture_output=True)


# -- in the store ---------------------------------------------------------------------


def test_sealed_ballots_show_no_order_when_many_have_voted(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    poll = add_poll(store, secrecy="secret")
    voters = [add_account(store, f"voter{n}") for n in range(40)]
    receipts = [cast(store, poll.id, each, poll.candidates[0].id, str(uuid4())) for each in voters]
    before = {ballot.id for ballot in store.each(Ballot)}

    close_poll(store, poll.id, NOW, CLOCK)
    sealed = store.each(Ballot)

    assert [ballot.receipt for ballot in sealed] == sorted(receipts)
    assert before.isdisjoint(ballot.id for ballot in sealed)
    assert [ballot.id for ballot in sealed] == sorted(ballot.id for ballot in sealed)
    store.close()


@pytest.mark.parametrize("ended", [False, True])
def test_store_of_an_earlier_version_leaves_nothing_of_a_poll_that_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ended: bool
) -> None:
    """It had the ballots in its journal, and may have crashed before it rewrote that."""
    (tmp_path / "old").mkdir()
    with monkeypatch.context() as earlier:
        earlier.setattr(tinydb_store, "FILED", {})
        earlier.setattr(tinydb_store, "FiledBallots", TableBallots)
        earlier.setattr(tinydb_store, "FiledNames", TableNames)
        if ended:
            earlier.setattr(PollKeys, "remove", be_killed)
        known = make_secret_poll(tmp_path / "old" / "rollcall.json", ended=ended)
    path = shutil.copytree(tmp_path / "old", tmp_path / "new") / "rollcall.json"
    make_journal_of_format_1(path)
    assert find_leaks(path.parent, known)

    store = TinyDBStore(path, NOW)
    finish_endings(store, NOW)
    while_open = find_leaks(path.parent, known)
    close_poll(store, known.poll, NOW, CLOCK)
    leaks = find_leaks(path.parent, known)
    store.close()

    assert leaks + find_leaks(path.parent, known) == []
    check_documents(read_ballots(path), known.receipts)
    held = {each.split()[0] for each in while_open if ".before-upgrade-" not in each}
    assert held <= {"rollcall.json.keys", "rollcall.json.keys.tmp", run_path(path, 1).name}
    assert not ended or not held


class Killed(BaseException):
    """What ends a process in the midst of a close."""


def be_killed(_keys: PollKeys, _poll_ids: object) -> None:
    raise Killed


def test_open_polls_keep_their_keys_when_another_ends(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    ending, staying = add_poll(store, secrecy="secret"), add_poll(store, secrecy="secret")
    voter = add_account(store, "ann")
    cast(store, staying.id, voter, staying.candidates[0].id, str(uuid4()))

    void_poll(store, ending.id, NOW, CLOCK, "a test")

    assert store.keyed_polls() == [staying.id]
    assert find_ballot(store, staying, standing_of(store, staying, voter)) is not None
    with pytest.raises(KeyError):
        store.pseudonym(ending.id, voter.voter)
    store.close()


def test_digest_is_the_same_before_and_after_a_reopening(tmp_path: Path) -> None:
    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    poll = add_poll(store, secrecy="secret")
    cast(store, poll.id, add_account(store, "ann"), poll.candidates[0].id, str(uuid4()))
    close_poll(store, poll.id, NOW, CLOCK)
    record = public_record(store, poll.id)
    store.close()

    store = TinyDBStore(tmp_path / "rollcall.json", NOW)
    closed = store.get(Poll, poll.id)

    assert public_record(store, poll.id) == record
    assert closed is not None
    assert closed.outcome is not None
    assert closed.outcome["digest"] == record["digest"]
    store.close()
