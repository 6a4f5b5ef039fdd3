"""Bodies that every route refuses, down both ways: encoded ones, ones that are too large, and keys
that come twice.
"""

import gzip
import json
from collections.abc import Iterator
from typing import Any

import pytest

from api.pictures import PICTURE_BYTES
from api.problems import BODY_BYTES
from api.requests import FORM_BYTES, FORMS, JSON
from api.routes.roll_files import ROLL_BYTES
from tests import conformance
from tests.http.conftest import WAYS, serve
from tests.http.hall import faults, refusal
from tests.http.rooms.house import House, Room

ENCODINGS = ("gzip", "GZIP", "deflate", "br", "x-gzip", "identity, gzip", "utf-8")


@pytest.fixture(scope="module", params=WAYS)
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    yield from serve(
        House(tmp_path_factory.mktemp("house"), people=20, RATE_LIMITS="off"), request.param
    )


@pytest.fixture(scope="module")
def room(house: House) -> Room:
    return house.room()


class Asker:
    """One who may send a body to a route."""

    def __init__(self, house: House, room: Room, method: str, path: str) -> None:
        (row,) = house.enrol(room, {"name": "Kim"})
        poll = house.poll(room)["id"]
        self._path = conformance.address(
            path,
            code=room.code,
            poll_id=poll,
            row_id=row["id"],
            user_id=1,
            meeting_id=house.request("GET", room.path, room.host).json()["meeting"],
        )
        self._token = house.administrator if path.startswith("/admin") else room.host
        self._house, self._method = house, method

    def send(self, body: bytes, media_type: str, **headers: str) -> Any:
        headers = {"Content-Type": media_type, **headers}
        return self._house.request(
            self._method, self._path, self._token, data=body, headers=headers
        )


@pytest.mark.parametrize(("method", "path", "operation"), conformance.bodies())
def test_route_refuses_an_encoded_body(
    house: House, room: Room, method: str, path: str, operation: conformance.Operation
) -> None:
    asker = Asker(house, room, method, path)
    for media_type in operation.asks:
        for encoding in ENCODINGS:
            answer = asker.send(gzip.compress(b"{}"), media_type, **{"Content-Encoding": encoding})

            assert refusal(answer) == (415, "unsupported_media_type"), (media_type, encoding)
            assert answer.headers["Accept-Encoding"] == "identity"
            assert "Content-Encoding" in answer.json()["detail"]


def most_bytes(path: str, media_type: str) -> int:
    """Return how many bytes a body may have."""
    if media_type in FORMS:
        return FORM_BYTES
    return {"/rooms/{code}/roll": ROLL_BYTES, "/rooms/{code}/pictures": PICTURE_BYTES}.get(
        path, BODY_BYTES
    )


@pytest.mark.parametrize(("method", "path", "operation"), conformance.bodies())
def test_route_refuses_a_body_that_is_too_large(
    house: House, room: Room, method: str, path: str, operation: conformance.Operation
) -> None:
    asker = Asker(house, room, method, path)
    for media_type in operation.asks:
        most = most_bytes(path, media_type)
        allowed, large = (asker.send(b"a=b&".ljust(size), media_type) for size in (most, most + 1))

        assert refusal(large) == (413, "payload_too_large"), media_type
        assert allowed.status_code != 413, media_type


@pytest.mark.parametrize(("method", "path", "operation"), conformance.bodies())
def test_route_refuses_a_key_that_comes_twice(
    house: House, room: Room, method: str, path: str, operation: conformance.Operation
) -> None:
    if JSON not in operation.asks:
        return  # a picture has no keys
    send = Asker(house, room, method, path).send

    assert faults(send(b'{"choices":[1],"choices":[2]}', JSON)) == {"choices": "duplicate"}
    assert faults(send(rb'{"a":[{"b":1,"\u0062":1}]}', JSON)) == {"a.0.b": "duplicate"}


@pytest.mark.parametrize("encoding", ["", "identity", "Identity"])
def test_ballot_that_is_not_encoded_is_cast(house: House, room: Room, encoding: str) -> None:
    poll, headers = house.poll(room), {"Content-Encoding": encoding}

    assert house.vote(house.newcomer(), poll, 0, headers=headers).status_code == 201


def test_vote_by_an_encoded_form_is_refused(house: House, room: Room) -> None:
    candidate = house.poll(room)["candidates"][0]["id"]
    headers = {"Content-Type": FORMS[0], "Content-Encoding": "gzip"}

    for body in (b"", gzip.compress(b"id=1"), b"id=%d" % candidate):
        answer = house.request(
            "POST", f"/vote?id={candidate}", room.host, data=body, headers=headers
        )
        assert refusal(answer) == (415, "unsupported_media_type")


def test_socket_by_polling_refuses_an_encoded_payload(house: House) -> None:
    path, headers = "/socket.io/?EIO=4&transport=polling", {"Content-Encoding": "gzip"}
    sid = json.loads(house.request("GET", path).text[1:])["sid"]

    answer = house.request("POST", f"{path}&sid={sid}", data=gzip.compress(b"40"), headers=headers)

    assert refusal(answer) == (415, "unsupported_media_type")
