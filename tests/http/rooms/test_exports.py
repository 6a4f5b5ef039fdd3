"""A room, and what is held of a person, as one file each."""

from typing import Any

from tests.http.hall import refusal
from tests.http.rooms.house import House, Room
from voting.verify.logs import check_log, read_log
from voting.verify.records import check_record, read_record


def export(house: House, path: str, token: str) -> Any:
    answer = house.request("GET", f"{path}/export", token)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="rollcall-')
    return answer.json()


def closed(house: House, room: Room, **fields: Any) -> dict[str, Any]:
    """Return a poll that one new member voted in, and that is closed."""
    voter = house.member(room)
    poll = house.poll(room, eligibility="roll", **fields)
    house.vote(voter, poll, 0)
    house.move(room, poll["id"], "close")
    return poll


def test_room_is_exported_whole_and_can_then_be_deleted(house: House) -> None:
    room = house.room()
    named, secret = closed(house, room, secrecy="named"), closed(house, room, results="host")
    draft = house.draft(room)
    house.guest(room, "Visitor Lee")
    (left,) = house.enrol(room, {"name": "Former Park"})
    house.request("DELETE", f"{room.path}/roll/{left['id']}", room.host)

    document = export(house, room.path, room.host)

    assert document["room"]["code"] == room.code
    assert document["roll"] == house.roll(room)
    assert [row["name"] for row in document["removed"]] == ["Former Park"]
    assert [guest["nickname"] for guest in document["guests"]] == ["Visitor Lee"]
    whole = house.request("GET", f"{room.path}/log.json", room.host).json()
    assert (document["log"], document["head"]) == (whole["entries"], whole["head"])
    polls = {each["poll"]["id"]: each for each in document["polls"]}
    assert [*polls] == [named["id"], secret["id"], draft["id"]]
    for poll in (named, secret):
        record = house.request("GET", f"/polls/{poll['id']}/record", room.host).json()
        assert polls[poll["id"]]["record"] == record
        assert polls[poll["id"]]["results"]["ballots"] == 1
        assert polls[poll["id"]]["electorate"]
    assert polls[draft["id"]]["record"] is None
    assert house.request("DELETE", room.path, room.host).status_code == 204
    assert refusal(house.request("GET", f"{room.path}/export", room.host)) == (404, "not_found")


def test_records_and_log_of_an_export_are_verified_alone(house: House) -> None:
    room = house.room()
    closed(house, room)

    document = export(house, room.path, room.host)

    (poll,) = document["polls"]
    log = {"room": room.code, "entries": document["log"], "head": document["head"]}
    checks = [*check_record(read_record(poll["record"]), None, None), *check_log(read_log(log))]
    assert [words for agrees, words in checks if agrees is False] == []


def test_long_lists_are_exported_to_their_ends(house: House) -> None:
    room = house.room()
    rows = [{"name": f"Member {number}"} for number in range(600)]  # read in parts of 256
    house.request("PUT", f"{room.path}/roll", room.host, json={"rows": rows})

    document = export(house, room.path, room.host)

    assert [row["name"] for row in document["roll"][1:]] == [row["name"] for row in rows]


def test_open_secret_poll_is_exported_without_a_ballot(house: House) -> None:
    room = house.room()
    voter, poll = house.member(room), house.poll(room, eligibility="accounts")
    receipt = house.vote(voter, poll, 0).json()["receipt"]

    answer = house.request("GET", f"{room.path}/export", room.host)
    own = house.request("GET", "/auth/me/export", voter)

    assert [each["record"] for each in answer.json()["polls"]] == [None]
    assert own.json()["ballots"] == []
    assert receipt not in answer.text


def test_person_exports_what_is_held_of_them_alone(house: House) -> None:
    room = house.room()
    me, other = house.member(room), house.member(room)
    ended, going = (
        house.poll(room, eligibility="roll", secrecy="named", title=title)
        for title in ("Ended", "Going")
    )
    for voter in (me, other):
        house.vote(voter, ended, 0)
        house.vote(voter, going, 1)
    house.move(room, ended["id"], "close")

    document = export(house, "/auth/me", me)

    assert [each["row"]["name"] for each in document["rows"]] == [f"Member {me[-6:]}"]
    assert [each["room"] for each in document["rows"]] == [room.code]
    choices = {each["title"]: each["ballot"]["choices"] for each in document["ballots"]}
    assert choices == {
        "Ended": [ended["candidates"][0]["id"]],
        "Going": [going["candidates"][1]["id"]],
    }
    assert f"Member {other[-6:]}" not in str(document)


def test_member_who_was_removed_still_exports_their_own(house: House) -> None:
    room = house.room()
    me = house.member(room)
    poll = house.poll(room, eligibility="roll", secrecy="named")
    house.vote(me, poll, 0)
    (row,) = [each for each in house.roll(room) if each["name"] == f"Member {me[-6:]}"]
    house.request("DELETE", f"{room.path}/roll/{row['id']}", room.host)
    house.move(room, poll["id"], "close")

    document = export(house, "/auth/me", me)

    assert [each["row"]["id"] for each in document["rows"]] == [row["id"]]
    assert [each["poll"] for each in document["ballots"]] == [poll["id"]]


