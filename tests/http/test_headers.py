"""No header makes the server fail, whatever its value: behind a proxy or not, on any route."""

import re
import socket
from collections.abc import Iterator
from typing import BinaryIO

import pytest

from tests.server import Server

pytestmark = pytest.mark.fuzz

NAMES = (
    *("Host", "Origin", "Accept", "Accept-Language", "Accept-Encoding", "Accept-Charset"),
    *("Authorization", "Content-Type", "Content-Encoding", "Cookie", "Expect", "Forwarded"),
    *("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range"),
    *("Range", "Referer", "User-Agent", "Upgrade", "Connection", "Date", "Idempotency-Key"),
    *("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port"),
    *("X-Forwarded-Prefix", "X-Request-ID", "X-HTTP-Method-Override", "Sec-WebSocket-Key"),
    *("Access-Control-Request-Method", "Access-Control-Request-Headers", "TE", "Trailer"),
)
ADDRESSES = tuple(name for name in NAMES if "Forwarded" in name)
VALUES = (
    *("", " ", ",", ";", "=", '"', "'", "\\", "%", "%0d%0aX: y", "%s%n", "*", "/", "null", "None"),
    *("0", "-1", "1" * 5_000, "1e999", "NaN", "١٢", "true", "{}", "[]", "[", "()", "<script>"),
    *("1.2.3.4:5678", "[::1]:80", "::1", "[::1", "fe80::1%eth0", "1.2.3.4, 5.6.7.8", "999.1.1.1"),
    *("unknown", "_hidden", "localhost:99999", "a:b:c", "evil.example", "a b", "xn--", "..", "가"),
    *("https", "javascript", "http://[", "http://[::1", "//", "https://a.example:b", "file:///"),
    *("bytes=0-", "bytes=-", "bytes=9-1", "bytes=0-0,1-1,2-2", "bytes=-99999999999999999999"),
    *('W/"', '"a', '"a", W/"b", *', "Thu, 99 Foo 9999 99:99:99 GMT", "-", "q=;q=,;", "en;q=x"),
    *("ko;q=1e400", "text/html;q=a;q=b", "text/html; charset=\xff", "application/json; charset=x"),
    *("multipart/form-data", "multipart/form-data; boundary=", "Bearer", "Bearer \xff", "Basic a"),
    *("a.b.c", "Bearer " + "a." * 3_000, "\xff\xfe", "\x80", "a" * 8_000, "a," * 4_000),
    *("\0", "a\rb", "\x0bchunked", "\x1b[2J", "\x7f"),
)


class Raw:
    """A connection that is opened anew where the server has ended it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: BinaryIO | None = None

    def ask(self, method: str, path: str, fields: dict[str, str]) -> int:
        """Return the status of an answer, 0 for none."""
        fields = {"Host": "x", **fields}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        if method not in ("GET", "HEAD", "OPTIONS"):
            head += "Content-Length: 2\r\n"
        body = "" if "Content-Length" not in head else "{}"
        message = f"{method} {path} HTTP/1.1\r\n{head}\r\n{body}".encode("utf-8", "surrogateescape")
        if self._reader is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=60)
            self._reader = self._socket.makefile("rb")
        self._socket.sendall(message)
        return self._read(method)

    def _read(self, method: str) -> int:
        assert self._reader is not None
        status, length, closing = 0, 0, False
        while (line := self._reader.readline().lower()) not in (b"\r\n", b""):
            if line.startswith(b"http/"):
                status = int(line.split()[1])
            if line.startswith(b"content-length:"):
                length = int(line[15:])
            closing |= line.startswith((b"connection: close", b"transfer-encoding:"))
        if status == 100:
            return self._read(method)
        if method != "HEAD":
            self._reader.read(length)
        if closing or status in (0, 101, 400, 413):
            self._reader.close()
            self._socket.close()
            self._reader = None
        return status


@pytest.fixture(scope="module", params=["0", "1"], ids=["direct", "proxied"])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("headers"), TRUSTED_PROXIES=request.param).start()
    yield server
    server.kill()


def routes(server: Server) -> list[tuple[str, str]]:
    paths = server.request("GET", "/openapi.json").json()["paths"]
    listed = [
        (method.upper(), re.sub(r"\{[^}]*\}", "1", path))
        for path, methods in paths.items()
        for method in methods
        if method in ("get", "post", "put", "patch", "delete")
    ]
    sockets = "/socket.io/?EIO=4&transport=polling"
    return [*listed, ("OPTIONS", "/rooms"), ("HEAD", "/"), ("GET", sockets), ("GET", "/none")]


def failures(server: Server, asked: Iterator[tuple[str, str, str, str]]) -> list[object]:
    raw = Raw(server.port)
    found: list[object] = []
    for method, path, name, value in asked:
        status = raw.ask(method, path, {name: value})
        if status == 0 or status >= 500:
            found.append((status, method, path, name, value[:60]))
    return found


def test_no_header_makes_a_route_fail(served: Server) -> None:
    """On each route each header has some of the values, on all routes together every one."""
    each = (
        (method, path, name, VALUES[(place * 7 + number * 11) % len(VALUES)])
        for place, (method, path) in enumerate(routes(served))
        for number, name in enumerate(NAMES)
    )

    assert failures(served, each) == []
    assert "Traceback" not in "".join(served.output)


@pytest.mark.parametrize(
    ("method", "path", "names"),
    [
        ("GET", "/", NAMES),
        ("GET", "/candidates", NAMES),
        ("POST", "/auth/reset", NAMES),
        ("POST", "/auth/login", ADDRESSES),  # sign-ins wait for each other, by address
        ("OPTIONS", "/rooms/lobby", NAMES),
        ("GET", "/socket.io/?EIO=4&transport=polling", NAMES),
    ],
)
def test_no_value_of_a_header_makes_a_path_fail(
    served: Server, method: str, path: str, names: tuple[str, ...]
) -> None:
    origin = {"Origin": "http://localhost:3000"}
    raw, found = Raw(served.port), []
    for name in names:
        for value in VALUES:
            status = raw.ask(method, path, {**origin, name: value})
            if status == 0 or status >= 500:
                found.append((status, name, value[:60]))

    assert found == []
    assert "Traceback" not in "".join(served.output)
