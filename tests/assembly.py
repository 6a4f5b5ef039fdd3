"""A general assembly in the middle of its evening, for pictures: people and polls of each kind."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.http.rooms.house import House, Room, soon
from tests.live.clients import Client

# fmt: off
NAMES = (
    "김하늘", "이서준", "박지우", "최민서", "정다온", "강유나", "조은별", "윤도현",
    "한결", "서이안", "문가람", "배소율", "신재하", "오로라", "임태오", "남궁시우",
    "황보예린", "고은채", "송하람", "전유진", "홍시연", "유건우", "양서아", "손지호",
    "백다인", "허윤재", "노아름", "구본철", "성가은", "차은우",
)
GUESTS = ("Ada Park", "Noah Kim", "Grace Han", "Linus Berg", "Maya Chen", "Omar Haddad")
DELEGATES = [2, 1, 1, 0, 2, 1, 0, 1, 1, 3, 0, 1, 2, 0, 1, 1, 0, 2, 1, 0, 1, 1, 0, 2,
             3, 1, 0, 1, 1, 2]
# fmt: on
QUORUM = 20
ONLINE = 24


@dataclass(frozen=True)
class Assembly:
    """The room, who is in it by token, and its polls by name."""

    room: Room
    voters: list[str]
    polls: dict[str, dict[str, Any]]


def seat_assembly(house: House) -> Assembly:
    """Make the room, enrol everybody, and let most of them come."""
    room = house.room(name="한빛 동아리 정기총회", quorum={"count": QUORUM})
    people = [*NAMES, *GUESTS]
    rows = house.enrol(
        room, *({"name": name, "ref": f"2027{number:03}"} for number, name in enumerate(people))
    )
    voters = [house.newcomer() for _ in rows]
    for row, token in zip(rows, voters, strict=True):
        house.claim(room, row["id"], token)
    for token, name in ((room.host, "문해솔"), (voters[-1], people[-1])):
        house.request("PATCH", "/auth/me", token, json={"name": name})
    return Assembly(room, voters, {})


def bring_online(house: House, assembly: Assembly) -> list[Client]:
    """Connect some of the voters; they are there until their clients are closed."""
    clients = [Client(house.url, auth={"token": token}) for token in assembly.voters[:ONLINE]]
    for client in clients:
        client.join(assembly.room.code)
    return clients


def hold_polls(house: House, assembly: Assembly) -> None:
    """Hold polls of each kind; the last opened is the one that is still going on."""
    third = {"num": 2, "den": 3, "of": "valid", "rule": "at_least"}
    hold = partial(hold_poll, house, assembly)
    answers = ["찬성", "반대", "기권"]
    title = "회칙 제12조 개정안을 승인합니다"
    hold("motion", title, answers, [27, 6, 2], method="motion", threshold=third)
    places = ["제주", "강릉", "경주", "여수", "속초"]
    title = "가을 여행지를 정합니다 · Where to in autumn?"
    hold("ranked", title, places, [10, 7, 9, 6, 3], method="ranked")
    for ended in ("motion", "ranked"):
        house.move(assembly.room, assembly.polls[ended]["id"], "close")
    auditors = NAMES[8:12]
    hold(
        "secret", "감사를 선출합니다", auditors, [9, 7, 5, 0], results="closed", closes_at=soon(540)
    )
    hold("many", "대의원을 선출합니다", [*NAMES[:24], *GUESTS], DELEGATES, closes_at=soon(900))
    leaders = [*NAMES[:6], *GUESTS[:2]]
    title = "2027년 회장을 선출합니다 · Who should lead?"
    hold("live", title, leaders, [9, 3, 6, 1, 2, 0, 7, 1], closes_at=soon(272))


def hold_poll(
    house: House,
    assembly: Assembly,
    key: str,
    title: str,
    names: list[str],
    votes: list[int],
    **fields: Any,
) -> None:
    """Open a poll and cast so many votes for each candidate; ranked ones go on to the next."""
    candidates = [{"name": name} for name in names]
    poll = house.poll(
        assembly.room, title=title, candidates=candidates, eligibility="roll", **fields
    )
    voters = iter(assembly.voters)
    for place, count in enumerate(votes):
        for each in range(count):
            second = (place + 2 + each % 2) % len(names)
            further = [second] if fields.get("method") == "ranked" else []
            answer = house.vote(next(voters), poll, place, *further)
            assert answer.status_code == 201, answer.text
    assembly.polls[key] = poll


def make_house(folder: Path) -> House:
    """Start a server with as many accounts as an assembly needs."""
    house = House(folder, people=60)
    house.settings["PUBLIC_URL"] = "https://vote.example.org"
    house.start()
    return house
