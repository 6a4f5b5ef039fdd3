"""A worker that is killed or stopped, a PostgreSQL that restarts, a network that is cut."""

import os
import signal
import threading
import time
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import pytest
import requests

from tests.db.postgres.proxy import Proxy
from tests.http.rooms.house import until
from tests.live.conftest import Connect
from tests.postgres import Cluster
from tests.workers.conftest import Other, Workers

pytestmark = pytest.mark.crash


def names_of(people: Any) -> set[str]:
    return {each["name"] for each in people}


def online(worker: Other, room: Any) -> set[str]:
    return names_of(worker.request("GET", f"{room.path}/presence", room.host).json()["people"])


def test_people_of_a_killed_worker_go_and_no_others(doomed: Workers, connect: Connect) -> None:
    house, second, third = doomed
    room = house.room()
    stays, goes, hops = (house.guest(room, name) for name in ("Stays", "Goes", "Hops"))
    host = connect(house, room.host)
    host.join(room.code)
    for token, worker in ((stays, second), (goes, third), (hops, third), (hops, second)):
        connect(worker, token).join(room.code)
    until(lambda: {"Stays", "Goes", "Hops"} <= online(house, room))

    killed = time.monotonic()
    third.kill()
    left = host.wait("presence:diff", lambda each: bool(each["leaves"]))

    assert time.monotonic() - killed > 5, "their grace wasn't waited for"
    assert len(left["leaves"]) == 1
    assert {"Stays", "Hops"} <= online(house, room)
    assert "Goes" not in online(second, room)
    lines = second.request("GET", f"{room.path}/messages", room.host).json()["items"]
    moves = [(each["system"]["code"], each["system"]["name"]) for each in lines if each["system"]]
    assert len(moves) == len(set(moves)), "a line came from two workers"


def test_worker_that_was_stopped_goes_on_with_its_people(doomed: Workers, connect: Connect) -> None:
    house, second, _ = doomed
    room = house.room()
    token, poll = house.member(room), house.poll(room)
    client = connect(second, token)
    client.join(room.code)
    before = until(lambda: online(house, room))

    os.kill(second.pid, signal.SIGSTOP)
    until(lambda: not online(house, room))
    voted = house.vote(token, poll, 0)
    os.kill(second.pid, signal.SIGCONT)

    assert voted.status_code == 201
    until(lambda: online(house, room) == before)
    again = second.cast(token, [poll["candidates"][1]["id"]], poll=poll["id"])
    assert again.status_code in (200, 409), again.text
    assert second.results(poll["id"])["ballots"] == house.results(poll["id"])["ballots"] == 1


def test_nothing_is_lost_or_twice_when_postgresql_restarts_amid_votes(
    doomed: Workers, cluster: Cluster, connect: Connect
) -> None:
    house, *_ = doomed
    room = house.room()
    voters, poll = [house.member(room) for _ in range(30)], house.poll(room, results="live")
    screen = connect(doomed[1], room.host)
    screen.join(room.code)
    choice = poll["candidates"][0]["id"]

    def restart() -> None:
        cluster.stop("immediate")
        cluster.start()

    crash = threading.Thread(target=restart)
    crash.start()
    for number, voter in enumerate(voters):
        until(lambda n=number, v=voter: _cast(doomed[n % 3], v, choice, poll["id"]))
    crash.join()

    screen.wait_tally({choice: 30})
    assert [each.results(poll["id"])["ballots"] for each in doomed] == [30] * 3
    until(lambda: online(doomed[2], room))


def test_worker_that_is_cut_off_refuses_reads_and_ends_sockets_after_a_time(
    cluster: Cluster, tmp_path: Path, connect: Connect
) -> None:
    cluster.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    proxy = Proxy(cluster.port)
    worker = Other(tmp_path, proxy.url, "9")
    worker.start()
    assert worker.request("GET", "/rooms/lobby").status_code == 200
    unheard = "/polls/999/results", "/polls/999/results.csv", "/polls/999/record"
    assert {worker.request("GET", path).status_code for path in unheard} == {404}

    sockets = [connect(worker, transports=[each]) for each in ("websocket", "polling")]
    for each in sockets:
        each.join()

    proxy.freeze()
    try:
        assert worker.request("GET", "/rooms/lobby").status_code == 200
        # another worker may have made them by now
        assert {worker.request("GET", path).status_code for path in unheard} == {503}
        until(lambda: worker.request("GET", "/readyz").status_code == 503)
        until(lambda: worker.request("GET", "/rooms/lobby").status_code == 503)
        for each in sockets:
            assert each.wait("server:stopping")["retry_after"] > 0
            each.wait("disconnect")
        assert worker.request("GET", "/socket.io/?EIO=4&transport=polling").status_code == 503
        proxy.thaw()
        until(lambda: worker.request("GET", "/rooms/lobby").status_code == 200)
        until(lambda: worker.request("GET", "/readyz").status_code == 200)
        until(lambda: "sid" in worker.request("GET", "/socket.io/?EIO=4&transport=polling").text)
        connect(worker).join()
    finally:
        proxy.thaw()
        worker.kill()
        proxy.close()


def _cast(worker: Other, voter: str, choice: int, poll: int) -> bool:
    try:
        answer = worker.cast(voter, [choice], key=str(uuid5(NAMESPACE_OID, voter)), poll=poll)
    except requests.RequestException:
        return False
    assert answer.status_code in (200, 201, 503), answer.text
    return answer.status_code != 503
