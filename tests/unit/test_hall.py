"""Where phones in the hall reach the server, and what the start says about it."""

from pathlib import Path

import pytest

from api import hall

OWN = "http://127.0.0.1:5000"


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine with one address in a network, and without a firewall."""
    monkeypatch.setattr(hall, "lan_address", lambda: "192.0.2.7")
    monkeypatch.setattr(hall, "list_interfaces", lambda: [hall.Interface("en0", "192.0.2.7")])
    for name in ("UFW", "FIREWALLD", "KERNEL", "CONTAINER"):
        monkeypatch.setattr(hall, name, tmp_path / name)
    return monkeypatch


@pytest.mark.parametrize(
    "url", [OWN, "http://localhost:80", "http://[::1]:5000", "http://127.9.9.9"]
)
def test_loopback_is_known_by_each_of_its_names(url: str) -> None:
    assert hall.is_loopback(url)


@pytest.mark.parametrize(
    "url", ["http://192.168.0.5:5000", "https://vote.example.org", "http://[fd00::1]"]
)
def test_other_addresses_are_not_loopback(url: str) -> None:
    assert not hall.is_loopback(url)


@pytest.mark.usefixtures("network")
@pytest.mark.parametrize(
    ("asked", "public", "port", "told"),
    [
        (OWN, None, 5000, "http://192.0.2.7:5000"),
        (OWN, None, None, OWN),
        (OWN, "https://vote.example.org", 5000, "https://vote.example.org"),
        ("http://hall.test:5000", None, 5000, "http://hall.test:5000"),
    ],
)
def test_join_address_is_one_that_phones_can_open(
    asked: str, public: str | None, port: int | None, told: str
) -> None:
    assert hall.join_home(asked, public, port) == told


@pytest.mark.usefixtures("network")
def test_start_in_a_plain_network_warns_of_nothing() -> None:
    lines = hall.describe_hall(None, 5000, terminal=False)

    assert lines == ["on this network at http://192.0.2.7:5000"]


@pytest.mark.usefixtures("network")
def test_start_draws_a_code_when_a_terminal_can_show_it() -> None:
    _, drawn = hall.describe_hall(None, 5000, terminal=True)

    assert len(drawn.splitlines()) > 10
    assert len({len(line) for line in drawn.splitlines()}) == 1


def test_start_names_each_reason_for_doubt(network: pytest.MonkeyPatch) -> None:
    both = [hall.Interface("en0", "192.0.2.7"), hall.Interface("wlan0", "198.51.100.3")]
    network.setattr(hall, "list_interfaces", lambda: both)
    hall.UFW.write_text("# on\nENABLED=yes\n")
    hall.KERNEL.write_text("5.15-Microsoft-standard-WSL2")
    hall.FIREWALLD.mkdir()
    hall.CONTAINER.touch()

    printed = "\n".join(hall.describe_hall(None, 5001, terminal=False))

    assert "http://198.51.100.3:5001 (wlan0)" in printed
    assert "ufw allow 5001/tcp" in printed
    assert "--add-port=5001/tcp" in printed
    assert "WSL" in printed
    assert "container" in printed


def test_start_reports_a_missing_network(network: pytest.MonkeyPatch) -> None:
    network.setattr(hall, "lan_address", lambda: None)

    (line,) = hall.describe_hall(None, 5000, terminal=True)

    assert "No network" in line


def test_interfaces_of_this_machine_have_addresses() -> None:
    assert all(each.address.count(".") == 3 for each in hall.list_interfaces())
    assert not any(each.name.startswith("lo") for each in hall.list_interfaces())
