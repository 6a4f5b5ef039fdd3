"""Signing up, in and out over HTTP, against a real server."""

from tests.server import Server


def test_signup_answers_the_account_when_new(shared_server: Server) -> None:
    body = {"email": "new@example.org", "name": "  새사람 ", "password": "correct-horse"}

    answer = shared_server.request("POST", "/auth/signup", json=body)

    assert answer.status_code == 201
    assert answer.json()["name"] == "새사람"
    assert answer.json().keys() == {"id", "email", "name"}
