"""The documents of accounts and their sessions."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from api.tokens import Session
from voting.model.accounts import Account
from voting.people import Holder


class NewUser(TypedDict):
    """A new account."""

    id: int
    email: str
    name: str


class User(NewUser):
    """An account as its owner sees it."""

    administrator: bool


class SignIn(TypedDict):
    """A new session."""

    token: str
    expires_at: datetime
    user: User


class UserChanged(User):
    """The changed account, with a new session if the password was changed."""

    token: NotRequired[str]
    expires_at: NotRequired[datetime]
    user: NotRequired[User]


class RoomHolder(TypedDict):
    """The holder of a token that is valid in one room: a row `r31` or a guest `g5`."""

    person: str


class TokenState(TypedDict):
    """A valid token."""

    valid: Literal[True]
    user: User | RoomHolder
    expires_at: datetime


def new_user_document(account: Account) -> NewUser:
    """Return the document of a new account."""
    return {"id": account.id, "email": account.email, "name": account.name}


def user_document(account: Account) -> User:
    """Return the document of an account for its owner."""
    return {**new_user_document(account), "administrator": account.administrator}


def session_document(account: Account, token: str, expires_at: datetime) -> SignIn:
    """Return the document of a new session."""
    return {"token": token, "expires_at": expires_at, "user": user_document(account)}


def token_document(session: Session, holder: Holder) -> TokenState:
    """Return the document of a valid token and its holder."""
    user: User | RoomHolder = {"person": session.person}
    if isinstance(holder, Account):
        user = user_document(holder)
    return {"valid": True, "user": user, "expires_at": session.expires_at}
