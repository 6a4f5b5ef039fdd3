"""A meeting to be hosted: made over HTTP, as far as a test is not about making it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from tests.browser.people import Visitor
from tests.server import Server

KEY = "rollcall.token"


@dataclass
class Meeting:
    """A room with its host, and those of its roll who came in by their claim codes."""

    server: Server
    code: str
    host: str
    voters: list[str]

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask as the host; return the document."""
        answer = self.server.request(method, path, self.host, json=body)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def poll(self, *names: str, **rules: Any) -> dict[str, Any]:
        """Make a draft for those on the roll."""
        candidates = [{"name": name} for name in names or ("Ada", "Noah")]
        body = {"title": "Chair", "candidates": candidates, "eligibility": "roll", **rules}
        if body.get("method") == "motion":
            body.pop("candidates")
        made: dict[str, Any] = self.ask("POST", f"/rooms/{self.code}/polls", body)
        return made

    def open_poll(self, *names: str, **rules: Any) -> dict[str, Any]:
        poll = self.poll(*names, **rules)
        self.ask("POST", f"/polls/{poll['id']}/open")
        return poll

    def cast(self, poll: dict[str, Any], *choices: int) -> None:
        """Let the first voters vote, each for the candidate at that place."""
        for token, choice in zip(self.voters, choices, strict=False):
            ids = [poll["candidates"][choice]["id"]]
            assert self.server.cast(token, ids, poll=poll["id"]).ok

    def at(self, place: str, poll: dict[str, Any] | None = None) -> str:
        """Return the address of a place at the desk."""
        return f"/r/{self.code}?desk={place}" + ("" if poll is None else f"&id={poll['id']}")


def hold_meeting(server: Server, *names: str, **settings: Any) -> Meeting:
    """Make a room whose roll are `names`, all of them in it."""
    meeting = Meeting(server, "", sign_up_host(server), [])
    room = meeting.ask("POST", "/rooms", {"name": "Book club", **settings})
    meeting.code = room["code"]
    if names:
        roll = f"/rooms/{meeting.code}/roll"
        meeting.ask("POST", roll, [{"name": name} for name in names])
        ids = [row["id"] for row in meeting.ask("GET", roll)["items"] if row["role"] == "voter"]
        made = meeting.ask("POST", f"{roll}/codes", {"ids": ids})["items"]
        claim = f"/rooms/{meeting.code}/claim"
        claims = [server.request("POST", claim, json={"code": each["code"]}) for each in made]
        meeting.voters = [answer.json()["token"] for answer in claims]
    return meeting


def sign_up_host(server: Server) -> str:
    """Make an account that is called host; return a token of it."""
    email = f"{uuid4().hex}@example.org"
    body = {"email": email, "name": "host", "password": "correct-horse"}
    assert server.request("POST", "/auth/signup", json=body).ok
    return server.sign_in(email)


def sit_down(visitor: Visitor, meeting: Meeting, path: str, token: str | None = None) -> Visitor:
    """Go to an address as the meeting's host, or as another whose token it is."""
    visitor.page.evaluate(
        "([key, token]) => localStorage.setItem(key, token)", [KEY, token or meeting.host]
    )
    visitor.page.goto(meeting.server.url + path)
    return visitor
