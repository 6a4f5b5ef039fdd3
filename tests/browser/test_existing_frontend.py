"""A React page in the manner of those that already exist, served from another origin."""

import functools
import http.server
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.conftest import install_packages
from tests.server import Server

SOURCE = Path(__file__).parent / "frontend"
PASSWORD = "correct-horse"

Open = Callable[..., Page]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing among the tests."""


@pytest.fixture(scope="module")
def built(node: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the built page."""
    npm, folder = install_packages(SOURCE), tmp_path_factory.mktemp("frontend")
    done = subprocess.run(
        [npm, "run", "--silent", "build", "--", f"--outfile={folder / 'main.js'}"],
        cwd=SOURCE,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    for page in SOURCE.glob("*.html"):
        shutil.copy(page, folder)
    shutil.copy(SOURCE / "node_modules/socket.io-client/dist/socket.io.min.js", folder)
    return folder


@pytest.fixture(scope="module")
def origin(built: Path) -> Iterator[str]:
    """Serve the page; return its origin, which is not the server's."""
    handler = functools.partial(Quiet, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as files:
        threading.Thread(target=files.serve_forever, daemon=True).start()
        yield f"http://localhost:{files.server_port}"
        files.shutdown()


@pytest.fixture
def visit_frontend(browser: Browser, origin: str, shared_server: Server) -> Iterator[Open]:
    """Open the page as somebody new; it must fail nowhere."""
    faults: list[str] = []

    def visit(path: str = "") -> Page:
        page = browser.new_context().new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(f"{origin}/{path}?server={shared_server.url}")
        return page

    yield visit
    for context in list(browser.contexts):
        context.close()
    assert faults == []


def send(page: Page, form: str, **fields: str) -> None:
    """Fill one of the page's forms and send it."""
    for field, text in fields.items():
        page.get_by_label(f"{form} {field}").fill(text)
    page.get_by_role("button", name=form).click()


def expect_answer(page: Page, form: str, message: str) -> None:
    expect(page.get_by_role("form", name=form).locator("output")).to_have_text(message)


def sign_up_and_in(page: Page, name: str) -> None:
    person = {"email": f"{name}@example.org", "password": PASSWORD}
    send(page, "Sign up", name=name, **person)
    expect_answer(page, "Sign up", "Sign up: done")
    send(page, "Sign in", **person)
    expect_answer(page, "Sign in", "Sign in: done")


def expect_first(page: Page, candidate: str, votes: int) -> None:
    """Wait until a candidate leads the ranks with so many votes."""
    first = page.get_by_role("list", name="Ranks").get_by_role("listitem").first
    expect(first).to_contain_text(f"{candidate}: {votes}")


def test_frontend_signs_up_votes_and_sees_ranks_move(visit_frontend: Open) -> None:
    ann, ben = visit_frontend(), visit_frontend()
    sign_up_and_in(ann, "ann")
    sign_up_and_in(ben, "ben")

    ann.get_by_role("button", name="Vote for 최민서").click()
    expect(ann.get_by_label("Vote", exact=True)).to_contain_text("Thank you")
    expect_first(ann, "최민서", 1)
    expect_first(ben, "최민서", 1)
    for _ in range(2):
        ben.get_by_role("button", name="Vote for 박지우").click()
        ann.get_by_role("button", name="Vote for 박지우").click()

    expect_first(ann, "박지우", 2)
    expect_first(ben, "박지우", 2)
    token = {cookie["name"]: cookie["value"] for cookie in ann.context.cookies()}["token"]
    assert token.count(".") == 2


def test_frontend_shows_what_went_wrong_by_the_status(
    visit_frontend: Open, shared_server: Server
) -> None:
    page = visit_frontend()
    shared_server.sign_up("kim")
    kim = {"email": "kim@example.org", "password": PASSWORD}

    send(page, "Sign up", **kim)
    expect_answer(page, "Sign up", "Something is missing")
    send(page, "Sign up", name="Kim", **kim)
    expect_answer(page, "Sign up", "That email is taken")
    send(page, "Sign in", **{**kim, "password": "wrong-horse"})
    expect_answer(page, "Sign in", "No such user")
    send(page, "Sign in", **{**kim, "email": "nobody@example.org"})
    expect_answer(page, "Sign in", "No such user")
    page.get_by_role("button", name="Vote for 박지우").click()

    expect(page.get_by_label("Vote", exact=True)).to_have_text("Error 401")


def test_frontend_chats_when_two_want_the_same_name(visit_frontend: Open) -> None:
    first, second = visit_frontend(), visit_frontend()

    def say(page: Page, button: str, text: str) -> None:
        page.get_by_label("Say", exact=True).fill(text)
        page.get_by_role("button", name=button, exact=True).click()

    say(first, "Be", "Kim")
    expect(first.get_by_label("Me", exact=True)).to_have_text("Kim")
    say(second, "Be", "kim")
    expect(second.get_by_label("Me", exact=True)).to_have_text("kim is taken")
    say(second, "Be", "Lee")
    expect(second.get_by_label("Me", exact=True)).to_have_text("Lee")
    say(first, "Send", "안녕")

    for page in (first, second):
        expect(page.get_by_label("Online", exact=True)).to_have_text("2")
        expect(page.get_by_label("Lines", exact=True).get_by_role("listitem")).to_have_text(
            ["Kim: 안녕"]
        )


VOTE_AND_LOOK = """async ([server, token, candidates]) => {
  const votes = async (id) => {
    const rows = await (await fetch(`${server}/candidates`)).json();
    return rows.find((row) => row.id === id).voteCount;
  };
  const seen = [];
  for (const id of candidates) {
    const before = await votes(id);
    await fetch(`${server}/vote?id=${id}`, { headers: { Authorization: token } });
    seen.push((await votes(id)) - before);
  }
  return seen;
}"""


def test_frontend_sees_its_own_vote_counted_when_it_looks_again_at_once(
    visit_frontend: Open, shared_server: Server
) -> None:
    """The browser keeps what it fetched: that must never be shown in the place of what is new."""
    pages = [visit_frontend(), visit_frontend()]
    tokens = [shared_server.sign_up(f"quick-{n}") for n in range(2)]
    ids = [row["id"] for row in shared_server.request("GET", "/candidates").json()]

    seen = [
        page.evaluate(VOTE_AND_LOOK, [shared_server.url, token, ids[turn : turn + 1]])
        for turn in range(6)
        for page, token in zip(pages, tokens, strict=True)
    ]

    assert seen == [[1]] * 12


def test_chat_page_shows_messages_to_every_page(visit_frontend: Open) -> None:
    kim, lee = visit_frontend("chat.html"), visit_frontend("chat.html")
    kim.get_by_label("Name").fill("Kim")
    for page in (kim, lee):
        expect(page.get_by_role("button")).to_be_enabled()
        page.wait_for_function("socket.connected")

    for message in ("hello", "<b>안녕하세요</b>"):
        kim.get_by_label("Message").fill(message)
        kim.get_by_role("button", name="Send").click()
        expect(kim.locator("output")).to_have_text('{"ok":true}')

    for page in (kim, lee):
        expect(page.get_by_role("listitem")).to_have_text(["Kim: hello", "Kim: <b>안녕하세요</b>"])


def test_ping_page_shows_five_pings_that_took_time(visit_frontend: Open) -> None:
    page = visit_frontend("ping.html")

    page.get_by_role("button", name="Ping").click()

    pings = page.get_by_role("listitem")
    expect(pings).to_have_text([re.compile(rf"^{n} time=\d+\.\d ms$") for n in range(5)])
