"""Cases of request lines, methods and versions."""

from tests.http.framing.cases import (
    UNKNOWN_METHOD,
    UNKNOWN_VERSION,
    Case,
    get,
    head,
    may_refuse,
    refuses,
    takes,
    waits,
)

LINE, VERSION = "9112, 3", "9110, 2.5"

METHODS: tuple[Case, ...] = (
    *(
        takes(method, "9110, 9.3", head(f"{method} / HTTP/1.1"), f"{method} /")
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    ),
    takes("HEAD and GET", "9110, 9.3.2", head("HEAD / HTTP/1.1") + get(), "HEAD /", "GET /"),
    *(
        may_refuse(
            f"method {method}",
            "9110, 9.1",
            head(f"{method} / HTTP/1.1"),
            f"{method} /",
            statuses=UNKNOWN_METHOD,
        )
        for method in ("FOO", "MKCOLA", "get", "M-SEARCH", "!#$%&'*+-.^_`|~", "A" * 60)
    ),
    *(
        refuses(f"method {method!r}", LINE, head(f"{method} / HTTP/1.1"), statuses=UNKNOWN_METHOD)
        for method in ("G ET", "GE\tT", "GET\0", "G\xcbT", "(GET)", "GET,", "", '"GET"')
    ),
    refuses("CONNECT", "9110, 9.3.6", head("CONNECT x:443 HTTP/1.1"), statuses=UNKNOWN_METHOD),
    refuses(
        "CONNECT to a path", "9112, 3.2.3", head("CONNECT / HTTP/1.1"), statuses=UNKNOWN_METHOD
    ),
    refuses("ANNOUNCE of RTSP", LINE, head("ANNOUNCE / HTTP/1.1"), statuses=UNKNOWN_METHOD),
)

LINES: tuple[Case, ...] = (
    may_refuse("two spaces before the target", LINE, get(" /"), "GET /"),
    *(
        refuses(f"line {line!r}", LINE, head(line), statuses=UNKNOWN_VERSION)
        for line in (
            "GET /",
            "GET / ",
            "GET",
            "GET /  HTTP/1.1",
            "GET / HTTP/1.1 ",
            "GET / HTTP/1.1 more",
            "GET\t/\tHTTP/1.1",
            "GET /\x0bHTTP/1.1",
            " GET / HTTP/1.1",
            "GET HTTP/1.1",
            "nonsense",
            "HTTP/1.1 200 OK",
            "Extra lineGET / HTTP/1.1",
            "EHLO mail.example",
        )
    ),
    *(
        refuses(f"version {version!r}", VERSION, head(f"GET / {version}"), statuses=UNKNOWN_VERSION)
        for version in (
            *("HTTP/2.0", "HTTP/3.0", "HTTP/0.9", "HTTP/5.6", "HTTP/9.9", "HTTP/1.10", "HTTP/11.1"),
            *("HTTP/01.1", "HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1,1", "HTTP/1.x", "HTTP/-1.1"),
            *("http/1.1", "HTTP /1.1", "HTTP/ 1.1", "HTTP", "HTTPS/1.1", "IHTTP/1.0", "ICE/1.0"),
            *("RTSP/1.0", "HTTP/1.1\0", "HTTP/+1.1", "HTTP/1.\xb9"),
        )
    ),
    may_refuse("version 1.2", VERSION, get(version="1.2"), "GET /", statuses=UNKNOWN_VERSION),
    refuses(
        "the preface of HTTP/2",
        "9113, 3.4",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        statuses=UNKNOWN_VERSION,
    ),
    refuses("a TLS handshake", LINE, b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n"),
    refuses("NUL before the method", LINE, b"\0" + get()),
    takes("an empty line first", "9112, 2.2", b"\r\n" + get(), "GET /"),
    takes("an empty line between", "9112, 2.2", get() + b"\r\n" + get("/2"), "GET /", "GET /2"),
    may_refuse("a hundred empty lines first", "9112, 2.2", b"\r\n" * 100 + get(), "GET /"),
    may_refuse("a bare LF first", "9112, 2.2", b"\n" + get(), "GET /"),
    may_refuse("a bare CR first", "9112, 2.2", b"\r" + get(), "GET /"),
    refuses("bare LF after the line", "9112, 2.2", b"GET / HTTP/1.1\nHost: x\r\n\r\n"),
    refuses("bare CR after the line", "9112, 2.2", b"GET / HTTP/1.1\rHost: x\r\n\r\n"),
    refuses("CR CR LF after the line", "9112, 2.2", b"GET / HTTP/1.1\r\r\nHost: x\r\n\r\n"),
    refuses("only LFs", "9112, 2.2", b"GET / HTTP/1.1\nHost: x\n\n"),
    refuses("only CRs", "9112, 2.2", b"GET / HTTP/1.1\rHost: x\r\r"),
    waits("half a method", LINE, b"G"),
    waits("half a target", LINE, b"GET /hel"),
    waits("half a version", LINE, b"GET / HTTP/1"),
    waits("a line without its LF", LINE, b"GET / HTTP/1.1\r"),
    waits("a line", LINE, b"GET / HTTP/1.1\r\n"),
)

CASES = (*METHODS, *LINES)
