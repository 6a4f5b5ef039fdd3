"""Cases of Transfer-Encoding, alone and beside Content-Length."""

from tests.http.framing.cases import (
    UNKNOWN_CODING,
    Case,
    chunked,
    get,
    may_refuse,
    post,
    refuses,
    takes,
    waits,
)

CODING, BOTH = "9112, 6.1", "9112, 6.3"
ABC = b"3\r\nabc\r\n0\r\n\r\n"


def coding(value: str, *fields: str, version: str = "1.1") -> bytes:
    """Return a POST of chunks whose coding is said so."""
    return post(f"Transfer-Encoding: {value}", *fields, body=ABC, version=version)


CASES: tuple[Case, ...] = (
    takes("chunks", CODING, coding("chunked"), "POST / abc"),
    takes("chunks in capitals", "9112, 7", coding("CHUNKED"), "POST / abc"),
    takes("chunks within spaces", "9110, 5.5", coding("  chunked  "), "POST / abc"),
    may_refuse("chunks within tabs", "9110, 5.5", coding("\tchunked\t"), "POST / abc"),
    takes(
        "chunks of GET", "9110, 9.3.1", get("/", "Transfer-Encoding: chunked") + ABC, "GET / abc"
    ),
    may_refuse(
        "chunks in a list with nothing",
        "9110, 5.6.1",
        coding(", chunked"),
        "POST / abc",
        statuses=UNKNOWN_CODING,
    ),
    *(
        refuses(f"coding {value!r}", CODING, coding(value), statuses=UNKNOWN_CODING)
        for value in (
            *(
                "\x0bchunked",
                "chunked\x0b",
                "\xa0chunked",
                "chunked\xa0",
                "xchunked",
                "chunkedx",
                "chunkedchunked",
            ),
            *(
                "chunked, chunked",
                "chunked,identity",
                "chunked, gzip",
                "gzip, chunked",
                "gzip",
                "identity",
                "identity, chunked",
            ),
            *(
                "",
                " ",
                ",",
                '"chunked"',
                "'chunked'",
                "chunked;q=1",
                "chunked; a=b",
                "chu nked",
                "chunk",
                "chunked\0",
                "cow",
                "\tchunked\x0c",
            ),
            *(
                "chunked chunked",
                "[chunked]",
                "chunk\xe9d",
                "x: chunked",
                "\x00chunked",
                "chunked\rX",
                "deflate, gzip, chunked",
            ),
        )
    ),
    refuses(
        "a coding twice",
        CODING,
        coding("chunked", "Transfer-Encoding: chunked"),
        statuses=UNKNOWN_CODING,
    ),
    refuses(
        "a coding, then another",
        CODING,
        coding("chunked", "Transfer-Encoding: identity"),
        statuses=UNKNOWN_CODING,
    ),
    refuses(
        "a coding, then none",
        CODING,
        coding("chunked", "Transfer-Encoding:"),
        statuses=UNKNOWN_CODING,
    ),
    refuses(
        "another coding first",
        CODING,
        coding("gzip", "Transfer-Encoding: chunked"),
        statuses=UNKNOWN_CODING,
    ),
    refuses("a folded coding", "9112, 5.2", coding("", " chunked"), statuses=UNKNOWN_CODING),
    refuses(
        "a coding with a fold behind",
        "9112, 5.2",
        coding("chunked", "  abc"),
        statuses=UNKNOWN_CODING,
    ),
    refuses("a coding behind a space", "9112, 5.1", post("Transfer-Encoding : chunked", body=ABC)),
    refuses(
        "a coding behind a bare LF", "9112, 2.2", post("X: a\nTransfer-Encoding: chunked", body=ABC)
    ),
    refuses(
        "a coding behind a bare CR", "9112, 2.2", post("X: a\rTransfer-Encoding: chunked", body=ABC)
    ),
    refuses(
        "a coding in HTTP/1.0", CODING, coding("chunked", version="1.0"), statuses=UNKNOWN_CODING
    ),
    refuses(
        "a coding in HTTP/1.0 that is kept",
        CODING,
        coding("chunked", "Connection: keep-alive", version="1.0"),
        statuses=UNKNOWN_CODING,
    ),
    refuses(
        "a length and a coding",
        BOTH,
        post("Content-Length: 3", "Transfer-Encoding: chunked", body=ABC),
    ),
    refuses("a coding and a length", BOTH, coding("chunked", "Content-Length: 3")),
    refuses("a coding and no length", BOTH, coding("chunked", "Content-Length: 0")),
    refuses("a coding and a wrong length", BOTH, coding("chunked", "Content-Length: x")),
    refuses(
        "identity and a length",
        BOTH,
        post("Transfer-Encoding: identity", "Content-Length: 3", body=b"abc"),
        statuses=UNKNOWN_CODING,
    ),
    refuses(
        "an empty coding and a length",
        BOTH,
        post("Transfer-Encoding:", "Content-Length: 3", body=b"abc"),
        statuses=UNKNOWN_CODING,
    ),
    takes(
        "a coding with an underscore",
        "3875, 4.1.18",
        post("Transfer_Encoding: chunked", "Content-Length: 3", body=b"abc"),
        "POST / abc",
    ),
    waits("chunks that don't come", "9112, 8", chunked(b"")),
)
