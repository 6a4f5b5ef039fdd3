"""A room's log: chained entries, in the transaction of their acts."""

from pathlib import Path
from typing import Any, get_args

import pytest

from tests.records import whole_log
from tests.unit.lobby import NOW, add_account, add_poll
from voting.acts import log_restore, ranges_of
from voting.chain import check_chain, start_of
from voting.log import CLOCK, OPERATOR, append, head
from voting.model.log import LogEntry, LogKind
from voting.model.rooms import Room, Row
from voting.people import standing_in
from voting.polls import open_poll
from voting.refusals import NotFound
from voting.roll import change_row, remove_row
from voting.roll_plans import apply_roll, plan_roll
from voting.rooms import change_room
from voting.store import Store


@pytest.fixture
def room(store: Store) -> Room:
    with store.transaction():
        return store.add(Room(0, "lobby", "Lobby", "public"))


def documents(store: Store, room: str = "lobby") -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = whole_log(store, room)["entries"]
    return entries


def test_empty_log_has_a_head(store: Store) -> None:
    assert head(store, "lobby") == start_of("lobby")


def test_head_is_that_of_the_last_entry_of_its_room(store: Store) -> None:
    first = append(store, "lobby", "poll_paused", CLOCK, {"poll": 1}, NOW)
    append(store, "other", "poll_paused", CLOCK, {"poll": 1}, NOW)
    last = append(store, "lobby", "poll_paused", CLOCK, {"poll": 1}, NOW)

    assert (first.n, last.n, last.previous) == (1, 2, first.hash)
    assert head(store, "lobby") == {"n": 2, "hash": last.hash}


def chain(store: Store) -> list[dict[str, Any]]:
    for number in range(1, 6):
        append(store, "lobby", "poll_paused", "u1", {"poll": number}, NOW)
    return documents(store)


def test_chain_holds_whole_and_from_any_head_in_it(store: Store) -> None:
    entries = chain(store)

    assert check_chain(entries, start_of("lobby")) is None
    for n, entry in enumerate(entries, 1):
        assert check_chain(entries[n:], {"n": n, "hash": entry["hash"]}) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("n", 4),
        ("at", "2026-11-25T00:00:00.000Z"),
        ("kind", "poll_continued"),
        ("actor", "u2"),
        ("data", {"poll": 30}),
        ("previous", "f" * 64),
        ("hash", "f" * 64),
    ],
)
def test_chain_breaks_where_any_field_was_changed(store: Store, field: str, value: object) -> None:
    entries = chain(store)
    entries[2] = {**entries[2], field: value}

    assert check_chain(entries, start_of("lobby")) == 3


def test_chain_breaks_where_an_entry_was_left_out_moved_or_of_another_room(store: Store) -> None:
    entries = chain(store)

    assert check_chain([*entries[:1], *entries[2:]], start_of("lobby")) == 2
    assert check_chain([entries[1], entries[0]], start_of("lobby")) == 1
    assert check_chain(entries, start_of("other")) == 1
    assert check_chain(entries[3:], {"n": 3, "hash": "f" * 64}) == 4


def test_entry_is_undone_with_its_act(store: Store) -> None:
    poll = add_poll(store, state="draft")

    def act() -> None:
        with store.transaction():
            open_poll(store, poll.id, NOW, "u1")
            open_poll(store, 999, NOW, "u1")

    with pytest.raises(NotFound):
        act()
    assert head(store, "lobby") == start_of("lobby")


def test_entry_holds_no_fraction(store: Store) -> None:
    with pytest.raises(ValueError, match="canonical"):
        append(store, "lobby", "poll_paused", CLOCK, {"share": 0.5}, NOW)

    assert head(store, "lobby") == start_of("lobby")


def test_roll_change_shows_ids_counts_and_fields_and_no_value(store: Store, room: Room) -> None:
    host = standing_in(store, room, add_account(store, "ann"))
    rows = [("1", {"name": "Mina Secret", "email": "mina@secret.example", "ref": "S-1"})]
    with store.transaction():
        apply_roll(
            store, room, plan_roll(store, room, rows, host, replacing=False, now=NOW), NOW, "u1"
        )
    row = store.group(Row, "lobby")[0]

    change_row(store, room, row.id, {"name": "Noah Secret", "role": "host"}, NOW, "u1")

    added, changed, hosts = documents(store)
    assert (added["kind"], added["data"]["added"], added["data"]["rows"]["added"]) == (
        "roll_changed",
        1,
        [[row.id, row.id]],
    )
    assert changed["data"]["fields"] == ["name", "role"]
    assert changed["data"]["voters"] == 1
    assert (hosts["kind"], hosts["data"]["added"]) == ("hosts_changed", [row.person])
    assert "secret" not in f"{[added, changed, hosts]}".lower()


def test_lost_host_is_logged_and_kept_host_is_not(store: Store, room: Room) -> None:
    with store.transaction():
        kept, demoted, gone = (store.add(Row(0, "lobby", "Host", role="host")) for _ in range(3))

    change_row(store, room, kept.id, {"name": "Mina"}, NOW, "u1")
    change_row(store, room, demoted.id, {"role": "voter"}, NOW, "u1")
    remove_row(store, room, gone.id, NOW, "u1")

    log = store.group(LogEntry, "lobby")
    assert [each.data for each in log if each.kind == "hosts_changed"] == [
        {"added": [], "removed": [demoted.person]},
        {"added": [], "removed": [gone.person]},
    ]


@pytest.mark.parametrize(
    ("kind", "setting", "value"),
    [
        ("quorum_changed", "quorum", {"count": 3}),
        ("quorum_changed", "quorum_rule", "require"),
        ("room_changed", "visibility", "members"),
        ("room_changed", "trust_email", True),
        ("room_changed", "hold_minutes", 5),
    ],
)
def test_each_setting_that_can_decide_an_outcome_is_logged_alone(
    store: Store, room: Room, kind: str, setting: str, value: Any
) -> None:
    changed = change_room(store, room, {setting: value}, NOW, "u1")
    change_room(store, changed, {setting: value, "name": "Another"}, NOW, "u1")

    (entry,) = store.group(LogEntry, "lobby")
    assert (entry.kind, entry.data[setting]) == (kind, value)


def test_change_that_changes_nothing_is_not_logged(store: Store, room: Room) -> None:
    with store.transaction():
        row = store.add(Row(0, "lobby", "Mina"))

    change_row(store, room, row.id, {"name": "Mina"}, NOW, "u1")

    assert head(store, "lobby") == start_of("lobby")


def test_restore_is_logged_once_in_every_room(store: Store, room: Room) -> None:
    with store.transaction():
        store.add(Room(0, "AAAAAA", "Club", "members"))

    log_restore(store, NOW)
    append(store, "lobby", "poll_closed", OPERATOR, {"poll": 1}, NOW)
    log_restore(store, NOW)  # the start broke off, and is made again

    assert [each["kind"] for each in documents(store)] == ["backup_restored", "poll_closed"]
    assert [each["kind"] for each in documents(store, "AAAAAA")] == ["backup_restored"]


def test_ranges_hold_the_ids_and_no_other() -> None:
    assert ranges_of([7, 1, 2, 3, 9, 8]) == [[1, 3], [7, 9]]
    assert ranges_of([]) == []


@pytest.mark.parametrize("kind", get_args(LogKind))
def test_api_page_names_every_kind_of_entry(kind: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")

    assert any(f"`{kind}`" in row.split("|")[1] for row in page.splitlines() if row[:1] == "|")
