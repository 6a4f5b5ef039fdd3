"""The connection check: five samples to the one who asked, each acked, then a report."""

from datetime import datetime, timedelta
from itertools import pairwise

from tests.live.clients import Inbox
from tests.live.conftest import Connect, ConnectJavaScript
from tests.server import Server


def check(client: Inbox) -> None:
    samples = client.wait_count("connection:sample", 5)
    report = client.wait("connection:report")

    assert [(sample["n"], sample["of"]) for sample in samples] == [(n, 5) for n in range(1, 6)]
    assert [sample["sent_at"] for sample in samples] == sorted({s["sent_at"] for s in samples})
    times = report["rtt_ms"]
    assert 0 < times["min"] <= times["median"] <= times["max"] < 1_000
    moments = [datetime.fromisoformat(sample["sent_at"]) for sample in samples]
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert min(gaps) > timedelta(seconds=0.9)


def test_check_sends_five_samples_and_a_report_to_the_asker_alone(
    shared_server: Server, connect: Connect
) -> None:
    client, other = connect(shared_server), connect(shared_server)

    started = client.call("connection:check", {})
    again = client.call("connection:check", {})
    joined = client.join()  # the samples keep nothing else waiting

    check(client)
    assert started == {"ok": True}
    assert again["error"]["code"] == "rate_limited"
    assert joined["ok"]
    assert other.received("connection:sample") == []
    assert client.call("connection:check", {}) == {"ok": True}


def test_official_client_is_checked(
    shared_server: Server, connect_javascript: ConnectJavaScript
) -> None:
    client = connect_javascript(shared_server.url)
    client.wait("joined")

    assert client.call("connection:check", {}) == {"ok": True}

    check(client)
