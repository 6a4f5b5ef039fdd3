"""Cases of several requests on a connection, and of its end."""

from tests.http.framing.cases import (
    Case,
    chunked,
    get,
    post,
    refuses,
    takes,
)
from tests.http.framing.lengths import length

PIPELINE, CLOSE = "9112, 9.3.2", "9112, 9.6"

PIPELINES: tuple[Case, ...] = (
    takes("two requests", PIPELINE, get("/1") + get("/2"), "GET /1", "GET /2"),
    takes(
        "requests of each kind",
        PIPELINE,
        length("3") + chunked(b"2\r\nde\r\n0\r\n\r\n") + get("/3") + length("1", b"f"),
        "POST / abc",
        "POST / de",
        "GET /3",
        "POST / f",
    ),
    takes(
        "thirty requests",
        PIPELINE,
        b"".join(get(f"/{n}") for n in range(30)),
        *(f"GET /{n}" for n in range(30)),
    ),
    refuses("a fault behind a request", PIPELINE, get("/1") + get("/2", "Accept : a"), "GET /1"),
    refuses(
        "a fault between requests", PIPELINE, get("/1") + get("/2", "a b: c") + get("/3"), "GET /1"
    ),
    refuses(
        "a bad chunk before a request", PIPELINE, chunked(b"3\r\nabcd\r\n0\r\n\r\n") + get("/2")
    ),
    refuses(
        "a bad chunk behind a request",
        PIPELINE,
        get("/1") + chunked(b"+3\r\nabc\r\n0\r\n\r\n"),
        "GET /1",
    ),
    refuses("a bad length behind a request", PIPELINE, get("/1") + length("+3"), "GET /1"),
    refuses("no Host behind a request", PIPELINE, get("/1") + b"GET /2 HTTP/1.1\r\n\r\n", "GET /1"),
    refuses("a body longer than its length", PIPELINE, length("3", b"abc:e"), "POST / abc"),
    refuses("a body without a length", "9112, 6.3", post(body=b"abc\r\n"), "POST /"),
    refuses("zeros between requests", PIPELINE, get("/1") + b"\0\0", "GET /1"),
)

ENDS: tuple[Case, ...] = (
    takes("HTTP/1.0", CLOSE, get(version="1.0"), "GET /", kept=False),
    takes("HTTP/1.0 and another", CLOSE, get(version="1.0") + get("/2"), "GET /", kept=False),
    takes(
        "HTTP/1.0 that is kept",
        "9112, 9.3",
        get("/", "Connection: keep-alive", version="1.0"),
        "GET /",
    ),
    takes(
        "HTTP/1.0 that is kept, and in capitals",
        "9112, 9.3",
        get("/", "Connection: Keep-Alive", version="1.0"),
        "GET /",
    ),
    takes(
        "HTTP/1.0 with a body",
        "9112, 6.3",
        post("Content-Length: 3", body=b"abc", version="1.0"),
        "POST / abc",
        kept=False,
    ),
    *(
        takes(f"Connection {value!r}", CLOSE, get("/", f"Connection: {value}"), "GET /", kept=False)
        for value in (
            "close",
            "Close",
            "CLOSE",
            "keep-alive, close",
            "close, keep-alive",
            "a,close ,b",
            ",close,",
        )
    ),
    *(
        takes(f"Connection {value!r}", "9110, 7.6.1", get("/", f"Connection: {value}"), "GET /")
        for value in (
            "keep-alive",
            "",
            "closed",
            "x-close",
            "close-notify",
            "a b",
            '"close"',
            "TE, Foo",
        )
    ),
    takes(
        "close in a second field",
        CLOSE,
        get("/", "Connection: foo", "Connection: close"),
        "GET /",
        kept=False,
    ),
    takes(
        "a request behind close",
        CLOSE,
        get("/1", "Connection: close") + get("/2"),
        "GET /1",
        kept=False,
    ),
    takes(
        "a request behind close and a body",
        CLOSE,
        post("Content-Length: 3", "Connection: close", body=b"abc") + get("/2"),
        "POST / abc",
        kept=False,
    ),
    takes(
        "a request behind close and chunks",
        CLOSE,
        post("Transfer-Encoding: chunked", "Connection: close", body=b"3\r\nabc\r\n0\r\n\r\n")
        + get("/2"),
        "POST / abc",
        kept=False,
    ),
    takes(
        "nonsense behind close",
        CLOSE,
        get("/1", "Connection: close") + b"\0nonsense\r\n\r\n",
        "GET /1",
        kept=False,
    ),
)

CASES = (*PIPELINES, *ENDS)
