"""Split mappings: as a dict, and a copy of one stays as it was."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.journal.memory import MANY, Group
from db.journal.split import PAGE_BITS, Split, page_of, shard_of

FAR = 1 << PAGE_BITS
KEYS = st.sampled_from([0, 1, FAR, FAR + 1, 3 * FAR])
ACTS = st.lists(st.tuples(st.sampled_from(["set", "pop", "copy", "clear"]), KEYS))


@given(ACTS)
def test_split_mapping_and_its_copies_hold_what_dicts_would(acts: list[tuple[str, int]]) -> None:
    pairs: list[tuple[Split[int, int], dict[int, int]]] = [(Split(page_of), {})]

    for number, (act, key) in enumerate(acts):
        split, plain = pairs[key % len(pairs)]
        if act == "set":
            split[key] = plain[key] = number
        elif act == "pop":
            assert split.pop(key, None) == plain.pop(key, None)
        elif act == "clear":
            split.clear()
            plain.clear()
        else:
            pairs.append((split.copy(), dict(plain)))

    for split, plain in pairs:
        assert dict(split.items()) == plain
        assert (len(split), {*split}, sorted(split.values())) == (
            len(plain),
            {*plain},
            sorted(plain.values()),
        )
        assert [split.get(key, "none") for key in range(2)] == [
            plain.get(key, "none") for key in range(2)
        ]
        assert [key in split for key in (0, FAR)] == [key in plain for key in (0, FAR)]


def test_key_that_is_not_there_is_an_error() -> None:
    split = Split[str, int](shard_of)
    split["there"] = 1

    with pytest.raises(KeyError):
        split["gone"]
    del split["there"]
    with pytest.raises(KeyError):
        del split["there"]


def test_large_group_is_split_and_stays_in_order() -> None:
    group = Group()

    for number in range(2 * MANY):
        group.add(number)
    group.discard(MANY)

    assert isinstance(group.ids, Split)
    assert group.between(MANY - 1, MANY + 3, None) == [MANY + 1, MANY + 2]
    assert len(group.ids) == 2 * MANY - 1
