"""The web app's files as the server gives them."""

import gzip
import re

import pytest

from api.routes.pages import STATIC
from tests.server import Server

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
HTML = "text/html; charset=utf-8"
PAGES = ("/", "/signin", "/admin", "/r/lobby", "/r/lobby/screen")


@pytest.mark.parametrize("path", PAGES)
def test_page_forbids_foreign_hosts_when_asked_for(shared_server: Server, path: str) -> None:
    answer = shared_server.request("GET", path)

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
    assert not re.search(r"(?:src|href)=\"(?!/)", answer.text)


def test_person_is_shown_the_app_when_the_address_leads_nowhere(shared_server: Server) -> None:
    headers = {"Accept": BROWSER, "If-None-Match": "*", "Range": "bytes=0-1"}
    for path in ("/nonsense", "/r/lobby/nonsense"):
        answer = shared_server.request("GET", path, headers=headers)

        assert (answer.status_code, answer.headers["Content-Type"]) == (404, HTML)
        assert answer.text == shared_server.request("GET", "/").text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.parametrize(
    ("method", "path", "accept"),
    [
        ("GET", "/nonsense", "*/*"),
        ("GET", "/nonsense", "application/json, text/plain, */*"),
        ("POST", "/nonsense", BROWSER),
        ("GET", "/polls/999", BROWSER),
        ("GET", "/rooms/N0WHERE", BROWSER),
        ("GET", "/assets/nothing.js", BROWSER),
    ],
)
def test_client_is_sent_the_problem_when_nothing_is_there(
    shared_server: Server, method: str, path: str, accept: str
) -> None:
    answer = shared_server.request(method, path, headers={"Accept": accept})

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/sw.js", "text/javascript; charset=utf-8"),
        ("/manifest.webmanifest", "application/manifest+json"),
        ("/icon.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_file_that_installs_the_app_is_asked_for_anew_each_time(
    shared_server: Server, path: str, kind: str
) -> None:
    answer = shared_server.request("GET", path)

    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Cache-Control"].startswith("no-cache")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_asset_is_compressed_only_when_the_browser_takes_it(
    shared_server: Server, encoding: str
) -> None:
    page = shared_server.request("GET", "/").text
    script = re.search(r'src="(/assets/[^"]+\.js)"', page)
    assert script is not None

    answer = shared_server.request(
        "GET", script[1], headers={"Accept-Encoding": encoding}, stream=True
    )
    body = answer.raw.read(decode_content=False)

    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    whole = (STATIC / script[1][1:]).read_bytes()
    assert whole == (gzip.decompress(body) if encoding == "gzip" else body)


def test_asset_is_not_found_when_the_path_leaves_the_folder(shared_server: Server) -> None:
    answer = shared_server.request("GET", "/assets/%2e%2e/%2e%2e/app.py")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
