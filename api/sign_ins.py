"""Signing in and up with an email and a password, in fair turns and no faster than allowed."""

import hmac

from api.limits import asking_network
from api.services import services
from api.settings import SignUp
from api.slowing import Try
from api.turns import Path
from schemas.strings import email_of
from voting.accounts import account_by_email, sign_up
from voting.invitations import find_invitation, use_invitation
from voting.model.accounts import Account
from voting.refusals import BadCredentials, InvitationNeeded, SignupClosed


def sign_up_by_password(email: str, name: str, password: str, invitation: str | None) -> Account:
    """Return a new account. Raises `SignupClosed`, `InvitationNeeded` or `EmailTaken`."""
    parts, tried = services(), tried_by(email)
    invited = parts.signup != "open" and not (invitation and is_setup_code(invitation))
    if invited and parts.signup == "closed":
        raise InvitationNeeded if signup_rule() == "invite" else SignupClosed
    if invited:
        find_invitation(parts.store, invitation, parts.clock())
    hashed = parts.passwords.hash(password, turn_of("signing up", tried))
    with parts.store.transaction():
        if invited:  # again: it may have been used up meanwhile
            use_invitation(parts.store, invitation, parts.clock())
        account = sign_up(parts.store, email_of(email), name, hashed, parts.clock())
    parts.slowdown.note_success(tried)
    return account


def signup_rule() -> SignUp:
    """Return who may sign up now: while the setup code is unused, it is an invitation."""
    parts = services()
    return "invite" if parts.signup == "closed" and parts.setup_code.exists() else parts.signup


def is_setup_code(code: str) -> bool:
    """Return whether this is the code of the first start, and nobody has used it yet."""
    path = services().setup_code
    return path.exists() and hmac.compare_digest(path.read_bytes().strip(), code.encode())


def check_password(email: str, password: str) -> Account:
    """Return the account with this email and password. Raises `BadCredentials`.

    An email that nobody has takes as long as one with a wrong password.
    """
    parts, tried = services(), tried_by(email)
    parts.slowdown.wait(tried)
    account = account_by_email(parts.store, email_of(email))
    turn = turn_of("known" if parts.slowdown.knows(tried) else "new", tried)
    matches = parts.passwords.verify(account.password if account else None, password, turn)
    if account is None or not matches:
        parts.slowdown.note_failure(tried, strange=account is None)
        raise BadCredentials
    parts.slowdown.note_success(tried)
    present = account_by_email(parts.store, email_of(email))
    if present is None or present.password != account.password:  # meanwhile
        raise BadCredentials
    return present


def tried_by(email: str) -> Try:
    """Return whose attempt this is: the normalised email, and the network it comes from."""
    return email_of(email).key, asking_network()


def turn_of(kind: str, tried: Try) -> Path:
    """Return the place of a password in the queue: between kinds, then networks, then accounts.

    A hall may come from one network, so there its accounts take turns with each other.

    `kind`: "known" where the account was signed in from there before, "new", or "signing up".
    """
    account, network = tried
    return kind, network, account
