"""A host bars somebody from a room's polls: decided as the ballot is cast."""

from tests.http.hall import PASSWORD, refusal
from tests.http.rooms.house import House


def test_barred_account_casts_no_more_and_its_ballot_stays(house: House) -> None:
    room, account = house.room(), house.account()
    token, poll = house.token_of(account), house.poll(room)
    path = f"{room.path}/barred/{account.person}"
    assert house.vote(token, poll, 0).status_code == 201

    barred = house.request("PUT", path, room.host)
    again = house.request("PUT", path, room.host)

    assert (barred.status_code, barred.json()) == (200, again.json())
    assert barred.json()["person"] == account.person
    assert refusal(house.vote(token, poll, 1)) == (403, "not_eligible")
    assert house.results(poll["id"])["ballots"] == 1
    assert house.request("GET", f"/polls/{poll['id']}/ballot", token).status_code == 200
    assert house.vote(token, house.poll(house.room()), 1).status_code == 201
    assert house.request("DELETE", path, room.host).status_code == 204
    assert house.vote(token, poll, 1).status_code == 200


def test_bar_outlives_the_account(house: House) -> None:
    room, account = house.room(), house.account()
    poll, token = house.poll(room), house.token_of(account)
    house.request("PUT", f"{room.path}/barred/{account.person}", room.host)
    house.request("DELETE", "/auth/me", token)
    fields = {"email": account.email, "name": "Again", "password": PASSWORD}
    assert house.request("POST", "/auth/signup", json=fields).status_code == 201

    again = house.sign_in(account.email, PASSWORD)

    assert refusal(house.vote(again, poll, 0)) == (403, "not_eligible")


def test_barred_guest_casts_no_more_and_a_host_can_not_be_barred(house: House) -> None:
    room = house.room()
    poll, token = house.poll(room, eligibility="anyone"), house.guest(room)
    person = house.request("GET", f"/auth/token?token={token}").json()["user"]["person"]
    host = house.request("GET", "/auth/me", room.host).json()["id"]

    assert house.request("PUT", f"{room.path}/barred/{person}", room.host).status_code == 200
    elsewhere = house.room()
    answer = house.request("PUT", f"{elsewhere.path}/barred/{person}", elsewhere.host)

    assert refusal(house.vote(token, poll, 0)) == (403, "not_eligible")
    assert refusal(answer) == (404, "not_found")
    answer = house.request("PUT", f"{room.path}/barred/u{host}", room.host)
    assert refusal(answer) == (409, "wrong_state")
    for person in ("r1", "x", "u", "u1e3", "u" + "9" * 5_000):
        answer = house.request("PUT", f"{room.path}/barred/{person}", room.host)
        assert refusal(answer) == (404, "not_found")


def test_host_sees_accounts_made_since_the_opening_and_whether_they_are_barred(
    house: House,
) -> None:
    room = house.room()
    house.account()
    poll = house.poll(room)
    path = f"/polls/{poll['id']}/newcomers"
    fields = {"email": "made-up@example.org", "name": "Made up", "password": PASSWORD}
    made = house.request("POST", "/auth/signup", json=fields).json()
    person = f"u{made['id']}"

    shown = house.request("GET", path, room.host).json()["items"]
    house.request("PUT", f"{room.path}/barred/{person}", room.host)
    barred = house.request("GET", f"{path}?limit=1", room.host).json()["items"]

    assert [(each["id"], each["name"], each["barred"]) for each in shown] == [
        (person, "Made up", False)
    ]
    assert [(each["id"], each["barred"]) for each in barred] == [(person, True)]
    assert "email" not in shown[0]


def test_newcomers_are_none_where_the_roll_decides(house: House) -> None:
    room = house.room()
    house.member(room)
    poll = house.poll(room, eligibility="roll")
    fields = {"email": "another@example.org", "name": "Another", "password": PASSWORD}
    assert house.request("POST", "/auth/signup", json=fields).status_code == 201

    shown = house.request("GET", f"/polls/{poll['id']}/newcomers", room.host)

    assert shown.json() == {"items": []}