def test_guest_and_claimed_row_export_themselves_and_a_screen_is_nobody(house: House) -> None:
    room = house.room()
    guest, tablet = house.guest(room, "Guest Kim"), house.tablet(room)

    of_guest, of_row = export(house, "/auth/me", guest), export(house, "/auth/me", tablet)

    assert of_guest["guest"]["nickname"] == "Guest Kim"
    assert of_row["account"] is None
    assert len(of_row["rows"]) == 1
    screen = house.request("GET", "/auth/me/export", house.screen(room))
    assert refusal(screen) == (403, "forbidden")


def ballots_of(house: House, token: str) -> dict[int, tuple[str | None, list[int]]]:
    """Return the ballots of somebody's export by poll, each with the name in the record."""
    ballots = export(house, "/auth/me", token)["ballots"]
    found = {each["poll"]: (each["name"], each["ballot"]["choices"]) for each in ballots}
    assert len(found) == len(ballots)
    return found


def test_ballots_of_people_who_never_joined_are_exported_in_polls_of_every_state(
    house: House,
) -> None:
    room = house.room()
    me, states = house.newcomer(), ("open", "paused", "closed", "void")
    polls = {
        state: house.poll(room, secrecy="named", eligibility="accounts") for state in states
    } | {"closed, then void": house.poll(room, secrecy="named", eligibility="accounts")}
    for poll in polls.values():
        house.vote(me, poll, 1)
    house.move(room, polls["paused"]["id"], "pause")
    for state in ("closed", "closed, then void"):
        house.move(room, polls[state]["id"], "close")
    for state in ("void", "closed, then void"):
        path = f"/polls/{polls[state]['id']}/void"
        house.request("POST", path, room.host, json={"reason": "A mistake"})

    found = ballots_of(house, me)

    marked = {poll["id"]: [poll["candidates"][1]["id"]] for poll in polls.values()}
    assert {poll: choices for poll, (_, choices) in found.items()} == marked
    named = {poll for poll, (name, _) in found.items() if name}
    assert named == {polls["closed"]["id"], polls["closed, then void"]["id"]}


def test_member_by_email_exports_their_row_and_what_they_voted_by_it(house: House) -> None:
    room = house.room(trust_email=True)
    account = house.account()
    me = house.token_of(account)
    house.enrol(room, {"name": "Kim at work", "email": account.email})
    poll = house.poll(room, secrecy="named", eligibility="roll")
    house.vote(me, poll, 0)

    document = export(house, "/auth/me", me)

    assert [(each["room"], each["row"]["name"]) for each in document["rows"]] == [
        (room.code, "Kim at work")
    ]
    assert [*ballots_of(house, me)] == [poll["id"]]


def test_ballot_is_exported_after_its_voter_lost_the_right_to_vote(house: House) -> None:
    room = house.room()
    me, guest = house.member(room), house.guest(room, "Guest Kim")
    for_roll = house.poll(room, secrecy="named", eligibility="roll")
    for_all = house.poll(room, secrecy="named", eligibility="anyone")
    house.vote(me, for_roll, 0)
    house.vote(guest, for_all, 0)
    (row,) = [each for each in house.roll(room) if each["name"] == f"Member {me[-6:]}"]
    path = f"{room.path}/roll/{row['id']}"
    house.request("PATCH", path, room.host, json={"role": "observer"})
    house.request("PATCH", room.path, room.host, json={"guests": False})

    going = [*ballots_of(house, me)], [*ballots_of(house, guest)]
    for poll in (for_roll, for_all):
        house.move(room, poll["id"], "close")

    assert going == ([for_roll["id"]], [for_all["id"]])
    assert ballots_of(house, me)[for_roll["id"]][0] == f"Member {me[-6:]}"
    assert ballots_of(house, guest)[for_all["id"]][0] == "Guest Kim"


def test_bars_mutes_and_the_first_email_are_exported(house: House) -> None:
    room, me, other = house.room(), house.sign_up("old"), house.newcomer()
    person = f"u{house.request('GET', '/auth/me', me).json()['id']}"
    for kind in ("barred", "muted"):
        house.request("PUT", f"{room.path}/{kind}/{person}", room.host)
    moved = {"email": "new@example.org", "current_password": "correct-horse"}
    house.request("PATCH", "/auth/me", me, json=moved)

    document, of_other = export(house, "/auth/me", me), export(house, "/auth/me", other)

    assert [each["room"] for each in (*document["bars"], *document["mutes"])] == [room.code] * 2
    assert (document["first_email"], bool(document["made_at"])) == ("old@example.org", True)
    assert (of_other["bars"], of_other["mutes"], of_other["first_email"]) == ([], [], None)
