"""Rights come before form: what is wrong with a request is told only to those who may send it.

Every route is asked in every hostile form; the table of who may what says what is answered.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from api.problems import BODY_BYTES
from tests.http.conftest import WAYS, serve
from tests.http.rooms.everybody import OUTSIDERS, everybody
from tests.http.rooms.house import House
from tests.http.rooms.test_who_may_what import ELSEWHERE, POLLS, ROOMS, Cells, Stage

TABLE: dict[str, Cells] = ROOMS | POLLS
OWN = ("Date", "X-Request-ID")
"""Headers that each answer has for itself."""


class Form(NamedTuple):
    """What a request has beside its method, path and token."""

    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})
    query: str = ""


def chunks() -> Iterator[bytes]:
    yield b"{"


JSON = {"Content-Type": "application/json"}
FORMS = {
    "nothing": Form(),
    "empty object": Form(b"{}", JSON),
    "list": Form(b"[]", JSON),
    "no JSON": Form(b"{", JSON),
    "no UTF-8": Form(b"\xff", JSON),
    "unknown field": Form(b'{"colour": "red"}', JSON),
    "text": Form(b"hello", {"Content-Type": "text/plain"}),
    "form": Form(b"code=1", {"Content-Type": "application/x-www-form-urlencoded"}),
    "CSV": Form(b"colour\nred\n", {"Content-Type": "text/csv"}),
    "too long": Form(b" " * (BODY_BYTES + 1), JSON),
    "chunked": Form(chunks, JSON),
    "encoded": Form(b"{}", {**JSON, "Content-Encoding": "gzip"}),
    "key twice": Form(b'{"code": "A", "code": "B"}', JSON),
    "query": Form(query="?limit=x&cursor=-1&before=x&dry_run=2&rule=x&id=x&colour=red"),
    "headers": Form(b"{}", {**JSON, "If-Match": '"x"', "Idempotency-Key": "x", "Accept": "x/y"}),
}


@pytest.fixture(scope="module", params=WAYS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A server that counts nobody's failures: here nearly every request is one."""
    running = House(tmp_path_factory.mktemp("house"), people=60)
    running.settings["RATE_LIMITS"] = "off"
    yield from serve(running, request.param)


@pytest.fixture(scope="module", params=["public", "members"])
def stage(house: House, request: pytest.FixtureRequest) -> Stage:
    room, other = house.room(visibility=request.param), house.room()
    tokens = everybody(house, room, other, request.param)
    (row,) = house.enrol(room, {"name": "Member Kim"})
    meeting = house.begin(room)
    house.end(room, meeting)
    shown = {"row": row, "meeting": meeting, "poll": house.poll(room, eligibility="roll")}
    return Stage(house, room, request.param, tokens, shown)


def ask(house: House, method: str, path: str, token: str | None, form: Form) -> Any:
    body = form.body() if callable(form.body) else form.body
    return house.request(method, path + form.query, token, data=body, headers={**form.headers})


@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"query"}))  # that is told to anybody
def test_form_is_looked_at_only_for_those_who_may(stage: Stage, form: str) -> None:
    for route, cells in TABLE.items():
        path = stage.path(route.split()[1], spare=False)
        for who, token in stage.tokens.items():
            expected = stage.expected(route, cells, who)
            outside = who in OUTSIDERS or route.endswith("/guests")
            if who not in cells.who or (outside and stage.visibility == "members"):
                answer = ask(stage.house, route.split()[0], path, token, FORMS[form])

                assert answer.status_code == expected, (route, who, answer.text[:200])


@pytest.mark.parametrize("stage", ["members"], indirect=True)
@pytest.mark.parametrize("form", FORMS)
def test_room_that_one_may_not_see_is_as_one_that_is_not_there(stage: Stage, form: str) -> None:
    for route in TABLE:
        method, rule = route.split()
        path = stage.path(rule, spare=False)
        nowhere = path.replace(stage.room.code, "QQQQQQ")
        nowhere = nowhere.replace(f"/polls/{stage.shown['poll']['id']}", f"/polls/{10**9}")
        for who in OUTSIDERS:
            seen, unseen = (
                ask(stage.house, method, each, stage.tokens[who], FORMS[form])
                for each in (path, nowhere)
            )

            assert shape(seen) == shape(unseen), (route, who)


def shape(answer: Any) -> tuple[int, dict[str, str], bytes]:
    """Return all of an answer but what each has for itself."""
    headers = {name: value for name, value in answer.headers.items() if name not in OWN}
    return answer.status_code, headers, answer.content


@pytest.mark.parametrize("stage", ["public"], indirect=True)
@pytest.mark.parametrize("form", sorted(FORMS.keys() - {"query"}))
def test_form_is_looked_at_only_for_those_who_may_elsewhere(stage: Stage, form: str) -> None:
    for route, cells in ELSEWHERE.items():
        path = stage.path(route.split()[1], spare=False)
        for who, token in stage.tokens.items():
            if who not in cells.who and "/vote" not in route:  # its form says in which poll
                answer = ask(stage.house, route.split()[0], path, token, FORMS[form])

                assert answer.status_code == stage.expected(route, cells, who), (route, who)
