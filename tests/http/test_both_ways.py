"""Random good and bad requests that the lane may answer are answered alike both ways.

One process serves the product both ways, from equal stores (`tests.two_ways`); each request goes to
both. `BOTH_WAYS=5000 .venv/bin/pytest tests/http/test_both_ways.py` sends more than the default.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from tests.http import drawing
from tests.http.drawing import ODD_CREDENTIALS, SCHEMES, Fields
from tests.http.hall import POLLS
from tests.http.twins import Asked, Told, TwoWays

pytestmark = pytest.mark.fuzz

EXAMPLES = int(os.environ.get("BOTH_WAYS", "200"))
VOTERS = 6
KINDS = (*["good"] * 6, "guest", "none", "odd", "expired", "forged", "scheme")


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoWays]:
    running = TwoWays(tmp_path_factory.mktemp("twins"), people=VOTERS)
    running.start()
    running.add_guest()
    yield running
    running.kill()
    assert "Traceback" not in "".join(running.output), "something unforeseen has happened"


def draw_credentials(twins: TwoWays, data: st.DataObject) -> Fields:
    """Draw what a request is signed with: mostly a voter's token."""
    kind = data.draw(st.sampled_from(KINDS))
    account = twins.people[data.draw(st.integers(0, VOTERS - 1))]
    token = twins.token_of(account)
    match kind:
        case "none":
            return []
        case "guest":
            token = twins.guest_token
        case "odd":
            return [("Authorization", data.draw(st.sampled_from(ODD_CREDENTIALS)))]
        case "scheme":
            return [("Authorization", data.draw(st.sampled_from(SCHEMES)).replace("{}", token))]
        case "expired":
            token = twins.tokens.issue(account, datetime.now(UTC) - timedelta(days=9))[0]
        case "forged":
            token = token[:-4] + "AAAA"
    return [("Authorization", f"Bearer {token}")]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    target=drawing.targets,
    fields=drawing.fields,
    body=drawing.bodies,
    chunked=st.booleans(),
    data=st.data(),
)
def test_request_is_answered_alike_both_ways(
    twins: TwoWays,
    target: tuple[str, str],
    fields: Fields,
    body: bytes,
    chunked: bool,
    data: st.DataObject,
) -> None:
    signed = [*draw_credentials(twins, data), *twins.with_etags(target[1], fields)]
    asked = Asked(*target, tuple(signed), body, chunked and body != b"")
    note(repr(asked))

    plain, fast = twins.ask_both(asked)

    assert plain == fast
    assert plain.status != 500


@pytest.mark.parametrize("target", drawing.TARGETS)
def test_odd_address_is_answered_alike_both_ways(twins: TwoWays, target: str) -> None:
    signed = ("Authorization", f"Bearer {twins.token_of(twins.people[0])}")
    for method in ("GET", "HEAD", "PUT"):
        for fields in ((), (signed,)):
            plain, fast = twins.ask_both(Asked(method, target, fields))

            assert plain == fast
            assert plain.status != 500


def test_both_ways_have_counted_and_measured_the_same(twins: TwoWays) -> None:
    """After whatever the random requests have done."""
    for poll in filter(drawing.is_alike, map(str, range(1, len(POLLS) + 1))):
        plain, fast = twins.ask_both(Asked("GET", f"/polls/{poll}/results"))
        assert plain == fast

    plain, fast = twins.ask_both(twins.metrics)

    assert twins.measures(plain) == twins.measures(fast) != []


def test_answers_that_differ_are_found() -> None:
    answer = Told(200, (("etag", "a"),), b"b")

    assert answer != Told(201, answer.fields, answer.body)
    assert answer != Told(200, (("etag", "b"),), answer.body)
    assert answer != Told(200, answer.fields, b"c")
