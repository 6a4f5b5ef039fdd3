"""The app that notes what it takes, on the project's own server, and a connection to ask it."""

from collections.abc import Iterator

import pytest

from tests.http.framing.client import Control
from tests.http.serving import running


@pytest.fixture(scope="module", params=["app", "lane"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Where requests are answered by a WSGI app, or in the event loop where they can be."""
    with running("tests.http.framing.app", request.param) as (_, port):
        yield port


@pytest.fixture
def control(port: int) -> Iterator[Control]:
    made = Control(port)
    made.seen()
    yield made
    made.close()
