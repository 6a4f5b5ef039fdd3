"""Signing up, who becomes administrator, and what is left of one who goes."""

from dataclasses import replace
from datetime import datetime

from db import Duplicate, Store
from schemas.accounts import Account, Revocation
from schemas.refusals import EmailTaken
from schemas.rooms import Attendance, Message, Row
from schemas.text import fold
from voting.attendance import forget_name


def sign_up(store: Store, email: str, name: str, password_hash: str, now: datetime) -> Account:
    """Make an account; return once it is on disk. Raises `EmailTaken`."""
    draft = Account(0, email, fold(email), name, password_hash, 0, False, now)
    try:
        with store.transaction():
            return store.add(draft)
    except Duplicate as error:
        raise EmailTaken from error


def account_by_email(store: Store, email: str) -> Account | None:
    """Return the account that signs in with an email, however it is typed."""
    return store.find(Account, "email_key", fold(email))


def make_administrator(store: Store, account: Account) -> Account:
    """Give an account the rights of an administrator; return once that is on disk."""
    with store.transaction():
        administrator = replace(account, administrator=True)
        store.save(administrator)
    return administrator


def delete_account(store: Store, account: Account, now: datetime) -> set[str]:
    """Delete an account: its data and name go, the counts stay; signing up again gives no
    second ballot, because a voter is the email. Return who has gone, once that is on disk.

    Rows that a host wrote stay as they are written; that which was made with a room loses its
    name, which came from the account.
    """
    with store.transaction():
        own = [row for row in store.each(Row) if row.account == account.id]
        gone = {account.person, *(f"r{row.id}" for row in own)}
        for row in own:
            made = row.role == "host" and not (row.email or row.ref)
            name = "" if made else row.name
            store.save(replace(row, name=name, account=None, claimed=False))
        for attendance in store.each(Attendance):
            if attendance.who in gone:
                forget_name(store, attendance, now)
        for message in store.each(Message):
            if message.author == account.person:
                store.save(replace(message, name=""))
        store.remove(account)
    return gone


def end_session(store: Store, token_id: str, expires_at: datetime) -> None:
    """Refuse a token from now on; return once that is on disk."""
    with store.transaction():
        if store.find(Revocation, "token_id", token_id) is None:
            store.add(Revocation(0, token_id, expires_at))
