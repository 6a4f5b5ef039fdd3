"""nginx in front of workers at places of their own: with `deploy/nginx-workers.conf`, as units of
one machine, and with `deploy/nginx-machines.conf`, as two machines with two workers each.
"""

import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests import postgres
from tests.conftest import need
from tests.deploy.site import NGINX, Site, wait_for
from tests.http.hall import KEY
from tests.http.rooms.house import until
from tests.live.clients import JavaScriptClient
from tests.live.conftest import ConnectJavaScript, connect_javascript, javascript
from tests.server import free_port

__all__ = ["connect_javascript", "javascript"]

SEPARATOR = "\x1e"
"""Between the packets of a response: a busy server may send a ping first."""
POLLING = "/socket.io/?EIO=4&transport=polling"
Workers = dict[str, "subprocess.Popen[bytes]"]


def start_units(folder: Path, settings: dict[str, str]) -> tuple[Site, Workers]:
    sockets = {name: str(folder / f"{name}.sock") for name in ("1", "2", "3")}
    places = {f"/run/rollcall/{name}.sock": path for name, path in sockets.items()}
    site = Site(folder, ("nginx-workers.conf", places), settings)
    return site, {
        name: site.serve_worker(ROLLCALL_WORKER=name, ROLLCALL_HOST=f"unix:{path}")
        for name, path in sockets.items()
    }


def start_machines(folder: Path, settings: dict[str, str]) -> tuple[Site, Workers]:
    ports = {"a": free_port(), "b": free_port()}
    places = {
        "10.0.0.2:8000": f"127.0.0.1:{ports['a']}",
        "10.0.0.3:8000": f"127.0.0.1:{ports['b']}",
    }
    site = Site(folder, ("nginx-machines.conf", places), settings)
    return site, {
        name: site.serve_worker(
            "--workers=2",
            f"--port={port}",
            ROLLCALL_WORKER=name,
            ROLLCALL_HOST="127.0.0.1",
        )
        for name, port in ports.items()
    }


@pytest.fixture(scope="module", params=[start_units, start_machines])
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Site, Workers]]:
    """A site whose workers serve. The last test ends one of them."""
    need(NGINX.exists(), "nginx", "apt-get install nginx-light")
    need(shutil.which("openssl") is not None, "openssl", "apt-get install openssl")
    schema = postgres.take()
    settings = {
        "ROLLCALL_DATABASE_URL": postgres.schema_url(schema),
        "ROLLCALL_SECRET_KEY": KEY,
    }
    site, workers = request.param(tmp_path_factory.mktemp("w"), settings)
    site.start_nginx()
    wait_for(lambda: ask(site, "GET", "/healthz"))
    try:
        until(lambda: places_at(site) == workers.keys())
    except AssertionError as error:
        raise AssertionError((site.folder / "log").read_text()) from error
    yield site, workers
    site.end()
    with suppress(Exception):
        postgres.release(schema)


@pytest.fixture
def phones(
    served: tuple[Site, Workers],
    connect_javascript: ConnectJavaScript,
    monkeypatch: pytest.MonkeyPatch,
) -> list[JavaScriptClient]:
    """People in the lobby by the official client: two by WebSocket, two that poll."""
    site, _ = served
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(site.certificate))
    made = []
    for transport in ("websocket", "polling") * 2:
        token = sign_up(site)
        made.append(connect_javascript(site.url, auth={"token": token}, transports=[transport]))
    for phone in made:
        phone.wait("joined")
    return made


def ask(site: Site, method: str, path: str, **options: object) -> requests.Response:
    options.setdefault("timeout", 60)
    return requests.request(method, site.url + path, verify=str(site.certificate), **options)  # type: ignore[arg-type]


def open_session(site: Site) -> str:
    """Begin to poll; return the session's id, or nothing where nobody answers yet."""
    found = re.search(r'"sid":"([^"]+)"', ask(site, "GET", POLLING).text)
    return found[1] if found else ""


def places_at(site: Site) -> set[str]:
    """Return the units or machines that answer: the first letter of their workers' names."""
    return {sid[0] for _ in range(12) if (sid := open_session(site))}


def sign_up(site: Site) -> str:
    name = secrets.token_hex(4)
    person = {"email": f"{name}@example.org", "name": name, "password": "correct-horse"}
    ask(site, "POST", "/auth/signup", json=person).raise_for_status()
    return ask(site, "POST", "/auth/login", data=person).text


def cast(phone: JavaScriptClient) -> None:
    """Cast a ballot, again at a new connection if it was not answered."""
    connections = phone.received("connect")
    phone.say("ballot:cast", {"poll": 1, "choices": [2]})
    until(lambda: phone.received("ack") or len(phone.received("connect")) > len(connections))
    if not phone.received("ack"):
        phone.say("ballot:cast", {"poll": 1, "choices": [2]})
    assert phone.wait("ack")["ok"]


def count_ballots(site: Site) -> int:
    return int(ask(site, "GET", "/polls/1/results").json()["ballots"])


def test_session_that_polls_is_found_by_every_request(served: tuple[Site, Workers]) -> None:
    site, workers = served
    sids = [open_session(site) for _ in range(12)]

    connected = [ask(site, "POST", f"{POLLING}&sid={sid}", data="40") for sid in sids]
    polled = [ask(site, "GET", f"{POLLING}&sid={sid}") for sid in sids]

    assert {sid[0] for sid in sids} == workers.keys()
    assert {each.status_code for each in connected + polled} == {200}
    packets = [each.text.split(SEPARATOR) for each in polled]
    assert all(any(packet.startswith("40") for packet in each) for each in packets), packets


def test_people_vote_through_any_worker_and_all_are_told(
    served: tuple[Site, Workers], phones: list[JavaScriptClient]
) -> None:
    site, _ = served
    before = count_ballots(site)

    acks = [phone.call("ballot:cast", {"poll": 1, "choices": [3]}) for phone in phones]

    assert all(ack["ok"] for ack in acks), acks
    assert count_ballots(site) == before + len(phones)
    for phone in phones:
        phone.wait("tally:update", lambda results: results["ballots"] == before + len(phones))


def test_people_go_on_when_a_worker_is_killed(
    served: tuple[Site, Workers], phones: list[JavaScriptClient]
) -> None:
    site, workers = served
    before = count_ballots(site)
    name = min(workers)

    workers[name].kill()
    workers[name].wait()
    until(
        lambda: (places := places_at(site)) and name not in places
    )  # the least busy of the others

    for phone in phones:
        cast(phone)
    assert count_ballots(site) == before + len(phones)
