"""Split mappings: as a dict."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.journal.groups import MANY, Group
from db.journal.split import PAGE_BITS, Split, page_of

FAR = 1 << PAGE_BITS
KEYS = st.sampled_from([0, 1, FAR, FAR + 1, 3 * FAR])
ACTS = st.lists(st.tuples(st.sampled_from(["set", "pop", "clear"]), KEYS))


@given(ACTS)
def test_split_mapping_holds_what_a_dict_would(acts: list[tuple[str, int]]) -> None:
    split, plain = Split[int, int](page_of), dict[int, int]()

    for number, (act, key) in enumerate(acts):
        if act == "set":
            split[key] = plain[key] = number
        elif act == "pop":
            assert split.pop(key, None) == plain.pop(key, None)
        else:
            split.clear()
            plain.clear()

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
    split = Split[int, int](page_of)
    split[7] = 1

    with pytest.raises(KeyError):
        split[8]
    del split[7]
    with pytest.raises(KeyError):
        del split[7]


def test_large_group_is_split_and_stays_in_order() -> None:
    group = Group()

    for number in range(2 * MANY):
        group.add(number)
    group.discard(MANY)

    assert isinstance(group.ids, Split)
    assert group.between(MANY - 1, MANY + 3, None) == [MANY + 1, MANY + 2]
    assert len(group.ids) == 2 * MANY - 1
