"""The hall, for tests of what every route takes."""

from tests.http.conftest import hall, way, whole_hall

__all__ = ["hall", "way", "whole_hall"]
