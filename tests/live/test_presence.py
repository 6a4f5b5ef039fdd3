"""Who is here: people counted once, told once a second, gone five seconds after their last tab."""

import time
from typing import Any

from tests.http.rooms.house import until
from tests.live.conftest import Connect
from tests.server import Server

GRACE_SECONDS = 5


def test_person_is_counted_once_when_in_three_tabs(server: Server, connect: Connect) -> None:
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    watcher = connect(server, ben)
    watcher.join()

    tabs = [connect(server, ann) for _ in range(3)]
    for tab in tabs:
        tab.join()

    diff = watcher.wait("presence:diff", joins("u1"))
    assert diff.keys() == {"room", "seq", "joins", "leaves", "online", "present", "quorum"}
    assert diff["room"] == "lobby"
    assert diff["online"] == 2
    presence = connect(server, ben).join()["presence"]
    shown = {person["id"]: person for person in presence["people"]}
    assert presence["online"] == 2
    assert (shown["u1"]["name"], shown["u1"]["role"], shown["u1"]["connections"]) == (
        "ann",
        "voter",
        3,
    )


def test_attendance_ends_now_for_people_who_are_connected(server: Server, connect: Connect) -> None:
    host = server.sign_up("ann")
    code = server.request("POST", "/rooms", host, json={"name": "Hall"}).json()["code"]
    path = f"/rooms/{code}"
    connect(server, host).join(code)
    server.request("POST", f"{path}/roll", host, json=[{"name": "Kim"}])
    kim = server.request("GET", f"{path}/roll?q=Kim", host).json()["items"][0]["id"]
    server.request("PATCH", f"{path}/roll/{kim}", host, json={"checked_in": True})

    def attended() -> list[dict[str, Any]]:
        answer = server.request("GET", f"{path}/attendance?sort=-last", host)
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    assert [each["name"] for each in attended()] == ["ann", "Kim"]
    assert until(lambda: attended()[0]["last"] > attended()[1]["last"])


def test_leave_is_not_sent_before_five_seconds_after_the_last_of_several_tabs(
    server: Server, connect: Connect
) -> None:
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    watcher = connect(server, ben)
    watcher.join()
    tabs = [connect(server, ann) for _ in range(3)]
    for tab in tabs:
        tab.join()
    tabs[2].call("ballot:cast", {"poll": 1, "choices": [2]})
    watcher.wait("presence:diff", joins("u1"))

    tabs[0].call("room:leave", {"room": "lobby"})
    tabs[1].drop()
    closed = time.monotonic()
    tabs[2].close()
    diff = watcher.wait("presence:diff", leaves("u1"))

    waited = watcher.times("presence:diff")[-1] - closed
    assert waited > GRACE_SECONDS - 0.1, "the grace wasn't waited for"
    assert diff["online"] == 1
    assert diff["joins"] == []
    assert server.votes() == {2: 1}  # nothing about votes depends on a socket's life


def test_nothing_is_sent_when_a_page_is_reloaded(server: Server, connect: Connect) -> None:
    ann, ben, kim = (server.sign_up(name) for name in ("ann", "ben", "kim"))
    watcher = connect(server, ben)
    watcher.join()
    first, other = connect(server, ann), connect(server, kim)
    first.join()
    other.join()
    watcher.wait("presence:diff", joins("u1"))
    watcher.wait("presence:diff", joins("u3"))
    received = len(watcher.received("presence:diff"))

    first.close()
    connect(server, ann).join()
    other.close()  # after it: once this leave is told, the first one would have been

    watcher.wait("presence:diff", leaves("u3"))
    assert [
        (diff["joins"], diff["leaves"], diff["online"])
        for diff in watcher.received("presence:diff")[received:]
    ] == [([], ["u3"], 2)]


def test_screens_and_strangers_are_not_counted_when_they_join(
    server: Server, connect: Connect
) -> None:
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    watcher = connect(server, ben)
    watcher.join()
    watcher.wait("presence:diff", joins("u2"))

    connect(server).join()
    connect(server, ann).join(**{"as": "screen"})
    connect(server, ben).join(**{"as": "screen"})
    presence = connect(server).join()["presence"]
    connect(server, ann).join()

    diff = watcher.wait("presence:diff", joins("u1"))
    assert presence["online"] == 1
    assert diff["online"] == 2
    assert len(diff["joins"]) == 1


def test_screen_ends_its_lease_when_a_page_becomes_one(server: Server, connect: Connect) -> None:
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    watcher = connect(server, ben)
    watcher.join()
    page = connect(server, ann)
    page.join()
    watcher.wait("presence:diff", joins("u1"))

    page.join(**{"as": "screen"})

    assert watcher.wait("presence:diff", leaves("u1"))["online"] == 1


def test_names_are_sent_to_the_signed_in_alone_when_somebody_joins(
    server: Server, connect: Connect
) -> None:
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    member, stranger, screen = connect(server, ben), connect(server), connect(server, ben)
    member.join()
    stranger.join()
    screen.join(**{"as": "screen"})

    connect(server, ann).join()

    named = member.wait("presence:diff", joins("u1"))
    assert [person["name"] for person in named["joins"] if person["id"] == "u1"] == ["ann"]
    for outsider in (stranger, screen):
        diff = outsider.wait("presence:diff", lambda received: received["seq"] == named["seq"])
        assert (diff["joins"], diff["leaves"]) == (None, None)
        assert diff["online"] == named["online"]
        assert "ann" not in str(outsider.received("presence:diff"))


def test_seq_grows_by_one_from_the_snapshot_on_when_people_come(
    server: Server, connect: Connect
) -> None:
    tokens = [server.sign_up(name) for name in ("ann", "ben", "kim")]
    watcher = connect(server, tokens[0])
    first = watcher.join()["presence"]["seq"]

    for number, token in enumerate(tokens[1:], 2):
        connect(server, token).join()
        watcher.wait("presence:diff", joins(f"u{number}"))

    seqs = [diff["seq"] for diff in watcher.received("presence:diff")]
    assert seqs == list(range(first + 1, first + 1 + len(seqs)))
    late = connect(server, tokens[0]).join()["presence"]
    assert late["seq"] == seqs[-1]
    assert {person["id"] for person in late["people"]} == {"u1", "u2", "u3"}


def joins(person: str) -> Any:
    return lambda diff: person in [joined["id"] for joined in diff["joins"]]


def leaves(person: str) -> Any:
    return lambda diff: person in diff["leaves"]
