"""What operators watch: every figure is described, and every outcome of a vote has a code."""

import re
from pathlib import Path

import pytest

from api.figures import ACCEPTED, TEXTS, count_outcomes, summarise
from api.lag import SLEEP_SECONDS, Lag
from db import StorageFull, Unavailable
from db.journal.measures import Histogram
from voting.refusals import AlreadyVoted

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def test_operations_page_lists_every_figure_and_no_other() -> None:
    documented = set(re.findall(r"`rollcall_([a-z_]+)`", PAGE))

    assert documented == TEXTS.keys() | {"votes_total", "request_seconds"}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (type(None), ACCEPTED),
        (AlreadyVoted, "already_voted"),
        (StorageFull, "storage_full"),
        (Unavailable, "unavailable"),
        (KeyError, "internal"),
    ],
)
def test_outcome_of_a_vote_has_the_code_that_clients_get(kind: type, code: str) -> None:
    assert count_outcomes({kind: 2})[code] == 2


def test_faults_that_alerts_count_are_there_before_the_first() -> None:
    rules = (Path(__file__).parents[2] / "deploy" / "prometheus-rules.yml").read_text()
    counted = re.search('increase.rollcall_votes_total{outcome=~"([a-z_|]+)"}', rules)

    assert counted is not None
    assert count_outcomes({}) == dict.fromkeys((ACCEPTED, *counted[1].split("|")), 0)
    assert count_outcomes({AlreadyVoted: 2, KeyError: 1})["internal"] == 1


def test_histogram_counts_by_upper_bounds() -> None:
    histogram = Histogram((1, 2, 4))

    for value in (0.5, 1, 1.5, 4, 5, 100):
        histogram.add(value)

    assert histogram.counts == [2, 1, 1, 2]
    assert histogram.total == 112


def test_spread_is_summarised_by_its_count_and_sum() -> None:
    histogram = Histogram((1,))
    histogram.add(0.5)
    histogram.add(3)

    assert summarise({"late": histogram, "size": 7}) == {
        "late_count": 2,
        "late_sum": 3.5,
        "size": 7,
    }


def test_lag_is_how_much_longer_a_sleep_took() -> None:
    times = iter([10.0, 10.0 + SLEEP_SECONDS + 0.04])
    lag = Lag(lambda: next(times), lambda _seconds: None)

    lag.measure()

    assert lag.late.total == pytest.approx(0.04)
    assert sum(lag.late.counts) == 1
