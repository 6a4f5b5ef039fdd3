"""How short a new password may be: a setting, the same wherever one is set."""

from collections.abc import Iterator

import pytest

from tests.http.hall import PASSWORD, Hall, faults
from tests.server import Server


@pytest.fixture(scope="module", params=[6, 12])
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A hall whose passwords have at least so many letters; one that is set already has 13."""
    folder = tmp_path_factory.mktemp("passwords")
    running = Hall(folder, people=2, PASSWORD_MIN=str(request.param))
    running.start()
    yield running
    running.kill()


def shortest(server: Server) -> int:
    least = server.request("GET", "/auth/signup").json()["password_min"]
    assert least == int(server.settings["PASSWORD_MIN"])
    return int(least)


def test_sign_up_accepts_the_shortest_password_that_the_setting_allows(own: Hall) -> None:
    least = shortest(own)
    body = {"email": "new@example.org", "name": "n"}

    refused = own.request("POST", "/auth/signup", json={**body, "password": "x" * (least - 1)})
    made = own.request("POST", "/auth/signup", data={**body, "password": "x" * least})

    assert faults(refused) == {"password": "too_short"}
    assert str(least) in refused.json()["errors"][0]["detail"]
    assert made.status_code == 201


def test_sign_up_names_every_fault_beside_a_short_password(own: Hall) -> None:
    body = {"email": "no-address", "name": " ", "password": "x" * (shortest(own) - 1)}

    answer = own.request("POST", "/auth/signup", data=body)

    assert faults(answer).keys() == {"email", "name", "password"}


@pytest.mark.parametrize(
    ("method", "path"), [("PATCH", "/auth/me"), ("POST", "/auth/reset")], ids=["change", "reset"]
)
def test_new_password_is_as_long_as_at_a_sign_up(own: Hall, method: str, path: str) -> None:
    short = {"password": "x" * (shortest(own) - 1)}
    more = {"current_password": PASSWORD} if method == "PATCH" else {"code": "0" * 16}

    answer = own.request(method, path, own.token_of(own.people[0]), json={**short, **more})

    assert faults(answer) == {"password": "too_short"}


def test_password_that_is_set_already_stays_good(own: Hall) -> None:
    assert own.sign_in(own.people[1].email)


def test_document_shows_the_setting(own: Hall) -> None:
    bodies = own.request("GET", "/openapi.json").json()["components"]["schemas"]

    for name in ("SignupBody", "ResetBody", "MeBody"):
        assert bodies[name]["properties"]["password"]["minLength"] == shortest(own)


def test_sign_up_asks_for_eight_letters_unless_set(hall: Hall) -> None:
    rules = hall.request("GET", "/auth/signup").json()
    assert rules == {
        "signup": "open",
        "guest_hosts": True,
        "password_min": 8,
        "password_max": 128,
    }
