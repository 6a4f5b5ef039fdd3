"""A body that comes while the app reads it."""

import pytest

from api.httpd.bodies import HELD_BYTES, Body, BodyLost


def make_body(*pieces: bytes, lost: bool = False) -> Body:
    """Return a body whose pieces come one by one, each when the app waits for it."""
    left = list(pieces)

    def want() -> None:
        if left:
            body.put(left.pop(0))
        else:
            body.end(lost=lost)

    body = Body(want)
    return body


def test_body_is_read_to_its_end_however_it_comes() -> None:
    assert make_body(b"ab", b"c", b"def").read() == b"abcdef"
    assert make_body(b"ab", b"c", b"def").read(None) == b"abcdef"
    assert make_body().read() == b""


def test_body_is_read_in_pieces_of_the_size_that_is_asked_for() -> None:
    body = make_body(b"ab", b"c", b"def")

    assert [body.read(size) for size in (0, 4, 1, 4, 4)] == [b"", b"abcd", b"e", b"f", b""]


def test_lines_are_found_however_they_come() -> None:
    pieces = b"a\nb", b"", b"b\n\nc", b"c"

    assert list(make_body(*pieces)) == [b"a\n", b"bb\n", b"\n", b"cc"]
    assert make_body(*pieces).readlines(3) == [b"a\n", b"bb\n"]
    assert make_body(*pieces).readlines() == [b"a\n", b"bb\n", b"\n", b"cc"]
    body = make_body(*pieces)
    assert [body.readline(1), body.readline(1), body.readline(9)] == [b"a", b"\n", b"bb\n"]


def test_body_is_full_until_the_app_has_read() -> None:
    body = make_body()
    body.put(bytes(HELD_BYTES))
    full = body.full
    body.read(1)

    assert (full, body.full) == (True, False)


@pytest.mark.parametrize("pieces", [(), (b"some",)])
def test_body_that_is_cut_off_is_never_taken_for_a_whole_one(pieces: tuple[bytes, ...]) -> None:
    for read in ("read", "readline", "readlines"):
        with pytest.raises(BodyLost):
            getattr(make_body(*pieces, lost=True), read)()


def test_nothing_is_kept_of_a_body_that_nobody_wants() -> None:
    body = make_body()
    body.put(b"abc")
    body.discard()
    body.put(bytes(2 * HELD_BYTES))

    assert (body.full, body.discarded) == (False, 2 * HELD_BYTES)
    with pytest.raises(BodyLost):
        body.read()
