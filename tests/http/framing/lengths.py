"""Cases of Content-Length."""

from tests.http.framing.cases import (
    TOO_LONG,
    Case,
    get,
    head,
    post,
    refuses,
    takes,
    waits,
)

LENGTH = "9110, 8.6"


def length(value: str, body: bytes = b"abc") -> bytes:
    """Return a POST whose length is said so."""
    return post(f"Content-Length: {value}", body=body)


CASES: tuple[Case, ...] = (
    takes("a length", LENGTH, length("3"), "POST / abc"),
    takes("no length", "9112, 6.3", post(), "POST /"),
    takes("a length of nothing", LENGTH, length("0", b""), "POST /"),
    takes("a length with zeros before", LENGTH, length("003"), "POST / abc"),
    takes("a length within spaces", LENGTH, length(" \t3\t "), "POST / abc"),
    takes(
        "a length in other letters",
        "9110, 5.1",
        post("content-LENGTH: 3", body=b"abc"),
        "POST / abc",
    ),
    takes("a body of GET", "9110, 9.3.1", get("/", "Content-Length: 3") + b"abc", "GET / abc"),
    takes(
        "a body of HEAD",
        "9110, 9.3.2",
        head("HEAD / HTTP/1.1", "Content-Length: 3") + b"abc",
        "HEAD / abc",
    ),
    takes(
        "a body of DELETE",
        "9110, 9.3.5",
        head("DELETE / HTTP/1.1", "Content-Length: 3") + b"abc",
        "DELETE / abc",
    ),
    takes(
        "a body that looks like a request",
        "9112, 6.3",
        length("18", b"GET / HTTP/1.1\r\n\r\n"),
        "POST / GET%20/%20HTTP/1.1%0D%0A%0D%0A",
    ),
    *(
        refuses(f"length {value!r}", LENGTH, length(value), statuses=TOO_LONG)
        for value in (
            *(
                "+3",
                "-3",
                "0x3",
                "3\xa0",
                "\xa03",
                "2\xa0",
                "3 3",
                "3,3",
                "3, 3",
                "3,4",
                "3;",
                "3.0",
                "3e0",
            ),
            *(
                "",
                " ",
                "abc",
                "3\x0b",
                "\x0b3",
                "3\x0c",
                "3\0",
                "0_3",
                "\xb3",
                "\xef\xbc\x93",
                "three",
                "3\r",
                "3h",
            ),
            *(
                "9" * 30,
                "9" * 5_000,
                str(2**64),
                str(2**64 + 3),
                str(2**63 * 4 + 3),
                "-" + "9" * 30,
                '"3"',
                "--3",
                "(3)",
            ),
        )
    ),
    refuses("a length twice", LENGTH, post("Content-Length: 3", "Content-Length: 3", body=b"abc")),
    refuses("two lengths", LENGTH, post("Content-Length: 3", "Content-Length: 4", body=b"abcd")),
    refuses(
        "two lengths, one of nothing",
        LENGTH,
        post("Content-Length: 0", "Content-Length: 3", body=b"abc"),
    ),
    refuses("a length and a folded one", LENGTH, post("Content-Length: 3", " 0", body=b"abc")),
    refuses("a length behind a space", "9112, 5.1", post("Content-Length : 3", body=b"abc")),
    takes("a length with an underscore", "3875, 4.1.18", post("Content_Length: 99"), "POST /"),
    waits("a body that is cut off", "9112, 8", length("3", b"ab")),
    waits("a body that doesn't come", "9112, 8", length("3", b"")),
)
