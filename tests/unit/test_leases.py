"""Who is online: people counted once, however many tabs, and a reload is no leave."""

from datetime import UTC, datetime, timedelta
from typing import Any

from api.live.leases import GRACE_SECONDS, Leases

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
GRACE = timedelta(seconds=GRACE_SECONDS)
TICK = timedelta(milliseconds=1)


def arrive(leases: Leases, person: str, connection: str, now: datetime = NOW) -> None:
    leases.arrive(person, f"name of {person}", "voter", connection, now)


def told(diff: dict[str, Any] | None) -> tuple[list[str], list[str], int]:
    """Return who joined, who left and how many are online."""
    assert diff is not None
    return [person["id"] for person in diff["joins"]], diff["leaves"], diff["online"]


def test_grace_is_the_contracts() -> None:
    assert GRACE_SECONDS == 5


def test_person_is_told_once_when_three_tabs_are_open() -> None:
    leases = Leases()
    for tab in ("a", "b", "c"):
        arrive(leases, "u1", tab)

    diff = leases.settle(NOW)

    assert told(diff) == (["u1"], [], 1)
    assert diff is not None
    assert diff["joins"][0]["connections"] == 3
    assert leases.settle(NOW) is None


def test_person_is_counted_once_when_one_tab_arrives_twice() -> None:
    leases = Leases()
    for _ in range(2):
        arrive(leases, "u1", "a")
    leases.depart("u1", "a", NOW)

    assert leases.settle(NOW + GRACE) is None
    assert leases.people() == []


def test_person_stays_when_one_tab_of_three_is_closed() -> None:
    leases = Leases()
    for tab in ("a", "b", "c"):
        arrive(leases, "u1", tab)
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)
    leases.depart("u1", "b", NOW)

    assert leases.settle(NOW + 10 * GRACE) is None
    assert leases.settled


def test_reload_tells_nothing() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)
    between = leases.settle(NOW + GRACE - TICK)
    arrive(leases, "u1", "b", NOW + GRACE - TICK)

    assert between is None
    assert leases.settle(NOW + 10 * GRACE) is None
    assert leases.people()[0]["since"] == NOW


def test_leave_is_told_when_the_grace_is_over() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    arrive(leases, "u2", "b")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)

    assert not leases.settled
    assert leases.settle(NOW + GRACE - TICK) is None
    assert told(leases.settle(NOW + GRACE)) == ([], ["u1"], 1)
    assert leases.settled


def test_grace_is_counted_from_the_last_tab() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    arrive(leases, "u1", "b")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)
    leases.depart("u1", "b", NOW + GRACE)

    assert leases.settle(NOW + 2 * GRACE - TICK) is None
    assert told(leases.settle(NOW + 2 * GRACE)) == ([], ["u1"], 0)


def test_grace_is_not_prolonged_when_a_departure_is_told_again() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)
    leases.depart("u1", "a", NOW + GRACE - TICK)

    assert told(leases.settle(NOW + GRACE)) == ([], ["u1"], 0)


def test_departure_of_somebody_unknown_changes_nothing() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)

    leases.depart("u2", "a", NOW)
    leases.depart("u1", "b", NOW)

    assert leases.settle(NOW + GRACE) is None
    assert len(leases.people()) == 1


def test_visit_shorter_than_the_first_diff_is_never_told() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.depart("u1", "a", NOW)

    assert leases.settle(NOW + GRACE) is None
    assert leases.settled


def test_seq_grows_by_one_with_each_diff_that_is_told() -> None:
    leases = Leases()
    seqs = []
    for number in range(3):
        arrive(leases, f"u{number}", f"c{number}")
        diff = leases.settle(NOW)
        assert diff is not None
        seqs.append(diff["seq"])
        leases.settle(NOW)

    assert seqs == [1, 2, 3]
    assert leases.seq == 3


def test_people_and_the_diffs_after_it_give_everybody() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)
    arrive(leases, "u2", "b")
    leases.depart("u1", "a", NOW)

    seen = {person["id"] for person in leases.people()}
    diff = leases.settle(NOW + GRACE)

    joins, leaves, online = told(diff)
    assert (seen | set(joins)) - set(leaves) == {"u2"}
    assert online == 1
