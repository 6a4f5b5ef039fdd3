"""Fixtures of the live tests: clients that are closed again, and people who are signed in."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import install_packages
from tests.db.journal.conftest import calls, gate
from tests.http.rooms.house import House
from tests.live.clients import JAVASCRIPT, Client, JavaScriptClient
from tests.server import Server

__all__ = ["calls", "gate"]

Connect = Callable[..., Client]
ConnectJavaScript = Callable[..., JavaScriptClient]


@pytest.fixture(autouse=True)
def no_tracebacks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test whose server logged an error that nobody foresaw."""
    names = {"server", "shared_server", "house"} & set(request.fixturenames)
    servers: list[Server] = [request.getfixturevalue(name) for name in names]
    yield
    output = "".join(line for server in servers for line in server.output)
    assert "Traceback" not in output, output


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connect python-socketio's client to a server, signed in where there is a token."""
    clients: list[Client] = []

    def make(server: Server, token: str | None = None, **options: Any) -> Client:
        transports = options.pop("transports", None)
        auth = {"token": token, **options} if token else options or None
        clients.append(Client(server.url, auth, transports))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(scope="session")
def javascript(node: str) -> str:
    """Return Node.js, with the official client installed beside the watcher."""
    install_packages(JAVASCRIPT)
    return node


@pytest.fixture
def connect_javascript(javascript: str) -> Iterator[ConnectJavaScript]:
    """Start the official client against an address."""
    clients: list[JavaScriptClient] = []

    def make(url: str, **options: Any) -> JavaScriptClient:
        clients.append(JavaScriptClient(javascript, url, **options))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A server whose rooms and people a module's tests make in one line."""
    running = House(tmp_path_factory.mktemp("house"), people=120)
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="module")
def people(shared_server: Server) -> list[str]:
    """Return tokens of three people on the module's server."""
    return [shared_server.sign_up(name) for name in ("ann", "ben", "kim")]
