"""A server removes what is older than `ROLLCALL_KEEP_DAYS`."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.db.journal.calls import wait_until
from tests.postgres import of_files
from tests.server import Server
from voting.model.rooms import Message
from voting.store import Store

NOW = datetime.now(UTC)


def write(store: Store, text: str, sent_at: datetime) -> None:
    with store.transaction():
        store.add(Message(0, "lobby", "g1", "Kim", text, sent_at))


@of_files
def test_server_removes_what_is_older_than_it_keeps(tmp_path: Path) -> None:
    server = Server(tmp_path, KEEP_DAYS="messages=30").start()
    server.stop()
    store = server.open_store(NOW)
    write(store, "old", NOW - timedelta(days=31))
    write(store, "new", NOW - timedelta(days=29))
    store.close()

    server.start()
    token = server.sign_up("ann")

    def lines() -> list[str]:
        answer = server.request("GET", "/rooms/lobby/messages", token)
        return [each["text"] for each in answer.json()["items"]]

    wait_until(lambda: lines() == ["new"])
    server.stop()
    assert b'"old"' not in server.data.read_bytes()
