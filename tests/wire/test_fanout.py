"""What a client never acks is not waited for without end."""

from typing import Any

from api.wire.fanout import Fanout


def test_callbacks_are_forgotten_and_numbered_on_when_nobody_acks() -> None:
    manager = Fanout()
    acked: list[Any] = []
    for _ in range(5):
        manager._generate_ack_id("s1", acked.append)

    manager.forget_callbacks("s1")
    manager.forget_callbacks("s2")

    assert len(manager.callbacks["s1"]) == 1
    assert manager._generate_ack_id("s1", acked.append) == 6
