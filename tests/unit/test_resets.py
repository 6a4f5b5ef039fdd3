"""One-time codes for a new password: how long they are good, and what ends them."""

from datetime import timedelta

import pytest

from tests.unit.lobby import NOW, add_account
from voting.accounts import RESET_HOURS, account_by_reset, allow_reset, rename_account, set_password
from voting.refusals import Forbidden, TokenInvalid
from voting.store import Store

CODE = "0123456789ABCDEF"
SECOND = timedelta(seconds=1)


def test_code_is_good_until_its_hours_are_over(store: Store) -> None:
    account = add_account(store, "ann")

    until = allow_reset(store, account.id, CODE, NOW, "u1")

    assert until == NOW + timedelta(hours=RESET_HOURS)
    assert account_by_reset(store, CODE, until - SECOND).id == account.id
    with pytest.raises(Forbidden):
        account_by_reset(store, CODE, until)


def test_code_is_ended_by_any_new_password(store: Store) -> None:
    account = add_account(store, "ann")
    allow_reset(store, account.id, CODE, NOW, "u1")

    set_password(store, account_by_reset(store, CODE, NOW), "hash")

    with pytest.raises(Forbidden):
        account_by_reset(store, CODE, NOW)


def test_account_is_not_changed_by_a_session_that_has_ended(store: Store) -> None:
    before = add_account(store, "ann")
    set_password(store, before, "new hash")

    for change in (
        lambda: set_password(store, before, "x"),
        lambda: rename_account(store, before, "x"),
    ):
        with pytest.raises(TokenInvalid):
            change()

    assert store.each(type(before))[0].password == "new hash"
