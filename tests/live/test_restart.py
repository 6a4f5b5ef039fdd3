"""The server is killed and starts again: everybody comes back, and nobody is told twice."""

from typing import Any

from tests.live.conftest import Connect, ConnectJavaScript
from tests.server import Server

ROOM = {"name": "Hall", "quorum": {"count": 2}}


def moves(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    received = [message["system"] for message in messages if message["system"]]
    return [(each["code"], each["name"]) for each in received]


def test_hall_is_as_it_was_when_the_server_was_killed_and_started_again(
    server: Server, connect: Connect, connect_javascript: ConnectJavaScript
) -> None:
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    code = server.request("POST", "/rooms", ann, json=ROOM).json()["code"]
    server.request("POST", f"/rooms/{code}/meetings", ann, json={})
    phone = connect_javascript(server.url, auth={"token": ben}, rooms=[code])
    phone.wait("joined")
    host = connect(server, ann)
    host.join(code)
    host.wait("presence:diff", lambda diff: diff["quorum"]["met"])
    before = moves(host.join(code)["messages"])

    server.kill()
    server.start()
    presence = phone.wait_count("joined", 2, within=120)[1]["presence"]
    again = connect(server, ann)
    again.join(code)
    again.wait("presence:diff", lambda diff: diff["online"] == 2)
    snapshot = again.join(code)

    assert presence["quorum"] == {"required": 2, "present": 2, "met": True}
    assert {person["name"] for person in snapshot["presence"]["people"]} == {"ann", "ben"}
    assert moves(snapshot["messages"]) == before
    attendance = server.request("GET", f"/rooms/{code}/attendance", ann).json()["items"]
    assert sorted(row["name"] for row in attendance) == ["ann", "ben"]
    assert snapshot["presence"]["seq"] < 5  # told since the start alone: clients take the snapshot
