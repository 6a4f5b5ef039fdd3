"""The app that notes what it takes, on the project's own server, and a connection to ask it."""

from collections.abc import Iterator

import pytest

from tests.http.framing.client import Control
from tests.http.serving import running


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    pytest.importorskip("api.httpd")
    with running("tests.http.framing.app") as (_, port):
        yield port


@pytest.fixture
def control(port: int) -> Iterator[Control]:
    made = Control(port)
    made.seen()
    yield made
    made.close()
