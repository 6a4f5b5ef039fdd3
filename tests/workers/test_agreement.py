"""What people are told by one worker holds for all of them."""

import os
from itertools import cycle
from time import monotonic
from typing import Any

from tests.at_once import at_once
from tests.http.rooms.house import until
from tests.live.clients import order_of
from tests.live.conftest import Connect
from tests.workers.conftest import Workers

CHAINS = int(os.environ.get("CHAINS", "20"))
CLOSES = int(os.environ.get("CLOSES", "4"))
VOTERS, READS = 20, 8


def test_nobody_is_refused_by_a_worker_that_hasnt_heard_yet(workers: Workers) -> None:
    """Sign-up, sign-in, a room, a poll, a ballot, a sign-out: each at another worker."""

    def walk(number: int) -> None:
        turn = cycle(workers[number % 3 :] + workers[: number % 3])
        token = next(turn).sign_up(f"chain{number}")
        made = next(turn).request("POST", "/rooms", token, json={"name": "Chain"})
        assert made.status_code == 201, made.text
        path = f"/rooms/{made.json()['code']}"
        body = {"title": "?", "candidates": [{"name": "a"}, {"name": "b"}]}
        poll = next(turn).request("POST", f"{path}/polls", token, json=body).json()
        opened = next(turn).request("POST", f"/polls/{poll['id']}/open", token)
        assert opened.status_code == 200, opened.text
        choice = poll["candidates"][0]["id"]
        cast = next(turn).cast(token, [choice], poll=poll["id"])
        assert cast.status_code == 201, cast.text
        assert next(turn).results(poll["id"])["ballots"] == 1
        assert next(turn).request("GET", "/auth/me", token).status_code == 200
        assert next(turn).request("POST", "/auth/logout", token).status_code == 204
        assert next(turn).request("GET", "/auth/me", token).status_code == 401

    at_once([lambda some=some: [walk(each) for each in some] for some in _shares(CHAINS, 3)])


def test_close_counts_exactly_what_all_workers_have_accepted(workers: Workers) -> None:
    house, *_ = workers
    room = house.room()
    voters = [house.member(room) for _ in range(VOTERS)]

    for turn in range(CLOSES):
        poll = house.poll(room, secrecy="secret" if turn % 2 else "named", results="live")
        choice, accepted = poll["candidates"][0]["id"], []

        def vote(number: int, poll: Any = poll, choice: int = choice, to: Any = accepted) -> None:
            answer = workers[number % 3].cast(voters[number], [choice], poll=poll["id"])
            assert answer.status_code in (201, 409), answer.text
            to.append(answer.status_code == 201)

        def close(poll: Any = poll, closer: Any = workers[turn % 3], to: Any = accepted) -> None:
            until(lambda: len(to) >= VOTERS // 3)
            closed = closer.request("POST", f"/polls/{poll['id']}/close", room.host)
            assert closed.status_code == 200, closed.text

        def watch(worker: Any, poll: Any = poll) -> None:
            _assert_in_order([worker.results(poll["id"]) for _ in range(READS)])

        at_once(
            [
                close,
                *(lambda number=number: vote(number) for number in range(VOTERS)),
                *(lambda each=each: watch(each) for each in workers),
            ]
        )

        counted = [each.results(poll["id"]) for each in workers]
        _assert_in_order(counted)
        assert [each["ballots"] for each in counted] == [sum(accepted)] * 3
        assert len({each["digest"] for each in counted}) == 1


def test_tallies_of_all_workers_are_equal_soon_after_the_last_vote(
    workers: Workers, connect: Connect
) -> None:
    house, *_ = workers
    room = house.room()
    voters = [house.member(room) for _ in range(9)]
    poll = house.poll(room, results="live")
    screens = [connect(each, room.host) for each in workers]
    for screen in screens:
        screen.join(room.code)
    choice = poll["candidates"][0]["id"]

    for number, voter in enumerate(voters):
        assert workers[number % 3].cast(voter, [choice], poll=poll["id"]).status_code == 201
    ended = monotonic()

    last = [screen.wait_tally({choice: 9}) for screen in screens]
    assert len({order_of(each) for each in last}) == 1
    assert max(screen.times("tally:update")[-1] for screen in screens) - ended < 0.5


def test_versions_never_go_back_for_a_client_that_hops(workers: Workers) -> None:
    house, *_ = workers
    room = house.room()
    voters, poll = [house.member(room) for _ in range(12)], house.poll(room, results="live")
    choice, seen = poll["candidates"][0]["id"], [(0, 0)]

    for voter, worker, reader in zip(voters, cycle(workers), cycle(workers[1:]), strict=False):
        worker.cast(voter, [choice], poll=poll["id"])
        for each in (reader, worker, *workers):
            seen.append(order_of(each.results(poll["id"])))

    assert seen == sorted(seen)


def test_what_happens_at_one_worker_is_sent_by_all(workers: Workers, connect: Connect) -> None:
    house, second, third = workers
    room = house.room()
    token = house.member(room)
    phone, laptop, host = connect(second, token), connect(third, token), connect(house, room.host)
    for client in (phone, laptop, host):
        client.join(room.code)

    phone.call("chat:send", {"room": room.code, "text": "hello"})
    draft = house.draft(room)
    poll = house.poll(room)
    voted = phone.call(
        "ballot:cast", {"poll": poll["id"], "choices": [poll["candidates"][0]["id"]]}
    )

    assert voted["ok"]
    assert laptop.wait("chat:message", lambda each: each["text"] == "hello")
    assert host.wait("poll:created", lambda each: each["id"] == draft["id"])
    assert laptop.wait("poll:created", lambda each: each["id"] == poll["id"])
    assert laptop.wait("you:changed", lambda each: _has_voted(each, poll["id"]))
    assert third.request("POST", "/auth/logout", token).status_code == 204
    assert phone.wait("session:ended")


def test_line_is_removed_and_its_author_muted_at_every_worker(
    workers: Workers, connect: Connect
) -> None:
    house, second, third = workers
    room, token = house.room(), house.newcomer()
    author, reader = connect(second, token), connect(third, room.host)
    for client in (author, reader):
        client.join(room.code)
    line = author.call("chat:send", {"room": room.code, "text": "rubbish"})["id"]
    person = f"u{third.request('GET', '/auth/me', token).json()['id']}"

    assert house.request("DELETE", f"{room.path}/messages/{line}", room.host).status_code == 204
    assert third.request("PUT", f"{room.path}/muted/{person}", room.host).status_code == 200

    for client in (author, reader):
        assert client.wait("chat:removed")["id"] == line
    assert author.wait("you:changed", lambda each: each["muted"] is not None)
    assert not author.call("chat:send", {"room": room.code, "text": "more"})["ok"]
    kept = second.request("GET", f"{room.path}/messages", token).json()["items"]
    assert "rubbish" not in {each["text"] for each in kept}


def _assert_in_order(seen: list[dict[str, Any]]) -> None:
    """The versions never go back."""
    orders = [order_of(each) for each in seen]
    assert orders == sorted(orders)


def _has_voted(you: dict[str, Any], poll: int) -> bool:
    return bool(you["polls"].get(str(poll), {}).get("voted"))


def _shares(count: int, parts: int) -> list[range]:
    return [range(each, count, parts) for each in range(parts)]
