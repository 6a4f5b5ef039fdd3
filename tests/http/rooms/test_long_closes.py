"""A close that takes longer than its host's request may: the host is answered, and it goes on."""

from pathlib import Path
from typing import Any

import pytest
from gevent.event import Event

from api import closings
from api.app import create_app
from api.services import NAME, Services
from api.settings import read_settings
from api.tokens import Tokens
from tests.http.hall import KEY
from tests.unit.lobby import add_account, add_poll, cast_ballot, fresh
from voting import closing
from voting.casting import Vote
from voting.closing import finish_close
from voting.rooms import create_room


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
    place = {"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"}
    rollcall = create_app(read_settings({**place, "ROLLCALL_SECRET_KEY": KEY}))
    parts: Services = rollcall.app.extensions[NAME]
    host = add_account(parts.store, "host")
    room = create_room(parts.store, {"name": "Club"}, host, parts.clock(), lambda: "C1UB00")
    poll = add_poll(parts.store, room=room.code)
    cast_ballot(parts.store, poll.id, host, Vote((poll.candidates[0].id,)), fresh())
    head = {"Authorization": f"Bearer {Tokens(KEY, 12).issue(host, parts.clock())[0]}"}

    def close() -> tuple[int, Any]:
        answer = rollcall.app.test_client().post(f"/polls/{poll.id}/close", headers=head)
        return answer.status_code, answer.get_json()

    (early, counted_yet), (repeated, _) = close(), close()
    counting.set()
    parts.closings.count(poll.id).wait()
    late, counted = close()

    assert (early, repeated, late) == (202, 202, 200)
    assert (counted_yet["state"], counted["state"]) == ("open", "closed")
    assert counted_yet["closed_at"] == counted["closed_at"]
    rollcall.store.close()
