"""Makes the pictures of the documents again: `python -m tests.screenshots`, with Chromium."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.conftest import CHROMIUM
from tests.server import ROOT, Server

IMAGES = ROOT / "docs" / "images"
BALLOTS = (7, 2, 11, 5, 3, 8, 4, 1, 2, 3)
"""How many vote for each of the seed's ten candidates."""


def main() -> None:
    """Start a server, let people vote, and look at its pages."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder)).start()
        try:
            for candidate, voters in enumerate(BALLOTS, start=1):
                for voter in range(voters):
                    server.cast(server.sign_up(f"voter{candidate}-{voter}"), [candidate])
            look(server)
        finally:
            server.kill()


def look(server: Server) -> None:
    """Save the hall's screen and a phone's page."""
    shots = {
        "screen": ("/r/lobby/screen", 1600, 900, "dark"),
        "phone": ("/r/lobby", 390, 844, "light"),
    }
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (path, width, height, scheme) in shots.items():
            page = browser.new_page(
                viewport={"width": width, "height": height}, color_scheme=scheme, locale="ko-KR"
            )
            page.goto(server.url + path)
            page.get_by_text("김하늘").first.wait_for()
            page.wait_for_timeout(1500)  # the bars have moved to where they belong
            page.screenshot(path=IMAGES / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
