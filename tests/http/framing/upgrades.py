"""Cases of upgrades and of Expect."""

from tests.http.framing.cases import Case, get, may_refuse, post, refuses, takes

UPGRADE, EXPECT = "9110, 7.8", "9110, 10.1.1"
WEBSOCKET = ("Upgrade: websocket", "Connection: Upgrade")
SOCKET = (*WEBSOCKET, "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")

UPGRADES: tuple[Case, ...] = (
    *(
        takes(
            f"upgrade to {protocol}",
            UPGRADE,
            get("/upgrade", f"Upgrade: {protocol}", "Connection: Upgrade") + get("/2"),
            "GET /upgrade=-",
            "GET /2",
        )
        for protocol in ("h2c", "TLS/1.0", "foo", "websocket, h2c", "HTTP/2.0")
    ),
    takes(
        "upgrade to a WebSocket elsewhere",
        UPGRADE,
        get("/upgrade", *SOCKET) + get("/2"),
        "GET /upgrade=-",
        "GET /2",
    ),
    takes(
        "upgrade without Connection",
        UPGRADE,
        get("/upgrade", "Upgrade: websocket"),
        "GET /upgrade=-",
    ),
    takes(
        "Connection without upgrade",
        UPGRADE,
        get("/upgrade", "Connection: Upgrade"),
        "GET /upgrade=-",
    ),
    takes(
        "upgrade with a body",
        UPGRADE,
        post(*WEBSOCKET, "Content-Length: 3", body=b"abc", path="/upgrade") + get("/2"),
        "POST /upgrade=- abc",
        "GET /2",
    ),
    takes(
        "upgrade with chunks",
        UPGRADE,
        post(*WEBSOCKET, "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n0\r\n\r\n") + get("/2"),
        "POST / abc",
        "GET /2",
    ),
    takes(
        "upgrade of a GET with a body",
        UPGRADE,
        get("/", *SOCKET, "Content-Length: 3") + b"abc" + get("/2"),
        "GET / abc",
        "GET /2",
    ),
    takes(
        "upgrade of a POST at the sockets",
        UPGRADE,
        post(*SOCKET, "Content-Length: 3", body=b"abc", path="/socket.io/") + get("/2"),
        "POST /socket.io/ abc",
        "GET /2",
    ),
    takes(
        "upgrade in HTTP/1.0",
        UPGRADE,
        get("/upgrade", *SOCKET, version="1.0"),
        "GET /upgrade=-",
        kept=False,
    ),
    takes(
        "upgrade and close",
        UPGRADE,
        get("/", "Upgrade: h2c", "Connection: Upgrade, close") + get("/2"),
        "GET /",
        kept=False,
    ),
    refuses(
        "a fault behind an upgrade", UPGRADE, get("/", *WEBSOCKET) + get("/2", "a b: c"), "GET /"
    ),
    refuses(
        "a bad chunk in an upgrade",
        UPGRADE,
        post(*WEBSOCKET, "Transfer-Encoding: chunked", body=b"+3\r\nabc\r\n0\r\n\r\n"),
    ),
)

EXPECTS: tuple[Case, ...] = (
    takes(
        "Expect with the body",
        EXPECT,
        post("Expect: 100-continue", "Content-Length: 3", body=b"abc"),
        "POST / abc",
    ),
    takes(
        "Expect in capitals",
        EXPECT,
        post("Expect: 100-Continue", "Content-Length: 3", body=b"abc"),
        "POST / abc",
    ),
    takes(
        "Expect with chunks",
        EXPECT,
        post("Expect: 100-continue", "Transfer-Encoding: chunked", body=b"3\r\nabc\r\n0\r\n\r\n"),
        "POST / abc",
    ),
    takes("Expect without a body", EXPECT, get("/", "Expect: 100-continue"), "GET /"),
    takes(
        "Expect in HTTP/1.0",
        EXPECT,
        post("Expect: 100-continue", "Content-Length: 3", body=b"abc", version="1.0"),
        "POST / abc",
        kept=False,
    ),
    takes(
        "Expect in a pipeline",
        EXPECT,
        get("/1") + post("Expect: 100-continue", "Content-Length: 3", body=b"abc") + get("/3"),
        "GET /1",
        "POST / abc",
        "GET /3",
    ),
    may_refuse(
        "Expect of something else",
        EXPECT,
        post("Expect: tea", "Content-Length: 3", body=b"abc"),
        "POST / abc",
        statuses=(400, 417),
    ),
    refuses(
        "Expect and a bad length",
        EXPECT,
        post("Expect: 100-continue", "Content-Length: +3", body=b"abc"),
    ),
)

CASES = (*UPGRADES, *EXPECTS)
