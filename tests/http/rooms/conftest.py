"""The server that the tests of rooms share: each takes rooms and people of its own."""

from collections.abc import Iterator

import pytest

from tests.http.conftest import serve
from tests.http.rooms.house import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    yield from serve(House(tmp_path_factory.mktemp("house")))
