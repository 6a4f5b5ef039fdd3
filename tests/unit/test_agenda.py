"""The order of a room's drafts."""

import pytest

from tests.unit.lobby import add_poll
from voting.agenda import list_drafts, move_draft
from voting.faults import Invalid
from voting.polls import delete_poll
from voting.refusals import WrongState
from voting.store import Store


@pytest.fixture
def drafts(store: Store) -> list[int]:
    return [add_poll(store, title=title, state="draft").id for title in "ABCD"]


def order(store: Store) -> str:
    return "".join(poll.title for poll in list_drafts(store, "lobby"))


@pytest.mark.parametrize(
    ("moved", "before", "expected"),
    [(3, 0, "DABC"), (0, 2, "BACD"), (0, None, "BCDA"), (1, 2, "ABCD"), (2, 1, "ACBD")],
)
def test_draft_moves_before_another(
    store: Store, drafts: list[int], moved: int, before: int | None, expected: str
) -> None:
    move_draft(store, drafts[moved], None if before is None else drafts[before])

    assert order(store) == expected


def test_draft_that_is_made_after_moves_comes_last(store: Store, drafts: list[int]) -> None:
    for each in (0, 2, 1):
        move_draft(store, drafts[each], None)

    add_poll(store, title="E", state="draft")

    assert order(store) == "DACBE"


def test_moves_keep_their_sense_when_drafts_have_gone(store: Store, drafts: list[int]) -> None:
    move_draft(store, drafts[3], drafts[0])
    delete_poll(store, drafts[0])
    add_poll(store, title="E", state="draft")

    move_draft(store, drafts[2], drafts[3])

    assert order(store) == "CDBE"


def test_move_changes_only_what_it_passes(store: Store, drafts: list[int]) -> None:
    moved = move_draft(store, drafts[1], drafts[3])

    assert sorted(poll.title for poll in moved) == ["B", "C"]


def test_draft_of_another_room_is_no_place(store: Store, drafts: list[int]) -> None:
    other = add_poll(store, room="Q2QQQQ", state="draft")

    with pytest.raises(Invalid):
        move_draft(store, drafts[0], other.id)


def test_open_poll_has_no_place_on_the_agenda(store: Store, drafts: list[int]) -> None:
    opened = add_poll(store, state="open")

    with pytest.raises(WrongState):
        move_draft(store, opened.id, drafts[0])
