"""Every limit of requests counts on the route that it is for: small ones are soon reached."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from unittest.mock import patch

import pytest
from flask.testing import FlaskClient

from api import limits
from api.app import create_app
from api.limits import LIMITS
from api.settings import read_settings
from api.tokens import Tokens
from tests.http.hall import KEY
from tests.unit.lobby import add_account, add_poll, cast_ballot, fresh
from voting.casting import Vote
from voting.ending import close_poll
from voting.log import CLOCK
from voting.model.polls import Candidate, Poll
from voting.model.rooms import Row
from voting.rooms import create_room
from voting.store import Store

AMOUNT = 2
"""How much of everything is allowed here; nothing is earned again while the tests run."""
CODE = "C1UB00"

numbers = count(1)


@dataclass
class Club:
    """An app with small limits, and a room with a closed poll, drafts and a roll."""

    client: FlaskClient
    store: Store
    closed: int
    receipt: str
    drafts: list[int]
    rows: list[int]

    def administrator(self) -> str:
        """Return the token of somebody new who is host everywhere."""
        account = add_account(self.store, f"person{next(numbers)}")
        with self.store.transaction():
            self.store.save(replace(account, administrator=True))
        return Tokens(KEY, hours=12).issue(account, datetime.now(UTC))[0]

    def ask(self, asked: str, address: str, token: str | None, body: Any = None) -> int:
        """Return the status of `METHOD /path`, asked from an address."""
        method, path = asked.split(" ")
        for name in ("closed", "receipt"):
            path = path.replace(f"<{name}>", str(getattr(self, name)))
        for name in ("drafts", "rows"):
            path = path.replace(f"<{name}>", str(getattr(self, name)[0]))
        return self.client.open(
            path,
            method=method,
            json=body,
            headers={} if token is None else {"Authorization": token},
            environ_base={"REMOTE_ADDR": address},
        ).status_code


@pytest.fixture(scope="module")
def club(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Club]:
    place = f"tinydb:///{tmp_path_factory.mktemp('club')}/rollcall.json"
    small = tuple(limit._replace(amount=AMOUNT) for limit in LIMITS)
    slow = (0.001, AMOUNT)
    with patch.multiple(
        limits, LIMITS=small, STRANGERS_READ=slow, PERSON_READS=slow, ROWS_CHANGED=slow
    ):
        settings = {"ROLLCALL_DATABASE_URL": place, "ROLLCALL_SECRET_KEY": KEY}
        rollcall = create_app(read_settings(settings))
    store, now = rollcall.store, datetime.now(UTC)
    voter = add_account(store, "voter")
    room = create_room(store, {"name": "Club"}, voter, now, lambda: CODE)
    poll = add_poll(store, room=room.code, eligibility="accounts", method="ranked")
    cast = fresh(now)
    cast_ballot(store, poll.id, voter, Vote((poll.candidates[0].id,)), cast)
    close_poll(store, poll.id, now, CLOCK)
    two = (Candidate(0, "A"), Candidate(0, "B"))
    with store.transaction():
        drafts = [store.add(Poll(0, CODE, "Draft", two)).id for _ in range(2)]
        rows = [store.add(Row(0, CODE, name)).id for name in ("Ada", "Bob")]
    yield Club(rollcall.app.test_client(), store, poll.id, cast.receipt, drafts, rows)
    store.close()


WRONG = "0" * 16
GUESS = {"password": "x" * 9, "current_password": "wrong"}
COUNTED: list[tuple[str, str, Any, int, bool]] = [
    ("auth.post_signup", "POST /auth/signup", {}, 400, False),
    ("auth.patch_me", "PATCH /auth/me", GUESS, 401, True),
    ("auth.post_reset", "POST /auth/reset", {"code": WRONG, "password": "x" * 9}, 403, False),
    ("auth.post_admin", "POST /auth/admin", {"code": WRONG}, 403, True),
    ("roll.post_claim", f"POST /rooms/{CODE}/claim", {"code": WRONG}, 404, False),
    ("roll.post_claim", f"POST /rooms/{CODE}/claim?dry_run=1", {"code": WRONG}, 404, False),
    ("pictures.post_picture", f"POST /rooms/{CODE}/pictures", {}, 415, True),
    ("joining.post_guest", f"POST /rooms/{CODE}/guests", {}, 400, False),
    ("joining.post_guest", f"POST /rooms/{CODE}/guests?dry_run=1", {}, 200, False),
    ("joining.post_guest", "POST /rooms/N0SUCH/guests", {"nickname": "Kim"}, 404, False),
]
"""Of each limit of an address: requests, how they are answered below it, and whether signed in."""


def test_each_limit_of_an_address_is_tried_here() -> None:
    assert {name for name, *_ in COUNTED} == {limit.endpoint for limit in LIMITS}


@pytest.mark.parametrize("place", range(len(COUNTED)), ids=[asked for _, asked, *_ in COUNTED])
def test_address_is_refused_beyond_its_limit_and_no_other_is(club: Club, place: int) -> None:
    _, asked, body, status, signed_in = COUNTED[place]
    token = club.administrator() if signed_in else None

    statuses = [club.ask(asked, f"192.0.2.{place}", token, body) for _ in range(AMOUNT + 1)]

    assert statuses == [*[status] * AMOUNT, 429]
    assert club.ask(asked, f"198.51.100.{place}", token, body) == status


OUTCOMES = (
    "GET /polls/<closed>/results",
    "GET /polls/<closed>/results?rule=irv",
    "GET /polls/<closed>/results.csv",
    "GET /polls/<closed>/results.xlsx",
    "GET /polls/<closed>/record",
    "GET /polls/<closed>/proof?receipt=<receipt>",
)
EXPORTS = ("GET /auth/me/export", f"GET /rooms/{CODE}/export")


@pytest.mark.parametrize("asked", OUTCOMES)
def test_strangers_of_one_address_read_no_more_outcomes_than_allowed(
    club: Club, asked: str
) -> None:
    own, other = f"203.0.113.{next(numbers)}", f"198.51.100.{next(numbers)}"

    statuses = [club.ask(asked, own, None) for _ in range(AMOUNT + 1)]

    assert statuses == [*[200] * AMOUNT, 429]
    assert club.ask(asked, other, None) == 200


@pytest.mark.parametrize("asked", [*OUTCOMES, *EXPORTS])
def test_person_reads_no_more_outcomes_and_exports_than_allowed(club: Club, asked: str) -> None:
    reader, other = club.administrator(), club.administrator()

    statuses = [club.ask(asked, f"10.1.0.{n}", reader) for n in range(AMOUNT + 1)]

    assert statuses == [*[200] * AMOUNT, 429]
    assert club.ask(asked, "10.1.0.1", other) == 200


CHANGES: dict[str, Callable[[Club], Any]] = {
    "POST /polls/<drafts>/move": lambda _: {"before": None},
    f"PATCH /rooms/{CODE}/roll/<rows>": lambda _: {"columns": {"Seat": str(next(numbers))}},
    f"POST /rooms/{CODE}/roll/<rows>/restore": lambda _: None,
    f"POST /rooms/{CODE}/roll/codes": lambda club: {"ids": club.rows[:1]},
    f"POST /rooms/{CODE}/roll": lambda _: {"rows": [{"name": f"New {next(numbers)}"}]},
    f"POST /rooms/{CODE}/roll?dry_run=1": lambda _: {"rows": [{"name": "Kim"}]},
}


@pytest.mark.parametrize("asked", CHANGES)
def test_host_changes_no_more_rows_than_allowed(club: Club, asked: str) -> None:
    host, other = club.administrator(), club.administrator()

    def change(token: str) -> int:
        club.drafts.reverse()  # the last one is at the end already
        return club.ask(asked, "10.2.0.1", token, CHANGES[asked](club))

    statuses = [change(host) for _ in range(AMOUNT + 1)]

    assert statuses[0] == 200
    assert statuses[-1] == 429
    assert change(other) == 200
