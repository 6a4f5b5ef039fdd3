"""Rooms and polls for the browser's tests, made over HTTP by a host."""

from dataclasses import dataclass, field
from typing import Any

from tests.server import Server

NAMES = ("Ada Park", "Noah Kim", "김하늘", "이도윤")


@dataclass
class Hall:
    """A room with its host; polls are for anyone unless told."""

    server: Server
    host: str
    code: str
    polls: list[dict[str, Any]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/r/{self.code}"

    def open_poll(self, title: str = "Chair", **rules: Any) -> dict[str, Any]:
        """Make a poll and open it."""
        candidates = [{"name": name} for name in NAMES]
        body = {"title": title, "candidates": candidates, "eligibility": "anyone", **rules}
        poll = self.ask("POST", f"/rooms/{self.code}/polls", body)
        self.polls.append(self.move(poll["id"], "open"))
        return self.polls[-1]

    def move(self, poll: int, step: str, body: Any = None) -> dict[str, Any]:
        """Open, pause, close or void a poll."""
        return self.ask("POST", f"/polls/{poll}/{step}", body)

    def guest(self, name: str) -> str:
        """Return the token of a new guest."""
        answer = self.ask("POST", f"/rooms/{self.code}/guests", {"nickname": name})
        return str(answer["token"])

    def claim_code(self, name: str) -> str:
        """Put somebody on the roll; return their claim code."""
        self.ask("POST", f"/rooms/{self.code}/roll", [{"name": name}])
        rows = self.ask("GET", f"/rooms/{self.code}/roll")["items"]
        row = next(row for row in rows if row["name"] == name)
        made = self.ask("POST", f"/rooms/{self.code}/roll/codes", {"ids": [row["id"]]})
        return str(made["items"][0]["code"])

    def counted(self, poll: int) -> dict[str, int]:
        """Return the votes of the candidates that have some, by name."""
        tally = self.server.results(poll)["tally"]
        return {row["name"]: row["votes"] for row in tally if row["votes"]}

    def ask(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Ask as the host."""
        options = {} if body is None else {"json": body}
        answer = self.server.request(method, path, self.host, **options)
        assert answer.ok, answer.text
        document: dict[str, Any] = answer.json()
        return document


def make_hall(server: Server, **settings: Any) -> Hall:
    """Return a new room of a new host."""
    host = server.sign_up("host")
    body = {"name": "Spring assembly · 봄 총회", **settings}
    room = server.request("POST", "/rooms", host, json=body).json()
    return Hall(server, host, room["code"])
