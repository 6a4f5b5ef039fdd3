"""Between its close and its count, a poll is shown as being counted, to everybody."""

import secrets

import pytest
from playwright.sync_api import expect

from db.tinydb_store import TinyDBStore
from tests.browser.conftest import Visit
from tests.browser.hosting import Meeting, hold_meeting, sit_down
from tests.server import Server
from tests.unit.lobby import NOW
from voting.model.ballots import Ballot
from voting.model.polls import Poll

BALLOTS = 3_000
NO_ACCOUNT = r"status of 403"
"""The page asks for the account of somebody who came in by a claim code."""


def add_ballots(meeting: Meeting, poll_id: int) -> None:
    """Add so many ballots to an open poll that its count takes a while."""
    meeting.server.stop()
    store = TinyDBStore(meeting.server.data, NOW)
    poll = store.get(Poll, poll_id)
    assert poll is not None
    with store.transaction():
        for _ in range(BALLOTS):
            ids = secrets.randbits(53), poll.id, secrets.token_hex(32), secrets.token_hex(16)
            store.add(Ballot(*ids, (poll.candidates[0].id,)))
    store.close()
    meeting.server.start()


@pytest.mark.parametrize("language", ["en", "ko"])
def test_everybody_sees_that_ballots_are_being_counted(
    visit: Visit, server: Server, language: str
) -> None:
    meeting = hold_meeting(server, "Mina")
    poll = meeting.open_poll(results="closed")
    add_ballots(meeting, poll["id"])
    host = sit_down(visit("/", language=language), meeting, meeting.at("poll", poll))
    door = visit("/", language=language, phone=True, noise=NO_ACCOUNT)
    phone = sit_down(door, meeting, f"/r/{meeting.code}", meeting.voters[0])
    screen = visit(f"/r/{meeting.code}/screen", language=language)
    everybody = (host, phone, screen)
    for each in everybody:
        expect(each.page.get_by_text(each.word("state.open"), exact=True).first).to_be_visible()
        each.page.evaluate(WATCH)

    meeting.ask("POST", f"/polls/{poll['id']}/close")

    for each in everybody:
        expect(each.page.get_by_text(each.word("state.closed"), exact=True).first).to_be_visible()
        seen = each.page.evaluate("[...window.seen]")
        assert each.word("state.counting") in seen
        said = each.word("room.countingNow", title="Chair")
        assert any(said in text for text in seen)
    assert phone.word("poll.counting") in phone.page.evaluate("[...window.seen]")


WATCH = """() => {
  window.seen = new Set();
  const look = () => {
    const texts = document.querySelectorAll('.chip, .screen-chip, [role=status], .cast-status');
    for (const each of texts) window.seen.add(each.textContent.trim());
  };
  new MutationObserver(look).observe(document.body, {
    subtree: true, childList: true, characterData: true,
  });
}"""
