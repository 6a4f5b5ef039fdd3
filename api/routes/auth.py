"""Accounts over HTTP: signing up, signing in and out, and changing one's own account."""

from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, NotRequired, TypedDict

from flask import Blueprint, Response, jsonify, request

from api.accounts import NewUser, User, new_user_document, user_document
from api.acting import waiting
from api.legacy.routes import refused_sign_in, refused_sign_up
from api.operations import Parameter, answers
from api.plain import PlainResponse, as_flask, json_response
from api.requests import (
    account_of,
    is_form,
    present_environ,
    read_body_or_form,
    require_account,
    require_session,
)
from api.services import Services, services
from api.settings import SignUp
from api.sign_ins import (
    check_password,
    is_setup_code,
    sign_up_by_password,
    signup_rule,
    tried_by,
    turn_of,
)
from api.slices import Rests
from db.journal import files
from db.journal.errors import disk_fault
from schemas.accounts import LOGIN, ME, PASSWORD_LENGTHS, RESET, SETUP, SIGNUP, with_password_of
from schemas.strings import email_of
from schemas.validation import Schema
from voting.accounts import (
    account_by_reset,
    change_email,
    delete_account,
    end_session,
    forget_earlier,
    make_administrator,
    note_sign_in,
    rename_account,
    rename_attendance,
    set_password,
)
from voting.faults import Fault, Invalid
from voting.model.accounts import Account
from voting.refusals import BadCredentials, Forbidden, TokenInvalid

auth = Blueprint("auth", __name__, url_prefix="/auth")

TOKEN = Parameter("token", {"type": "string", "minLength": 1}, "The token.", required=True)


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


class SignUpRules(TypedDict):
    """Who may sign up, the least and greatest number of characters of a password, and whether
    people may start a room without an account.
    """

    signup: SignUp
    guest_hosts: bool
    password_min: int
    password_max: int


@auth.post("/signup")
@answers(
    {201: NewUser},
    to="all",
    asks=SIGNUP,
    forms=True,
    any_query=True,
    refuses="email_taken rate_limited forbidden forbidden:400",
)
@waiting
def post_signup() -> Response | tuple[Response, int, dict[str, str]]:
    """Make an account, where needed with an invitation or the code of the first start."""
    fields = read_body_or_form(_asked(SIGNUP))
    try:
        account = sign_up_by_password(**{"invitation": None, **fields})
    except Forbidden as refusal:
        return refused_sign_up(refusal)
    return jsonify(new_user_document(account)), 201, {"Location": "/auth/me"}


@auth.get("/signup")
@answers(SignUpRules, to="all")
def get_signup() -> Response:
    """Return who may sign up, and what a sign-up needs."""
    # `closed` is sent as `invite` until there is an administrator, who signs up with the setup code
    parts = services()
    rules: SignUpRules = {
        "signup": signup_rule(),
        "guest_hosts": parts.guest_hosts,
        "password_min": parts.password_min,
        "password_max": PASSWORD_LENGTHS[1],
    }
    return jsonify(rules)


@auth.post("/login")
@answers(
    ("text/plain", SignIn),
    to="all",
    asks=LOGIN,
    forms=True,
    any_query=True,
    refuses="bad_credentials bad_credentials:404 rate_limited",
)
@waiting
def post_login() -> Response:
    """Begin a session. Returns the bare token, or JSON if the client prefers it to text."""
    fields = read_body_or_form(LOGIN)
    try:
        account = check_password(fields["email"], fields["password"])
    except BadCredentials:
        return refused_sign_in()
    session = _session_document(account)
    return jsonify(session) if _wants_json() else Response(session["token"], mimetype="text/plain")


@auth.get("/token")
@answers(TokenState, to="all", takes=(TOKEN,), refuses="token_invalid token_expired")
def get_token() -> Response:
    """Return what a valid token stands for."""
    token = request.args.get("token")
    if not token:
        raise Invalid(Fault("token", "required"))
    parts = services()
    session, holder = parts.tokens.authenticate(parts.store, token, parts.clock())
    user: User | RoomHolder = {"person": session.person}
    if isinstance(holder, Account):
        user = user_document(holder)
    return jsonify(TokenState(valid=True, user=user, expires_at=session.expires_at))


