"""The lobby's first poll as old frontends read it, when the lobby is not everybody's."""

from collections.abc import Iterator

import pytest

from tests.http.rooms.house import House


@pytest.fixture
def closed_lobby(house: House) -> Iterator[House]:
    """A house whose lobby only its people see, after everybody could for a while."""
    change(house, "public")
    assert house.request("GET", "/candidates").status_code == 200
    change(house, "members")
    yield house
    change(house, "public")


def change(house: House, visibility: str) -> None:
    answer = house.request(
        "PATCH", "/rooms/lobby", house.administrator, json={"visibility": visibility}
    )
    assert answer.status_code == 200, answer.text


def test_candidates_are_sent_only_to_those_who_see_the_lobby(closed_lobby: House) -> None:
    askers = {"nobody": None, "account": closed_lobby.newcomer(), "forged": "x.y.z"}
    etag = {"If-None-Match": '"0"'}

    statuses = {
        name: closed_lobby.request("GET", "/candidates", token, headers=etag).status_code
        for name, token in askers.items()
    }
    own = closed_lobby.request("GET", "/candidates", closed_lobby.administrator)

    assert statuses == dict.fromkeys(askers, 404)
    assert (own.status_code, own.headers["Cache-Control"]) == (200, "private, no-cache")
    assert "Authorization" in own.headers["Vary"]
