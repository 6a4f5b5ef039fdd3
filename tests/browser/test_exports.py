"""Files with all that a room holds, and with all that is held of oneself, saved from the pages."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.hosting import hold_meeting, sit_down
from tests.browser.people import Visitor
from tests.server import Server

LANGUAGES = ["en", "ko"]
Named = Callable[[Visitor], str]


def save(visitor: Visitor, word: str) -> tuple[str, dict[str, object]]:
    """Press a button that saves a file; return the file's name and what it holds."""
    with visitor.page.expect_download() as saving:
        visitor.press(word)
    said = visitor.page.get_by_role("status").filter(has_text=visitor.word("export.saved"))
    expect(said).to_be_visible()
    return saving.value.suggested_filename, json.loads(Path(saving.value.path()).read_bytes())


@pytest.mark.parametrize("language", LANGUAGES)
def test_host_saves_the_room_as_a_file(visit: Visit, server: Server, language: str) -> None:
    meeting = hold_meeting(server, "Mina Seo")
    host = sit_down(visit("/", language=language), meeting, meeting.at("settings"))

    name, held = save(host, "setting.export")

    assert name == f"rollcall-room-{meeting.code}.json"
    assert [row["name"] for row in held["roll"]] == ["host", "Mina Seo"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", LANGUAGES)
def test_people_save_what_is_held_of_them(visit: Visit, server: Server, language: str) -> None:
    meeting = hold_meeting(server)
    somebody = sit_down(visit("/", language=language), meeting, "/account")

    name, held = save(somebody, "export.saveOwn")

    assert name == f"rollcall-{held['person']}.json"
    assert held["account"]["name"] == "host"  # type: ignore[index]
