"""The head of a room's log: in the snapshot, and sent to everybody who watches when it grows."""

from tests.http.rooms.house import House
from tests.live.conftest import Connect


def test_head_is_in_the_snapshot_and_is_sent_when_it_grows(house: House, connect: Connect) -> None:
    room = house.room()
    watchers = [connect(house), connect(house, room.host)]
    seen = [watcher.join(room.code)["log"] for watcher in watchers]
    screen = connect(house, house.screen(room))
    seen.append(screen.join(room.code, **{"as": "screen"})["log"])

    house.enrol(room, {"name": "Mina"})

    head = house.request("GET", f"{room.path}/log", room.host).json()["head"]
    assert [each["n"] for each in seen] == [1, 1, 1]
    for watcher in (*watchers, screen):
        assert watcher.wait("log:grown") == {"room": room.code, **head}
    assert connect(house).join(room.code)["log"] == head


def test_vote_sends_no_head(house: House, connect: Connect) -> None:
    room = house.room()
    voter = house.member(room)
    poll = house.poll(room, eligibility="roll", results="live")
    watcher = connect(house)
    before = watcher.join(room.code)["log"]

    house.vote(voter, poll, 0)
    watcher.wait("tally:update", lambda received: received["ballots"] == 1)

    assert [
        received
        for received in watcher.received("log:grown")
        if received != {"room": room.code, **before}
    ] == []
    assert connect(house).join(room.code)["log"] == before
