"""Workers of several machines: they share the folder of the polls' keys, or are refused."""

from pathlib import Path

import pytest

from tests.workers.conftest import Other, Workers


def test_machine_without_the_keys_of_open_polls_is_refused(
    workers: Workers, tmp_path: Path
) -> None:
    house, *_ = workers

    with pytest.raises(RuntimeError, match="Machines that share a database have one ROLLCALL_INST"):
        Other(tmp_path, str(house.database_url), "9").start()


def test_machine_with_a_copy_of_the_keys_is_refused(workers: Workers, tmp_path: Path) -> None:
    """It would lack the keys of the next poll."""
    house, *_ = workers
    (tmp_path / "polls.keys").write_bytes((house.folder / "polls.keys").read_bytes())

    with pytest.raises(RuntimeError, match="another worker has another file of polls' keys"):
        Other(tmp_path, str(house.database_url), "9").start()


def test_secret_poll_takes_votes_at_every_machine_and_its_key_goes_with_its_end(
    workers: Workers,
) -> None:
    house, second, third = workers
    room = house.room()
    poll = house.poll(room, secrecy="secret")
    voters = [house.member(room) for _ in range(3)]

    votes = [
        worker.cast(voter, [poll["candidates"][0]["id"]], poll=poll["id"]).status_code
        for worker, voter in zip(workers, voters, strict=True)
    ]
    keys = house.folder / "polls.keys"
    held = str(poll["id"]) in keys.read_text()
    second.request("POST", f"/polls/{poll['id']}/close", room.host)

    assert votes == [201] * 3
    assert held
    assert f'"{poll["id"]}"' not in keys.read_text()
    assert third.results(poll["id"])["ballots"] == 3
