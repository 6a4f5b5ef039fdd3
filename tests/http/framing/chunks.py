"""Cases of chunks: their sizes and ends."""

from tests.http.framing.cases import TOO_LONG, Case, chunked, may_refuse, refuses, takes, waits

SIZE = "9112, 7.1"
LAST = b"0\r\n\r\n"


def sized(size: str) -> bytes:
    """Return a POST with one chunk whose size is said so."""
    return chunked(size.encode("latin-1") + b"\r\nabc\r\n" + LAST)


CASES: tuple[Case, ...] = (
    takes("a chunk", SIZE, sized("3"), "POST / abc"),
    takes("no chunk but the last", SIZE, chunked(LAST), "POST /"),
    takes("two chunks", SIZE, chunked(b"3\r\nabc\r\n2\r\nde\r\n" + LAST), "POST / abcde"),
    takes(
        "size of a small letter", SIZE, chunked(b"a\r\n0123456789\r\n" + LAST), "POST / 0123456789"
    ),
    takes("size of a capital", SIZE, chunked(b"A\r\n0123456789\r\n" + LAST), "POST / 0123456789"),
    takes("size with a zero before", SIZE, sized("03"), "POST / abc"),
    takes("last size of three zeros", SIZE, chunked(b"3\r\nabc\r\n000\r\n\r\n"), "POST / abc"),
    takes(
        "line breaks within a chunk",
        SIZE,
        chunked(b"4\r\n\r\n\r\n\r\n" + LAST),
        "POST / %0D%0A%0D%0A",
    ),
    takes(
        "a request within a chunk",
        SIZE,
        chunked(b"12\r\nGET / HTTP/1.1\r\n\r\n\r\n" + LAST),
        "POST / GET%20/%20HTTP/1.1%0D%0A%0D%0A",
    ),
    may_refuse(
        "size of seventeen digits", SIZE, sized("0" * 16 + "3"), "POST / abc", statuses=TOO_LONG
    ),
    *(
        refuses(f"size {size!r}", SIZE, sized(size), statuses=TOO_LONG)
        for size in (
            *(
                "",
                "0x3",
                "0X3",
                "+3",
                "-3",
                " 3",
                "\t3",
                "3 ",
                "3\t",
                "0_3",
                "3_0",
                "g",
                "3g",
                "3,",
                "3.0",
                "3h",
                "xyz",
            ),
            *(
                "-0",
                "\xb3",
                "\xef\xbc\x93",
                "3\0",
                "\x003",
                "3\x0b",
                "\x0b3",
                "\n3",
                "3\n",
                "\r3",
                "3\r",
                "3\xa0",
                "'3'",
                '"3"',
            ),
            *(
                "10000000000000003",
                "100000000000000000000000000000003",
                "f" * 17,
                "-" + "f" * 16,
                "3 3",
                "3 a",
            ),
        )
    ),
    refuses("chunk longer than its size", SIZE, chunked(b"3\r\nabcd\r\n" + LAST)),
    refuses("chunk shorter than its size", SIZE, chunked(b"3\r\nab\r\n" + LAST)),
    refuses("chunk without its end", SIZE, chunked(b"3\r\nabc" + LAST)),
    refuses("bare LF after the size", SIZE, chunked(b"3\nabc\r\n" + LAST)),
    refuses("bare CR after the size", SIZE, chunked(b"3\rabc\r\n" + LAST)),
    refuses("bare LF after a chunk", SIZE, chunked(b"3\r\nabc\n" + LAST)),
    refuses("bare CR after a chunk", SIZE, chunked(b"3\r\nabc\r" + LAST)),
    refuses("letters instead of a chunk's end", SIZE, chunked(b"3\r\nabcXX" + LAST)),
    refuses("two line breaks after a chunk", SIZE, chunked(b"3\r\nabc\r\n\r\n" + LAST)),
    refuses("bare LF after the last size", SIZE, chunked(b"3\r\nabc\r\n0\n\r\n")),
    refuses("bare LF after the last chunk", SIZE, chunked(b"3\r\nabc\r\n0\r\n\n")),
    refuses("bare CR after the last chunk", SIZE, chunked(b"3\r\nabc\r\n0\r\n\rX")),
    refuses("no end, but the next request", SIZE, chunked(b"3\r\nabc\r\n0\r\n")),
    refuses("no last chunk, but the next request", SIZE, chunked(b"3\r\nabc\r\n")),
    waits("half a size", "9112, 8", chunked(b"3")),
    waits("a size without its LF", "9112, 8", chunked(b"3\r")),
    waits("half a chunk", "9112, 8", chunked(b"3\r\nab")),
    waits("chunks without the last", "9112, 8", chunked(b"3\r\nabc\r\n")),
    waits("chunks without their end", "9112, 8", chunked(b"3\r\nabc\r\n0\r\n")),
    waits("a size near the limit of integers", "9112, 7.1", chunked(b"7fffffffffffffff\r\nabc")),
)
