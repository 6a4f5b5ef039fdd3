"""Signing in: what the token is wrapped in, and what a refusal says."""

import unicodedata

import pytest

from tests.http.hall import PASSWORD, Hall, faults, refusal

LOGIN = "/auth/login"
AXIOS = "application/json, text/plain, */*"
WELL = {"email": "person1@example.org", "password": PASSWORD}


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        AXIOS,
        "text/html",
        "text/plain",
        "application/json;q=0.5, text/plain",
        "application/json;q=0.9, text/*;q=0.9",
    ],
)
def test_login_answers_the_bare_token_when_json_is_not_preferred(
    hall: Hall, accept: str | None
) -> None:
    answer = hall.request("POST", LOGIN, json=WELL, headers={"Accept": accept})

    assert answer.status_code == 200
    assert answer.headers["Content-Type"].partition(";")[0] == "text/plain"
    assert answer.text.count(".") == 2
    assert answer.text == answer.text.strip()
    assert hall.request("GET", "/auth/me", answer.text).json()["email"] == WELL["email"]


@pytest.mark.parametrize(
    "accept",
    ["application/json", "application/json, */*;q=0.5", "text/plain;q=0.1, */*", "application/*"],
)
def test_login_answers_json_when_its_q_is_greater(hall: Hall, accept: str) -> None:
    answer = hall.request("POST", LOGIN, json=WELL, headers={"Accept": accept})

    document = answer.json()
    assert document.keys() == {"token", "expires_at", "user"}
    assert document["user"]["email"] == WELL["email"]
    checked = hall.request("GET", "/auth/token", params={"token": document["token"]}).json()
    assert checked == {k: document[k] for k in ("user", "expires_at")} | {"valid": True}


def test_login_answers_the_bare_token_when_a_form_asks_for_json(hall: Hall) -> None:
    answer = hall.request("POST", LOGIN, data=WELL, headers={"Accept": "application/json"})

    assert answer.headers["Content-Type"].partition(";")[0] == "text/plain"
    assert answer.text.count(".") == 2


def test_login_makes_a_token_that_fits_a_cookie(hall: Hall) -> None:
    token = hall.request("POST", LOGIN, json=WELL).text

    assert len(token) < 300


def test_login_sets_no_cookie(hall: Hall) -> None:
    answer = hall.request("POST", LOGIN, data=WELL)

    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "email", ["PERSON1@EXAMPLE.ORG", " person1@example.org", "\uff50erson1@example.org"]
)
def test_login_finds_the_account_when_the_email_is_spelled_otherwise(
    hall: Hall, email: str
) -> None:
    answer = hall.request("POST", LOGIN, json={**WELL, "email": email})

    assert hall.request("GET", "/auth/me", answer.text).json()["email"] == WELL["email"]


def test_login_takes_a_password_when_it_is_composed_otherwise(hall: Hall) -> None:
    composed = unicodedata.normalize("NFC", "긴비밀번호열글자요")
    hall.sign_up("composed", composed)

    token = hall.sign_in("composed@example.org", unicodedata.normalize("NFD", composed))

    assert token


@pytest.mark.parametrize("kind", ["json", "data"])
@pytest.mark.parametrize("email", [WELL["email"], "nobody@example.org", "nobody"])
def test_login_is_refused_the_same_way_when_email_or_password_is_wrong(
    hall: Hall, email: str, kind: str
) -> None:
    body = {"email": email, "password": "wrong-horse"}

    answer = hall.request("POST", LOGIN, **{kind: body})

    assert refusal(answer) == (401 if kind == "json" else 404, "bad_credentials")
    other = hall.request("POST", LOGIN, **{kind: {**body, "email": "else@example.org"}})
    assert answer.content == other.content


@pytest.mark.parametrize("kind", ["json", "data"])
@pytest.mark.parametrize("field", ["email", "password"])
@pytest.mark.parametrize("value", [None, ""])
def test_login_asks_for_what_is_missing(
    hall: Hall, kind: str, field: str, value: str | None
) -> None:
    body = {name: text for name, text in {**WELL, field: value}.items() if text is not None}

    answer = hall.request("POST", LOGIN, **{kind: body})

    assert faults(answer).keys() == {field}


def test_login_refuses_a_password_when_it_is_endless(hall: Hall) -> None:
    answer = hall.request("POST", LOGIN, json={**WELL, "password": "x" * 5_000})

    assert faults(answer) == {"password": "too_long"}


def test_token_is_checked_when_asked(hall: Hall) -> None:
    token = hall.request("POST", LOGIN, data=WELL).text

    answer = hall.request("GET", "/auth/token", params={"token": token})

    assert answer.status_code == 200
    assert answer.json()["valid"] is True
    assert answer.json()["expires_at"].endswith("Z")


def test_token_is_asked_for_when_none_is_given(hall: Hall) -> None:
    for path in ("/auth/token", "/auth/token?token="):
        answer = hall.request("GET", path)

        assert faults(answer) == {"token": "required"}


def test_malformed_token_is_refused(hall: Hall) -> None:
    answer = hall.request("GET", "/auth/token", params={"token": "no.such.token"})

    assert refusal(answer) == (401, "token_invalid")
