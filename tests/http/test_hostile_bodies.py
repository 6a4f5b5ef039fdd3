"""No body costs much, however it is made: every route that has one is sent the expensive ones."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from api.operations import Operation
from api.problems import BODY_BYTES
from api.requests import FORMS, JSON
from api.routes.roll_files import ROLL_BYTES
from schemas.validation import Schema
from tests.conformance import address, bodies
from tests.hostile import ANSWER_BYTES, CSV, MULTIPART, PICTURE, URLENCODED, Meter, json_bodies
from tests.http.conftest import serve
from tests.http.rooms.house import House

pytestmark = pytest.mark.fuzz

MAKERS = {
    "image/jpeg": PICTURE,
    "image/png": PICTURE,
    "text/csv": CSV,
    FORMS[0]: URLENCODED,
    FORMS[1]: MULTIPART,
}
ROUTES = bodies()
NAMES = [f"{method} {path}" for method, path, _ in ROUTES]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from serve(House(tmp_path_factory.mktemp("house"), people=3, RATE_LIMITS="off"))


@pytest.fixture(scope="module")
def meter(house: House) -> Iterator[Meter]:
    made = Meter(house)
    yield made
    made.close()


@pytest.fixture(scope="module")
def ids(house: House) -> dict[str, Any]:
    """Return what the routes' parameters stand for: all of it is the administrator's."""
    made = house.request("POST", "/rooms", house.administrator, json={"name": "Club"}).json()
    path = f"/rooms/{made['code']}"
    draft = {"title": "T", "candidates": [{"name": "A"}]}
    poll = house.request("POST", f"{path}/polls", house.administrator, json=draft).json()
    (row,) = house.request("GET", f"{path}/roll", house.administrator).json()["items"]
    return {"code": made["code"], "poll_id": poll["id"], "row_id": row["id"], "user_id": 1}


def expensive(operation: Operation, turn: int) -> Iterator[tuple[str, str, bytes]]:
    """Yield bodies of the largest size that a route takes: media type, what it is, the body."""
    for media, shapes in operation.asks.items():
        size = ROLL_BYTES if "text/csv" in operation.asks else BODY_BYTES
        if media == JSON:
            for each in shapes:
                definition = each.definition if isinstance(each, Schema) else {}
                yield from ((media, *body) for body in json_bodies(definition, size, turn))
        else:
            for name, make in MAKERS[media].items():
                yield media, name, make(size)


@pytest.mark.parametrize(("method", "path", "operation"), ROUTES, ids=NAMES)
def test_refusing_a_body_costs_little_however_it_is_made(
    house: House, meter: Meter, ids: dict[str, Any], method: str, path: str, operation: Operation
) -> None:
    def send(what: str, body: bytes, media: str) -> None:
        headers = {"Content-Type": f"{media}; boundary=x"}
        answer = house.request(
            method, address(path, **ids), house.administrator, data=body, headers=headers
        )
        assert answer.status_code < 500, (what, answer.text)
        assert len(answer.content) <= ANSWER_BYTES, what

    for media, what, body in expensive(operation, NAMES.index(f"{method} {path}")):
        meter.check(f"{media}: {what}", len(body), partial(send, what, body, media))
