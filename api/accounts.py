"""What clients are sent of accounts, and of the sessions that they begin."""

from datetime import datetime
from typing import Literal, NotRequired, TypedDict

from api.tokens import Session
from voting.model.accounts import Account
from voting.people import Holder


class NewUser(TypedDict):
    """An account as signing up makes it."""

    id: int
    email: str
    name: str


class User(NewUser):
    """An account as its owner sees it."""

    administrator: bool


class SignIn(TypedDict):
    """A session that has begun."""

    token: str
    expires_at: datetime
    user: User


class UserChanged(User):
    """The account; a new session only where the password is a new one."""

    token: NotRequired[str]
    expires_at: NotRequired[datetime]
    user: NotRequired[User]


class RoomHolder(TypedDict):
    """Whose token it is that is good in one room: a row `r31` or a guest `g5`."""

    person: str


class TokenState(TypedDict):
    """A token that is good."""

    valid: Literal[True]
    user: User | RoomHolder
    expires_at: datetime


def new_user_document(account: Account) -> NewUser:
    """Return an account as signing up makes it."""
    return {"id": account.id, "email": account.email, "name": account.name}


def user_document(account: Account) -> User:
    """Return an account as its owner sees it."""
    return {**new_user_document(account), "administrator": account.administrator}


def session_document(account: Account, token: str, expires_at: datetime) -> SignIn:
    """Return a session that has begun."""
    return {"token": token, "expires_at": expires_at, "user": user_document(account)}


def token_document(session: Session, holder: Holder) -> TokenState:
    """Return whose a good token is."""
    user: User | RoomHolder = {"person": session.person}
    if isinstance(holder, Account):
        user = user_document(holder)
    return {"valid": True, "user": user, "expires_at": session.expires_at}
