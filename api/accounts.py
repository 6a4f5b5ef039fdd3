"""The documents of accounts."""

from typing import TypedDict

from voting.model.accounts import Account


class NewUser(TypedDict):
    """A new account."""

    id: int
    email: str
    name: str


class User(NewUser):
    """An account as its owner sees it."""

    administrator: bool


def new_user_document(account: Account) -> NewUser:
    """Return the document of a new account."""
    return {"id": account.id, "email": account.email, "name": account.name}


def user_document(account: Account) -> User:
    """Return the document of an account for its owner."""
    return {**new_user_document(account), "administrator": account.administrator}
