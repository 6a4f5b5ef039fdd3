"""A voter's page and the hall's screen side by side, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Visit
from tests.server import Server

ADA, NOAH, HANEUL = "Ada Park", "Noah Kim", "김하늘"
ROOM, SCREEN = "/r/lobby", "/r/lobby/screen"
LOST = r"ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_bar_moves_on_the_screen_when_a_vote_is_cast_and_changed(
    visit: Visit, language: str
) -> None:
    screen = visit(SCREEN, language)
    voter = visit(ROOM, language)

    voter.sign_up_and_vote("ann", ADA)

    screen.expect_bar(ADA, 1, 1.0)
    screen.expect_bar(NOAH, 0, 0.0)
    voter.change_vote(NOAH)
    screen.expect_bar(ADA, 0, 0.0)
    screen.expect_bar(NOAH, 1, 1.0)
    voter.expect_bar(NOAH, 1, 1.0)


def test_bars_show_every_share_when_two_people_vote(visit: Visit, server: Server) -> None:
    screen, voter = visit(SCREEN), visit(ROOM)

    voter.sign_up_and_vote("ann", ADA)
    server.cast(server.sign_up("ben"), [1])

    for page in (screen, voter):
        page.expect_bar(ADA, 1, 0.5)
        page.expect_bar(HANEUL, 1, 0.5)


def test_voting_works_on_a_phone_when_the_language_is_korean(visit: Visit, server: Server) -> None:
    screen = visit(SCREEN, "ko")
    phone = visit(ROOM, "ko", phone=True)

    phone.sign_up_and_vote("하늘", HANEUL)
    phone.change_vote(ADA)

    screen.expect_bar(ADA, 1, 1.0)
    assert server.votes() == {6: 1}
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]


def test_pages_show_the_same_when_they_are_reloaded_in_the_middle(visit: Visit) -> None:
    screen, voter = visit(SCREEN), visit(ROOM)
    voter.sign_up_and_vote("ann", ADA)
    screen.expect_bar(ADA, 1, 1.0)

    screen.page.reload()
    voter.page.reload()

    screen.expect_bar(ADA, 1, 1.0)
    voter.expect_status("poll.recorded")
    voter.press("poll.change")
    voter.choose(NOAH)
    voter.press("poll.change")
    screen.expect_bar(NOAH, 1, 1.0)
    screen.expect_bar(ADA, 0, 0.0)


def test_both_pages_recover_when_the_server_was_killed(visit: Visit, server: Server) -> None:
    screen, voter = visit(SCREEN, noise=LOST), visit(ROOM, noise=LOST)
    voter.sign_up_and_vote("ann", ADA)
    screen.expect_bar(ADA, 1, 1.0)

    server.kill()
    screen.expect_status("link.lostScreen")
    voter.expect_status("link.lost")
    server.start()
    for page, lost in ((screen, "link.lostScreen"), (voter, "link.lost")):
        expect(page.page.get_by_text(page.word(lost))).to_have_count(0)
    voter.change_vote(NOAH)

    for page in (screen, voter):
        page.expect_bar(ADA, 0, 0.0)
        page.expect_bar(NOAH, 1, 1.0)


def test_vote_is_recorded_once_when_the_server_was_away_as_it_was_sent(
    visit: Visit, server: Server
) -> None:
    screen, voter = visit(SCREEN, noise=LOST), visit(ROOM, noise=LOST)
    voter.choose(ADA)
    voter.press("poll.signInToVote")
    voter.sign_up("ann")
    expect(voter.button("poll.vote")).to_be_visible()

    server.kill()
    voter.press("poll.vote")
    voter.expect_status("poll.repeating")
    server.start()

    voter.expect_status("poll.recorded")
    screen.expect_bar(ADA, 1, 1.0)
    assert server.votes() == {6: 1}


def test_one_ballot_is_cast_when_the_button_is_pressed_twice(visit: Visit, server: Server) -> None:
    puts: list[str] = []
    voter = visit(ROOM)
    voter.page.on(
        "request", lambda request: puts.append(request.url) if request.method == "PUT" else None
    )
    voter.choose(ADA)
    voter.press("poll.signInToVote")
    voter.sign_up("ann")

    voter.button("poll.vote").dblclick()

    voter.expect_status("poll.recorded")
    assert len(puts) == 1
    assert server.votes() == {6: 1}


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The email or the password is wrong."),
        ("ko", "이메일 또는 비밀번호가 맞지 않습니다."),
    ],
)
def test_sign_in_says_so_when_the_password_is_wrong(
    visit: Visit, server: Server, language: str, sentence: str
) -> None:
    server.sign_up("ann")
    visitor = visit("/signin", language, noise="401")

    visitor.fill("auth.email", "ann@example.org")
    visitor.fill("auth.password", "wrong-horse")
    visitor.press("auth.signIn")

    expect(visitor.page.get_by_role("alert").filter(has_text=sentence)).to_be_visible()
    visitor.fill("auth.password", "correct-horse")
    visitor.press("auth.signIn")
    account = visitor.page.get_by_role("group", name=visitor.word("auth.account"))
    expect(account).to_contain_text("ann")


def test_page_speaks_another_language_when_it_is_chosen(visit: Visit) -> None:
    visitor = visit(ROOM, "en")
    expect(visitor.page.get_by_role("heading", name="Live results")).to_be_visible()

    visitor.page.get_by_label(visitor.word("app.language")).select_option("ko")

    visitor.language = "ko"
    expect(visitor.button("poll.signInToVote")).to_be_visible()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "ko")
    visitor.page.reload()
    expect(visitor.button("poll.signInToVote")).to_be_visible()


def test_signing_out_takes_the_vote_away_when_one_leaves_the_device(visit: Visit) -> None:
    visitor = visit(ROOM)
    visitor.sign_up_and_vote("ann", ADA)

    visitor.press("auth.signOut")

    expect(visitor.button("poll.signInToVote")).to_be_visible()
    visitor.page.reload()
    expect(visitor.button("poll.signInToVote")).to_be_visible()


def test_presence_counts_the_signed_in_alone_when_a_screen_watches(
    visit: Visit, server: Server
) -> None:
    screen, voter = visit(SCREEN), visit(ROOM)

    voter.sign_up_and_vote("ann", ADA)

    online = voter.page.get_by_text(voter.word("room.online_one", count=1), exact=True)
    expect(online).to_be_visible()
    expect(screen.page.locator(".fact.present")).to_contain_text(f"{screen.word('screen.online')}1")


def test_pages_forbid_foreign_code_by_their_headers(visit: Visit) -> None:
    for path in ("/", "/signin", ROOM, SCREEN):
        visitor = visit(path)

        policy = visitor.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        expect(visitor.page.get_by_role("heading", level=1)).to_be_visible()
