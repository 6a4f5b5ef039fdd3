"""For administrators: who has an account, letting one set a new password, taking a backup."""

from flask import Blueprint, Response, jsonify, request

from api.auth import user_document
from api.requests import page, require_account
from api.services import services
from schemas.accounts import Account
from schemas.refusals import Forbidden
from schemas.text import new_reset_code
from voting.accounts import account_by_email, allow_reset

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.before_request
def require_administrator() -> None:
    if not require_account().administrator:
        raise Forbidden


@admin.get("/users")
def get_users() -> Response:
    store, email = services().store, request.args.get("email")
    found = store.each(Account) if email is None else [account_by_email(store, email)]
    shown = page([account for account in found if account is not None])
    return jsonify({**shown, "items": [user_document(account) for account in shown["items"]]})


@admin.post("/users/<int:user_id>/reset")
def post_user_reset(user_id: int) -> tuple[Response, int, dict[str, str]]:
    parts, code = services(), new_reset_code()
    until = allow_reset(parts.store, user_id, code, parts.clock())
    return jsonify({"code": code, "expires_at": until}), 201, {"Location": "/auth/reset"}


@admin.get("/backup")
def get_backup() -> Response:
    answer = Response(services().store.backup(), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="rollcall-backup.json"'
    return answer
