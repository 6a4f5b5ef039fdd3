"""For administrators: taking a backup while the server goes on."""

from flask import Blueprint, Response

from api.requests import require_account
from api.services import services
from schemas.refusals import Forbidden

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.get("/backup")
def get_backup() -> Response:
    if not require_account().administrator:
        raise Forbidden
    answer = Response(services().store.backup(), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="rollcall-backup.json"'
    return answer
