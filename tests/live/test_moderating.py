"""Order in the chat: a host removes lines, and mutes people, who are told so."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.http.rooms.house import House, Room, until
from tests.live.clients import Client
from tests.live.conftest import Connect


def say(client: Client, room: Room, text: str, **more: Any) -> Any:
    return client.call("chat:send", {"room": room.code, "text": text, **more})


def texts(lines: list[dict[str, Any]]) -> list[str]:
    """Return what was said, without who came and went."""
    return [each["text"] for each in lines if each["system"] is None]


def chat_of(house: House, room: Room, token: str) -> list[str]:
    return texts(house.request("GET", f"{room.path}/messages", token).json()["items"])


def person_of(house: House, token: str) -> str:
    return f"u{house.request('GET', '/auth/me', token).json()['id']}"


def remove(house: House, room: Room, line: int, token: str | None = None) -> int:
    path = f"{room.path}/messages/{line}"
    return house.request("DELETE", path, token or room.host).status_code


def mute(house: House, room: Room, person: str) -> Any:
    return house.request("PUT", f"{room.path}/muted/{person}", room.host)


@pytest.fixture
def room(house: House) -> Room:
    return house.room()


@pytest.fixture
def host(house: House, room: Room, connect: Connect) -> Client:
    """The host's page, in the room."""
    client = connect(house, room.host)
    client.join(room.code)
    return client


def test_removed_line_is_gone_from_every_view_at_once(
    house: House, room: Room, host: Client, connect: Connect
) -> None:
    guest, screen = connect(house, house.guest(room)), connect(house, house.screen(room))
    for client in (guest, screen):
        client.join(room.code)
    line = say(guest, room, "rubbish")["id"]
    host.wait("chat:message", lambda message: message["id"] == line)

    assert remove(house, room, line) == 204

    for client in (host, guest):
        assert client.wait("chat:removed") == {"room": room.code, "id": line}
    snapshot = connect(house, house.guest(room)).join(room.code)
    assert texts(snapshot["messages"]) == []
    assert snapshot["messages_removed"] == 1
    assert chat_of(house, room, room.host) == []
    assert screen.received("chat:removed") == []
    assert screen.join(room.code)["messages_removed"] == 0


def test_export_has_a_removed_line_without_its_text(
    house: House, room: Room, connect: Connect
) -> None:
    token = house.newcomer()
    line = say(connect(house, token), room, "rubbish")["id"]

    remove(house, room, line)

    host, author = person_of(house, room.host), person_of(house, token)
    for path, asker in ((f"{room.path}/export", room.host), ("/auth/me/export", token)):
        answer = house.request("GET", path, asker)
        assert "rubbish" not in answer.text
        kept = answer.json()["messages"][-1]
        assert (kept["id"], kept["text"], kept["author"]["id"]) == (line, "", author)
        assert (kept["removed_at"] is not None, kept["removed_by"]) == (True, host)


def test_line_stays_removed_when_it_is_sent_again(
    house: House, room: Room, connect: Connect
) -> None:
    client = connect(house, house.newcomer())
    line = say(client, room, "rubbish", key="k1")["id"]
    remove(house, room, line)

    again = say(client, room, "rubbish", key="k1")

    assert again == {"ok": True, "id": line}
    assert chat_of(house, room, room.host) == []


def test_page_of_the_chat_is_full_when_lines_in_between_are_removed(
    house: House, room: Room, host: Client
) -> None:
    lines = [say(host, room, f"{number}")["id"] for number in range(5)]
    for line in lines[2:4]:
        remove(house, room, line)

    newest = house.request("GET", f"{room.path}/messages?limit=2", room.host).json()["items"]

    assert texts(newest) == ["1", "4"]


def test_line_is_removed_by_hosts_alone_and_once(
    house: House, room: Room, connect: Connect
) -> None:
    author, other = house.newcomer(), house.room()
    line = say(connect(house, author), room, "mine")["id"]

    assert remove(house, room, line, author) == 403
    assert remove(house, other, line) == 404
    assert remove(house, room, line + 10**6) == 404
    assert chat_of(house, room, room.host) == ["mine"]
    assert [remove(house, room, line) for _ in range(2)] == [204, 204]


