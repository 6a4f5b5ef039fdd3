"""Signing up, and who becomes administrator."""

from dataclasses import replace
from datetime import datetime

from db import Duplicate, Store
from schemas.accounts import Account
from schemas.refusals import EmailTaken
from schemas.text import fold


def sign_up(store: Store, email: str, name: str, password_hash: str, now: datetime) -> Account:
    """Make an account; return once it is on disk. Raises `EmailTaken`."""
    draft = Account(0, email, fold(email), name, password_hash, 0, False, now)
    try:
        with store.transaction():
            return store.add_account(draft)
    except Duplicate as error:
        raise EmailTaken from error


def account_by_email(store: Store, email: str) -> Account | None:
    """Return the account that signs in with an email, however it is typed."""
    return store.account_by_email(fold(email))


def make_administrator(store: Store, account: Account) -> Account:
    """Give an account the rights of an administrator; return once that is on disk."""
    with store.transaction():
        administrator = replace(account, administrator=True)
        store.save_account(administrator)
    return administrator
