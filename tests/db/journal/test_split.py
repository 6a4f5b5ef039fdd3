"""Split sets of ids: as a set."""

import random
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.journal.groups import MANY, Group
from db.journal.split import PAGE_BITS, PAGES, SplitIds

FAR = 1 << PAGE_BITS
KEYS = st.sampled_from([0, 1, FAR, FAR + 1, 3 * FAR, PAGES * FAR])
ACTS = st.lists(st.tuples(st.sampled_from(["add", "discard", "clear"]), KEYS))


@given(ACTS)
def test_split_ids_are_what_a_set_would_hold(acts: list[tuple[str, int]]) -> None:
    split, plain = SplitIds(), set[int]()

    for act, key in acts:
        for each in (split, plain):
            each.clear() if act == "clear" else getattr(each, act)(key)

    assert sorted(split) == sorted(plain)
    assert len(split) == len(plain)
    assert [key in split for key in (0, FAR)] == [key in plain for key in (0, FAR)]


def test_id_that_is_not_there_is_an_error_when_it_is_removed() -> None:
    split = SplitIds([7])

    split.remove(7)

    with pytest.raises(KeyError):
        split.remove(7)


@pytest.mark.parametrize("apart", [1, 1 << 33], ids=["ascending", "random"])
def test_split_ids_take_little_memory_however_far_they_lie_apart(apart: int) -> None:
    source = random.Random(1)
    ids = [number * apart + source.randrange(apart) for number in range(20_000)]

    tracemalloc.start()
    split = SplitIds(ids)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert len(split) == len(ids)
    assert taken < 100 * len(ids)


def test_large_group_is_split_and_stays_in_order() -> None:
    group = Group()

    for number in range(2 * MANY):
        group.add(number)
    group.discard(MANY)

    assert isinstance(group.ids, SplitIds)
    assert group.between(MANY - 1, MANY + 3, None) == [MANY + 1, MANY + 2]
    assert len(group.ids) == 2 * MANY - 1
