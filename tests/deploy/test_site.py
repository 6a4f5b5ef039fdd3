"""docs/deploy.md on this machine, as far as it goes: nginx, TLS, both servers, the doctor."""

import json
import shutil
from collections.abc import Iterator

import pytest
import requests

from tests.cli.conftest import run_in
from tests.conftest import need
from tests.deploy.site import NGINX, Site, wait_for
from tests.live.conftest import ConnectJavaScript, connect_javascript, javascript

__all__ = ["connect_javascript", "javascript"]

ADA = {"email": "ada@example.org", "name": "Ada", "password": "correct-horse"}


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    need(NGINX.exists(), "nginx", "apt-get install nginx-light")
    need(shutil.which("openssl") is not None, "openssl", "apt-get install openssl")
    made = Site(tmp_path_factory.mktemp("s"))
    yield made
    made.end()


def ask(site: Site, method: str, path: str, **options: object) -> requests.Response:
    options.setdefault("timeout", 60)
    return requests.request(method, site.url + path, verify=str(site.certificate), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("server", ["rollcall serve", "gunicorn"])
def test_people_vote_through_nginx(
    site: Site,
    server: str,
    connect_javascript: ConnectJavaScript,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    site.start_nginx()
    if server == "gunicorn":
        site.serve_by_gunicorn()
    else:
        site.serve(site.open_socket())
    site.wait()
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(site.certificate))

    moved = requests.get(f"{site.plain}/r/lobby", timeout=60, allow_redirects=False)
    health = ask(site, "GET", "/healthz")
    ask(site, "POST", "/auth/signup", json=ADA)
    token = ask(site, "POST", "/auth/login", data=ADA).text
    phones = [
        connect_javascript(site.url, auth={"token": token}, transports=[transport])
        for transport in ("websocket", "polling")
    ]
    transports = [phone.wait("transport") for phone in phones]
    for phone in phones:
        phone.wait("joined")
    ack = phones[1].call("ballot:cast", {"poll": 1, "choices": [3]})
    told = phones[0].wait("tally:update", lambda results: results["ballots"] == 1)
    doctor = run_in(
        site.folder, "doctor", "--json", **site.settings, SSL_CERT_FILE=str(site.certificate)
    )

    assert (moved.status_code, moved.headers["Location"]) == (301, f"{site.url}/r/lobby")
    assert health.headers["Strict-Transport-Security"]
    assert transports == ["websocket", "polling"]
    assert ack["ok"], ack
    assert told["poll"] == 1
    says = {each["says"]: each["verdict"] for each in json.loads(doctor.stdout)["findings"]}
    assert says["a WebSocket gets through"] == "ok"
    assert says[f"the server answers at {site.url}"] == "ok"
    assert "fault" not in {v for s, v in says.items() if "memory" not in s and "container" not in s}


def test_logs_of_nginx_name_nobody_and_nothing_that_was_asked(site: Site) -> None:
    site.start_nginx()
    site.open_socket().close()  # as while no server runs
    wait_for(lambda: requests.get(site.plain, timeout=60, allow_redirects=False))

    requests.get(f"{site.plain}/r/lobby?code=K7M2QX", timeout=60, allow_redirects=False)
    refused = ask(site, "GET", "/r/lobby?code=K7M2QX")

    logs = [each.read_text() for each in site.folder.glob("*.log")]
    assert refused.status_code == 502
    assert [log for log in logs if "K7M2QX" in log or "127.0.0.1" in log] == []


def test_doctor_sees_what_a_proxy_sends_before_the_start(site: Site) -> None:
    site.start_nginx()
    wait_for(lambda: requests.get(site.plain, timeout=60, allow_redirects=False))

    doctor = run_in(site.folder, "doctor", **site.settings, SSL_CERT_FILE=str(site.certificate))

    assert "X-Forwarded-For arrives as 127.0.0.1; 1 proxies are trusted" in doctor.stdout


@pytest.mark.parametrize(
    ("fault", "named"),
    [("$host", "pages at"), (None, "a WebSocket gets through")],
)
def test_doctor_sees_whether_pages_can_connect(site: Site, fault: str | None, named: str) -> None:
    if fault is not None:
        file = site.folder / "rollcall.conf"
        file.write_text(file.read_text().replace("$http_host", fault))
    site.serve(site.open_socket())
    site.start_nginx()
    site.wait()

    doctor = run_in(site.folder, "doctor", **site.settings, SSL_CERT_FILE=str(site.certificate))

    assert named in doctor.stdout, doctor.stdout


def test_rehearsal_accepts_certificates_of_the_system_and_names_others(site: Site) -> None:
    site.serve(site.open_socket())
    site.start_nginx()
    site.wait()
    rehearse = ("rehearse", "--voters", "1", "--over", "0", "--url", site.url)

    unknown = run_in(site.folder, *rehearse)
    trusted = {"SSL_CERT_FILE": str(site.certificate), "REQUESTS_CA_BUNDLE": ""}
    known = run_in(site.folder, *rehearse, **trusted)

    assert (unknown.returncode, unknown.stdout) == (3, "")
    assert "certificate" in unknown.stderr
    assert "lost: 0 twice: 0 gave up: 0" in known.stdout, known.stderr


def test_restart_behind_nginx_loses_no_request(site: Site) -> None:
    listener = site.open_socket()
    first = site.serve(listener)
    site.start_nginx()
    site.wait()
    before = ask(site, "GET", "/healthz")

    first.terminate()
    first.wait(30)
    second = site.serve(listener)
    meanwhile = ask(site, "GET", "/healthz")

    assert (before.status_code, meanwhile.status_code) == (200, 200)
    assert second.poll() is None
