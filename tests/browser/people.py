"""What people do at a page, by the roles and names that a screen reader would say."""

import json
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.server import ROOT

LOCALES = ROOT / "web" / "src" / "locales"
WORDS = {
    language: {
        section: words
        for catalogue in (language, f"host.{language}")
        for section, words in json.loads((LOCALES / f"{catalogue}.json").read_text()).items()
    }
    for language in ("en", "ko")
} | {"de": json.loads((LOCALES / "de.json").read_text())}
DRAWN = """([row, share]) => {
    const bar = row.querySelector("svg").getBoundingClientRect();
    const fill = row.querySelector("svg rect").getBoundingClientRect();
    return Math.abs((fill.right - bar.left) / bar.width - share) < 0.01;
}"""


class Visitor:
    """Somebody at a page that speaks `language`."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language
        self.headers: dict[str, str] = {}

    def word(self, key: str, **values: Any) -> str:
        """Return a text of the page's catalogue, such as `poll.vote`."""
        found: Any = WORDS[self.language]
        for part in key.split("."):
            found = found[part]
        text = str(found)
        for value, given in values.items():
            text = text.replace(f"{{{{{value}, number}}}}", str(given))
            text = text.replace(f"{{{{{value}}}}}", str(given))
        return text

    def press(self, key: str, **options: Any) -> None:
        """Press the button of that name."""
        self.button(key).click(**options)

    def button(self, key: str) -> Locator:
        return self.page.get_by_role("button", name=self.word(key), exact=True)

    def fill(self, key: str, text: str) -> None:
        """Type into the field of that label."""
        self.page.get_by_label(self.word(key), exact=True).fill(text)

    def choose(self, candidate: str) -> None:
        """Mark a candidate."""
        self.page.get_by_role("radio", name=candidate).check()

    def enter_as_guest(self, name: str) -> None:
        """From a room's page, come in without an account."""
        self.page.get_by_role("link", name=self.word("auth.enter"), exact=True).click()
        self.take_way("auth.asGuest")
        self.fill("auth.nickname", name)
        self.press("auth.guestGo")
        self.expect_me(name)

    def take_way(self, key: str) -> None:
        """At a room's door, open a way in, unless it is open."""
        way = self.page.get_by_role("button", name=self.word(key), exact=True)
        expect(way).to_be_visible()
        if way.get_attribute("aria-expanded") == "false":
            way.click()

    def expect_me(self, name: str) -> None:
        """Wait until the page says who one is here."""
        account = self.page.get_by_role("group", name=self.word("auth.account"))
        expect(account).to_contain_text(name)

    def show(self, part: str) -> None:
        """Turn to a part of the room: vote, people or chat."""
        self.page.get_by_role("tab", name=self.word(f"room.{part}")).click()

    def sign_up(self, name: str) -> None:
        """From the sign-in page, make an account; the page goes back where it came from."""
        self.press("auth.signUp")
        self.fill("auth.email", f"{name}@example.org")
        self.fill("auth.name", name)
        self.fill("auth.password", "correct-horse")
        self.press("auth.signUp")

    def sign_up_and_vote(self, name: str, candidate: str) -> None:
        """Go the way of one who comes for the first time: choose, sign up, vote."""
        self.choose(candidate)
        self.press("poll.signInToVote")
        self.sign_up(name)
        self.press("poll.vote")
        self.expect_status("poll.recorded")

    def change_vote(self, candidate: str) -> None:
        """Change the vote that was cast."""
        self.press("poll.change")
        self.choose(candidate)
        self.press("poll.change")
        self.expect_status("poll.changed")

    def expect_status(self, key: str) -> None:
        """Wait until the page says so."""
        status = self.page.get_by_role("status").filter(has_text=self.word(key))
        expect(status).to_be_visible()

    def expect_bar(self, candidate: str, votes: int, share: float) -> None:
        """Wait until a candidate's row has the number, and its bar is drawn as long as that."""
        row = self.page.get_by_role("listitem").filter(has_text=candidate).filter(has_text="%")
        plural = "one" if votes == 1 and self.language == "en" else "other"
        expect(row).to_contain_text(self.word(f"results.votes_{plural}", count=votes))
        expect(row).to_contain_text(f"{share:.1%}")
        self.page.wait_for_function(DRAWN, arg=[row.element_handle(), share])
