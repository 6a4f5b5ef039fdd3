"""Cases of chunk extensions and trailers."""

from tests.http.framing.cases import (
    BAD,
    TOO_LONG,
    Case,
    Outcome,
    chunked,
    may_refuse,
    refuses,
    takes,
    waits,
)
from tests.http.framing.chunks import sized

EXTENSION, TRAILER = "9112, 7.1.1", "9112, 7.1.2"


def extended(extension: str) -> bytes:
    """Return a POST with a chunk that has this behind its size."""
    return sized("3" + extension)


def trailed(*trailers: str, path: str = "/") -> bytes:
    """Return a POST with these trailers."""
    ends = "".join(f"{trailer}\r\n" for trailer in trailers).encode("latin-1")
    return chunked(b"3\r\nabc\r\n0\r\n" + ends + b"\r\n", path)


EXTENSIONS: tuple[Case, ...] = (
    *(
        takes(f"extension {extension!r}", EXTENSION, extended(extension), "POST / abc")
        for extension in (
            *(
                ";a",
                ";a=b",
                ";a;b=c;d",
                ';a="b"',
                ';a="b c"',
                ';a="b;c"',
                ';a="b\\"c"',
                ';a=""',
                ";a=1",
            ),
        )
    ),
    *(
        may_refuse(f"extension {extension!r}", EXTENSION, extended(extension), "POST / abc")
        for extension in (
            " ;a",
            "; a",
            ";a =b",
            ";a= b",
            "\t;a",
            ";",
            ";;",
            ";a=",
            ";=b",
            ';a="\t"',
        )
    ),
    *(
        refuses(f"extension {extension!r}", EXTENSION, extended(extension))
        for extension in (
            *(
                ";a\nb",
                ";a=\nb",
                ';a="\nb"',
                ";\n",
                ";a\n",
                ";a\rb",
                ';a="\rb"',
                ";a\0",
                ';a="\0"',
                ";a=b\n0",
            ),
            *(';a="b', " a", " \n", ";a\x7f", ";a b"),
        )
    ),
    takes(
        "extension of the last chunk",
        EXTENSION,
        chunked(b"3\r\nabc\r\n0;a=b\r\n\r\n"),
        "POST / abc",
    ),
    refuses("bare LF in the last extension", EXTENSION, chunked(b"3\r\nabc\r\n0;a\n\r\n")),
    refuses("an extension of 100 KB", EXTENSION, extended(";" + "a" * 100_000), statuses=TOO_LONG),
)

TRAILERS: tuple[Case, ...] = (
    takes("a trailer", TRAILER, trailed("X-B: b"), "POST / abc"),
    takes("two trailers", TRAILER, trailed("Vary: *", "Content-Type: text/plain"), "POST / abc"),
    takes("a trailer is no field", TRAILER, trailed("X-A: a", path="/field"), "POST /field=- abc"),
    may_refuse("a length in a trailer", TRAILER, trailed("Content-Length: 99"), "POST / abc"),
    may_refuse(
        "a coding in a trailer", TRAILER, trailed("Transfer-Encoding: chunked"), "POST / abc"
    ),
    may_refuse(
        "a Host in a trailer", TRAILER, trailed("Host: y", path="/host"), "POST /host=x abc"
    ),
    Case(
        "close in a trailer",
        TRAILER,
        trailed("Connection: close"),
        (
            Outcome((), BAD, kept=False),
            Outcome(("POST / abc",), kept=False),
            Outcome(("POST / abc",)),
        ),
    ),
    *(
        refuses(f"trailer {trailer!r}", TRAILER, trailed(trailer))
        for trailer in (
            *(
                ": a",
                "a b: c",
                "X : a",
                "X",
                " X: a",
                "X\0: a",
                "X: \0",
                "X: a\nY: b",
                "X: a\rY: b",
                "a@b: c",
            ),
            "X: a\n",
        )
    ),
    refuses("a folded trailer", TRAILER, trailed("X: a", " b")),
    refuses("a trailer of 100 KB", TRAILER, trailed("X: " + "a" * 100_000), statuses=TOO_LONG),
    refuses("20,000 trailers", TRAILER, trailed(*["X: a"] * 20_000), statuses=TOO_LONG),
    waits("half a trailer", "9112, 8", chunked(b"0\r\nX: ")),
)

CASES = (*EXTENSIONS, *TRAILERS)
