"""Accounts over HTTP: signing up, in and out, and changing one's own."""

import hmac
from typing import Any

from flask import Blueprint, Response, jsonify, request

from api.legacy.routes import refused_sign_in
from api.requests import is_form, read_body, read_body_or_form, require_account, require_session
from api.services import services
from db.journal import files
from schemas.accounts import LOGIN, ME, RESET, SETUP, SIGNUP, Account
from schemas.refusals import BadCredentials, Forbidden
from schemas.validation import Fault, Invalid
from voting.accounts import (
    account_by_email,
    account_by_reset,
    delete_account,
    end_session,
    make_administrator,
    rename_account,
    set_password,
    sign_up,
)

auth = Blueprint("auth", __name__, url_prefix="/auth")


@auth.post("/signup")
def post_signup() -> tuple[Response, int, dict[str, str]]:
    parts, fields = services(), read_body_or_form(SIGNUP)
    hashed = parts.passwords.hash(fields["password"])
    account = sign_up(parts.store, fields["email"], fields["name"], hashed, parts.clock())
    document = {"id": account.id, "email": account.email, "name": account.name}
    return jsonify(document), 201, {"Location": "/auth/me"}


@auth.post("/login")
def post_login() -> Response:
    parts, fields = services(), read_body_or_form(LOGIN)
    account = account_by_email(parts.store, fields["email"])
    matches = parts.passwords.verify(account.password if account else None, fields["password"])
    if account is None or not matches:
        return refused_sign_in()
    session = _session_document(account)
    return jsonify(session) if _wants_json() else Response(session["token"], mimetype="text/plain")


@auth.get("/token")
def get_token() -> Response:
    token = request.args.get("token")
    if not token:
        raise Invalid(Fault("token", "required"))
    parts = services()
    session, holder = parts.tokens.authenticate(parts.store, token, parts.clock())
    user = user_document(holder) if isinstance(holder, Account) else {"person": session.person}
    return jsonify({"valid": True, "user": user, "expires_at": session.expires_at})


@auth.get("/me")
def get_me() -> Response:
    return jsonify(user_document(require_account()))


@auth.patch("/me")
def patch_me() -> Response:
    parts, account, fields = services(), require_account(), read_body(ME)
    if "password" not in fields:
        if "name" in fields:
            account = rename_account(parts.store, account, fields["name"])
        return jsonify(user_document(account))
    if "current_password" not in fields:
        raise Invalid(Fault("current_password", "required"))
    if not parts.passwords.verify(account.password, fields["current_password"]):
        raise BadCredentials
    hashed = parts.passwords.hash(fields["password"])
    with parts.store.transaction():
        if "name" in fields:
            account = rename_account(parts.store, account, fields["name"])
        account = set_password(parts.store, account, hashed)
    return jsonify({**user_document(account), **_session_document(account)})


@auth.post("/reset")
def post_reset() -> Response:
    parts, fields = services(), read_body(RESET)
    account = account_by_reset(parts.store, fields["code"], parts.clock())
    hashed = parts.passwords.hash(fields["password"])
    with parts.store.transaction():
        account = account_by_reset(parts.store, fields["code"], parts.clock())  # used meanwhile?
        account = set_password(parts.store, account, hashed)
    return jsonify(_session_document(account))


@auth.delete("/me")
def delete_me() -> tuple[str, int]:
    parts = services()
    parts.presence.forget(delete_account(parts.store, require_account(), parts.clock()))
    return "", 204


@auth.post("/logout")
def post_logout() -> tuple[str, int]:
    session, _ = require_session()
    parts = services()
    end_session(parts.store, session.token_id, session.expires_at, parts.clock())
    return "", 204


@auth.post("/admin")
def post_admin() -> Response:
    parts, account = services(), require_account()
    code = read_body(SETUP)["code"]
    path = parts.setup_code
    if not path.exists() or not hmac.compare_digest(path.read_bytes().strip(), code.encode()):
        raise Forbidden
    files.remove(path)  # first: a code that makes two administrators would be worse than one lost
    return jsonify(user_document(make_administrator(parts.store, account)))


def user_document(account: Account) -> dict[str, Any]:
    """Return an account as its owner sees it."""
    return {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "administrator": account.administrator,
    }


def _session_document(account: Account) -> dict[str, Any]:
    parts = services()
    token, expires_at = parts.tokens.issue(account, parts.clock())
    return {"token": token, "expires_at": expires_at, "user": user_document(account)}


def _wants_json() -> bool:
    accept = request.accept_mimetypes
    return not is_form() and accept["application/json"] > accept["text/plain"]
