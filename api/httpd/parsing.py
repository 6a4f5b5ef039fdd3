"""Finds the ends of heads and bodies with llhttp.

llhttp is given bytes only up to the end of a head or of a body. What follows is parsed after the
response to that request, and never after a fault.
"""

from httptools import (
    HttpParserError,
    HttpParserInvalidMethodError,
    HttpParserUpgrade,
    HttpRequestParser,
)

from api.httpd.bounds import HEAD_BYTES
from api.httpd.faults import Malformed
from api.httpd.heads import is_request_line

END = b"\r\n\r\n"
CHUNK_BYTES = 24
"""The most bytes of a chunk's size and line breaks. Extensions and trailers share `HEAD_BYTES`."""
SPARE_PARSERS = 64


class Parser:
    """Parses a request that comes in pieces. An idle connection has no parser."""

    __slots__ = (
        *("_chunked", "_chunks", "_left", "_llhttp", "_spare", "_tail", "_upgrades"),
        *("complete", "head", "headed", "keep", "pieces"),
    )

    def __init__(self) -> None:
        self._llhttp = HttpRequestParser(self)
        self.head = self._tail = b""
        self.headed = self.complete = self.keep = self._upgrades = self._chunked = False
        self.pieces: list[bytes] = []
        self._left = self._chunks = self._spare = 0

    def reset(self) -> bool:
        """Prepare for another request, and return whether that is possible. It isn't after
        trailers, which may contain any field.
        """
        if not self.complete or not self.keep or self._upgrades or self._chunked:
            return False
        self.head = b""
        self.headed = self.complete = False
        return True

    def feed_head(self, data: bytes) -> int:
        """Parse bytes up to the end of the head; return how many. `headed` is set once it is
        complete.

        Raises `Malformed`.
        """
        end = _find_end(self.head[-3:], data, 0)
        piece = data if end == len(data) else data[:end]
        self.head = self.head + piece if self.head else piece
        if len(self.head) > HEAD_BYTES:
            raise Malformed(431)
        self._feed(piece)
        return end

    def begin_body(self, length: int, *, chunked: bool) -> None:
        """Continue with a body of this length or in chunks. Raises `Malformed` without one."""
        self._left, self._chunked, self._spare = length, chunked, HEAD_BYTES
        if self._upgrades:  # llhttp takes what follows for another protocol: it begins anew
            self._llhttp = HttpRequestParser(self)
            self.complete, keep = False, self.keep
            framing = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % length
            self._feed(b"POST / HTTP/1.1\r\n" + framing + END)
            self._upgrades, self.keep = False, keep
        if self.complete:
            raise Malformed

    def feed_whole_body(self, body: bytes) -> None:
        """Parse a body of known length that has come completely. Raises `Malformed`."""
        if self._upgrades or self.complete:
            self.begin_body(len(body), chunked=False)
            self.feed_body(body, 0)
        else:
            self._feed(body)
        self.pieces.clear()
        if not self.complete:
            raise Malformed

    def feed_body(self, data: bytes, begin: int) -> int:
        """Add the bytes of a body to `pieces`; return where they end. `complete` is set at its end.

        Raises `Malformed`.
        """
        if not self._chunked:
            end = min(len(data), begin + self._left)
            self._left -= end - begin
            self._feed(data[begin:end])
            if not self._left and not self.complete:
                raise Malformed
            return end
        end = _find_end(self._tail, data, begin)
        piece = data[begin:end]
        chunks, payload = self._chunks, len(self.pieces)
        self._feed(piece)
        self._tail = b"" if piece.endswith(END) else (self._tail + piece)[-3:]
        self._spare += CHUNK_BYTES * (self._chunks - chunks) - len(piece)
        self._spare += sum(map(len, self.pieces[payload:]))
        if self._spare < 0:
            raise Malformed
        return end

    def _feed(self, piece: bytes) -> None:
        try:
            self._llhttp.feed_data(piece)
        except HttpParserUpgrade:
            self._upgrades = True
        except HttpParserInvalidMethodError as error:
            raise Malformed(501 if is_request_line(self.head) else 400) from error
        except HttpParserError as error:
            raise Malformed from error

    # -- llhttp's callbacks -------------------------------------------------------------

    def on_headers_complete(self) -> None:
        self.headed, self.keep = True, self._llhttp.should_keep_alive()

    def on_chunk_header(self) -> None:
        self._chunks += 1

    def on_body(self, piece: bytes) -> None:
        self.pieces.append(piece)

    def on_message_complete(self) -> None:
        self.complete = True
        self.keep &= self._llhttp.should_keep_alive()  # a trailer may say `close` too


class Parsers:
    """Parsers that are free, to be used again."""

    def __init__(self) -> None:
        self._spare: list[Parser] = []

    def take(self) -> Parser:
        """Return a parser for a request."""
        return self._spare.pop() if self._spare else Parser()

    def give_back(self, parser: Parser) -> None:
        """Take a parser back, if it can be used again."""
        if len(self._spare) < SPARE_PARSERS and parser.reset():
            self._spare.append(parser)


def _find_end(tail: bytes, data: bytes, begin: int) -> int:
    """Return where in `data` the next empty line ends, which may begin in the `tail` before it;
    `len(data)` if there is none.
    """
    if tail:
        found = (tail + data[begin : begin + 3]).find(END)
        if found >= 0:
            return begin + found + len(END) - len(tail)
    found = data.find(END, begin)
    return len(data) if found < 0 else found + len(END)
