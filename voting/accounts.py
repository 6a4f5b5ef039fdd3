"""Accounts: made, changed, made administrator; and what is left of one who goes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from voting.acts import log_hosts
from voting.attendance import forget_name, forget_name_of_earlier
from voting.log import append
from voting.model.accounts import Account, Email, Revocation
from voting.model.rooms import Attendance, Message, RemovedRow, Room, Row
from voting.recording import forget_names
from voting.refusals import EmailTaken, Forbidden, NotFound, TokenInvalid
from voting.rest import Rest, in_parts, no_rest
from voting.store import Duplicate, Store, Within, read_group
from voting.text import hash_code

RESET_HOURS = 24
HOUR = timedelta(hours=1)
MARGIN_HOURS = 24
"""For how many hours a revocation is kept beyond its token's end: more than a clock is off by."""
FORGOTTEN_AT_ONCE = 100
PURGED = 10
"""How many revocations of each day are looked at when one is added: more than come."""


def sign_up(store: Store, email: Email, name: str, password_hash: str, now: datetime) -> Account:
    """Make an account; return once it is on disk. Raises `EmailTaken`."""
    draft = Account(0, email.text, email.key, name, password_hash, 0, False, now)
    try:
        with store.transaction():
            if _owner_of(store, email) is not None:
                raise EmailTaken
            return store.add(draft)
    except Duplicate as error:
        raise EmailTaken from error


def account_by_email(store: Store, email: Email) -> Account | None:
    """Return the account that signs in with an email, however it is typed."""
    found = (store.find(Account, "email_key", key) for key in email.keys)
    return next((each for each in found if each is not None and email.is_of(each)), None)


def change_email(store: Store, account: Account, email: Email) -> Account:
    """Give an account another email; return once that is on disk. Raises `EmailTaken`.

    It goes on voting by the first one, which stays taken: a new email is no second ballot, and
    whoever signs up with the old one must not replace a ballot that is not theirs.
    """
    with store.transaction():
        owner = _owner_of(store, email)
        if owner is not None and owner.id != account.id:
            raise EmailTaken
        voter_key = account.voter_key or account.email_key
        changed = {"email": email.text, "email_key": email.key, "voter_key": voter_key}
        return _change(store, account, **changed)


def make_administrator(store: Store, account: Account, now: datetime) -> Account:
    """Give an account the rights of an administrator; return once that is on disk."""
    with store.transaction():
        for room in store.each(Room):
            log_hosts(store, room, now, account.person, added=[account.person])
        return _change(store, account, administrator=True)


def rename_account(store: Store, account: Account, name: str) -> Account:
    """Rename an account, also in the rows that show its name. Its messages keep the old name.

    Return once that is on disk. `rename_attendance` should follow.
    """
    with store.transaction():
        for row in _made_rows(store, account):
            store.save(replace(row, name=name))
        return _change(store, account, name=name)


def rename_attendance(store: Store, account: Account, rest: Rest) -> None:
    """Give an account's attendance its present name, some in each transaction: there may be much.

    Call this outside a transaction. rest: called often, so that others can be served meanwhile
    """
    for person in {account.person, *(row.person for row in _made_rows(store, account))}:
        for some in in_parts(read_group(store, Attendance, person, "who"), FORGOTTEN_AT_ONCE):
            with store.transaction():
                renamed = store.get(Account, account.id)
                if renamed is None:  # it was deleted meanwhile, with its name
                    return
                for each in some:
                    found = store.get(Attendance, each.id)
                    if found is not None and found.name != renamed.name:
                        store.save(replace(found, name=renamed.name))
            rest()


def note_sign_in(store: Store, account: Account, now: datetime) -> None:
    """Keep the day on which somebody signs in: it shows which accounts nobody uses."""
    if account.signed_in_on != day_of(now):
        _change(store, account, signed_in_on=day_of(now))


def day_of(time: datetime) -> str:
    """Return the day of a time in UTC, as `signed_in_on` has it."""
    return time.astimezone(UTC).date().isoformat()


def set_password(store: Store, account: Account, password_hash: str) -> Account:
    """Set a password, which ends every session of the account; return once that is on disk."""
    return _change(
        store,
        account,
        password=password_hash,
        generation=account.generation + 1,
        reset_code=None,
        reset_expires_at=None,
    )


def allow_reset(store: Store, account_id: int, code: str, now: datetime, actor: str) -> datetime:
    """Let whoever has the code set an account's password once; return until when.

    The code before is ended. Raises `NotFound`.
    """
    account, until = store.get(Account, account_id), now + timedelta(hours=RESET_HOURS)
    if account is None:
        raise NotFound
    with store.transaction():
        for row in store.group(Row, account.id, "account"):
            append(store, row.room, "reset_allowed", actor, {"person": account.person}, now)
        _change(store, account, reset_code=hash_code(code), reset_expires_at=until)
    return until


def account_by_reset(store: Store, code: str, now: datetime) -> Account:
    """Return the account of a one-time code. Raises `Forbidden` for a wrong or expired code."""
    account = store.find(Account, "reset_code", hash_code(code))
    until = account.reset_expires_at if account else None
    if account is None or until is None or now >= until:
        raise Forbidden
    return account


