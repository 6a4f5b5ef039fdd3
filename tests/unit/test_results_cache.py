"""Results are cached within bounds: a stranger may read those of every poll that ever was."""

import pytest

from api.results import ResultsCache
from tests.unit.lobby import NOW, add_poll
from voting.ending import close_poll
from voting.store import Store
from voting.tallies import ResultsFrame, Tallies

POLLS = 6


@pytest.mark.parametrize(("bound", "kept"), [("count", 3), ("size", 3)])
def test_results_that_were_requested_last_are_cached_within_their_bounds(
    store: Store, bound: str, kept: int
) -> None:
    polls = [close_poll(store, add_poll(store).id, NOW, "u1").id for _ in range(POLLS)]
    tallies = Tallies(store, lambda *_: None)
    first, *others = polls
    length = ResultsCache(tallies)
    length.results(first, NOW)
    bounds = {"count": {"count": kept}, "size": {"size": kept * length.size + kept}}[bound]
    cache, made = ResultsCache(tallies, **bounds), list[int]()

    def read(poll_id: int) -> None:
        def make(_results: ResultsFrame) -> bytes:
            made.append(poll_id)
            return b"x" * length.size

        cache.table(poll_id, "made", make)

    for poll_id in others:
        read(first)
        read(poll_id)
    read(others[0])

    assert made == [first, *others, others[0]]
    assert cache.size == kept * length.size