def test_muted_person_is_told_and_can_not_write_until_a_host_ends_it(
    house: House, room: Room, connect: Connect
) -> None:
    token = house.newcomer()
    person, client = person_of(house, token), connect(house, token)
    client.join(room.code)

    answer = mute(house, room, person)

    assert (answer.status_code, answer.json()["ends_at"]) == (200, None)
    assert client.wait("you:changed", lambda you: you["muted"])["muted"] == {"ends_at": None}
    assert client.join(room.code)["you"]["muted"] == {"ends_at": None}
    refused = say(client, room, "but I")["error"]
    assert refused["code"] == "forbidden"
    assert "muted" in refused["detail"]
    listed = house.request("GET", f"{room.path}/muted", room.host).json()["items"]
    name = client_name(house, token)
    assert [(each["person"], each["name"]) for each in listed] == [(person, name)]
    ended = house.request("DELETE", f"{room.path}/muted/{person}", room.host)
    assert ended.status_code == 204
    client.wait("you:changed", lambda you: you["muted"] is None)
    assert say(client, room, "thank you")["ok"]
    assert chat_of(house, room, room.host) == ["thank you"]


def client_name(house: House, token: str) -> str:
    return str(house.request("GET", "/auth/me", token).json()["name"])


def test_mute_ends_after_the_rooms_minutes(house: House, connect: Connect) -> None:
    room, token = house.room(mute_minutes=30), house.newcomer()
    began = datetime.now(UTC)

    ends_at = datetime.fromisoformat(mute(house, room, person_of(house, token)).json()["ends_at"])

    lasts = ends_at - began
    assert timedelta(minutes=29) < lasts < timedelta(minutes=31)
    assert not say(connect(house, token), room, "but I")["ok"]


def test_guest_and_row_are_muted_and_a_host_is_not(
    house: House, room: Room, connect: Connect
) -> None:
    guest, tablet, member = house.guest(room), house.tablet(room), house.member(room)
    people = [connect(house, token) for token in (guest, tablet, member)]
    for client in people:
        say(client, room, "hello")
    lines = house.request("GET", f"{room.path}/messages", room.host).json()["items"]
    authors = [each["author"]["id"] for each in lines if each["system"] is None]

    answers = [mute(house, room, person) for person in authors]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert [person[0] for person in authors] == ["g", "r", "u"]
    assert not any(say(client, room, "more")["ok"] for client in people)
    host = mute(house, room, person_of(house, room.host))
    assert (host.status_code, host.json()["state"]) == (409, "host")


def test_row_stays_muted_when_another_device_claims_it(
    house: House, room: Room, connect: Connect
) -> None:
    (row,) = house.enrol(room, {"name": "Mina"})
    first = house.newcomer()
    house.claim(room, row["id"], first)
    mute(house, room, f"r{row['id']}")

    second = house.newcomer()
    house.claim(room, row["id"], second)

    assert not say(connect(house, second), room, "it is me")["ok"]
    assert mute(house, room, "r999999").status_code == 404


def test_muted_account_is_muted_when_it_is_made_anew(house: House, connect: Connect) -> None:
    room, token = house.room(), house.sign_up("zoe")
    mute(house, room, person_of(house, token))
    house.request("DELETE", "/auth/me", token)

    again = house.sign_up("zoe")

    assert not say(connect(house, again), room, "back again")["ok"]


def test_muted_person_who_becomes_host_may_write(
    house: House, room: Room, connect: Connect
) -> None:
    token = house.member(room)
    mute(house, room, person_of(house, token))
    row = house.roll(room)[-1]

    house.request("PATCH", f"{room.path}/roll/{row['id']}", room.host, json={"role": "host"})

    assert until(lambda: say(connect(house, token), room, "order, please")["ok"])
