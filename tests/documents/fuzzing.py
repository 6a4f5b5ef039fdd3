"""What Schemathesis is told of this server: what is really there, and what no schema can say.

Its command line loads it (`SCHEMATHESIS_HOOKS`); the test puts what is there into FUZZED_WORLD.
"""

import json
import os
from collections.abc import Iterator
from typing import Any

import schemathesis
from hypothesis import strategies as st

WORLD: dict[str, Any] = json.loads(os.environ["FUZZED_WORLD"])
THROWN_AWAY: Iterator[str] = iter(WORLD["thrown_away"])
ENDING = {("DELETE", "/auth/me"), ("POST", "/auth/logout"), ("PATCH", "/auth/me")}
"""What ends the session that asks: somebody else does it each time."""

MEANING = {
    "unknown_poll",
    "unknown_candidate",
    "in_the_past",
    "duplicate",
    "two_rows",
    "unknown_picture",
}
"""Faults of well-formed bodies that don't fit what is stored, or the time."""
FILE = {"not_csv", "not_text", "not_encoded", "guessed", "workbook", "other_file", "separator"}
FILE |= {"not_picture", "too_many_pixels"}
"""Faults of a file that is not JSON: no schema can say them."""
TOGETHER = {
    ("rule", "not_allowed"),  # of a poll by another method
    ("quorum", "format"),  # more than all
    ("threshold", "format"),
    ("seats", "too_large"),  # for the method
    ("max_choices", "too_large"),
    ("choices", "too_long"),  # for the poll
    ("choices", "not_allowed"),
    ("scores", "not_allowed"),
    ("cursor", "format"),  # of a list that is sorted otherwise
    ("current_password", "required"),  # with a new password
    ("code", "empty"),  # of characters that can't be seen alone
}
"""Faults of one field by the side of another, or of the poll that it is for."""

schemathesis.openapi.format("time-zone", st.sampled_from(["Asia/Seoul", "UTC", "Europe/Paris"]))
schemathesis.openapi.format("line", st.text(st.sampled_from("aZ0 .'김하늘·é"), min_size=1))
schemathesis.openapi.format("date-time", st.just("2036-11-20T09:00:00+09:00"))  # of a close


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> Any:
    """Ask for what is there, so that more than 404 is answered."""
    asked = path_parameters or {}
    return {**asked, **{name: WORLD[name] for name in asked if name in WORLD}}


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Let a body be refused for what it means: no schema can say that, and the 400 names it. Let a
    head be refused that is longer than the HTTP server reads: that comes before every operation.
    A precondition may be for a version that isn't there."""
    if response.status_code == 431:
        return False
    if type(failure).__name__ == "RejectedPositiveData" and response.status_code == 412:
        return "If-Match" not in (case.headers or {})
    if type(failure).__name__ != "RejectedPositiveData" or response.status_code != 400:
        return True
    if _has_whole_float(case.body):  # JSON Schema calls 2.0 an integer, this server doesn't
        return False
    return not all(_is_of_meaning(**fault) for fault in response.json().get("errors", [{}]))


def _has_whole_float(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(map(_has_whole_float, value.values() if isinstance(value, dict) else value))
    return isinstance(value, float) and value.is_integer()


def _is_of_meaning(field: str = "", code: str = "", detail: str = "") -> bool:
    table = field.startswith("line.") or code in FILE  # CSV has no schema
    return table or code in MEANING or (field, code) in TOGETHER


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Let one who isn't needed any more end a session."""
    own = (case.headers or {}).get("Authorization") == f"Bearer {WORLD['token']}"
    if own and (case.method.upper(), case.operation.path) in ENDING:
        case.headers["Authorization"] = f"Bearer {next(THROWN_AWAY)}"
