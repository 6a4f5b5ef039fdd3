"""What clients are told when the server itself is at fault: a code, and nothing else."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import db
from api.app import Rollcall, create_app
from api.services import NAME
from api.settings import read_settings
from tests.unit.lobby import add_account
from voting.store import Store

SECRET = "/srv/secret/path.py: the reason"


@pytest.fixture(scope="module")
def rollcall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rollcall]:
    data = tmp_path_factory.mktemp("faults") / "rollcall.json"
    made = create_app(read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{data}"}))
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def token(rollcall: Rollcall) -> str:
    parts = rollcall.app.extensions[NAME]
    issued: str = parts.tokens.issue(add_account(rollcall.store, "ann"), parts.clock())[0]
    return issued


class Broken:
    """A store whose transactions fail; all else is the real one's."""

    def __init__(self, store: Store, error: Exception) -> None:
        self._store = store
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        raise self._error
        yield


def cast_with(rollcall: Rollcall, token: str, error: Exception) -> Any:
    """Cast a ballot while the store is broken; return the answer."""
    parts = rollcall.app.extensions[NAME]
    rollcall.app.extensions[NAME] = replace(parts, store=Broken(parts.store, error))
    try:
        return rollcall.app.test_client().put(
            "/polls/1/ballot", json={"choices": [1]}, headers={"Authorization": token}
        )
    finally:
        rollcall.app.extensions[NAME] = parts


def test_unexpected_error_is_logged_and_its_text_is_not_sent(
    rollcall: Rollcall, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = cast_with(rollcall, token, RuntimeError(SECRET))

    assert answer.status_code == 500
    assert answer.content_type == "application/problem+json"
    assert answer.json["code"] == "internal"
    assert "secret" not in answer.text
    assert "RuntimeError" not in answer.text
    assert SECRET in str([record.exc_info for record in caplog.records])


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (db.Unavailable(SECRET), 503, "unavailable"),
        (db.StorageFull(SECRET), 507, "storage_full"),
        (db.OutcomeUnknown(SECRET), 503, "unavailable"),
    ],
)
def test_failing_disk_is_answered_with_an_unknown_outcome(
    rollcall: Rollcall, token: str, error: Exception, status: int, code: str
) -> None:
    answer = cast_with(rollcall, token, error)

    assert (answer.status_code, answer.json["code"]) == (status, code)
    assert "secret" not in answer.text
    assert "repeating it is safe" in answer.json["detail"]


def test_failing_disk_is_shown_by_readiness_and_not_by_health(rollcall: Rollcall) -> None:
    class Failed(Broken):
        failure = db.Unavailable(SECRET)

    parts = rollcall.app.extensions[NAME]
    rollcall.app.extensions[NAME] = replace(parts, store=Failed(parts.store, Exception()))
    client = rollcall.app.test_client()
    try:
        ready, health = client.get("/readyz"), client.get("/healthz")
    finally:
        rollcall.app.extensions[NAME] = parts

    assert (ready.status_code, ready.json["code"]) == (503, "unavailable")  # type: ignore[index]
    assert "secret" not in ready.text
    assert health.status_code == 200
    assert client.get("/readyz").status_code == 200


def test_data_that_can_not_be_opened_is_refused_by_the_stores_own_error(tmp_path: Path) -> None:
    (tmp_path / "rollcall.json").mkdir()

    with pytest.raises(db.JournalError):
        create_app(read_settings({"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"}))
