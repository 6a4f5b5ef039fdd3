"""Bodies that don't fit: each fault is named by its path, and nothing breaks the server."""

from collections.abc import Iterator
from typing import Any

import pytest

from api.httpd.bounds import DISCARD_BYTES
from api.operations import Operation
from api.requests import FORMS
from tests.conformance import address, bodies
from tests.http.hall import LOBBY_POLL, PASSWORD, Hall, faults, refusal

LOGIN = "/auth/login"
JSON = {"Content-Type": "application/json"}
WELL = b'{"email":"person3@example.org","password":"correct-horse"}'
LIMIT = 64 * 1024


def post(hall: Hall, body: Any, content_type: str = "application/json") -> Any:
    """Send raw bytes, or chunks without a length, to the sign-in."""
    return hall.request("POST", LOGIN, data=body, headers={"Content-Type": content_type})


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/json; charset=utf-8", "Application/JSON"],
)
def test_body_is_read_when_it_is_called_json(hall: Hall, content_type: str) -> None:
    assert post(hall, WELL, content_type).status_code == 200


OTHER_TYPES = (
    *(None, "", "text/plain", "text/json", "application/xml", "application/jsonp", "nonsense"),
    *FORMS,
)


@pytest.mark.parametrize("content_type", OTHER_TYPES)
def test_json_signs_in_whatever_its_content_type(hall: Hall, content_type: str | None) -> None:
    for body in (WELL, b" \r\n" + WELL):
        answer = hall.request("POST", LOGIN, data=body, headers={"Content-Type": content_type})
        assert answer.status_code == 200

    refused = WELL.replace(PASSWORD.encode(), b"wrong-horse")
    answer = hall.request("POST", LOGIN, data=refused, headers={"Content-Type": content_type})
    assert refusal(answer) == (401, "bad_credentials")  # as JSON; a form's is 404


@pytest.mark.parametrize("content_type", OTHER_TYPES)
@pytest.mark.parametrize(("method", "path", "operation"), bodies())
def test_route_takes_json_of_another_content_type_where_it_takes_forms(
    hall: Hall, content_type: str | None, method: str, path: str, operation: Operation
) -> None:
    url = address(path, code="lobby", poll_id=1, row_id=1, user_id=1)
    answer = hall.request(
        method,
        url,
        hall.token_of(hall.people[0]),
        data=b"{}",
        headers={"Content-Type": content_type},
    )

    if path.startswith("/auth/"):
        assert operation.asks.keys() >= set(FORMS)
        assert answer.status_code in (200, 400)
    else:
        assert answer.status_code in (403, 404, 415)


def test_ballot_is_refused_when_it_comes_as_a_form(hall: Hall) -> None:
    answer = hall.request("PUT", "/polls/1/ballot", hall.newcomer(), data={"choices": "1"})

    assert refusal(answer) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"nonsense",
        b"{'email': 'x'}",
        b'{"email": "x",}',
        b'{"email": NaN, "password": "x"}',
        b'{"email": Infinity, "password": "x"}',
        b'{"email": -Infinity, "password": "x"}',
        b'{"email": "\x00", "password": "x"}',
        b'{"email": "\xff", "password": "x"}',
        b'{"email": "\xed\xa0\x80", "password": "x"}',  # a lone surrogate, encoded
        b"\xef\xbb\xbf{}",
        '{"email": "x"}'.encode("utf-16"),
        b'{"email": ' + b"9" * 5_000 + b"}",
        b"[" * 30_000,
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=lambda body: ascii(body[:24]),
)
def test_body_is_refused_when_it_is_not_json(hall: Hall, body: bytes) -> None:
    assert faults(post(hall, body)) == {"": "not_json"}


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"text"', b"true"])
def test_body_is_refused_when_it_is_not_an_object(hall: Hall, body: bytes) -> None:
    assert faults(post(hall, body)) == {"": "wrong_type"}


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"email": "a\\u0000b", "password": "x"}', {"email": "bad_character"}),
        (
            b'{"email": "\\ud800", "password": "\\udfff"}',
            {"email": "bad_character", "password": "bad_character"},
        ),
        (b'{"email": {"x": ["\\ud800"]}, "password": "x"}', {"email.x.0": "bad_character"}),
        (b'{"\\ud800": 1}', {"": "bad_character"}),
        (b'{"\\ud800": "\\ud800"}', {"": "bad_character"}),
        (b'{"a": {"\\u0000": ["\\ud800"]}}', {"a": "bad_character"}),
    ],
)
def test_body_is_refused_when_it_is_not_unicode_text(
    hall: Hall, body: bytes, found: dict[str, str]
) -> None:
    assert faults(post(hall, body)) == found


def test_body_is_taken_when_its_surrogates_are_a_pair(hall: Hall) -> None:
    answer = post(hall, b'{"email": "person3@example.org", "password": "\\ud83d\\uddf3"}')

    assert refusal(answer) == (401, "bad_credentials")


