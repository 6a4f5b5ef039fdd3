"""A store for the tests of rules, and its system calls."""

from tests.db.journal.conftest import calls
from tests.unit.conftest import store

__all__ = ["calls", "store"]
