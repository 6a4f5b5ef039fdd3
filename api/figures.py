"""What an operator of a vote watches, for `/metrics` and for the administrators' page.

Everything is looked up when somebody asks for it. A vote pays only for the counting of its batch.
No figure names a person, a room or a poll.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate

from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from api.edge import SECONDS, Edge
from api.gate import Gate
from api.lag import Lag
from api.live.live import Live
from api.services import Services
from db import OutcomeUnknown, StorageFull
from voting.model.ballots import Ballot
from voting.model.polls import ONGOING, Poll
from voting.refusals import Refusal
from voting.store import Spread

ACCEPTED = "accepted"
FAULTS = ("internal", "unavailable", "storage_full")
"""Outcomes that are no refusals: the server could not do what it should."""
Value = float | Spread

TEXTS = {
    "ballots": "Ballots that are stored.",
    "connections": "Sockets.",
    "people_online": "People online, once a room.",
    "polls_ongoing": "Polls that are open or paused.",
    "writable": "1 while the store can write.",
    "commits_total": "Batches that became durable, ever.",
    "ticks_total": "Rounds of the loops that send changes.",
    "tick_seconds": "How long these rounds took.",
    "superseded_total": "States that a slow client was never sent, because a newer one came.",
    "votes_per_transaction": "How many votes were cast in one transaction.",
    "sign_ins_waiting": "Requests to sign in or up that wait for their turn.",
    "passwords_waiting": "Passwords that wait to be hashed.",
    "event_loop_lag_seconds": "How late the event loop was, four times a second.",
    "backup_seconds": "How long the newest backup took.",
    "backup_bytes": "The newest backup's size.",
    "backup_taken_timestamp_seconds": "When the newest backup was taken, in seconds since 1970.",
    "backup_failures_total": "Backups that could not be taken.",
    "store_write_seconds": "How long it took to write a batch and fsync it.",
    "store_batch_transactions": "How many transactions shared a batch.",
    "store_journal_bytes": "The journal's size.",
    "store_snapshot_bytes": "The size of the snapshot that the journal continues.",
    "store_compactions_total": "Compactions since the start.",
    "store_compaction_seconds": "How long the last compaction took.",
    "store_compacted_timestamp_seconds": "When it ended, in seconds since 1970.",
    "store_connected": "1 while there is a session with PostgreSQL.",
    "store_unheard_seconds": "For how long the worker has not known what others have committed.",
    "store_behind_batches": "Batches of other workers that this one lacked at its last look.",
    "store_turn_wait_seconds": "How long transactions waited for the turn.",
    "store_reconnects_total": "Sessions with PostgreSQL that were lost.",
    "store_reloads_total": "How often everything was read again, because the log was trimmed.",
}
"""What each figure is, by its name without `rollcall_`."""


class Figures(Collector):
    """The figures of a server, by name."""

    def __init__(self, edge: Edge, gate: Gate, parts: Services, live: Live, lag: Lag) -> None:
        self._edge, self._parts = edge, parts
        store, presence, backups = parts.store, parts.presence, parts.backups
        self._reads: dict[str, Callable[[], Value]] = {
            "ballots": lambda: store.count(Ballot),
            "connections": lambda: len(live.connections),
            "people_online": lambda: presence.online,
            "polls_ongoing": self._count_ongoing,
            "writable": lambda: store.failure is None,
            "commits_total": lambda: store.sequence,
            "ticks_total": lambda: live.notifier.rounds,
            "tick_seconds": lambda: live.notifier.took,
            "superseded_total": lambda: live.skipped,
            "votes_per_transaction": lambda: parts.batches.sizes,
            "sign_ins_waiting": lambda: gate.turns.waiting,
            "passwords_waiting": lambda: parts.passwords.turns.waiting,
            "event_loop_lag_seconds": lambda: lag.late,
        }
        if backups is not None:
            self._reads |= {
                "backup_seconds": lambda: backups.seconds,
                "backup_bytes": lambda: backups.size,
                "backup_taken_timestamp_seconds": lambda: (
                    backups.taken_at.timestamp() if backups.taken_at else 0
                ),
                "backup_failures_total": lambda: backups.failures,
            }

    def values(self) -> dict[str, Value]:
        """Return everything but the requests and the outcomes of votes."""
        found = {name: read() for name, read in self._reads.items()}
        store = self._parts.store.figures()
        return found | {f"store_{name}": value for name, value in store.items()}

    def collect(self) -> Iterator[Metric]:
        yield self._requests()
        text = "Votes that were accepted, and refused by code."
        cast = CounterMetricFamily("rollcall_votes", text, labels=("outcome",))
        for code, count in count_outcomes(self._parts.batches.outcomes).items():
            cast.add_metric((code,), count)
        yield cast
        for name, value in self.values().items():
            yield _family(name, value)

    def _count_ongoing(self) -> int:
        places = self._parts.store.values(Poll, "state")
        return sum(
            self._parts.store.size(Poll, place, "state") for place in places if place[1] in ONGOING
        )

    def _requests(self) -> Metric:
        text = "Requests, and how long until their answers began."
        family = HistogramMetricFamily(
            "rollcall_request_seconds", text, labels=("method", "route", "status")
        )
        for labels, measure in list(self._edge.measures.items()):
            family.add_metric(labels, _buckets(SECONDS, measure.counts), measure.total)
        return family


def _family(name: str, value: Value) -> Metric:
    text, full = TEXTS.get(name, name), f"rollcall_{name}"
    if not isinstance(value, int | float):
        family = HistogramMetricFamily(full, text)
        family.add_metric((), _buckets(value.bounds, value.counts), value.total)
        return family
    if name.endswith("_total"):
        return CounterMetricFamily(full.removesuffix("_total"), text, float(value))
    return GaugeMetricFamily(full, text, float(value))


def _buckets(bounds: tuple[float, ...], counts: list[int]) -> list[tuple[str, int]]:
    return list(zip([*map(str, bounds), "+Inf"], accumulate(counts), strict=True))


def summarise(values: Mapping[str, Value]) -> dict[str, float]:
    """Return figures as plain numbers; a spread gives its count and its sum."""
    plain: dict[str, float] = {}
    for name, value in values.items():
        if isinstance(value, int | float):
            plain[name] = float(value)
        else:
            plain[f"{name}_count"], plain[f"{name}_sum"] = float(sum(value.counts)), value.total
    return plain


def count_outcomes(kinds: Mapping[type, int]) -> dict[str, int]:
    """Return how many votes had each outcome, by its code.

    What an alert counts is there before the first: Prometheus sees no increase in a figure that
    appears with 1.

    kinds: how many there were of each type of error, and of None's type
    """
    counts = dict.fromkeys((ACCEPTED, *FAULTS), 0)
    for kind, count in kinds.items():
        code = _code_of(kind)
        counts[code] = counts.get(code, 0) + count
    return counts


def _code_of(kind: type) -> str:
    """Return the code of a vote's outcome, by its error's type."""
    if issubclass(kind, Refusal):
        return kind.code
    if issubclass(kind, StorageFull):
        return "storage_full"
    if issubclass(kind, OutcomeUnknown):
        return "unavailable"
    return ACCEPTED if kind is type(None) else "internal"
