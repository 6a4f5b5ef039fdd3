"""A server that forgets every third ballot and keeps every fourth twice: what must be noticed."""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402
from dataclasses import replace  # noqa: E402
from itertools import count  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2]))

import run  # noqa: E402
from db.tinydb_store import TinyDBStore  # noqa: E402
from voting.model.ballots import Ballot  # noqa: E402

numbers, add = count(1), TinyDBStore.add


def add_badly(store: TinyDBStore, kept: Any) -> Any:
    if not isinstance(kept, Ballot):
        return add(store, kept)
    number = next(numbers)
    if number % 4 == 0:
        add(store, replace(kept, id=kept.id + 1, voter=f"another {number}"))
    return kept if number % 3 == 0 else add(store, kept)


TinyDBStore.add = add_badly  # type: ignore[method-assign]
run.main()
