"""Draws requests that the lane answers, or nearly so: good ones, bad ones and odd ones."""

import re
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from tests.http.hall import OVER, POLLS

Fields = list[tuple[str, str]]

KEYS = [str(UUID(int=number, version=4)) for number in range(1, 4)]
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
TARGETS = (
    *("/vote", "/vote?id=3", "/candidates", "/candidates/", "//candidates", "/Vote"),
    *("/polls/1/results", "/polls/1/results?x=1", "/polls/1/ballot", "/polls/1/ballot/"),
    *("/polls/1", "/polls/1/", "/polls//1", "/polls/1?x=1", "/polls/%3Cint:poll_id%3E"),
    *("/rooms/lobby", "/rooms/lobby/", "/rooms/lobby?x=1", "/rooms/%3Ccode%3E", "/rooms/"),
    *("/auth/me", "/auth/me/", "/auth/me?x=1", "/healthz", "/healthz?x=1", "/healthz/"),
)
JSON = (
    *('{"choices":[1],"x":1}', '{"choices":[1],"choices":[2]}', '{"choices":null}', "{}", "[]"),
    *("1", "null", '{"choices":[1]', "", " ", '{"choices":[1]}x', '\ufeff{"choices":[1]}'),
    *('{"choices":[NaN]}', '{"choices":[1],"ranking":[1]}', "[" * 2_000, '{"choices":[1e2]}'),
    *('"' + "a" * 70_000 + '"', '{"choices":[1]}' + " " * 70_000, "id=3", "id=3&id=4"),
    '{"choices":[' + "1," * 3_000 + "1]}",
)
OTHER_BODIES = (b"\xff\xfe", b'{"choices":[\xff]}', b"\0", b"id=1&x=%ff", b"x" * 300_000)

poll_ids = st.one_of(
    st.integers(1, len(POLLS)).map(str),
    st.sampled_from(
        ("0", "99", "-1", "01", "x", "1.0", "%31", "9" * 30, "9" * 4_400, "%d9%a3", "")
    ),
)


def is_alike(poll_id: str) -> bool:
    """Return whether two servers show the same results: the digest of a closed poll covers what
    each server drew by chance. The lane leaves those results to Flask.
    """
    return poll_id != str(OVER)


candidate_ids = st.one_of(
    st.integers(1, 20).map(str),
    st.sampled_from(("0", "-1", "999", "x", "", "1.0", "1e0", "%201", "+1", "%31", "9" * 1_001)),
)
codes = st.sampled_from(
    (
        "lobby",
        "LOBBY",
        "l0bby",
        "%6cobby",
        "H1DDEN",
        "hidden",
        "h1d-den",
        "NONE",
        "x" * 300,
        "%EB%A1%9C",
    )
)
queries = st.one_of(
    candidate_ids.map("id={}".format),
    st.sampled_from(("", "id", "ID=1", "id=1&id=2", "id=1&x=2", "id=%ff", "id=1%00", "&=&", "%")),
)
targets = st.one_of(
    st.tuples(st.just("PUT"), st.just("/polls/1/ballot")),
    st.tuples(st.just("PUT"), poll_ids.map("/polls/{}/ballot".format)),
    st.tuples(st.sampled_from(("GET", "POST")), queries.map("/vote?{}".format)),
    st.tuples(st.just("GET"), queries.map("/candidates?{}".format)),
    st.tuples(st.just("GET"), st.just("/candidates")),
    st.tuples(st.just("GET"), poll_ids.filter(is_alike).map("/polls/{}/results".format)),
    st.tuples(st.just("GET"), poll_ids.map("/polls/{}".format)),
    st.tuples(st.just("GET"), codes.map("/rooms/{}".format)),
    st.tuples(st.just("GET"), st.sampled_from(("/auth/me", "/healthz"))),
    st.tuples(st.sampled_from(METHODS), st.sampled_from(TARGETS)),
)
marks = st.one_of(st.integers(-1, 25), st.sampled_from((None, True, 1.0, 1.5, "1", 10**30, [], {})))


def as_json(choices: list[Any]) -> str:
    """Return a ballot's body."""
    text = repr(choices).replace("'", '"')
    return f'{{"choices":{re.sub("None", "null", re.sub("True", "true", text))}}}'


bodies = st.one_of(
    st.integers(1, 12).map(lambda choice: as_json([choice]).encode()),
    st.lists(marks, max_size=3).map(lambda choices: as_json(choices).encode()),
    st.sampled_from(JSON).map(lambda text: text.encode()),
    st.sampled_from(OTHER_BODIES),
    st.binary(max_size=20),
    st.just(b""),
)


def field(name: str, *values: str) -> st.SearchStrategy[Fields]:
    """Return a field with one of these values, no such field, or two of them."""
    one = st.sampled_from(values).map(lambda value: (name, value))
    return st.one_of(st.just([]), st.lists(one, min_size=1, max_size=1), st.lists(one, max_size=2))


TYPES = (
    *("application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "text/plain"),
    *("application/x-www-form-urlencoded", "multipart/form-data", "", "/", "json"),
    *("application/json; charset=latin-1", "application/vnd.api+json"),
)
LANGUAGES = ("ko", "en", "ko-KR,ko;q=0.9,en;q=0.8", "fr", "en;q=0,ko", "*", "ko;q=x", ";;", "")
ORIGINS = ("http://localhost:3000", "http://127.0.0.1:8", "http://evil.example", "null", "")
ODD_KEYS = (KEYS[0].upper(), "x", "", f"{{{KEYS[0]}}}", f"{KEYS[0]}0", "\xff")

some_fields = st.tuples(
    field("Origin", *ORIGINS),
    field("Accept-Language", *LANGUAGES),
    field("Idempotency-Key", *KEYS, *ODD_KEYS),
    field("If-None-Match", "*", '"x"', ""),
    field("If-Match", "*", '"x"', ""),
    field("Content-Type", *TYPES),
    field("If-None-Match", "*", '"x"', "W/", '"', "etag", 'W/"x", etag', "etag, etag"),
    field("Accept", "*/*", "application/json", "text/html", "text/plain;q=0.5, */*;q=0.1", "", "x"),
)
rare_fields = st.lists(
    st.one_of(
        field("If-Match", "*", '"x"'),
        field("If-Modified-Since", "Thu, 01 Jan 2099 00:00:00 GMT", "x"),
        field("Accept-Encoding", "gzip", "identity;q=0"),
        field("Content-Encoding", "gzip", "identity"),
        field("Range", "bytes=0-1"),
        field("X-Forwarded-For", "1.2.3.4"),
        field("X-HTTP-Method-Override", "DELETE"),
        field("X-Request-ID", "mine"),
        field("Cookie", "a=b", "token=x"),
        field("Expect", "100-continue"),
        field("Connection", "close", "keep-alive", "Upgrade"),
        field("Access-Control-Request-Method", "PUT", "x"),
        field("Access-Control-Request-Headers", "authorization", "a,b"),
    ),
    max_size=3,
)
fields = st.tuples(some_fields, rare_fields).map(
    lambda both: [each for pairs in (*both[0], *both[1]) for each in pairs]
)
ODD_CREDENTIALS = (
    *("", "Bearer", "Bearer ", "x.y.z", "Bearer x.y.z", "Basic YTpi", "Bearer \xff", "a" * 9_000),
)
SCHEMES = (
    *("bearer {}", "BEARER {}", "{}", "Token {}", "Bearer  {}", "Bearer {} ", "Bearer {},"),
    *("Bearer\t{}", "Bearer {} {}", "Bearer,{}"),
)
