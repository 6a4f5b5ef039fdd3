"""The description of a route, beside its code: its requests, whom it serves, and its responses."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, NamedTuple, TypeVar

from api.plain import JSON
from api.requests import FORMS, LIMIT, check_query, present_environ
from schemas.ballots import LARGEST_ID

View = TypeVar("View", bound=Callable[..., Any])
Media = dict[str, list[Any]]

_MAYBE = "token_invalid token_expired"
_SIGNED_IN = f"unauthenticated {_MAYBE}"
SERVES = {  # the problems of those whom a route doesn't serve
    "all": "",
    "anyone": _MAYBE,
    "see": f"{_MAYBE} not_found",
    "member": f"{_MAYBE} not_found forbidden",
    "token": _SIGNED_IN,
    "account": f"{_SIGNED_IN} forbidden",
    "voter": f"{_SIGNED_IN} not_found",
    "host": f"{_SIGNED_IN} not_found forbidden",
}
"""Whom a route may serve. `all` reads no token; for `anyone`, `see` and `member` it is optional."""

OPTIONAL_TOKEN = ("anyone", "see", "member")

CAST_REFUSES = (
    "invalid_request not_eligible not_present already_voted poll_not_open unavailable storage_full"
)

FILE_REFUSES = "not_found invalid_request"
"""A range beyond the file is invalid."""


class Parameter(NamedTuple):
    """A parameter of a route's query or headers."""

    name: str
    schema: dict[str, Any]
    description: str
    required: bool = False
    place: str = "query"


_ID = {"type": "integer", "minimum": 0, "maximum": LARGEST_ID}
LIMITED = Parameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": LIMIT, "default": LIMIT}, "How many."
)
CURSOR = Parameter("cursor", _ID, "The `next` of the part before.")
BEFORE = Parameter("before", _ID, "An id: only what is older.")
PAGED = (LIMITED, CURSOR)
PERSON_CURSOR = Parameter("cursor", {"type": "string"}, "The `next` of the part before.")


def switch(name: str, description: str) -> Parameter:
    """Return a parameter of the query that is 0 or 1."""
    return Parameter(name, {"enum": ["0", "1"], "default": "0"}, description)


def header(name: str, description: str, **schema: Any) -> Parameter:
    """Return a parameter of the headers, with more of its schema than that it is a text."""
    return Parameter(name, {"type": "string", **schema}, description, place="header")


DRY_RUN = switch("dry_run", "1 only previews.")
MINE = switch("mine", "1 leaves out where one isn't.")
IDEMPOTENCY_KEY = header(
    "Idempotency-Key", "Distinguishes a retry from another ballot.", format="uuid"
)
NO_BALLOT = header("If-None-Match", "`*`: 412 if there is a ballot already.")
KNOWN_BALLOT = header("If-Match", "The receipt in quotes: 412 if another ballot counts by now.")
ROOM_CODE = header(
    "Room-Code", "The code of the poll's room. People without a place in an unlisted room need it."
)
ROOM = ROOM_CODE._replace(name="room", place="query")
"""The same, for an address that people type."""
IF_NONE_MATCH = header(
    "If-None-Match", "The ETag that you have: 304 if the document has not changed."
)
IF_MATCH = header("If-Match", "The ETag that you have: 412 if the document has changed.")


@dataclass(frozen=True)
class Operation:
    """A route's description. `gives` is by status; in it and in `asks` types are by media type."""

    gives: dict[int, Media]
    to: str
    asks: Media
    takes: tuple[Parameter, ...]
    refuses: frozenset[str] = field(default_factory=frozenset)
    etag: bool = False
    any_query: bool = False


def answers(
    gives: Any,
    *,
    to: str,
    asks: Any = None,
    forms: bool = False,
    takes: tuple[Parameter, ...] = (),
    refuses: str = "",
    etag: bool = False,
    any_query: bool = False,
) -> Callable[[View], View]:
    """Describe a route; its docstring is the summary.

    gives: what 200 brings, or a dict by status: the type of the document for JSON, a media type
    for anything else, several as a tuple, None for nothing. asks: the body in the same manner, a
    Schema for JSON; forms: it may be a form too. refuses: codes beside those that follow from
    `to`, the body and the method; with another status than its own as `code:status`.
    any_query: keys of the query that it doesn't take are ignored, not refused
    """
    by_status = gives if isinstance(gives, dict) else {204 if gives is None else 200: gives}

    def describe(view: View) -> View:
        operation = Operation(
            {status: _by_media_type(each) for status, each in by_status.items()},
            to,
            _by_media_type(asks) | ({form: [asks] for form in FORMS} if forms else {}),
            takes,
            frozenset(refuses.split()),
            etag,
            any_query,
        )
        view = view if any_query else _with_known_query(view, takes)
        view.operation = operation  # type: ignore[attr-defined]
        return view

    return describe


def _with_known_query(view: View, takes: tuple[Parameter, ...]) -> View:
    """Return a view that first refuses what its query may not contain."""
    known = {each.name: _values_of(each) for each in takes if each.place == "query"}

    @wraps(view)
    def checked(*place: Any, **named: Any) -> Any:
        if present_environ()["QUERY_STRING"]:
            check_query(known)
        return view(*place, **named)

    return checked  # type: ignore[return-value]


def _values_of(parameter: Parameter) -> frozenset[str] | None:
    allowed = parameter.schema.get("enum", [parameter.schema.get("const")])
    return None if allowed == [None] else frozenset(allowed)


def _by_media_type(declared: Any) -> Media:
    found: Media = {}
    for each in (
        declared if isinstance(declared, tuple) else () if declared is None else (declared,)
    ):
        media_type, described = (each, str) if isinstance(each, str) else (JSON, each)
        found.setdefault(media_type, []).append(described)
    return found
