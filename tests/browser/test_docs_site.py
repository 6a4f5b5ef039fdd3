"""The documentation's site: it is whole, its search works, and it asks no other host."""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Request, expect

from tests.conftest import need
from tests.server import ROOT

MKDOCS = ROOT / ".venv-docs" / "bin" / "mkdocs"
STARTING = "Initializing search"
"""What the search says until it hears what is typed."""
PAGES = ("index.html", "README.ko.html", "docs/operations.html", "docs/api.html", "docs/tour.html")


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and logs nothing."""

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site that was built just now, without a warning."""
    need(MKDOCS.exists(), "MkDocs", "make docs")
    folder = tmp_path_factory.mktemp("site")
    sources, built = folder / "docs", folder / "built"
    config = folder / "mkdocs.yml"
    text = (ROOT / "mkdocs.yml").read_text()
    config.write_text(text.replace("build/docs", str(sources)).replace("build/site", str(built)))
    subprocess.run([sys.executable, ROOT / "docs/site/gather.py", sources], check=True)
    environ = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    command = [MKDOCS, "build", "--strict", "-f", config]
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_site_asks_no_other_host_and_finds_words_in_both_languages(
    site: str, browser: Browser
) -> None:
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page = browser.new_page()
    page.on("request", note)
    for name in PAGES:
        answer = page.goto(f"{site}/{name}")
        assert answer is not None
        assert answer.ok, name
        page.wait_for_load_state("networkidle")
    found = []
    for word in ("drill", "정족수"):
        page.goto(f"{site}/index.html")
        expect(page.locator(".md-search-result__meta")).not_to_have_text(STARTING)
        box = page.get_by_role("textbox", name="Search")
        box.fill(word)
        box.press("End")  # it listens to keys, not to what they change
        page.locator(".md-search-result__link").first.wait_for()
        found.append(page.locator(".md-search-result__link").first.get_attribute("href"))
    page.close()

    hosts = {urlsplit(url).netloc for url in asked if not url.startswith(("data:", "blob:"))}
    assert hosts == {urlsplit(site).netloc}
    assert "operations.html" in str(found[0]) or "commands.html" in str(found[0])
    assert ".html" in str(found[1])


def test_every_page_of_the_documentation_is_in_the_site(site: str, tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "docs/site/gather.py", tmp_path], check=True)

    pages = {path.name for path in (ROOT / "docs").glob("*.md")}

    assert pages == {path.name for path in (tmp_path / "docs").glob("*.md")}
