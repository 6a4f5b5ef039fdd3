"""Cases of field names and values, and of how a head ends."""

from tests.http.framing.cases import TOO_LONG, Case, get, may_refuse, refuses, takes, waits

NAME, VALUE, FOLD = "9112, 5.1", "9110, 5.5", "9112, 5.2"

NAMES: tuple[Case, ...] = (
    takes("every sign of a name", NAME, get("/", "!#$%&'*+-.^`|~09azAZ: a"), "GET /"),
    takes("name in other letters", NAME, get("/field", "x-A: a"), "GET /field=a"),
    takes("name of one letter", NAME, get("/", "a: b"), "GET /"),
    takes("name with an underscore", "3875, 4.1.18", get("/field", "X_A: a"), "GET /field=-"),
    *(
        refuses(f"name {name!r}", NAME, get("/", f"{name}: a"))
        for name in (
            *(
                "Accept ",
                "Accept\t",
                "a b",
                "",
                " ",
                "a@b",
                "(a)",
                "a[]",
                "a/b",
                "a\\b",
                "{a}",
                "a,b",
            ),
            *('"a"', "a;b", "a=b", "a?b", "<a>", "a\0", "a\x01b", "a\x7f", "\xea\xb0\x80", "a\rb"),
            *("a\xa0", "Content-Length ", "Transfer-Encoding\t", "Host\x0b"),
        )
    ),
    refuses("field without a colon", "9112, 5", get("/", "Accept")),
    refuses("field without a name or a colon", "9112, 5", get("/", " ")),
    refuses("a second request line", "9112, 5", get("/", "GET /after HTTP/1.1")),
    refuses("name over two lines", FOLD, get("/", "Acc", " ept: a")),
)

VALUES: tuple[Case, ...] = (
    takes("empty value", VALUE, get("/field", "X-A:"), "GET /field="),
    takes("value of spaces", VALUE, get("/field", "X-A: \t "), "GET /field="),
    takes("value without a space before", VALUE, get("/field", "X-A:a"), "GET /field=a"),
    takes("value within whitespace", VALUE, get("/field", "X-A: \t a b\t "), "GET /field=a%20b"),
    takes("value with a tab", VALUE, get("/field", "X-A: a\tb"), "GET /field=a%09b"),
    takes("value with colons", VALUE, get("/field", "X-A: a:b: c"), "GET /field=a%3Ab%3A%20c"),
    takes("value beyond ASCII", VALUE, get("/field", "X-A: \xfc\xff"), "GET /field=%FC%FF"),
    takes("a value twice", "9110, 5.3", get("/field", "X-A: a", "X-A: b"), "GET /field=a,b"),
    takes("a long value", "9110, 5.4", get("/", "X-B: " + "b" * 7_000), "GET /"),
    *(
        refuses(f"value {value!r}", VALUE, get("/", f"X-A: {value}"))
        for value in (
            "\0",
            "a\0b",
            "a\rb",
            "\r",
            "a\r",
            "a\nb",
            "\n",
            "a\n",
            "a\rX-B: b",
            "a\nX-B: b",
        )
    ),
    *(
        may_refuse(f"value {value!r}", VALUE, get("/", f"X-B: {value}"), "GET /")
        for value in ("\x01", "a\x0bb", "\x1b[2J", "a\x7f", "a\x0c")
    ),
    *(
        refuses(f"folded by {fold!r}", FOLD, get("/", "Accept: a", f"{fold}b"))
        for fold in (" ", "\t", "  \t", " Content-Length: 3")
    ),
    refuses("folded to nothing", FOLD, get("/", "Accept: a", " ")),
    refuses("folded before a value", FOLD, get("/", "Accept:", " a")),
    refuses("space before the first field", "9112, 2.2", b"GET / HTTP/1.1\r\n Host: x\r\n\r\n"),
    refuses("tab before the first field", "9112, 2.2", b"GET / HTTP/1.1\r\n\tHost: x\r\n\r\n"),
)

LINE = b"GET / HTTP/1.1\r\n"
ENDS: tuple[Case, ...] = (
    refuses("bare LF after a field", "9112, 2.2", LINE + b"Host: x\n\r\n"),
    refuses("bare LF between fields", "9112, 2.2", LINE + b"Host: x\nAccept: a\r\n\r\n"),
    refuses("bare LF at the end", "9112, 2.2", LINE + b"Host: x\r\n\n"),
    refuses("bare CR at the end", "9112, 2.2", LINE + b"Host: x\r\n\rGET /after HTTP/1.1\r\n"),
    refuses("CR CR LF at the end", "9112, 2.2", LINE + b"Host: x\r\n\r\r\n"),
    refuses("CR CR LF after a field", "9112, 2.2", LINE + b"Host: x\r\r\n\r\n"),
    refuses("bare LF hides a length", "9112, 2.2", LINE + b"Host: x\nContent-Length: 3\r\n\r\nabc"),
    waits("a head without its end", "9112, 2.1", LINE + b"Host: x\r\n"),
    waits("half of a head's end", "9112, 2.1", LINE + b"Host: x\r\n\r"),
    waits("half a name", "9112, 2.1", LINE + b"Hos"),
    waits("half a value", "9112, 2.1", LINE + b"Host: x"),
    waits("a field without its LF", "9112, 2.1", LINE + b"Host: x\r"),
    takes("sixty fields", "9110, 5.4", get("/", *(f"X-{n}: a" for n in range(60))), "GET /"),
    refuses("a value of 100 KB", "9110, 5.4", get("/", "X-B: " + "b" * 100_000), statuses=TOO_LONG),
    refuses("a name of 100 KB", "9110, 5.4", get("/", "b" * 100_000 + ": b"), statuses=TOO_LONG),
    refuses("a target of 100 KB", "9112, 3", get("/" + "b" * 100_000), statuses=TOO_LONG),
    refuses("a method of 100 KB", "9112, 3", b"A" * 100_000 + b" " + get(), statuses=TOO_LONG),
    refuses(
        "20,000 fields",
        "9110, 5.4",
        get("/", *(f"X-{n}: a" for n in range(20_000))),
        statuses=TOO_LONG,
    ),
)

CASES = (*NAMES, *VALUES, *ENDS)
