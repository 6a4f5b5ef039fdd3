"""For administrators: accounts, reset codes, invitations and backups."""

from datetime import datetime
from typing import Any, TypedDict

from flask import Blueprint, Response, current_app, jsonify, request

from api.accounts import User, user_document
from api.answers import download
from api.figures import count_outcomes, summarise
from api.operations import PAGED, Parameter, answers
from api.requests import asker, read_body, require_administrator
from api.routes.lists import Page, page
from api.routes.metrics import NAME as METRICS
from api.services import services
from schemas.accounts import INVITATION
from schemas.strings import email_of
from voting.accounts import account_by_email, allow_reset
from voting.invitations import end_invitation, make_invitation
from voting.model.accounts import Account, Invitation
from voting.store import Within
from voting.text import new_reset_code

admin = Blueprint("admin", __name__, url_prefix="/admin")

EMAIL = Parameter("email", {"type": "string"}, "Only the account with this email.")


class ResetCode(TypedDict):
    """A one-time code. It is shown only once."""

    code: str
    expires_at: datetime


class NewInvitation(TypedDict):
    """An invitation. Its code is shown only once."""

    id: int
    code: str
    uses: int
    expires_at: datetime


class Status(TypedDict):
    """How the server is.

    writable: false once the store can't write any more; fault: why
    started_at: when this process began to serve
    figures: those of `/metrics` by their names without `rollcall_`; of a histogram `_count` and
    `_sum`
    votes: how many were accepted, and refused by code, since the start
    """

    server_time: datetime
    started_at: datetime
    writable: bool
    fault: str | None
    figures: dict[str, float]
    votes: dict[str, int]


@admin.get("/status")
@answers(Status, to="account")
def get_status() -> Response:
    """Return what an administrator watches while a vote runs: the figures of `/metrics`."""
    require_administrator()
    parts = services()
    figures, *_ = current_app.extensions[METRICS]
    fault = parts.store.failure
    status: Status = {
        "server_time": parts.clock(),
        "started_at": parts.started_at,
        "writable": fault is None,
        "fault": None if fault is None else str(fault),
        "figures": summarise(figures.values()),
        "votes": count_outcomes(parts.batches.outcomes),
    }
    return jsonify(status)


@admin.get("/users")
@answers(Page[User], to="account", takes=(*PAGED, EMAIL))
def get_users() -> Response:
    """Return the accounts."""
    require_administrator()
    store, email = services().store, request.args.get("email")

    def find(within: Within) -> list[Account]:
        if email is None:
            return store.group(Account, True, "all", within)
        found = account_by_email(store, email_of(email))
        return [] if found is None or found.id <= within.after else [found]

    shown = page(find)
    users = [user_document(account) for account in shown["items"]]
    return jsonify(Page[User](items=users, next=shown["next"]))


@admin.post("/users/<int:user_id>/reset")
@answers({201: ResetCode}, to="account", refuses="not_found")
def post_user_reset(user_id: int) -> tuple[Response, int, dict[str, str]]:
    """Make a one-time code with which an account sets a new password."""
    require_administrator()
    parts, code = services(), new_reset_code()
    until = allow_reset(parts.store, user_id, code, parts.clock(), asker())
    return jsonify(ResetCode(code=code, expires_at=until)), 201, {"Location": "/auth/reset"}


@admin.get("/invitations")
@answers(Page[Invitation], to="account", takes=PAGED)
def get_invitations() -> Response:
    """Return the invitations, without their codes."""
    require_administrator()
    store = services().store
    return jsonify(page(lambda within: store.group(Invitation, True, "all", within)))


@admin.post("/invitations")
@answers({201: NewInvitation}, to="account", asks=INVITATION)
def post_invitation() -> tuple[Response, int, dict[str, str]]:
    """Make an invitation to sign up: by default for one person, within a week."""
    require_administrator()
    parts, code, fields = services(), new_reset_code(), read_body(INVITATION)
    made = make_invitation(parts.store, code, parts.clock(), **fields)
    document = NewInvitation(id=made.id, code=code, uses=made.uses, expires_at=made.expires_at)
    return jsonify(document), 201, {"Location": "/admin/invitations"}


@admin.delete("/invitations/<int:invitation_id>")
@answers(None, to="account", refuses="not_found")
def delete_invitation(invitation_id: int) -> tuple[str, int]:
    """End an invitation. Accounts that were made with it stay."""
    require_administrator()
    end_invitation(services().store, invitation_id)
    return "", 204


@admin.get("/backup")
@answers(dict[str, Any], to="account")
def get_backup() -> Response:
    """Download a consistent copy of the data while the server runs."""
    require_administrator()
    return download(services().store.backup(), "rollcall-backup")
