"""What a polling client has not read is held once, by whoever sends it."""

from api.httpd.unread import Unread
from api.wire.frames import encode_text
from api.wire.transports import Polling


def test_nothing_is_held_of_a_polling_client_once_it_has_a_websocket() -> None:
    unread: Unread[Polling] = Unread(60, 100)
    dropped: list[str] = []
    polling = Polling(lambda: dropped.append("upgraded"), unread)
    polling.send(encode_text("4" + "x" * 60))

    waiting = polling.hand_over()

    assert (len(waiting.take()), unread.size, len(unread)) == (1, 0, 0)
    Polling(lambda: dropped.append("another"), unread).send(encode_text("4" + "x" * 90))
    assert dropped == []
