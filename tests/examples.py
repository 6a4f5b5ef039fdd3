"""How many examples tests take that have many: few in `make test`, which people wait for."""

import os

QUICK = bool(os.environ.get("TEST_QUICK"))


def examples(many: int) -> int:
    """Return how many of so many examples to take."""
    return max(1, many // 10) if QUICK else many


def every(few: int) -> int:
    """Return by which step a test goes through all places: by 1, or by `few` in `make test`."""
    return few if QUICK else 1