def forget_earlier(store: Store, account: Account, now: datetime, rest: Rest) -> int:
    """Let the names go that come from an account, from records, earlier attendance and the chat:
    what takes long of its deletion. Return the id of the last line of the chat that was looked at.

    After a crash the account is there with fewer names, and can be deleted again. Call this outside
    a transaction. rest: called often, so that others can be served meanwhile
    """
    _forget_recorded(store, account, rest)
    for person in _persons_of(store, account):
        attendance = read_group(store, Attendance, person, "who")
        for part in in_parts(attendance, FORGOTTEN_AT_ONCE):
            with store.transaction():
                for each in part:
                    if (found := store.get(Attendance, each.id)) is not None:
                        forget_name_of_earlier(store, found, now)
            rest()
    last = 0
    lines = read_group(store, Message, account.person, "author")
    for some in in_parts(lines, FORGOTTEN_AT_ONCE):
        last = some[-1].id
        with store.transaction():
            for line in some:
                kept = store.get(Message, line.id)
                if kept is not None and kept.name:
                    store.save(replace(kept, name=""))
        rest()
    return last


def delete_account(store: Store, account: Account, now: datetime, forgotten: int = 0) -> set[str]:
    """Delete an account with its data and its name; return its persons once that is on disk.

    forgotten: the last line of the chat that `forget_earlier` has looked at

    Its ballots stay counted. Signing up again gives no second ballot, because the voter is the
    email. Rows that a host wrote stay as they are; a row that was made with its room loses its
    name, because that came from the account. So it is with rows that were removed.
    """
    with store.transaction():
        _forget_recorded(store, account)
        own = store.group(Row, account.id, "account")
        removed = store.group(RemovedRow, account.id, "account")
        gone = _persons_of(store, account)
        for row in own:
            store.save(_without_account(row))
        for each in removed:
            store.save(replace(each, kept={**vars(_without_account(Row(**each.kept)))}))
        for attendance in _attendance_of(store, gone):
            forget_name(store, attendance, now)
        for message in store.group(Message, account.person, "author", Within(after=forgotten)):
            store.save(replace(message, name=""))
        if account.administrator:
            for room in store.each(Room):
                log_hosts(store, room, now, account.person, removed=[account.person])
        store.remove(account)
    return gone


def end_session(store: Store, token_id: str, expires_at: datetime, now: datetime) -> None:
    """Revoke a token; return once that is on disk. Remove some revocations that have expired."""
    with store.transaction():
        days = store.values(Revocation, "day")  # tokens last for hours, or for weeks
        for day in [each for each in days if each <= day_of(now)]:
            for revocation in store.group(Revocation, day, "day", Within(limit=PURGED)):
                if revocation.is_over(now, store.hours):
                    store.remove(revocation)
        if store.find(Revocation, "token_id", token_id) is None:
            kept_hours = (expires_at - now) / HOUR + MARGIN_HOURS
            store.add(Revocation(0, token_id, expires_at, store.hours, kept_hours))


def _forget_recorded(store: Store, account: Account, rest: Rest = no_rest) -> None:
    """Let the names go from records that come from an account."""
    made = (row.person for row in _all_rows(store, account) if _is_makers(row))
    for person in (account.person, *made):
        forget_names(store, person, rest)


def _persons_of(store: Store, account: Account) -> set[str]:
    return {account.person, *(row.person for row in _all_rows(store, account))}


def _all_rows(store: Store, account: Account) -> list[Row]:
    """Return the rows of an account, also those that were removed."""
    removed = store.group(RemovedRow, account.id, "account")
    return [*store.group(Row, account.id, "account"), *(Row(**each.kept) for each in removed)]


def _made_rows(store: Store, account: Account) -> list[Row]:
    """Return the rows that were made with an account's rooms, and have their names from it."""
    return [row for row in store.group(Row, account.id, "account") if _is_makers(row)]


def _attendance_of(store: Store, people: set[str]) -> list[Attendance]:
    return [each for person in people for each in store.group(Attendance, person, "who")]


def _owner_of(store: Store, email: Email) -> Account | None:
    """Return the account that signs in with an email, or votes by it."""
    found = (store.find(Account, "voting_key", key) for key in email.keys)
    return account_by_email(store, email) or next(filter(None, found), None)


def _without_account(row: Row) -> Row:
    """Return a row as it is left when its account is deleted."""
    name = "" if _is_makers(row) else row.name
    return replace(row, name=name, account=None, claimed=False)


def _is_makers(row: Row) -> bool:
    """Return whether a row was made with its room: its name came from the account."""
    return row.role == "host" and not (row.email or row.ref)


def _change(store: Store, account: Account, **fields: Any) -> Account:
    """Change an account as it is now. Raises `TokenInvalid` where its sessions ended meanwhile."""
    with store.transaction():
        kept = store.get(Account, account.id)
        if kept is None or kept.generation != account.generation:
            raise TokenInvalid
        return store.save(replace(kept, **fields))
