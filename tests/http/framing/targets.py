"""Cases of targets and of the Host field."""

from tests.http.framing.cases import (
    BAD,
    Case,
    Outcome,
    get,
    head,
    lines,
    may_refuse,
    refuses,
    takes,
)

TARGET = HOST = "9112, 3.2"

TARGETS: tuple[Case, ...] = (
    takes("a query", "9112, 3.2.1", get("/a?b=c&d"), "GET /a?b=c&d"),
    takes("an empty query", "9112, 3.2.1", get("/a?"), "GET /a"),
    takes("two slashes", "9112, 3.2.1", get("//y/a"), "GET //y/a"),
    takes("an address in the query", "9112, 3.2.1", get("/?u=http://y/"), "GET /?u=http://y/"),
    takes("escapes", "9112, 3.2.1", get("/%41%2f%20"), "GET /A/%20"),
    takes("an escaped line break", "9112, 3.2.1", get("/%0d%0aX:%20y"), "GET /%0D%0AX%3A%20y"),
    takes("a long target", "9112, 3", get("/" + "a" * 7_000), "GET /" + "a" * 7_000),
    takes("absolute-form", "9112, 3.2.2", get("http://x/a?b"), "GET /a?b"),
    takes("absolute-form of https", "9112, 3.2.2", get("https://x/a"), "GET /a"),
    takes("absolute-form in capitals", "9112, 3.2.2", get("HTTP://x/a"), "GET /a"),
    takes("absolute-form without a path", "9112, 3.2.2", get("http://x"), "GET /"),
    takes("absolute-form without a path, but a query", "9112, 3.2.2", get("http://x?b"), "GET /?b"),
    takes("absolute-form with a port", "9112, 3.2.2", get("http://x:80/a"), "GET /a"),
    takes(
        "absolute-form for another host", "9112, 3.2.2", get("http://y:1/host"), "GET /host=y%3A1"
    ),
    refuses("absolute-form of no host", "9110, 4.2.1", get("http:///a")),
    may_refuse("absolute-form with a user", "9110, 4.2.4", get("http://u@x/a"), "GET /a"),
    takes("asterisk-form", "9112, 3.2.4", head("OPTIONS * HTTP/1.1"), "OPTIONS *"),
    refuses("asterisk-form of another method", "9112, 3.2.4", get("*")),
    refuses("authority-form of another method", "9112, 3.2.3", get("x:80")),
    refuses("target without a slash", TARGET, get("a")),
    Case(
        "a fragment",
        TARGET,
        get("/a#b"),
        (Outcome((), BAD, kept=False), Outcome(("GET /a",)), Outcome(("GET /a%23b",))),
    ),
    may_refuse("bytes beyond ASCII", TARGET, get("/\xea\xb0\x80"), "GET /%EA%B0%80"),
    *(
        refuses(f"target {target!r}", TARGET, get(target))
        for target in (
            "/a b",
            "/a\tb",
            "/a\0b",
            "/a\x7fb",
            "/a\x01b",
            "/a\rb",
            "/a\nb",
            "\\a",
            "?a",
        )
    ),
)

HOSTS: tuple[Case, ...] = (
    refuses("no Host", HOST, lines("GET / HTTP/1.1")),
    refuses("no Host, but other fields", HOST, lines("GET / HTTP/1.1", "Accept: a")),
    takes("no Host in HTTP/1.0", HOST, lines("GET / HTTP/1.0"), "GET /", kept=False),
    refuses("two Hosts", HOST, get("/", "Host: y")),
    refuses("two equal Hosts", HOST, get("/", "Host: x")),
    *(
        takes(f"Host {host!r}", HOST, lines("GET / HTTP/1.1", f"Host:{host}"), "GET /")
        for host in (
            " x:5000",
            " [::1]",
            " [::1]:80",
            "",
            " ",
            "x",
            "\tx\t",
            " a-b_c.example",
            " x:",
        )
    ),
    *(
        refuses(f"Host {host!r}", HOST, lines("GET / HTTP/1.1", f"Host: {host}"))
        for host in (
            *("a b", "a/b", "u@x", "x:y", "x:80:80", "[::1", "::1", "x?y", "x#y", "http://x"),
            *("x, y", "<x>", 'x"', "x\\y", "x\0", "\xff"),
        )
    ),
)

CASES = (*TARGETS, *HOSTS)
