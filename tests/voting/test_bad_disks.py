"""Disks that fail or are full at any step of an ending: refused, stopped, finished at the start."""

import errno
import os
import shutil
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.services import NAME, Services
from api.settings import read_settings
from db import OutcomeUnknown, StorageFull, Unavailable
from db.journal import JournaledStorage
from db.tinydb_store import TinyDBStore
from tests.db.journal.calls import Calls
from tests.unit.lobby import NOW, add_account, add_poll
from tests.voting.secrecy import Known, find_leaks, make_secret_poll
from voting.ending import close_poll, finish_endings, void_poll
from voting.log import CLOCK
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Room
from voting.polls import draft_poll, open_poll
from voting.store import Store

STEPS = ("open", "write", "fsync", "replace", "unlink")
FAULTS: dict[int, type[OutcomeUnknown]] = {errno.ENOSPC: StorageFull, errno.EIO: Unavailable}
ENDINGS: dict[str, Callable[[Store, int], object]] = {
    "close": lambda store, poll: close_poll(store, poll, NOW, CLOCK),
    "void": lambda store, poll: void_poll(store, poll, NOW, CLOCK, "a test"),
}
LEAST_STEPS = 10


class Failing:
    """Lets `passing` system calls through; each after them fails, as on a disk that is full."""

    def __init__(self, passing: int, number: int) -> None:
        self.asked = count()
        self.passing, self.number = passing, number
        self.failed = False

    def __call__(self, real: Callable[..., Any], *arguments: Any) -> Any:
        if next(self.asked) < self.passing:
            return real(*arguments)
        self.failed = True
        raise OSError(self.number, os.strerror(self.number))


def fail_after(calls: Calls, passing: int, number: int) -> Failing:
    rule = Failing(passing, number)
    calls.rules = dict.fromkeys(STEPS, rule)
    return rule


@pytest.mark.parametrize("number", FAULTS)
@pytest.mark.parametrize("how", ENDINGS)
def test_ending_is_refused_and_stops_the_store_and_is_finished_wherever_the_disk_fails(
    tmp_path: Path, calls: Calls, how: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is done beside it, later, is left out."""
    monkeypatch.setattr(JournaledStorage, "rest", lambda *_: None)
    (tmp_path / "template").mkdir()
    known = make_secret_poll(tmp_path / "template" / "rollcall.json")
    refusal, states, step = FAULTS[number], set(), 0
    for step in count():
        place = shutil.copytree(tmp_path / "template", tmp_path / f"{step:03}")
        store = TinyDBStore(place / "rollcall.json", NOW)
        rule = fail_after(calls, step, number)
        end = partial(ENDINGS[how], store, known.poll)
        refused = attempt(end)
        if not rule.failed:
            assert refused is None
            store.close()
            break

        assert isinstance(refused, refusal), f"step {step}: {refused!r}"
        assert_stopped(store, refusal)
        assert isinstance(attempt(end), refusal), "nobody is told that it is done"
        store.close()
        calls.rules = {}
        states.add(finish(place, known, how))
    assert step > LEAST_STEPS
    assert states == {"open", {"close": "closed", "void": "void"}[how]}


def attempt(act: Callable[[], object]) -> BaseException | None:
    try:
        act()
    except Exception as error:  # noqa: BLE001 (looked at by the test)
        return error
    return None


def assert_stopped(store: TinyDBStore, refusal: type[OutcomeUnknown]) -> None:
    assert isinstance(store.failure, refusal)
    with pytest.raises(refusal):
        add_account(store, "late")


def finish(place: Path, known: Known, how: str) -> str:
    """Start again as a server does; return in which state the poll was found."""
    store = TinyDBStore(place / "rollcall.json", NOW)
    finish_endings(store, NOW)
    poll = store.get(Poll, known.poll)
    assert poll is not None
    if poll.state == "open":
        ENDINGS[how](store, known.poll)
    leaks = find_leaks(place, known)
    store.close()
    assert leaks + find_leaks(place, known) == []
    return poll.state


@pytest.mark.parametrize("number", FAULTS)
def test_opening_is_refused_and_stops_the_store_wherever_the_disk_fails(
    tmp_path: Path, calls: Calls, number: int
) -> None:
    refusal, step = FAULTS[number], 0
    for step in count():
        path = tmp_path / f"{step:03}" / "rollcall.json"
        path.parent.mkdir()
        store = TinyDBStore(path, NOW)
        add_poll(store)
        fields = {"title": "?", "candidates": [{"name": "Yes"}]}
        with store.transaction():
            room = store.each(Room)[0]
            draft = store.add(draft_poll(room, fields))
        rule = fail_after(calls, step, number)
        refused = attempt(partial(open_poll, store, draft.id, NOW, CLOCK))
        if not rule.failed:
            store.close()
            break

        assert isinstance(refused, refusal), f"step {step}: {refused!r}"
        assert_stopped(store, refusal)
        held = store.get(Poll, draft.id)
        store.close()
        calls.rules = {}
        store = TinyDBStore(path, NOW)
        finish_endings(store, NOW)
        found = store.get(Poll, draft.id)
        assert held is not None
        assert held.state == "draft"
        assert found is not None
        assert found.state in ("draft", "open"), "it may have reached the disk"
        assert open_poll(store, draft.id, NOW, CLOCK).state == "open"
        assert store.pseudonym(draft.id, "ann")
        store.close()
    assert step > 3


@pytest.mark.parametrize("number", FAULTS)
def test_setup_code_that_can_not_be_removed_makes_no_administrator(
    tmp_path: Path, calls: Calls, number: int
) -> None:
    settings = {"ROLLCALL_DATABASE_URL": f"tinydb:///{tmp_path}/rollcall.json"}
    rollcall = create_app(read_settings(settings))
    parts: Services = rollcall.app.extensions[NAME]
    account = add_account(parts.store, "ann")
    token = parts.tokens.issue(account, parts.clock())[0]
    calls.rules["unlink", "setup-code"] = Failing(0, number)

    answer = rollcall.app.test_client().post(
        "/auth/admin",
        json={"code": rollcall.setup_code},
        headers={"Authorization": f"Bearer {token}"},
    )

    kept = parts.store.get(Account, account.id)
    assert answer.status_code == {errno.ENOSPC: 507, errno.EIO: 503}[number]
    assert kept is not None
    assert not kept.administrator
    assert (tmp_path / "setup-code").exists()
    rollcall.store.close()
