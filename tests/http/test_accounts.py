"""Signing up over HTTP, and one's own account, against a real server."""

import unicodedata
from functools import partial

import pytest

from tests.at_once import at_once
from tests.http.hall import PASSWORD, Hall, faults, refusal

SIGNUP = "/auth/signup"


def test_signup_answers_the_account_when_new(hall: Hall) -> None:
    body = {"email": " New@example.org", "name": "  새사람 ", "password": "correct-horse"}

    answer = hall.request("POST", SIGNUP, json=body)

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/auth/me"
    assert answer.json().keys() == {"id", "email", "name"}
    assert answer.json()["email"] == "New@example.org"
    assert answer.json()["name"] == "새사람"


def test_signup_takes_a_form_and_ignores_what_it_does_not_know(hall: Hall) -> None:
    form = {"email": "form@example.org", "name": "폼", "password": PASSWORD, "part": "FRONTEND"}

    answer = hall.request("POST", SIGNUP, data=form)

    assert answer.status_code == 201
    assert answer.json()["name"] == "폼"


def test_signup_takes_a_multipart_form(hall: Hall) -> None:
    fields = {"email": "multi@example.org", "name": "여러", "password": PASSWORD, "x": "y"}

    answer = hall.request("POST", SIGNUP, files={k: (None, v) for k, v in fields.items()})

    assert answer.status_code == 201


def test_signup_names_every_fault_when_json_has_several(hall: Hall) -> None:
    body = {"email": "no-address", "name": "   ", "password": "short", "part": "FRONTEND"}

    answer = hall.request("POST", SIGNUP, json=body)

    assert faults(answer) == {
        "email": "format",
        "name": "empty",
        "password": "too_short",
        "part": "unknown_field",
    }


def test_signup_names_what_is_missing_when_a_form_is_empty(hall: Hall) -> None:
    answer = hall.request("POST", SIGNUP, data={"x": "y"})

    assert faults(answer) == {"email": "required", "name": "required", "password": "required"}


@pytest.mark.parametrize(
    "email", ["a@@b", "a b@c", "@b", "a@", "a@b@c", "a@b\nc", "x" * 250 + "@ab.c"]
)
def test_signup_refuses_an_invalid_email(hall: Hall, email: str) -> None:
    body = {"email": email, "name": "n", "password": PASSWORD}

    answer = hall.request("POST", SIGNUP, json=body)

    assert faults(answer).keys() == {"email"}


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("비밀번호일곱자", "too_short"),
        (unicodedata.normalize("NFD", "각각각"), "too_short"),  # nine code points, three letters
        ("x" * 129, "too_long"),
    ],
)
def test_signup_counts_a_password_in_letters_when_it_refuses(
    hall: Hall, password: str, code: str
) -> None:
    body = {"email": "length@example.org", "name": "n", "password": password}

    answer = hall.request("POST", SIGNUP, json=body)

    assert faults(answer) == {"password": code}


def test_signup_counts_a_password_in_letters_when_it_takes_it(hall: Hall) -> None:
    longest = unicodedata.normalize("NFD", "각" * 128)
    body = {"email": "longest@example.org", "name": "n", "password": longest}

    made = hall.request("POST", SIGNUP, json=body)

    assert made.status_code == 201
    assert hall.sign_in("longest@example.org", unicodedata.normalize("NFC", longest))


def test_signup_keeps_a_password_untrimmed(hall: Hall) -> None:
    body = {"email": "spaces@example.org", "name": "n", "password": "  spaces  "}

    hall.request("POST", SIGNUP, json=body)

    login = {"email": "spaces@example.org", "password": "spaces"}
    assert hall.request("POST", "/auth/login", json=login).status_code == 401
    assert hall.sign_in("spaces@example.org", "  spaces  ")


@pytest.mark.parametrize(
    "again",
    [
        "Straße@Example.org",
        "STRASSE@example.org",
        "\uff53trasse@example.org",
        " straße@example.org ",
    ],
)
def test_signup_refuses_an_email_when_another_spelling_is_taken(hall: Hall, again: str) -> None:
    body = {"email": "straße@example.org", "name": "n", "password": PASSWORD}
    hall.request("POST", SIGNUP, json=body)

    answer = hall.request("POST", SIGNUP, json={**body, "email": again})

    assert refusal(answer) == (409, "email_taken")


def test_account_signs_in_alone_when_another_domain_looks_alike(hall: Hall) -> None:
    emails = ("ann@straße.example", "ann@strasse.example")
    for email in emails:
        body = {"email": email, "name": email, "password": f"{email} {PASSWORD}"}
        assert hall.request("POST", SIGNUP, json=body).status_code == 201

    for email in emails:
        assert hall.sign_in(email, f"{email} {PASSWORD}")


def test_signup_takes_an_email_once_when_twenty_come_at_once(hall: Hall) -> None:
    body = {"email": "race@example.org", "name": "n", "password": PASSWORD}

    answers = at_once([partial(hall.request, "POST", SIGNUP, json=body)] * 20)

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 19


def test_me_answers_the_account_that_asks(hall: Hall) -> None:
    account = hall.people[0]

    answer = hall.request("GET", "/auth/me", hall.token_of(account))

    assert answer.json() == {
        "id": account.id,
        "email": account.email,
        "name": account.name,
        "administrator": False,
    }
