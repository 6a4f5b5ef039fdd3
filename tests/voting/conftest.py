"""A store for the tests of rules."""

from tests.unit.conftest import store

__all__ = ["store"]
