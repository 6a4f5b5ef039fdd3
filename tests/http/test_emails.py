"""A new email: the same account and the same voter, whoever had or takes which email."""

from typing import Any

import pytest

from tests.http.hall import refusal
from tests.server import Server

PASSWORD = "correct-horse"


def change(server: Server, token: str, email: str, password: str | None = PASSWORD) -> Any:
    body = {"email": email} | ({} if password is None else {"current_password": password})
    return server.request("PATCH", "/auth/me", token, json=body)


def sign_up(server: Server, email: str) -> Any:
    body = {"email": email, "name": "N", "password": PASSWORD}
    return server.request("POST", "/auth/signup", json=body)


def test_account_signs_in_by_its_new_email_alone_also_after_a_restart(server: Server) -> None:
    token = server.sign_up("ann")

    changed = change(server, token, "Ann@New.example")
    server.kill()
    server.start()

    assert (changed.status_code, changed.json()["email"]) == (200, "Ann@New.example")
    assert server.sign_in("ann@new.example")
    old = {"email": "ann@example.org", "password": PASSWORD}
    assert refusal(server.request("POST", "/auth/login", json=old)) == (401, "bad_credentials")
    assert server.request("GET", "/auth/me", token).json()["email"] == "Ann@New.example"


def test_another_email_gives_no_second_ballot(server: Server) -> None:
    token = server.sign_up("ann")
    server.cast(token, [1])

    change(server, token, "ann@new.example")
    again = server.cast(token, [2])

    assert again.status_code == 200
    assert server.votes() == {2: 1}


def test_nobody_can_take_over_a_ballot_by_an_email_that_was_given_up(server: Server) -> None:
    token = server.sign_up("ann")
    server.cast(token, [1])
    change(server, token, "ann@new.example")

    assert refusal(sign_up(server, "ann@example.org")) == (409, "email_taken")
    thief = server.sign_up("thief")
    assert refusal(change(server, thief, "ANN@example.org")) == (409, "email_taken")
    assert server.votes() == {1: 1}


def test_account_may_take_its_first_email_back(server: Server) -> None:
    token = server.sign_up("ann")
    server.cast(token, [1])

    change(server, token, "ann@new.example")
    back = change(server, token, "ann@example.org")

    assert back.status_code == 200
    assert sign_up(server, "ann@new.example").status_code == 201
    assert server.cast(token, [2]).status_code == 200
    assert server.votes() == {2: 1}


@pytest.mark.parametrize(
    ("email", "password", "status", "code"),
    [
        ("bob@example.org", PASSWORD, 409, "email_taken"),
        ("no email", PASSWORD, 400, "invalid_request"),
        ("ann@new.example", "wrong-horse", 401, "bad_credentials"),
        ("ann@new.example", None, 400, "invalid_request"),
    ],
    ids=["taken", "malformed", "wrong-password", "no-password"],
)
def test_refused_change_leaves_the_email_as_it_is(
    server: Server, email: str, password: str | None, status: int, code: str
) -> None:
    server.sign_up("bob")
    token = server.sign_up("ann")

    assert refusal(change(server, token, email, password)) == (status, code)
    assert server.request("GET", "/auth/me", token).json()["email"] == "ann@example.org"
