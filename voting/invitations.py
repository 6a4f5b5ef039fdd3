"""Invitations: made by an administrator, and used up by those who sign up."""

from dataclasses import replace
from datetime import datetime, timedelta

from voting.model.accounts import Invitation
from voting.refusals import InvitationNeeded, NotFound
from voting.store import Store
from voting.text import hash_code

USES, HOURS = 1, 168
"""The defaults of an invitation."""


def make_invitation(
    store: Store, code: str, now: datetime, uses: int = USES, hours: int = HOURS
) -> Invitation:
    """Make an invitation for a number of sign-ups; return once it is on disk."""
    with store.transaction():
        until = now + timedelta(hours=hours)
        return store.add(Invitation(0, hash_code(code), uses, until))


def find_invitation(store: Store, code: str | None, now: datetime) -> Invitation:
    """Return the invitation of a code. Raises `InvitationNeeded` if it is not valid."""
    found = None if code is None else store.find(Invitation, "code", hash_code(code))
    if found is None or found.uses < 1 or now >= found.expires_at:
        raise InvitationNeeded
    return found


def use_invitation(store: Store, code: str | None, now: datetime) -> None:
    """Take one use of an invitation, in the transaction that makes the account.

    Raises `InvitationNeeded`.
    """
    found = find_invitation(store, code, now)
    store.save(replace(found, uses=found.uses - 1))


def end_invitation(store: Store, invitation_id: int) -> None:
    """Remove an invitation; return once that is on disk. Raises `NotFound`."""
    with store.transaction():
        found = store.get(Invitation, invitation_id)
        if found is None:
            raise NotFound
        store.remove(found)
