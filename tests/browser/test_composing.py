"""The Enter that finishes a Hangul syllable: sent once, with no line break left."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.browser.rooms import Hall, make_hall
from tests.server import Server

COMPOSING = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 229}
PLAIN = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
NAMELESS = {"key": "Unidentified", "windowsVirtualKeyCode": 229}
LINE_BREAK = {**NAMELESS, "commands": ["InsertNewline"]}
PRESSES = {"one": [COMPOSING], "two": [COMPOSING, PLAIN], "phone": [NAMELESS, LINE_BREAK]}
END_AS_SAFARI = """(box) => {
    const tell = (Kind, type, rest) =>
        box.dispatchEvent(new Kind(type, {bubbles: true, cancelable: true, ...rest}));
    tell(CompositionEvent, "compositionend", {data: "요"});
    return tell(KeyboardEvent, "keydown", {key: "Enter", code: "Enter", keyCode: 229});
}"""


@pytest.fixture
def hall(server: Server) -> Hall:
    return make_hall(server)


def compose(keys: CDPSession, *keydowns: dict[str, Any]) -> None:
    """Type one syllable with an input method, and finish it with one press of Enter."""
    keys.send("Input.imeSetComposition", {"text": "요", "selectionStart": 1, "selectionEnd": 1})
    first, *rest = keydowns
    press(keys, "rawKeyDown", first)
    keys.send("Input.insertText", {"text": "요"})
    for key in rest:
        press(keys, "keyDown", key)
    press(keys, "keyUp", PLAIN)


def press(keys: CDPSession, kind: str, key: dict[str, Any]) -> None:
    keys.send("Input.dispatchKeyEvent", {"type": kind, **key})


@pytest.mark.parametrize("browser_kind", ["one", "two", "phone"])
def test_chat_is_sent_once_by_the_enter_that_finishes_a_syllable(
    visit: Visit, hall: Hall, browser_kind: str
) -> None:
    talker = visit(hall.path, "ko")
    talker.enter_as_guest("하늘")
    box = talker.page.get_by_label(talker.word("chat.text"))
    keys = talker.page.context.new_cdp_session(talker.page)

    for count in (1, 2):
        box.click()
        compose(keys, *PRESSES[browser_kind])
        expect(talker.page.locator(".chat-text")).to_have_text(["요"] * count)
        expect(box).to_have_value("")

    texts = [each["text"] for each in hall.ask("GET", f"/rooms/{hall.code}/messages")["items"]]
    assert [text for text in texts if text] == ["요", "요"]


def test_chat_is_sent_once_when_the_composition_ends_before_the_key(
    visit: Visit, hall: Hall
) -> None:
    talker = visit(hall.path, "ko")
    talker.enter_as_guest("하늘")
    box = talker.page.get_by_label(talker.word("chat.text"))
    box.fill("안녕하세요")

    left_to_the_browser = box.evaluate(END_AS_SAFARI)

    assert left_to_the_browser is False
    expect(talker.page.locator(".chat-text")).to_have_text("안녕하세요")
    expect(box).to_have_value("")


@pytest.mark.parametrize("browser_kind", ["one", "two"])
def test_form_is_sent_once_by_the_enter_that_finishes_a_syllable(
    visit: Visit, server: Server, browser_kind: str
) -> None:
    meeting = hold_meeting(server, "요")
    door = sit_down(visit("/signin", "ko"), meeting, meeting.at("door"))
    keys = door.page.context.new_cdp_session(door.page)
    asked: list[str] = []
    door.page.on("request", lambda request: asked.append(request.method))
    box = door.page.get_by_label(door.word("door.search"))
    box.click()

    compose(keys, *PRESSES[browser_kind])

    came = door.word("door.came", name="요")
    expect(door.page.get_by_role("status").filter(has_text=came)).to_be_visible()
    expect(box).to_have_value("")
    assert asked.count("PATCH") == 1
