"""People in a real server's room: presence outlives sockets; a deleted one leaves no name."""

import csv
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from socketio.exceptions import BadNamespaceError

from tests.live.clients import Client
from tests.server import Server

Join = Callable[[str | None], Client]


class Hall:
    """A server with a room of a host's own, and how it stands."""

    def __init__(self, server: Server) -> None:
        self.server, self.host = server, server.sign_up("host")
        body = {"name": "Hall", "quorum": {"count": 2}}
        self.code = self.ask("POST", "", body)["code"]
        self.path = f"/rooms/{self.code}"
        self.ask("POST", f"{self.path}/meetings", {})

    def ask(self, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
        where = path if path.startswith("/") else f"/rooms{path}"
        answer = self.server.request(method, where, token or self.host, json=body)
        assert answer.ok, answer.text
        return answer.json() if answer.content else None

    def presence(self) -> Any:
        return self.ask("GET", f"{self.path}/presence")

    def poll(self, **rules: Any) -> int:
        """Open a poll in the room; return its id."""
        body = {"title": "?", "candidates": [{"name": "Yes"}, {"name": "No"}], **rules}
        poll: int = self.ask("POST", f"{self.path}/polls", body)["id"]
        self.ask("POST", f"/polls/{poll}/open")
        return poll

    def choices(self, poll: int) -> list[int]:
        return [each["id"] for each in self.ask("GET", f"/polls/{poll}")["candidates"]]


@pytest.fixture
def hall(server: Server) -> Hall:
    return Hall(server)


@pytest.fixture
def join(hall: Hall) -> Iterator[Join]:
    """Connect somebody and let them join the hall's room."""
    clients: list[Client] = []

    def make(token: str | None) -> Client:
        clients.append(Client(hall.server.url, {"token": token}))
        clients[-1].join(hall.code)
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def test_person_is_still_present_and_the_quorum_met_when_their_socket_drops(
    hall: Hall, join: Join
) -> None:
    ann, watching = hall.server.sign_up("ann"), join(hall.host)
    dropping = join(ann)
    watching.wait("presence:diff", lambda diff: diff["online"] == 2)
    both = hall.presence()

    dropping.drop()
    diff = watching.wait("presence:diff", lambda diff: diff["leaves"])
    after = hall.presence()
    attendance = hall.ask("GET", f"{hall.path}/attendance")["items"]
    answer = hall.server.request("GET", f"{hall.path}/attendance.csv", hall.host)
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))

    assert (both["online"], both["present"]) == (2, 2)
    assert {person["name"] for person in both["people"]} == {"host", "ann"}
    assert (diff["online"], diff["present"]) == (1, 2)
    assert (after["online"], after["present"]) == (1, 2)
    assert after["quorum"] == {"required": 2, "present": 2, "met": True}
    assert {each["name"] for each in attendance} == {"host", "ann"}
    assert {line["name"] for line in lines} == {"host", "ann"}
    assert all(0 <= int(line["seconds"]) < 60 for line in lines)


def test_person_is_away_then_gone_when_they_say_so(hall: Hall, join: Join) -> None:
    watching, ann = join(hall.host), join(hall.server.sign_up("ann"))

    away = ann.call("presence:set", {"room": hall.code, "status": "away"})
    change = watching.wait(
        "presence:diff", lambda d: [j for j in d["joins"] if j["status"] == "away"]
    )
    still = hall.presence()
    left = ann.call("presence:set", {"room": hall.code, "status": "left"})
    gone = hall.presence()
    back = ann.call("presence:set", {"room": hall.code, "status": "online"})

    assert away == left == back == {"ok": True}
    assert {"ann": "away"}.items() <= {j["name"]: j["status"] for j in change["joins"]}.items()
    assert (still["online"], still["present"], still["quorum"]["met"]) == (2, 2, True)
    assert (gone["online"], gone["present"], gone["quorum"]["met"]) == (1, 1, False)
    assert hall.presence()["present"] == 2


@pytest.mark.parametrize("status", ["asleep", None, 1])
def test_presence_set_is_refused_when_there_is_no_such_status(
    hall: Hall, join: Join, status: Any
) -> None:
    answer = join(hall.host).call("presence:set", {"room": hall.code, "status": status})

    assert answer["error"]["code"] == "invalid_request"


def test_presence_set_is_refused_to_screens_strangers_and_those_who_have_not_joined(
    hall: Hall, join: Join
) -> None:
    stranger, screen, elsewhere = join(None), join(hall.host), join(hall.host)
    screen.join(hall.code, **{"as": "screen"})
    elsewhere.call("room:leave", {"room": hall.code})

    sent = {"room": hall.code, "status": "online"}
    answers = [each.call("presence:set", sent) for each in (stranger, screen, elsewhere)]

    assert [answer["error"]["code"] for answer in answers] == ["forbidden"] * 3
    assert hall.presence()["online"] <= 1


