"""Commands on accounts: `admin create`, `login` and `logout`."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from api.passwords import HASHER
from api.problems import problem_document
from api.secret_files import SETUP_CODE, new_setup_code, read_or_make
from api.settings import BadSetting, Settings, read_settings
from cli.client import Client, save_token, url_option
from cli.output import Refused, json_option, put
from cli.storing import require_owner
from db.journal import files
from db.journal.errors import JournalError, Locked, describe
from db.opening import open_store
from schemas.accounts import SIGNUP, with_password_of
from schemas.strings import email_of
from voting.accounts import account_by_email, make_administrator, sign_up
from voting.faults import Invalid

password_option = click.option(
    "--password-file",
    type=click.File(encoding="utf-8"),
    help="Read the password from the first line of this file; - is standard input.",
)
"""Without it the terminal asks."""


def read_password(file: TextIO | None, *, twice: bool = False) -> str:
    """Return the password of a file, or what is typed."""
    if file is not None:
        return file.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refused("there is no terminal to ask for the password: use --password-file")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=twice, err=True)
    return typed


@click.group(short_help="Make an administrator.")
def admin() -> None:
    """Make an administrator."""


@admin.command(short_help="Make an account an administrator.")
@click.argument("email")
@click.option("--name", help="The name that others see.  [default: the email's first part]")
@password_option
@json_option
def create(email: str, name: str | None, password_file: TextIO | None) -> None:
    """Make the account EMAIL an administrator; make the account, too, if there is none.

    If the server is stopped, this writes into the store. If it runs on this machine, it is asked,
    with a one-time code that only somebody who may write beside the data can make.

    \b
    Examples:
      rollcall admin create ada@example.org --name "Ada Park"
      pass show rollcall | rollcall admin create ada@example.org --password-file -
    """
    password, name = read_password(password_file, twice=True), name or email.partition("@")[0]
    try:
        settings = read_settings()
        made = _create_in_store(settings, email, name, password)
    except BadSetting as error:
        raise Refused(str(error)) from error
    except Locked as locked:
        made = _create_by_server(settings, email, name, password, locked)
    except (JournalError, OSError) as error:
        raise Refused(describe(error)) from error
    put({"email": email, "made": made}, [f"{email} is administrator."])


def _create_by_server(
    settings: Settings, email: str, name: str, password: str, locked: Locked
) -> bool:
    """Sign up and sign in like a client, and send the setup code, which is made if there is none;
    return whether the account is new.
    """
    path = settings.folder / SETUP_CODE
    found = path.exists()
    try:
        code = read_or_make(path, new_setup_code)
    except OSError as error:
        raise Refused(f"{locked}, and {path} can't be used: {error}") from error
    try:
        return _become_administrator(email, name, password, code)
    finally:
        if not found:
            files.remove(path)


def _become_administrator(email: str, name: str, password: str, code: str) -> bool:
    """Sign up, if there is no such account, sign in, and send the code; return whether the account
    is new.
    """
    client, made = Client(None), True
    client.token = None
    sign_up = {"email": email, "name": name, "password": password, "invitation": code}
    try:
        client.ask("POST", "/auth/signup", sign_up)
    except Refused as refusal:
        if "(email_taken)" not in refusal.message:
            raise
        made = False
    fields = {"email": email, "password": password}
    try:
        client.token = client.ask("POST", "/auth/login", fields)["token"]
    except Refused as refusal:
        if "(bad_credentials)" not in refusal.message:
            raise
        raise Refused(f"{email} has an account with another password: give that one") from refusal
    client.ask("POST", "/auth/admin", {"code": code})
    client.ask("POST", "/auth/logout")
    return made


def _create_in_store(settings: Settings, email: str, name: str, password: str) -> bool:
    """Write the account into a store that no server uses; return if it is new. Raises `Locked`."""
    if isinstance(settings.database, Path):
        require_owner(settings.database)
    now = datetime.now(UTC)
    store = open_store(settings.database, settings.folder, now)
    try:
        account = account_by_email(store, email_of(email))
        made = account is None
        if account is None:
            given = {"email": email, "name": name, "password": password}
            fields = with_password_of(settings.password_min, SIGNUP).parse(given)
            hashed = HASHER.hash(fields["password"])
            account = sign_up(store, email_of(fields["email"]), fields["name"], hashed, now)
        if not account.administrator:
            make_administrator(store, account, now)
        files.remove(settings.folder / SETUP_CODE)
    except Invalid as error:
        faults = problem_document(error, "en").get("errors", [])
        raise Refused("; ".join(f"{each['field']}: {each['detail']}" for each in faults)) from error
    finally:
        store.close()
    return made


@click.command(short_help="Sign in, for the commands that ask a server.")
@click.argument("email")
@password_option
@url_option
@json_option
def login(email: str, password_file: TextIO | None, url: str | None) -> None:
    """Sign in as EMAIL, and keep the token where only you can read it, until it expires
    (ROLLCALL_TOKEN_HOURS on the server).

    \b
    Examples:
      rollcall login ada@example.org
      rollcall login ada@example.org --url https://vote.example.org
    """
    client = Client(url)
    client.token = None
    fields = {"email": email, "password": read_password(password_file)}
    session = client.ask("POST", "/auth/login", fields)
    path, until = save_token(client.url, session["token"]), session["expires_at"]
    document = {"url": client.url, "user": session["user"], "expires_at": until}
    put(document, [f"Signed in to {client.url} until {until}; the token is in {path}."])


@click.command(short_help="End the session of login.")
@url_option
@json_option
def logout(url: str | None) -> None:
    """End the session of `rollcall login`, on the server too.

    \b
    Example:
      rollcall logout
    """
    client = Client.signed_in(url)
    try:
        client.ask("POST", "/auth/logout")
    finally:
        save_token(client.url, None)
    put({"url": client.url}, [f"Signed out of {client.url}."])
