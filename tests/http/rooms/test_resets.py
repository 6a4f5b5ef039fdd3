"""A new password by an administrator's one-time code."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.at_once import at_once
from tests.http.hall import faults, refusal
from tests.http.rooms.house import House
from voting.model.accounts import Account

NEW_PASSWORD = "battery-staple"


def make_code(house: House, account: Account) -> dict[str, Any]:
    """Let the administrator make a code; return the answer's document."""
    path = f"/admin/users/{account.id}/reset"
    made = house.request("POST", path, house.administrator)
    assert made.status_code == 201, made.text
    document: dict[str, Any] = made.json()
    return document


def use_code(house: House, code: str) -> Any:
    """Set a new password by a code."""
    return house.request("POST", "/auth/reset", json={"code": code, "password": NEW_PASSWORD})


def test_reset_sets_a_password_and_ends_every_session(house: House) -> None:
    account = house.account()
    before, made = house.token_of(account), make_code(house, account)

    answer = use_code(house, made["code"])

    assert answer.json()["user"]["email"] == account.email
    assert house.request("GET", "/auth/me", answer.json()["token"]).status_code == 200
    assert refusal(house.request("GET", "/auth/me", before)) == (401, "token_invalid")
    assert house.sign_in(account.email, NEW_PASSWORD)
    until = datetime.fromisoformat(made["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=23) < until <= timedelta(hours=24)


def test_reset_is_taken_once_when_two_use_its_code_at_once(house: House) -> None:
    code = make_code(house, house.account())["code"]

    answers = at_once([partial(use_code, house, code)] * 2)

    assert sorted(answer.status_code for answer in answers) == [200, 403]
    assert refusal(use_code(house, code)) == (403, "forbidden")


def test_reset_takes_a_code_as_it_is_read_aloud(house: House) -> None:
    code = make_code(house, house.account())["code"]

    assert use_code(house, f"{code[:4]}-{code[4:]}".lower()).status_code == 200


def test_reset_is_refused_when_a_newer_code_was_made(house: House) -> None:
    account = house.account()
    first, second = (make_code(house, account)["code"] for _ in range(2))

    assert refusal(use_code(house, first)) == (403, "forbidden")
    assert use_code(house, second).status_code == 200


def test_reset_is_refused_when_the_password_was_changed_meanwhile(house: House) -> None:
    account = house.account()
    code = make_code(house, account)["code"]
    change = {"password": NEW_PASSWORD, "current_password": "correct-horse"}
    house.request("PATCH", "/auth/me", house.token_of(account), json=change)

    assert refusal(use_code(house, code)) == (403, "forbidden")


def test_reset_names_its_faults(house: House) -> None:
    answer = house.request("POST", "/auth/reset", json={"password": "short"})

    assert faults(answer) == {"code": "required", "password": "too_short"}


def test_reset_code_is_kept_as_its_hash_alone(house: House) -> None:
    code = make_code(house, house.account())["code"]

    kept = house.request("GET", "/admin/backup", house.administrator).text

    assert code not in kept
    hashes = [user.get("reset_code") for user in json.loads(kept)["users"].values()]
    assert hashlib.sha256(code.encode()).hexdigest() in hashes


def test_reset_code_is_an_administrators_to_make(house: House) -> None:
    path = f"/admin/users/{house.account().id}/reset"

    assert refusal(house.request("POST", path)) == (401, "unauthenticated")
    assert refusal(house.request("POST", path, house.newcomer())) == (403, "forbidden")
    nobody = house.request("POST", "/admin/users/999999/reset", house.administrator)
    assert refusal(nobody) == (404, "not_found")


def test_users_are_listed_and_found_by_email_for_an_administrator_alone(house: House) -> None:
    account = house.account()
    ask = partial(house.request, "GET", "/admin/users", house.administrator)

    part = ask(params={"limit": "2"}).json()
    found = ask(params={"email": account.email.upper()}).json()["items"]
    nobody = ask(params={"email": "nobody@example.org"}).json()["items"]

    assert len(part["items"]) == 2
    assert part["next"] == part["items"][-1]["id"]
    expected = {"id": account.id, "email": account.email, "name": account.name}
    assert found == [{**expected, "administrator": False}]
    assert nobody == []
    assert refusal(house.request("GET", "/admin/users", house.newcomer())) == (403, "forbidden")
