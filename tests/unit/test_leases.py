"""Who is online: people counted once, however many tabs, and a reload is no leave."""

from datetime import UTC, datetime, timedelta
from typing import Any

from api.leases import GRACE_SECONDS, NAMED, NAMED_AGAIN, Leases

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
GRACE = timedelta(seconds=GRACE_SECONDS)
TICK = timedelta(milliseconds=1)


def arrive(leases: Leases, person: str, connection: str, now: datetime = NOW) -> None:
    leases.arrive(person, f"name of {person}", "voter", connection, now)


def changes(diff: dict[str, Any] | None) -> tuple[list[str], list[str], int]:
    """Return who joined, who left and how many are online."""
    assert diff is not None
    return [person["id"] for person in diff["joins"]], diff["leaves"], diff["online"]


def test_grace_is_the_contracts() -> None:
    assert GRACE_SECONDS == 5


def test_person_is_sent_once_when_three_tabs_are_open() -> None:
    leases = Leases()
    for tab in ("a", "b", "c"):
        arrive(leases, "u1", tab)

    diff = leases.settle(NOW)

    assert changes(diff) == (["u1"], [], 1)
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


def test_reload_sends_nothing() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)
    between = leases.settle(NOW + GRACE - TICK)
    arrive(leases, "u1", "b", NOW + GRACE - TICK)

    assert between is None
    assert leases.settle(NOW + 10 * GRACE) is None
    assert leases.people()[0]["since"] == "2026-11-20T09:00:00.000Z"


def test_leave_is_sent_when_the_grace_is_over() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    arrive(leases, "u2", "b")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)

    assert not leases.settled
    assert leases.settle(NOW + GRACE - TICK) is None
    assert changes(leases.settle(NOW + GRACE)) == ([], ["u1"], 1)
    assert leases.settled


def test_grace_is_counted_from_the_last_tab() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    arrive(leases, "u1", "b")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)
    leases.depart("u1", "b", NOW + GRACE)

    assert leases.settle(NOW + 2 * GRACE - TICK) is None
    assert changes(leases.settle(NOW + 2 * GRACE)) == ([], ["u1"], 0)


def test_grace_is_not_prolonged_when_a_departure_is_reported_again() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW)
    leases.depart("u1", "a", NOW + GRACE - TICK)

    assert changes(leases.settle(NOW + GRACE)) == ([], ["u1"], 0)


def test_departure_of_somebody_unknown_changes_nothing() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)

    leases.depart("u2", "a", NOW)
    leases.depart("u1", "b", NOW)

    assert leases.settle(NOW + GRACE) is None
    assert len(leases.people()) == 1


def test_visit_shorter_than_the_first_diff_is_never_sent() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.depart("u1", "a", NOW)

    assert leases.settle(NOW + GRACE) is None
    assert leases.settled


def test_seq_grows_by_one_with_each_diff_that_is_sent() -> None:
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

    joins, leaves, online = changes(diff)
    assert (seen | set(joins)) - set(leaves) == {"u2"}
    assert online == 1


def test_person_joins_again_when_renamed() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)

    leases.rename("u1", "u1", "Kim", "host")
    leases.rename("u2", "u2", "Nobody", "voter")
    diff = leases.settle(NOW)

    assert diff is not None
    assert [(each["id"], each["name"], each["role"]) for each in diff["joins"]] == [
        ("u1", "Kim", "host")
    ]
    assert leases.moved == []


def test_moves_are_those_who_came_and_went_and_not_who_changed() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    arrive(leases, "u2", "b")
    leases.settle(NOW)
    first = leases.moved

    leases.arrive("u1", "name of u1", "voter", "a", NOW, status="away")
    leases.leave("u2")
    leases.arrive("u3", "Back", "voter", "c", NOW, quiet=True)
    leases.settle(NOW)

    assert first == [("arrived", "u1", "name of u1"), ("arrived", "u2", "name of u2")]
    assert leases.moved == [("left", "u2", "name of u2")]


def test_lease_without_grace_ends_at_once_but_not_with_another_tab_open() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    arrive(leases, "u1", "b")
    leases.settle(NOW)

    leases.depart("u1", "a", NOW, grace=False)
    between = leases.settle(NOW)
    leases.depart("u1", "b", NOW, grace=False)

    assert between is None
    assert changes(leases.settle(NOW)) == ([], ["u1"], 0)


def test_names_are_kept_from_members_above_two_hundred_until_it_is_quieter() -> None:
    leases = Leases()
    named = []
    for number in range(NAMED + 1):
        arrive(leases, f"u{number}", "a")
        leases.settle(NOW)
        named.append(leases.named)
    crowded = leases.seq

    seqs = []
    for number in range(NAMED - NAMED_AGAIN + 1):
        leases.leave(f"u{number}")
        leases.settle(NOW)
        named.append(leases.named)
        seqs.append(leases.seq - crowded)

    assert named == [True] * NAMED + [False] * (NAMED - NAMED_AGAIN + 1) + [True]
    gap = NAMED - NAMED_AGAIN
    assert seqs == [*range(1, gap + 1), gap + 2]  # a gap: whoever was told counts joins again


def test_leave_is_sent_soon_when_the_clock_is_set_back() -> None:
    leases = Leases()
    arrive(leases, "u1", "a")
    leases.settle(NOW)
    leases.depart("u1", "a", NOW)

    assert changes(leases.settle(NOW - timedelta(hours=1))) == ([], ["u1"], 0)
