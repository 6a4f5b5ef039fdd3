"""Which sites may show a room's tally in a frame."""

from typing import Any

import pytest

from tests.http.rooms.house import House

SITES = ["https://club.example", "http://*.club.example:8080"]


def framers(house: House, path: str) -> str:
    """Return the sites that a page's policy allows to frame it."""
    answer = house.request("GET", path)
    assert answer.status_code == 200, answer.text
    policy = dict(part.strip().split(" ", 1) for part in answer.headers[POLICY].split(";"))
    assert policy["default-src"] == "'self'"
    return policy["frame-ancestors"]


POLICY = "Content-Security-Policy"


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [
        ({}, "'none'"),
        ({"embed_origins": []}, "'none'"),
        ({"embed_origins": SITES}, " ".join(SITES)),
        ({"embed_origins": SITES, "visibility": "members"}, "'none'"),
    ],
)
def test_tally_is_framed_only_by_sites_that_a_public_room_names(
    house: House, fields: dict[str, Any], allowed: str
) -> None:
    room = house.room(**fields)

    assert framers(house, f"/r/{room.code}/embed?poll=7&lang=ko") == allowed
    assert framers(house, f"/r/{room.code.lower()}/embed") == allowed
    assert framers(house, f"/r/{room.code}/screen") == "'none'"


def test_tally_of_no_room_is_framed_by_nobody(house: House) -> None:
    assert framers(house, "/r/N0WHERE/embed") == "'none'"


def test_taking_a_site_back_holds_at_once(house: House) -> None:
    room = house.room(embed_origins=SITES)
    page = f"/r/{room.code}/embed"
    headers = house.request("GET", page).headers

    changed = house.request("PATCH", room.path, room.host, json={"embed_origins": []})

    assert changed.json()["embed_origins"] == []
    assert headers["Cache-Control"] == "no-store"
    assert "ETag" not in headers
    assert framers(house, page) == "'none'"
