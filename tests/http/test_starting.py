"""The start: what is refused is named in a sentence, and what is secret is only the owner's."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.postgres import ON_POSTGRES, of_files
from tests.server import ROOT, Server, free_port


@pytest.fixture
def unforked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start interpreters: what they take from their surroundings is asked for."""
    monkeypatch.setattr(Server, "forked", False)


def refused_start(folder: Path, **settings: str) -> str:
    """Start a server that has to refuse; return what it says."""
    server = Server(folder, **settings)
    with pytest.raises(RuntimeError):
        server.start()
    printed = "".join(each for each in server.output if not each.startswith("WARNING db.postgres"))
    assert "Traceback" not in printed
    assert printed.startswith("rollcall: ")
    assert printed.count("\n") == 1
    return printed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HOST", ""),
        ("HOST", "no.such.host.invalid"),
        ("HOST", "192.0.2.1"),
        ("SECRET_KEY", "x" * 31),
    ],
)
def test_start_is_refused_when_a_setting_is_bad(tmp_path: Path, name: str, value: str) -> None:
    printed = refused_start(tmp_path, **{name: value})

    assert f"ROLLCALL_{name}" in printed


def test_start_is_refused_when_a_setting_is_unknown(tmp_path: Path) -> None:
    printed = refused_start(tmp_path, PROT="5001", COLOUR="red")

    assert "ROLLCALL_COLOUR, ROLLCALL_PROT" in printed
    assert "ROLLCALL_PORT" in printed.replace("ROLLCALL_PROT", "")


@pytest.mark.parametrize(
    "seed",
    [
        "{",
        '{"rooms": [{"code": "lobby", "name": "L", "visibility": "public", "polls": '
        '[{"title": "T", "candidates": [], "closes_at": "2026-01-01T09:00:00"}]}]}',
    ],
)
def test_start_is_refused_when_the_seed_is_invalid(tmp_path: Path, seed: str) -> None:
    (tmp_path / "seed.json").write_text(seed)

    printed = refused_start(tmp_path, SEED=str(tmp_path / "seed.json"))

    assert "ROLLCALL_SEED" in printed


def test_start_is_refused_when_the_key_file_is_too_short(tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_text("short")

    printed = refused_start(tmp_path)

    assert "secret-key" in printed
    assert "32" in printed


def test_start_is_refused_when_the_port_is_taken(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        printed = refused_start(tmp_path, PORT=str(port))

    assert f"port {port} is taken" in printed
    assert "ROLLCALL_PORT=" in printed


@of_files
def test_start_is_refused_when_another_server_has_the_data(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    try:
        printed = refused_start(tmp_path, PORT=str(free_port()))

        assert "rollcall.json is in use" in printed
        assert str(server.pid) in printed
        assert server.request("GET", "/candidates").status_code == 200
    finally:
        server.kill()


@of_files
def test_start_is_refused_when_the_keys_of_open_polls_are_gone(tmp_path: Path) -> None:
    server = Server(tmp_path).start()
    server.stop()
    (tmp_path / "rollcall.json.keys").unlink()

    printed = refused_start(tmp_path)

    assert "rollcall.json.keys" in printed


def test_settings_are_read_from_a_file_when_the_environment_has_none(tmp_path: Path) -> None:
    port, other = free_port(), free_port()
    (tmp_path / ".env").write_text(
        f"# ours\nROLLCALL_PORT={other}\nROLLCALL_CORS_ORIGINS='https://vote.example.org'\n"
        "OTHER=ignored\n"
    )
    server = Server(tmp_path, PORT=str(port)).start()
    try:
        answer = server.request(
            "GET", "/candidates", headers={"Origin": "https://vote.example.org"}
        )

        assert server.port == port
        assert answer.headers["Access-Control-Allow-Origin"] == "https://vote.example.org"
    finally:
        server.kill()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (b"ROLLCALL_COLOUR=red", "ROLLCALL_COLOUR"),
        (b"\xef\xbb\xbfROLLCALL_COLOUR=red", "ROLLCALL_COLOUR"),
        (b"ROLLCALL_PORT=\xff", ".env"),
    ],
)
def test_start_is_refused_when_the_file_of_settings_is_bad(
    tmp_path: Path, text: bytes, named: str
) -> None:
    (tmp_path / ".env").write_bytes(text)

    assert named in refused_start(tmp_path)


@pytest.mark.usefixtures("unforked")
@of_files
def test_only_the_owner_can_read_secrets_and_none_is_printed(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        server = Server(tmp_path).start()
    finally:
        os.umask(before)
    try:
        key = (tmp_path / "secret-key").read_text()
        files = [
            "secret-key",
            "setup-code",
            "rollcall.json",
            "rollcall.json.journal",
            "rollcall.json.keys",
        ]

        modes = {name: (tmp_path / name).stat().st_mode & 0o777 for name in files}

        assert modes == dict.fromkeys(files, 0o600)
        assert len(key.encode()) >= 32
        assert key not in "".join(server.output)
    finally:
        server.kill()


def test_greeting_shows_the_addresses(shared_server: Server) -> None:
    printed = "".join(shared_server.output)

    assert f"{shared_server.url}/r/lobby" in printed
    assert ON_POSTGRES or str(shared_server.data) in printed
    assert str(shared_server.folder / "setup-code") in printed
    assert shared_server.setup_code() not in printed


@pytest.mark.parametrize("terminal", [True, False])
def test_greeting_shows_the_setup_code_on_a_terminal_alone(tmp_path: Path, terminal: bool) -> None:
    printed = greeting_at(tmp_path, f"import sys; sys.stdout.isatty = lambda: {terminal};")

    assert ("c0de" in printed) == terminal
    assert ("setup-code" in printed) != terminal


def test_greeting_names_no_address_that_a_browser_cannot_open(tmp_path: Path) -> None:
    where, _, tries = greeting_at(tmp_path).partition("Try:")

    assert "unix:/run/rollcall.sock" in where
    assert "unix:" not in tries
    assert "setup-code" in tries


def greeting_at(folder: Path, first: str = "") -> str:
    """Return the greeting of a server at a UNIX socket."""
    code = (
        f"{first}import types, run, api.settings as settings;"
        "asked = settings.read_settings({'ROLLCALL_HOST': 'unix:/run/rollcall.sock'});"
        "print(run.greeting(asked, types.SimpleNamespace(setup_code='c0de')))"
    )

    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout


@pytest.mark.usefixtures("unforked")
def test_start_reads_its_files_whatever_the_locale() -> None:
    strict = ["-X", "warn_default_encoding", "-W", "error::EncodingWarning"]
    code = "from api.settings import read_settings; import api.app; read_settings()"

    ended = subprocess.run(
        [sys.executable, *strict, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stderr


def test_server_ends_cleanly_when_stopped(server: Server) -> None:
    server.cast(server.sign_up("ann"), [1])

    assert server.stop() == 0
    assert "Traceback" not in "".join(server.output)
