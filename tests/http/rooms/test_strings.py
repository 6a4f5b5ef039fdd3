"""The policy of names, lines, emails and codes, at every edge where such a string comes in."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.http.hall import PASSWORD, faults, refusal
from tests.http.rooms.house import House, Room

INSIDE = ["\x1b", "\u200b", "\u2060", "\ufeff", "\u3164", "\u115f", "\u202e", "\u2066", "\u00ad"]
BLANK = ["\u2800", "\u3164 \u115f", "\u200b\ufeff", "\u3000"]
Send = Callable[[House, Room, str], Any]


def say(method: str, path: str, body: Callable[[str], Any]) -> Send:
    """Return what sends a body to a path as the room's host."""
    return lambda house, room, text: house.request(
        method, path.format(code=room.code), room.host, json=body(text)
    )


def form(house: House, _room: Room, text: str) -> Any:
    fields = {"email": f"form{abs(hash(text))}@example.org", "name": text, "password": PASSWORD}
    return house.request("POST", "/auth/signup", data=fields)


def csv_row(house: House, room: Room, text: str) -> Any:
    raw = f'name,ref\n"{text}",1\n'.encode()
    headers = {"Content-Type": "text/csv"}
    return house.request("POST", f"{room.path}/roll", room.host, data=raw, headers=headers)


def changed_row(house: House, room: Room, text: str) -> Any:
    row = house.roll(room)[0]["id"]
    return house.request("PATCH", f"{room.path}/roll/{row}", room.host, json={"ref": text})


NAMES: dict[str, Send] = {
    "sign-up": say(
        "POST",
        "/auth/signup",
        lambda text: {"email": f"s{hash(text)}@a.org", "name": text, "password": PASSWORD},
    ),
    "sign-up by form": form,
    "account": say("PATCH", "/auth/me", lambda text: {"name": text}),
    "room": say("POST", "/rooms", lambda text: {"name": text}),
    "changed room": say("PATCH", "/rooms/{code}", lambda text: {"name": text}),
    "guest": say("POST", "/rooms/{code}/guests", lambda text: {"nickname": text}),
    "row": say("POST", "/rooms/{code}/roll", lambda text: [{"name": text}]),
    "ref": say("POST", "/rooms/{code}/roll", lambda text: [{"name": "N", "ref": text}]),
    "changed row": changed_row,
    "row of a file": csv_row,
    "title": say(
        "POST", "/rooms/{code}/polls", lambda text: {"title": text, "candidates": [{"name": "A"}]}
    ),
    "candidate": say(
        "POST", "/rooms/{code}/polls", lambda text: {"title": "T", "candidates": [{"name": text}]}
    ),
}


@pytest.mark.parametrize("letter", INSIDE, ids=ascii)
@pytest.mark.parametrize("edge", NAMES)
def test_unseen_character_is_refused_inside_a_name(house: House, edge: str, letter: str) -> None:
    answer = NAMES[edge](house, house.room(), f"Ki{letter}m")

    assert list(faults(answer).values()) == ["bad_character"]


@pytest.mark.parametrize("edge", NAMES)
def test_name_is_empty_when_nothing_in_it_is_seen(house: House, edge: str) -> None:
    room = house.room()

    found = {tuple(faults(NAMES[edge](house, room, text)).values()) for text in BLANK}

    assert found <= {("empty",), ("required",)}  # an empty cell is none


@pytest.mark.parametrize("edge", NAMES)
def test_name_is_kept_without_what_pasting_leaves(house: House, edge: str) -> None:
    answer = NAMES[edge](house, house.room(), "\ufeff\u202aKim\u00a0 Lee\u202c\u200b")

    assert answer.status_code in (200, 201), answer.text
    assert not set("\ufeff\u202a\u200b\u00a0") & set(json.dumps(answer.json(), ensure_ascii=False))


@pytest.mark.parametrize(
    "email", ["mailto:kim@example.org", "ki\u200bm@example.org", "kim\u202e@example.org", "k m@a.b"]
)
def test_invalid_email_is_refused_at_every_edge(house: House, email: str) -> None:
    room = house.room()
    account = {"email": email, "name": "Kim", "password": PASSWORD}
    row = house.roll(room)[0]["id"]

    answers = [
        house.request("POST", "/auth/signup", json=account),
        house.request("POST", "/auth/signup", data=account),
        house.request("POST", f"{room.path}/roll", room.host, json=[{"name": "K", "email": email}]),
        house.request("PATCH", f"{room.path}/roll/{row}", room.host, json={"email": email}),
        house.request(
            "POST",
            f"{room.path}/roll",
            room.host,
            data=f"name,email\nKim,{email}\n".encode(),
            headers={"Content-Type": "text/csv"},
        ),
    ]

    assert [list(faults(answer).values()) for answer in answers] == [["format"]] * 5


def test_account_is_found_however_its_email_is_typed(house: House) -> None:
    body = {"email": "idn\u200b@example.org\ufeff".replace("\u200b", ""), "password": PASSWORD}
    made = house.request("POST", "/auth/signup", json={**body, "name": "Kim"})
    idn = {"email": "kim@\ud55c\uad6d.kr", "name": "Kim", "password": PASSWORD}
    house.request("POST", "/auth/signup", json=idn)

    again = house.request("POST", "/auth/signup", json={**idn, "email": "KIM@xn--3e0b707e.kr"})
    signed_in = [
        house.request("POST", "/auth/login", json={"email": email, "password": PASSWORD})
        for email in ("IDN@example.org", "\ufeffidn@example.org\u200b", "kim@xn--3e0b707e.kr")
    ]

    assert made.json()["email"] == "idn@example.org"
    assert refusal(again) == (409, "email_taken")
    assert [answer.status_code for answer in signed_in] == [200] * 3


@pytest.mark.parametrize(
    ("there", "same"),
    [
        ("Ian", "lan"),
        ("paypal", "р\u0430ypal"),
        ("김하늘1", "김하늘l"),
        ("Kim Lee", "Kim\u3000Lee"),
    ],
)
def test_nickname_is_taken_when_it_looks_like_one_that_is_there(
    house: House, there: str, same: str
) -> None:
    held, listed = house.room(), house.room()
    house.guest(held, there)
    house.enrol(listed, {"name": there})

    for room in (held, listed):
        answer = house.request("POST", f"{room.path}/guests", json={"nickname": same})
        assert refusal(answer) == (409, "nickname_taken")
    assert house.guest(held, "김하눌")


def test_codes_are_taken_with_what_pasting_leaves(house: House) -> None:
    room = house.room()
    (row,) = house.enrol(room, {"name": "Ann"})
    code = house.code_of(room, row["id"])

    typed = f"\u202a{code[:5]}-{code[5:].lower()}\u202c\u200b"
    claimed = house.request("POST", f"{room.path}/claim", json={"code": typed})

    assert claimed.status_code == 200
    assert house.request("GET", f"/rooms/{room.code}\u200b").json()["code"] == room.code
