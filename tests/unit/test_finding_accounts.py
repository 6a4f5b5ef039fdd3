"""An email finds its own account, however it is typed, and never that of a domain like it."""

from dataclasses import replace

import pytest

from schemas.strings import email_of
from tests.unit.lobby import NOW
from voting.accounts import account_by_email, sign_up
from voting.store import Store


def test_email_finds_no_account_at_a_domain_that_only_folds_alike(store: Store) -> None:
    account = sign_up(store, email_of("kim@strasse.de"), "Kim", "hash", NOW)

    assert account_by_email(store, email_of("kim@straße.de")) is None
    assert account_by_email(store, email_of(" KIM@Strasse.DE ")) == account


@pytest.mark.parametrize("kept", ["kim@straße.de", "kim@xn--3e0b707e.kr"])
def test_account_that_an_older_version_kept_is_found_as_it_was_typed_then(
    store: Store, kept: str
) -> None:
    made = sign_up(store, email_of("kim@example.org"), "Kim", "hash", NOW)
    with store.transaction():
        old = store.save(replace(made, email=kept, email_key=email_of(kept).old_keys[0]))

    assert account_by_email(store, email_of(kept)) == old
