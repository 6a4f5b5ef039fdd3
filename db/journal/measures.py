"""What the journal measures of itself, in a fraction of a microsecond a batch."""

from bisect import bisect_left
from time import time

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0)
SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Histogram:
    """Counts values by upper bounds. prometheus-client's own takes ten times as long.

    counts: of the values within each bound, then of those above all
    """

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self.counts[bisect_left(self.bounds, value)] += 1
        self.total += value


class Measures:
    """What an operator wants to know of a journal.

    writes: the seconds that it took to write a batch and fsync it
    sizes: how many transactions shared a batch
    compactions, compacted_at: how many there were since the opening, and when the last one ended,
    in seconds since 1970; 0 for never
    compaction_seconds: how long that took
    """

    def __init__(self) -> None:
        self.writes, self.sizes = Histogram(SECONDS), Histogram(SIZES)
        self.compactions = 0
        self.compacted_at = self.compaction_seconds = 0.0

    def note_compaction(self, seconds: float) -> None:
        """Note that a compaction has ended now."""
        self.compactions += 1
        self.compacted_at, self.compaction_seconds = time(), seconds
