"""Rights come before form: what is wrong with a request is told only to those who may send it.

Every route is asked in every hostile form; the table of who may what says what is answered.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from api.problems import BODY_BYTES
from tests.http.conftest import WAYS, serve
from tests.http.rooms.everybody import OUTSIDERS, everybody
from tests.http.rooms.house import House
from tests.http.rooms.test_who_may_what import ELSEWHERE, POLLS, ROOMS, Cells, Stage

pytestmark = pytest.mark.fuzz

TABLE: dict[str, Cells] = ROOMS | POLLS
OWN = ("Date", "X-Request-ID")
"""Headers that each answer has for itself."""


READ_BY_SERVERS = ("nothing", "list", "too long", "chunked", "encoded")
"""Forms that a server may read otherwise than another; of the others the app alone decides."""


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


def in_forms(
    names: Iterable[str], visibilities: tuple[str, ...]
) -> Callable[[Callable[..., None]], Any]:
    """Let a test ask in these forms, and a stock WSGI server in those that servers read."""
    cases = [
        (way, form)
        for way in WAYS
        for form in sorted(names)
        if way == "whole" or form in READ_BY_SERVERS
    ]

    def mark(test: Callable[..., None]) -> Any:
        marked = pytest.mark.parametrize(("way", "form"), cases)(test)
        return pytest.mark.parametrize("visibility", visibilities)(marked)

    return mark


@pytest.fixture(scope="module")
def set_stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str, str], Stage]]:
    """Return a stage by way and visibility; each is set once.

    The servers count nobody's failures: here nearly every request is one.
    """
    with ExitStack() as stack:

        @cache
        def house(way: str) -> House:
            running = House(tmp_path_factory.mktemp(way), people=60, RATE_LIMITS="off")
            return stack.enter_context(contextmanager(serve)(running, way))

        yield cache(lambda way, visibility: make_stage(house(way), visibility))


def make_stage(house: House, visibility: str) -> Stage:
    room, other = house.room(visibility=visibility), house.room()
    tokens = everybody(house, room, other, visibility)
    (row,) = house.enrol(room, {"name": "Member Kim"})
    meeting = house.begin(room)
    house.end(room, meeting)
    shown = {"row": row, "meeting": meeting, "poll": house.poll(room, eligibility="roll")}
    return Stage(house, room, visibility, tokens, shown)


@pytest.fixture
def stage(set_stage: Callable[[str, str], Stage], way: str, visibility: str) -> Stage:
    return set_stage(way, visibility)


def ask(house: House, method: str, path: str, token: str | None, form: Form) -> Any:
    body = form.body() if callable(form.body) else form.body
    return house.request(method, path + form.query, token, data=body, headers={**form.headers})


@in_forms(FORMS.keys() - {"query"}, ("public", "members"))  # a query's fault is told to anybody
def test_form_is_looked_at_only_for_those_who_may(stage: Stage, form: str) -> None:
    for route, cells in TABLE.items():
        path = stage.path(route.split()[1], spare=False)
        for who, token in stage.tokens.items():
            expected = stage.expected(route, cells, who)
            outside = who in OUTSIDERS or route.endswith("/guests")
            if who not in cells.who or (outside and stage.visibility == "members"):
                answer = ask(stage.house, route.split()[0], path, token, FORMS[form])

                assert answer.status_code == expected, (route, who, answer.text[:200])


@in_forms(FORMS, ("members",))
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


@in_forms(FORMS.keys() - {"query"}, ("public",))
def test_form_is_looked_at_only_for_those_who_may_elsewhere(stage: Stage, form: str) -> None:
    for route, cells in ELSEWHERE.items():
        path = stage.path(route.split()[1], spare=False)
        for who, token in stage.tokens.items():
            if who not in cells.who and "/vote" not in route:  # its form says in which poll
                answer = ask(stage.house, route.split()[0], path, token, FORMS[form])

                assert answer.status_code == stage.expected(route, cells, who), (route, who)
