"""A server whose accounts are made beforehand, and what tests of rooms say to it in one line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from api.tokens import Tokens
from tests.http.hall import KEY, make_people
from tests.server import Server
from voting.model.accounts import Account

PEOPLE = 2_000
ADMINISTRATORS = 9
WITHIN_SECONDS = 120
STATES = ("draft", "open", "paused", "closed", "void")
_WAY = {"open": ["open"], "paused": ["open", "pause"], "closed": ["open", "close"]}
_WAY["void"] = ["open", "void"]
_WAY["draft"] = []


@dataclass(frozen=True)
class Room:
    """A room of a test's own, and its maker's token."""

    code: str
    host: str

    @property
    def path(self) -> str:
        return f"/rooms/{self.code}"


class House(Server):
    """A server with people who have done nothing yet; the first is administrator."""

    def __init__(self, folder: Path, people: int = PEOPLE, **settings: str) -> None:
        super().__init__(folder, SECRET_KEY=KEY, **settings)
        self.tokens = Tokens(KEY, hours=12)
        made = make_people(self.open_store(), people + ADMINISTRATORS)
        store = self.open_store()
        with store.transaction():
            chosen = [
                store.save(replace(each, administrator=True)) for each in (made[0], *made[people:])
            ]
        store.close()
        self.administrator = self.token_of(chosen[0])
        self.administrators = iter(chosen[1:])
        """Others, to be spent."""
        self._unused: Iterator[Account] = iter(made[1:people])

    def account(self) -> Account:
        return next(self._unused)

    def token_of(self, account: Account) -> str:
        return self.tokens.issue(account, datetime.now(UTC))[0]

    def newcomer(self) -> str:
        return self.token_of(self.account())

    def room(self, **fields: Any) -> Room:
        host = self.newcomer()
        made = self.request("POST", "/rooms", host, json={"name": "Club", **fields})
        assert made.status_code == 201, made.text
        return Room(made.json()["code"], host)

    def enrol(self, room: Room, *rows: dict[str, Any]) -> list[dict[str, Any]]:
        """Put rows on the roll; return them as the roll tells them."""
        answer = self.request("POST", f"{room.path}/roll", room.host, json={"rows": list(rows)})
        assert answer.status_code == 200, answer.text
        return self.roll(room)[-len(rows) :]

    def roll(self, room: Room) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        cursor: int | None = 0
        while cursor is not None:
            path = f"{room.path}/roll?limit=200&cursor={cursor}"
            page = self.request("GET", path, room.host).json()
            rows, cursor = rows + page["items"], page["next"]
        return rows

    def code_of(self, room: Room, row: int) -> str:
        body = {"ids": [row]}
        answer = self.request("POST", f"{room.path}/roll/codes", room.host, json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["items"][0]["code"])

    def claim(self, room: Room, row: int, token: str | None = None) -> Any:
        body = {"code": self.code_of(room, row)}
        answer = self.request("POST", f"{room.path}/claim", token, json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def member(self, room: Room, role: str = "voter") -> str:
        """Return the token of an account that has claimed a new row."""
        token = self.newcomer()
        (row,) = self.enrol(room, {"name": f"Member {token[-6:]}", "role": role})
        self.claim(room, row["id"], token)
        return token

    def tablet(self, room: Room) -> str:
        """Return the room token of a new row."""
        (row,) = self.enrol(room, {"name": f"Tablet {datetime.now(UTC).isoformat()}"})
        return str(self.claim(room, row["id"])["token"])

    def guest(self, room: Room, nickname: str | None = None) -> str:
        body = {"nickname": nickname or f"Guest {datetime.now(UTC).isoformat()}"}
        answer = self.request("POST", f"{room.path}/guests", json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def screen(self, room: Room) -> str:
        """Return a token of the room's screens."""
        answer = self.request("POST", f"{room.path}/screen-token", room.host)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["token"])

    def draft(self, room: Room, **fields: Any) -> dict[str, Any]:
        body = {"title": "T", "candidates": [{"name": n} for n in "ABC"], **fields}
        if body.get("method") == "motion":
            body.pop("candidates")
        answer = self.request("POST", f"{room.path}/polls", room.host, json=body)
        assert answer.status_code == 201, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def move(self, room: Room, poll: int, step: str) -> Any:
        body = {"reason": "The urn fell over"} if step == "void" else None
        return self.request("POST", f"/polls/{poll}/{step}", room.host, json=body)

    def begin(self, room: Room, **fields: Any) -> int:
        """Begin a meeting; return its id."""
        answer = self.request("POST", f"{room.path}/meetings", room.host, json=fields)
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])

    def end(self, room: Room, meeting: int) -> None:
        """End a meeting."""
        answer = self.request("POST", f"{room.path}/meetings/{meeting}/end", room.host)
        assert answer.status_code == 200, answer.text

    def poll(self, room: Room, state: str = "open", **fields: Any) -> dict[str, Any]:
        """Return a new poll in a state."""
        document = self.draft(room, **fields)
        for step in _WAY[state]:
            answer = self.move(room, document["id"], step)
            assert answer.status_code == 200, answer.text
            document = answer.json()
        return document

    def admit(self, room: Room, poll: dict[str, Any], row: int) -> Any:
        """Admit a row to the electorate of a poll."""
        path = f"/polls/{poll['id']}/electorate"
        return self.request("POST", path, room.host, json={"row": row})

    def vote(self, token: str | None, poll: dict[str, Any], *places: int, **options: Any) -> Any:
        """Cast choices by the places of the candidates, from 0."""
        choices = [poll["candidates"][place]["id"] for place in places]
        body = options.pop("json", {"choices": choices})
        return self.request("PUT", f"/polls/{poll['id']}/ballot", token, json=body, **options)


def until(check: Any) -> Any:
    """Return what `check` returns as soon as it is true; fail after a minute."""
    deadline = monotonic() + WITHIN_SECONDS
    while not (found := check()):
        assert monotonic() < deadline, "it has not come"
        sleep(0.05)
    return found


def soon(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="milliseconds")
