"""A session that ends while its request waits, for a hash or for other work: nothing is changed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from api.app import Rollcall, create_app
from api.passwords import Passwords
from api.pictures import Pictures
from api.routes import auth, roll_files
from api.settings import read_settings
from api.tokens import Tokens
from tests.http.hall import KEY, PASSWORD
from voting.accounts import end_session
from voting.model.accounts import Account
from voting.model.rooms import Picture, Row
from voting.rooms import create_room

CODE = "C1UB00"
KIM = {"email": "kim@example.org", "name": "Kim", "password": PASSWORD}


@pytest.fixture
def rollcall(tmp_path: Path) -> Iterator[Rollcall]:
    place = f"tinydb:///{tmp_path}/rollcall.json"
    made = create_app(read_settings({"ROLLCALL_DATABASE_URL": place, "ROLLCALL_SECRET_KEY": KEY}))
    yield made
    made.store.close()


@pytest.fixture
def token(rollcall: Rollcall) -> str:
    """The session of the host of a room."""
    client = rollcall.app.test_client()
    assert client.post("/auth/signup", json=KIM).status_code == 201
    (account,), now = rollcall.store.each(Account), datetime.now(UTC)
    create_room(rollcall.store, {"name": "Club"}, account, now, lambda: CODE)
    return Tokens(KEY, hours=12).issue(account, now)[0]


def ending(rollcall: Rollcall, token: str, work: Callable[..., Any]) -> Callable[..., Any]:
    """Return work during which a session ends."""

    def act(*arguments: Any, **named: Any) -> Any:
        done = work(*arguments, **named)
        session, now = Tokens(KEY, hours=12).read(token), datetime.now(UTC)
        end_session(rollcall.store, session.token_id, session.expires_at, now)
        return done

    return act


def picture() -> bytes:
    file = BytesIO()
    Image.new("RGB", (8, 8)).save(file, "JPEG")
    return file.getvalue()


ROWS = {"json": {"rows": [{"name": "Lee"}]}}
PROVED = {"current_password": PASSWORD}
ASKED: dict[str, tuple[str, dict[str, Any], Any, str]] = {
    "new password": (
        "PATCH /auth/me",
        {"json": {"password": "battery-staple", **PROVED}},
        Passwords,
        "verify",
    ),
    "new email": (
        "PATCH /auth/me",
        {"json": {"email": "lee@example.org", **PROVED}},
        Passwords,
        "verify",
    ),
    "deletion": ("DELETE /auth/me", {}, auth, "forget_earlier"),
    "picture": (
        f"POST /rooms/{CODE}/pictures",
        {"data": picture(), "content_type": "image/jpeg"},
        Pictures,
        "shrink",
    ),
    "more rows": (f"POST /rooms/{CODE}/roll", ROWS, roll_files, "plan_roll"),
    "other rows": (f"PUT /rooms/{CODE}/roll", ROWS, roll_files, "plan_roll"),
}
"""What is asked, and the work that the request waits for."""


@pytest.mark.parametrize("asked", ASKED)
def test_nothing_is_changed_when_the_session_ends_while_its_request_waits(
    rollcall: Rollcall, token: str, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    route, sent, place, work = ASKED[asked]
    method, path = route.split(" ")
    stored = [[*rollcall.store.each(kind)] for kind in (Account, Picture, Row)]
    monkeypatch.setattr(place, work, ending(rollcall, token, getattr(place, work)))

    answer = rollcall.app.test_client().open(
        path, method=method, headers={"Authorization": token}, **sent
    )

    assert answer.status_code == 401
    assert [[*rollcall.store.each(kind)] for kind in (Account, Picture, Row)] == stored


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_roll_is_not_changed_when_its_sender_is_no_more_host_once_it_is_planned(
    rollcall: Rollcall, token: str, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    plan, store = roll_files.plan_roll, rollcall.store

    def appoint(*, administrator: bool) -> None:
        with store.transaction():
            for account in store.each(Account):
                store.save(replace(account, administrator=administrator))

    def plan_and_demote(*arguments: Any, **named: Any) -> Any:
        planned = plan(*arguments, **named)
        appoint(administrator=False)  # no change of the roll, so the plan stays good
        return planned

    with store.transaction():
        for row in store.each(Row):
            store.save(replace(row, role="voter"))
    appoint(administrator=True)
    monkeypatch.setattr(roll_files, "plan_roll", plan_and_demote)

    answer = rollcall.app.test_client().open(
        f"/rooms/{CODE}/roll", method=method, headers={"Authorization": token}, **ROWS
    )

    assert answer.status_code == 403
    assert [row.name for row in store.each(Row)] == ["Kim"]
