"""The one-time code that makes the first administrator."""

from functools import partial

from tests.at_once import at_once
from tests.http.hall import faults, refusal
from tests.keys import read_keys
from tests.postgres import of_files
from tests.server import Server

ADMIN = "/auth/admin"


def test_setup_code_makes_one_administrator_when_two_use_it_at_once(server: Server) -> None:
    code = server.setup_code()
    assert any("setup-code" in line for line in server.output)
    assert (server.folder / "setup-code").stat().st_mode & 0o777 == 0o600
    tokens = [server.sign_up("ann"), server.sign_up("bob")]

    answers = at_once(
        [partial(server.request, "POST", ADMIN, token, json={"code": code}) for token in tokens]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 403]
    documents = [server.request("GET", "/auth/me", token).json() for token in tokens]
    assert sorted(document["administrator"] for document in documents) == [False, True]
    assert not (server.folder / "setup-code").exists()

    server.stop()
    server.output.clear()
    server.start()

    again = [server.request("GET", "/auth/me", token).json() for token in tokens]
    assert again == documents
    assert not (server.folder / "setup-code").exists()
    assert "administrator" not in "".join(server.output)


@of_files
def test_backup_is_the_administrators_alone_and_holds_no_secret(server: Server) -> None:
    ann, bob = server.sign_up("ann"), server.sign_up("bob")
    server.cast(bob, [1])
    server.request("POST", ADMIN, ann, json={"code": server.setup_code()})

    stranger, other = (server.request("GET", "/admin/backup", token) for token in (None, bob))
    backup = server.request("GET", "/admin/backup", ann)

    assert refusal(stranger) == (401, "unauthenticated")
    assert refusal(other) == (403, "forbidden")
    assert backup.headers["Content-Disposition"].startswith("attachment")
    assert backup.headers["Cache-Control"] == "no-store"
    assert "bob@example.org" in backup.text
    keys = read_keys(server.data).values()
    secrets = [*keys, (server.folder / "secret-key").read_text(), bob]
    assert not any(secret in backup.text for secret in secrets)


def test_setup_code_stays_the_same_until_it_is_used(server: Server) -> None:
    code = server.setup_code()

    server.kill()
    server.start()

    assert server.setup_code() == code


def test_setup_code_is_refused_when_it_is_wrong(shared_server: Server) -> None:
    token = shared_server.sign_up("ann")

    wrong = shared_server.request("POST", ADMIN, token, json={"code": "0" * 16})
    foreign = shared_server.request("POST", ADMIN, token, json={"code": "코드"})

    assert refusal(wrong) == (403, "forbidden")
    assert refusal(foreign) == (403, "forbidden")
    assert (shared_server.folder / "setup-code").exists()


def test_setup_code_is_refused_when_nobody_is_signed_in(shared_server: Server) -> None:
    answer = shared_server.request("POST", ADMIN, json={"code": shared_server.setup_code()})

    assert refusal(answer) == (401, "unauthenticated")


def test_setup_code_is_asked_for_when_missing(shared_server: Server) -> None:
    token = shared_server.sign_up("bea")

    answer = shared_server.request("POST", ADMIN, token, json={"kode": 1})

    assert faults(answer) == {"code": "required", "kode": "unknown_field"}
