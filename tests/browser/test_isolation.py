"""Right-to-left names on every page: none of them may reorder what stands around it."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.server import Server

DANA, ALI = "דנה (א)", "אלי (ב) 3"
NAMES = (DANA, ALI)
PLACES = ("polls", "new", "poll", "edit", "minutes", "roll", "door", "people", "settings")
LOOSE = r"""() => {
    const turns = /[\u0590-\u05ff]/;
    const isLoose = (text) => turns.test(text.replace(/\u2068[^\u2069]*\u2069/g, ""));
    const found = isLoose(document.title) ? [`title: ${document.title}`] : [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const {data, parentElement: parent} = walker.currentNode;
        const isHeld = parent.closest("bdi, [dir=auto], option, script, code");
        if (isLoose(data) && !isHeld) found.push(`${parent.outerHTML}`);
    }
    for (const element of document.querySelectorAll("body *")) {
        for (const name of ["aria-label", "title", "placeholder", "alt", "aria-valuetext"]) {
            if (isLoose(element.getAttribute(name) ?? "")) found.push(element.outerHTML);
        }
        if (element.matches("input, textarea") && isLoose(element.value) && element.dir !== "auto")
            found.push(element.outerHTML);
    }
    return found;
}"""


def check(page: Page) -> None:
    expect(page.get_by_text(re.compile("[א-ת]")).first).to_be_attached()
    assert page.evaluate(LOOSE) == []


def test_names_and_titles_are_isolated_on_every_page(visit: Visit, server: Server) -> None:
    meeting = hold_meeting(server, *NAMES, name="חדר (1)")
    rules = {"title": "שאלה (2)", "description": "תיאור (3)"}
    closed = meeting.open_poll(*NAMES, method="ranked", **rules)
    meeting.cast(closed, 0, 1)
    meeting.ask("POST", f"/polls/{closed['id']}/close")
    meeting.open_poll(*NAMES, method="score", **rules)
    void = meeting.open_poll(*NAMES, **rules)
    meeting.ask("POST", f"/polls/{void['id']}/void", {"reason": "סיבה (4)"})
    ranked = meeting.open_poll(*NAMES, method="ranked", **rules)
    draft = meeting.poll(*NAMES, **rules)

    voter = sit_down(visit("/signin"), meeting, f"/r/{meeting.code}", meeting.host)
    voter.page.goto(f"{server.url}/r/{meeting.code}?desk=off")
    for name in NAMES:
        voter.page.locator("button.choice", has_text=name).click()
    voter.page.get_by_label(voter.word("chat.text")).fill(DANA)
    voter.page.keyboard.press("Enter")
    expect(voter.page.locator(".chat-text")).to_contain_text(DANA)
    for each in voter.page.locator("summary").all():
        each.click()
    check(voter.page)

    for place in PLACES:
        poll = {"minutes": closed, "edit": draft, "poll": closed}.get(place)
        voter.page.goto(server.url + meeting.at(place, poll))
        expect(voter.page.get_by_role("heading", level=2).first).to_be_visible()
        check(voter.page)
    voter.press("setting.delete")
    check(voter.page)

    screen = visit(f"/r/{meeting.code}/screen")
    for poll in (ranked, closed, void):
        meeting.ask("PATCH", f"/rooms/{meeting.code}", {"current_poll": poll["id"]})
        expect(screen.page.locator(".screen")).to_have_attribute(
            "data-state", {ranked["id"]: "open", closed["id"]: "closed"}.get(poll["id"], "void")
        )
        check(screen.page)