def test_presence_of_the_day_is_kept_when_the_server_was_killed(hall: Hall, join: Join) -> None:
    join(hall.host)
    join(hall.server.sign_up("ann"))

    hall.server.kill()
    hall.server.start()
    presence = hall.presence()

    assert (presence["online"], presence["present"], presence["people"]) == (0, 2, [])


def test_check_in_is_sent_to_those_who_watch(hall: Hall, join: Join) -> None:
    hall.ask("POST", f"{hall.path}/roll", {"rows": [{"name": "Grandmother", "ref": "1"}]})
    row = hall.ask("GET", f"{hall.path}/roll")["items"][-1]["id"]
    watching = join(hall.host)

    hall.ask("PATCH", f"{hall.path}/roll/{row}", {"checked_in": True})
    diff = watching.wait("presence:diff", lambda diff: diff["present"] == 2)

    assert diff["quorum"] == {"required": 2, "present": 2, "met": True}


# -- deleting a person ----------------------------------------------------------------


@pytest.mark.parametrize("secrecy", ["named", "secret"])
def test_name_is_nowhere_and_counts_are_unchanged_when_a_person_is_deleted(
    hall: Hall, join: Join, secrecy: str
) -> None:
    ann = hall.server.sign_up("zzann")
    over, going_on = hall.poll(secrecy=secrecy), hall.poll(secrecy=secrecy, results="closed")
    for poll in (over, going_on):
        for token in (ann, hall.host):
            assert hall.server.cast(token, hall.choices(poll)[:1], poll=poll).status_code == 201
    hall.ask("POST", f"/polls/{over}/close")
    client = join(ann)
    client.call("chat:send", {"room": hall.code, "text": "hello"})
    before = hall.ask("GET", f"/polls/{over}/record"), hall.server.results(over)

    hall.ask("DELETE", "/auth/me", token=ann)
    record, results = hall.ask("GET", f"/polls/{over}/record"), hall.server.results(over)
    others = [
        hall.ask("GET", path)
        for path in (
            f"{hall.path}/attendance",
            f"{hall.path}/presence",
            f"{hall.path}/messages",
            f"/polls/{over}/turnout",
            f"/polls/{going_on}/turnout",
        )
    ]
    hall.ask("POST", f"/polls/{going_on}/close")
    hall.server.stop()

    assert "zzann" not in repr([record, *others])
    assert record["digest"] == before[0]["digest"]
    assert record["ballots"] == before[0]["ballots"]
    assert results["tally"] == before[1]["tally"]
    assert others[1]["present"] == 0
    files = [each.read_bytes() for each in hall.server.folder.rglob("*") if each.is_file()]
    assert not any(b"zzann" in content for content in files)
    assert "zzann" not in "".join(hall.server.output)


@pytest.mark.parametrize("secrecy", ["named", "secret"])
def test_ballot_is_the_same_one_when_a_deleted_person_signs_up_again(
    hall: Hall, secrecy: str
) -> None:
    ann, poll = hall.server.sign_up("ann"), hall.poll(secrecy=secrecy)
    yes, no = hall.choices(poll)
    hall.server.cast(ann, [yes], poll=poll)

    hall.ask("DELETE", "/auth/me", token=ann)
    again = hall.server.sign_up("ANN")
    second = hall.server.cast(again, [no], poll=poll)
    hall.ask("POST", f"/polls/{poll}/close")
    record = hall.ask("GET", f"/polls/{poll}/record")

    assert (second.status_code, second.json()["changed"]) == (200, True)
    assert [ballot["choices"] for ballot in record["ballots"]] == [[no]]
    names = {second.json()["receipt"]: "ANN"} if secrecy == "named" else None
    assert record["names"] == names


def test_deleted_persons_open_socket_and_token_can_do_nothing(hall: Hall, join: Join) -> None:
    ann, poll = hall.server.sign_up("ann"), hall.poll()
    client = join(ann)
    choices = hall.choices(poll)[:1]

    hall.ask("DELETE", "/auth/me", token=ann)
    sent: list[tuple[str, dict[str, Any]]] = [
        ("ballot:cast", {"poll": poll, "choices": choices}),
        ("chat:send", {"room": hall.code, "text": "still here"}),
        ("presence:set", {"room": hall.code, "status": "online"}),
        ("room:join", {"room": hall.code}),
    ]
    for event, body in sent:
        with suppress(BadNamespaceError):  # the server ends the connection meanwhile
            client.emit(event, body)
    client.wait("disconnect")
    over_http = hall.server.cast(ann, choices, poll=poll)

    assert {ack["error"]["code"] for ack in client.received("ack")} <= {"token_invalid"}
    assert over_http.json()["code"] == "token_invalid"
    assert hall.server.results(poll)["ballots"] == 0
    assert hall.presence()["people"] == []
