"""What a slow client has not taken: in order, and of a tally only the newest."""

from api.wire.outbox import OUTBOX_BYTES, Outbox


def drain(outbox: Outbox) -> list[bytes]:
    """Return all that waits, in the order in which it is sent."""
    taken = []
    while frames := outbox.take():
        taken += frames
    return taken


def test_frames_are_taken_in_order_when_they_waited() -> None:
    outbox = Outbox()
    outbox.put(b"a")
    outbox.put(b"b")

    outbox.put_back(b"rest")

    assert drain(outbox) == [b"rest", b"a", b"b"]
    assert (bool(outbox), outbox.size) == (False, 0)


def test_newest_of_each_key_is_taken_after_the_others_when_it_superseded() -> None:
    outbox = Outbox()
    for version in range(1_000):
        outbox.replace("poll 1", b"1 %d" % version)
    outbox.replace("poll 2", b"2 0")
    outbox.put(b"chat")

    taken = drain(outbox)

    assert taken == [b"chat", b"1 999", b"2 0"]


def test_size_counts_only_what_nothing_supersedes() -> None:
    outbox = Outbox()
    outbox.put(b"12345")
    outbox.replace("poll 1", b"123")

    assert (outbox.size, bool(outbox)) == (5, True)


def test_last_frame_is_the_last_when_it_is_finished() -> None:
    outbox = Outbox()
    outbox.replace("poll 1", b"tally")
    outbox.put(b"chat")

    outbox.finish(b"close")

    assert drain(outbox) == [b"chat", b"close"]


def test_box_is_full_of_what_waits_behind_the_first_however_large_that_is() -> None:
    outbox, states = Outbox(), []
    outbox.put(bytes(3 * OUTBOX_BYTES))
    outbox.put_back(b"".join(outbox.take()))
    for size in (OUTBOX_BYTES, 1):
        states.append(outbox.full)
        outbox.put(bytes(size))

    assert [*states, outbox.full] == [False, False, True]

    drain(outbox)
    outbox.put(b"small")
    outbox.put(bytes(OUTBOX_BYTES + 1))

    assert outbox.full
