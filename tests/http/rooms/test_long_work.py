"""Work that takes longer than its host's request may: the host is answered, and it goes on."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from gevent.event import Event

from api import closings
from api.app import create_app
from api.routes import auth, rooms
from api.services import NAME, Services
from api.settings import read_settings
from api.tokens import Tokens
from tests.http.hall import KEY
from tests.unit.lobby import add_account, add_poll, cast_ballot, fresh
from voting import accounts, closing
from voting.casting import Vote
from voting.closing import finish_close
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.accounts import Account
from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName
from voting.model.rooms import Message
from voting.refusals import NotFound
from voting.rooms import create_room


@dataclass(frozen=True)
class Club:
    """A room with an open poll of one ballot, and its host."""

    parts: Services
    client: FlaskClient
    poll: Poll
    head: dict[str, str]


def make_club(folder: Path) -> Club:
    place = {"ROLLCALL_DATABASE_URL": f"tinydb:///{folder}/rollcall.json"}
    rollcall = create_app(read_settings({**place, "ROLLCALL_SECRET_KEY": KEY}))
    parts: Services = rollcall.app.extensions[NAME]
    host = add_account(parts.store, "host")
    room = create_room(parts.store, {"name": "Club"}, host, parts.clock(), lambda: "C1UB00")
    poll = add_poll(parts.store, room=room.code)
    cast_ballot(parts.store, poll.id, host, Vote((poll.candidates[0].id,)), fresh())
    head = {"Authorization": f"Bearer {Tokens(KEY, 12).issue(host, parts.clock())[0]}"}
    return Club(parts, rollcall.app.test_client(), poll, head)


def test_host_is_answered_before_a_long_close_is_counted_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Event()

    def count_once_told(*arguments: Any) -> Any:
        counting.wait()
        return finish_close(*arguments)

    monkeypatch.setattr(closing, "SMALL", 0)
    monkeypatch.setattr(closings, "finish_close", count_once_told)
    monkeypatch.setattr(closings, "WAIT_SECONDS", 0.01)
    club = make_club(tmp_path)
    parts, poll = club.parts, club.poll

    def close() -> tuple[int, Any]:
        answer = club.client.post(f"/polls/{poll.id}/close", headers=club.head)
        return answer.status_code, answer.get_json()

    (early, counted_yet), (repeated, _) = close(), close()
    counting.set()
    parts.closings.count(poll.id).wait()
    late, counted = close()

    assert (early, repeated, late) == (202, 202, 200)
    assert (counted_yet["state"], counted["state"]) == ("open", "closed")
    assert counted_yet["closed_at"] == counted["closed_at"]
    parts.store.close()


def test_host_is_answered_before_a_huge_room_is_emptied_and_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    club, emptying = make_club(tmp_path), Event()
    store = club.parts.store
    close_poll(store, club.poll.id, club.parts.clock(), CLOCK)
    clear_poll = store.clear_poll

    def clear_once_told(poll_id: int) -> None:
        emptying.wait()
        clear_poll(poll_id)

    monkeypatch.setattr(rooms, "CLEAR_SECONDS", 0.01)
    monkeypatch.setattr(store, "clear_poll", clear_once_told)

    deleted = club.client.delete("/rooms/C1UB00", headers=club.head)
    seen = club.client.get("/rooms/C1UB00", headers=club.head)
    left = store.size(Ballot, club.poll.id, "poll")
    emptying.set()
    while store.size(Poll, "C1UB00", "room"):
        gevent.sleep(0.001)

    assert (deleted.status_code, seen.status_code, left) == (204, 404, 1)
    assert store.size(Ballot, club.poll.id, "poll") == 0
    store.close()


def test_others_are_served_while_an_account_of_many_lines_and_names_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    club, served = make_club(tmp_path), list[int]()
    store, now = club.parts.store, club.parts.clock()
    host = store.each(Account)[0]
    named = add_poll(store, room="C1UB00", secrecy="named")
    cast_ballot(store, named.id, host, Vote((named.candidates[0].id,)), fresh())
    close_poll(store, named.id, now, CLOCK)

    def write_line() -> int:
        with store.transaction():
            return store.add(Message(0, "C1UB00", host.person, host.name, "hello", now)).id

    def serve() -> None:
        served.append(gevent.spawn(write_line).get(timeout=10))

    for _ in range(3):
        write_line()
    monkeypatch.setattr(auth, "Rests", lambda: serve)
    monkeypatch.setattr(accounts, "FORGOTTEN_AT_ONCE", 2)

    deleted = club.client.delete("/auth/me", headers=club.head)

    assert (deleted.status_code, store.each(Account)) == (204, [])
    lines = store.group(Message, host.person, "author")
    assert len(served) > 2  # after a record, and after each few lines
    assert {line.name for line in lines} == {""}
    assert store.size(RecordName, host.person, "person") == 0
    store.close()


def test_close_whose_poll_was_voided_and_deleted_meanwhile_is_no_fault_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    club = make_club(tmp_path)

    def find_nothing(*_: Any) -> Any:
        raise NotFound

    monkeypatch.setattr(closings, "finish_close", find_nothing)

    with pytest.raises(NotFound):
        club.parts.closings.finish(club.poll.id)
    assert [record for record in caplog.records if record.name == closings.__name__] == []
    club.parts.store.close()