@auth.get("/me")
@answers(User, to="account")
def get_me() -> Response:
    """Return the sender's account."""
    return as_flask(show_account(services(), present_environ()))


def show_account(parts: Services, environ: dict[str, Any]) -> PlainResponse:
    """Return the account that sent a request; raises as `account_of`."""
    return json_response(user_document(account_of(parts, environ)))


@auth.patch("/me")
@answers(UserChanged, to="account", asks=ME, forms=True, refuses="bad_credentials email_taken")
@waiting
def patch_me() -> Response:
    """Change name, email or password. A new password ends other sessions and returns a token."""
    parts, account, fields = services(), require_account(), read_body_or_form(_asked(ME))
    hashed = None
    if "password" in fields or "email" in fields:
        if "current_password" not in fields:
            raise Invalid(Fault("current_password", "required"))
        check_password(account.email, fields["current_password"])
    if "password" in fields:
        hashed = parts.passwords.hash(fields["password"], turn_of("known", tried_by(account.email)))
    with parts.store.transaction():
        account = require_account()  # again: the session may have ended meanwhile
        if "name" in fields:
            account = rename_account(parts.store, account, fields["name"])
        if "email" in fields:
            account = change_email(parts.store, account, email_of(fields["email"]))
        if hashed is not None:
            account = set_password(parts.store, account, hashed)
    if "name" in fields:
        rename_attendance(parts.store, account, Rests())
    if hashed is None:
        return jsonify(user_document(account))
    changed: UserChanged = {**user_document(account), **_session_document(account)}
    return jsonify(changed)


@auth.post("/reset")
@answers(SignIn, to="all", asks=RESET, forms=True, refuses="forbidden rate_limited")
@waiting
def post_reset() -> Response:
    """Set a new password with a one-time code."""
    parts, fields = services(), read_body_or_form(_asked(RESET))
    account = account_by_reset(parts.store, fields["code"], parts.clock())
    hashed = parts.passwords.hash(fields["password"], turn_of("known", tried_by(account.email)))
    with parts.store.transaction():
        account = account_by_reset(parts.store, fields["code"], parts.clock())  # used meanwhile?
        account = set_password(parts.store, account, hashed)
    return jsonify(_session_document(account))


@auth.delete("/me")
@answers(None, to="account")
@waiting
def delete_me() -> tuple[str, int]:
    """Delete the account with its data and name. Its ballots stay counted."""
    parts, account = services(), require_account()
    forgotten = forget_earlier(parts.store, account, parts.clock(), Rests())
    with parts.store.transaction():
        account = require_account()  # again: the session may have ended meanwhile
        gone = delete_account(parts.store, account, parts.clock(), forgotten)
        parts.presence.forget(gone)  # here: no line with the name may be stored after it
    return "", 204


@auth.post("/logout")
@answers(None, to="token")
def post_logout() -> tuple[str, int]:
    """End the session. Its token is refused from now on."""
    session, _ = require_session()
    parts = services()
    end_session(parts.store, session.token_id, session.expires_at, parts.clock())
    return "", 204


@auth.post("/admin")
@answers(User, to="account", asks=SETUP, forms=True)
def post_admin() -> Response:
    """Become administrator, with the one-time code of the first start."""
    parts, account = services(), require_account()
    if not is_setup_code(read_body_or_form(SETUP)["code"]):
        raise Forbidden
    try:  # first: a code that makes two administrators would be worse than one lost
        files.remove(parts.setup_code)
    except OSError as error:
        raise disk_fault(error, "the setup code can't be removed") from error
    return jsonify(user_document(make_administrator(parts.store, account, parts.clock())))


def _asked(schema: Schema) -> Schema:
    """Return a schema with the shortest password that the server's setting allows."""
    return with_password_of(services().password_min, schema)


def _session_document(account: Account) -> SignIn:
    parts = services()
    with suppress(TokenInvalid):  # then its sessions have ended meanwhile, this one too
        note_sign_in(parts.store, account, parts.clock())
    token, expires_at = parts.tokens.issue(account, parts.clock())
    return {"token": token, "expires_at": expires_at, "user": user_document(account)}


def _wants_json() -> bool:
    accept = request.accept_mimetypes
    return not is_form() and accept["application/json"] > accept["text/plain"]
