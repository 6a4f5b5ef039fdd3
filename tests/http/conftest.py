"""The hall that the tests over HTTP share."""

from collections.abc import Iterator

import pytest

from tests.http.hall import Hall


@pytest.fixture(scope="session")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """A full hall for tests that take newcomers and compare before with after."""
    running = Hall(tmp_path_factory.mktemp("hall"))
    running.start()
    yield running
    running.kill()
    assert "Traceback" not in "".join(running.output), "something unforeseen has happened"
