"""The hall, for tests of what every route takes."""

from tests.http.conftest import hall

__all__ = ["hall"]
