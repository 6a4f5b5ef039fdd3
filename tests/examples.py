"""How many examples tests with random input take: a tenth in `make test`, for its three minutes."""

import os

QUICK = bool(os.environ.get("TEST_QUICK"))


def examples(many: int) -> int:
    """Return how many of so many examples to take."""
    return max(1, many // 10) if QUICK else many