def test_body_is_refused_when_it_is_nested_beyond_twenty(hall: Hall) -> None:
    def nested(depth: int) -> dict[str, str]:
        return faults(post(hall, b'{"email":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b"}"))

    assert nested(20) == {"email": "wrong_type", "password": "required"}
    assert nested(21) == {"email" + ".0" * 19: "too_deep"}


def test_body_is_refused_when_a_hundred_thousand_brackets_come(hall: Hall) -> None:
    answer = hall.request("POST", LOGIN, data=b"[" * 100_000, headers=JSON)

    assert refusal(answer) == (413, "payload_too_large")
    assert post(hall, WELL).status_code == 200


def test_key_that_comes_twice_is_refused_by_its_name(hall: Hall) -> None:
    answer = post(hall, b'{"password": "wrong-horse", ' + WELL[1:])

    assert answer.status_code == 400
    assert [fault["field"] for fault in answer.json()["errors"]] == ["password"]


def test_body_is_taken_when_it_is_just_small_enough(hall: Hall) -> None:
    assert post(hall, WELL.ljust(LIMIT)).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"],
)
@pytest.mark.parametrize("size", [LIMIT + 1, DISCARD_BYTES - 1])
def test_body_is_refused_when_it_is_too_large(hall: Hall, content_type: str, size: int) -> None:
    """A client that sends still more gets the response only if it never pauses for two seconds."""
    answer = post(hall, WELL.ljust(size), content_type)

    assert refusal(answer) == (413, "payload_too_large")


def chunks(body: bytes, size: int = 4096) -> Iterator[bytes]:
    """Return the body in parts: it is sent chunked, without a Content-Length."""
    return (body[start : start + size] for start in range(0, len(body), size))


def test_body_is_read_when_it_comes_in_chunks(hall: Hall) -> None:
    assert post(hall, chunks(WELL, 10)).status_code == 200


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_body_is_refused_when_its_chunks_are_too_large(hall: Hall, content_type: str) -> None:
    answer = post(hall, chunks(WELL.ljust(LIMIT + 1)), content_type)

    assert refusal(answer) == (413, "payload_too_large")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, {"choices": "required"}),
        ({"choices": None}, {"choices": "wrong_type"}),
        ({"choices": 1}, {"choices": "wrong_type"}),
        ({"choices": "1"}, {"choices": "wrong_type"}),
        ({"choices": {"0": 1}}, {"choices": "wrong_type"}),
        ({"choices": [True]}, {"choices.0": "wrong_type"}),
        ({"choices": [None]}, {"choices.0": "wrong_type"}),
        ({"choices": [1.0]}, {"choices.0": "wrong_type"}),
        ({"choices": ["1"]}, {"choices.0": "wrong_type"}),
        ({"choices": [[1]]}, {"choices.0": "wrong_type"}),
        ({"choices": [0]}, {"choices.0": "too_small"}),
        ({"choices": [-1]}, {"choices.0": "too_small"}),
        ({"choices": [11]}, {"choices.0": "unknown_candidate"}),
        ({"choices": [10**17]}, {"choices.0": "unknown_candidate"}),
        ({"choices": [10**18]}, {"choices.0": "too_large"}),
        ({"choices": [1, 2]}, {"choices": "too_long"}),
        ({"choices": [1, 1]}, {"choices": "too_long", "choices.1": "duplicate"}),
        ({"choices": list(range(1, 1000))}, {"choices": "too_long"}),
        ({"choices": [1], "voter": "u1"}, {"voter": "unknown_field"}),
        (
            {"choices": [True, 2, "x"], "a": 1, "b": 2},
            {
                "choices.0": "wrong_type",
                "choices.2": "wrong_type",
                "a": "unknown_field",
                "b": "unknown_field",
            },
        ),
    ],
)
def test_ballot_names_every_fault_when_it_does_not_fit(
    hall: Hall, body: dict[str, Any], found: dict[str, str]
) -> None:
    before = hall.results()["ballots"]

    answer = hall.request("PUT", f"/polls/{LOBBY_POLL}/ballot", hall.newcomer(), json=body)

    assert faults(answer) == found
    assert hall.results()["ballots"] == before


def test_form_is_refused_when_it_is_not_unicode_text(hall: Hall) -> None:
    answer = hall.request("POST", LOGIN, data={"email": "a\0b", "password": PASSWORD})

    assert faults(answer) == {"email": "bad_character"}


def test_form_is_refused_when_a_field_comes_twice(hall: Hall) -> None:
    for other in (PASSWORD, "x"):
        form = [("email", "person3@example.org"), ("password", PASSWORD), ("password", other)]
        answers = [hall.request("POST", LOGIN, data=form)]
        answers.append(hall.request("POST", LOGIN, files=[(name, (None, it)) for name, it in form]))

        assert [faults(each) for each in answers] == [{"password": "duplicate"}] * 2


def test_form_may_have_a_field_twice_that_is_not_known(hall: Hall) -> None:
    form = [("email", "person3@example.org"), ("password", PASSWORD), ("a", "1"), ("a", "2")]

    assert hall.request("POST", LOGIN, data=form).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data", "multipart/form-data; boundary=there"]
)
def test_form_misses_its_fields_when_it_can_not_be_read(hall: Hall, content_type: str) -> None:
    answer = post(hall, b"--elsewhere\r\nnothing\r\n", content_type)

    assert faults(answer) == {"email": "required", "password": "required"}
