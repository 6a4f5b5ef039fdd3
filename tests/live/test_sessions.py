"""A session that ends takes its open sockets with it, says why, and nobody else's."""

from collections.abc import Callable

import pytest

from tests.http.rooms.house import House, Room
from tests.live.conftest import Connect, ConnectJavaScript
from tests.server import Server

FINAL = "server disconnect"


def log_out(house: House, room: Room, token: str) -> None:
    assert house.request("POST", "/auth/logout", token).status_code == 204


def delete_account(house: House, room: Room, token: str) -> None:
    assert house.request("DELETE", "/auth/me", token).status_code == 204


ENDS: dict[str, Callable[[House, Room, str], None]] = {
    "logout": log_out,
    "deletion": delete_account,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_session_that_ends_takes_its_socket_and_no_other(
    house: House, connect: Connect, end: Callable[[House, Room, str], None]
) -> None:
    room, account = house.room(), house.account()
    token, again = house.token_of(account), house.token_of(account)
    mine, other, host = connect(house, token), connect(house, again), connect(house, room.host)
    for client in (mine, other, host):
        client.join(room.code)

    end(house, room, token)

    assert mine.wait("session:ended") == {"code": "token_invalid"}
    assert mine.wait("disconnect") == FINAL
    if end is log_out:
        assert other.join(room.code)["you"]["person"] == account.person
    else:
        other.wait("session:ended")
    assert host.join(room.code)["ok"]
    assert host.received("session:ended") == []


def test_socket_ends_when_its_token_expires(server_of_seconds: Server, connect: Connect) -> None:
    token = server_of_seconds.sign_up("ann")
    client, stranger = connect(server_of_seconds, token), connect(server_of_seconds)
    client.join()
    stranger.join()

    assert client.wait("session:ended") == {"code": "token_expired"}
    assert client.wait("disconnect") == FINAL
    assert stranger.join()["ok"]


@pytest.fixture
def server_of_seconds(server: Server) -> Server:
    """A server whose tokens are good for some seconds."""
    server.stop()
    server.settings["TOKEN_HOURS"] = "0.001"
    return server.start()


def test_guest_and_tablet_end_with_their_room_and_accounts_only_leave_it(
    house: House, connect: Connect
) -> None:
    room = house.room()
    member = house.member(room)
    guest, tablet = connect(house, house.guest(room)), connect(house, house.tablet(room))
    account = connect(house, member)
    for client in (guest, tablet, account):
        client.join(room.code)

    assert house.request("DELETE", room.path, room.host).status_code == 204

    for client in (guest, tablet):
        assert client.wait("session:ended") == {"code": "token_invalid"}
    assert account.wait("room:deleted") == {"code": room.code}
    assert account.join()["ok"]


def test_new_claim_code_ends_the_tablet_s_session(house: House, connect: Connect) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Kim"})
    tablet = connect(house, house.claim(room, row["id"])["token"])
    tablet.join(room.code)

    house.code_of(room, row["id"])

    assert tablet.wait("session:ended") == {"code": "token_invalid"}


def test_official_client_stays_away_when_its_session_has_ended(
    house: House, connect_javascript: ConnectJavaScript
) -> None:
    token = house.newcomer()
    client = connect_javascript(house.url, auth={"token": token})
    client.wait("joined")

    house.request("POST", "/auth/logout", token)

    assert client.wait("session:ended") == {"code": "token_invalid"}
    assert client.wait("disconnect") == "io server disconnect"


def test_socket_that_is_about_to_be_ended_is_sent_nothing_more(
    house: House, connect: Connect
) -> None:
    room = house.room()
    token = house.member(room, "host")
    client, other = connect(house, token), connect(house, room.host)
    client.join(room.code)
    other.join(room.code)

    assert house.request("POST", "/auth/logout", token).status_code == 204
    draft = house.draft(room)["id"]
    other.wait("poll:created", lambda received: received["id"] == draft)
    client.wait("disconnect")

    assert client.received("poll:created") == []
