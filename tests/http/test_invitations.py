"""Who may sign up: everybody, those with an invitation, or nobody."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.at_once import at_once
from tests.http.hall import refusal
from tests.server import Server

PASSWORD = "correct-horse"


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], Server]]:
    servers: list[Server] = []

    def start(signup: str) -> Server:
        servers.append(Server(tmp_path, SIGNUP=signup).start())
        return servers[-1]

    yield start
    for server in servers:
        server.kill()
        assert "Traceback" not in "".join(server.output)


def sign_up(server: Server, invitation: str | None = None, *, form: bool = False) -> Any:
    fields = {"email": f"{uuid4().hex}@example.org", "name": "New", "password": PASSWORD}
    fields |= {} if invitation is None else {"invitation": invitation}
    return server.request("POST", "/auth/signup", **{"data" if form else "json": fields})


def administrator(server: Server) -> str:
    """Return the token of an account that signed up with the code of the first start."""
    code = server.setup_code()
    made = sign_up(server, code)
    assert made.status_code == 201, made.text
    token = server.sign_in(made.json()["email"])
    assert server.request("POST", "/auth/admin", token, json={"code": code}).status_code == 200
    return token


def invite(server: Server, token: str, **fields: int) -> Any:
    made = server.request("POST", "/admin/invitations", token, json=fields)
    assert made.status_code == 201, made.text
    return made.json()


def test_sign_up_shows_whether_it_is_open(serve: Callable[[str], Server]) -> None:
    server = serve("open")

    assert server.request("GET", "/auth/signup").json()["signup"] == "open"
    assert sign_up(server, "nonsense").status_code == 201


def test_nobody_signs_up_where_it_is_closed_but_the_first_administrator(
    serve: Callable[[str], Server],
) -> None:
    server = serve("closed")
    token = administrator(server)
    code = invite(server, token)["code"]

    for given in (None, code, "nonsense"):
        assert refusal(sign_up(server, given)) == (403, "forbidden")
    assert refusal(sign_up(server, form=True)) == (400, "forbidden")


def test_invitation_is_good_for_its_uses_and_until_it_is_ended(
    serve: Callable[[str], Server],
) -> None:
    server = serve("invite")
    token = administrator(server)
    once, twice = invite(server, token), invite(server, token, uses=2, hours=1)

    assert sign_up(server, twice["code"]).status_code == 201
    listed = server.request("GET", "/admin/invitations", token).json()["items"]
    assert [each["uses"] for each in listed] == [1, 1]
    assert once["code"] not in str(listed)
    assert sign_up(server, twice["code"].lower(), form=True).status_code == 201
    path = f"/admin/invitations/{once['id']}"
    assert server.request("DELETE", path, token).status_code == 204
    for given in (None, "", "nonsense", once["code"], twice["code"]):
        answer = sign_up(server, given)
        assert refusal(answer) == (403, "forbidden")
        assert "invitation" in answer.json()["detail"]
    assert refusal(sign_up(server, form=True)) == (400, "forbidden")


def test_invitation_is_used_once_however_many_come_together(
    serve: Callable[[str], Server],
) -> None:
    server = serve("invite")
    code = invite(server, administrator(server))["code"]

    answers = at_once([lambda: sign_up(server, code)] * 6)

    assert sorted(answer.status_code for answer in answers) == [201] + [403] * 5


def test_taken_email_uses_no_invitation(serve: Callable[[str], Server]) -> None:
    server = serve("invite")
    token = administrator(server)
    code = invite(server, token)["code"]
    email = server.request("GET", "/auth/me", token).json()["email"]
    fields = {"email": email, "name": "New", "password": PASSWORD, "invitation": code}

    answer = server.request("POST", "/auth/signup", json=fields)

    assert refusal(answer) == (409, "email_taken")
    assert sign_up(server, code).status_code == 201
