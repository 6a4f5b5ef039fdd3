"""Requests are framed as RFC 9112 has it, however they arrive, and nothing follows a fault.

The cases cover llhttp's own, h1spec's, those of the HTTP Garden, and the RFCs' rules.
"""

import pytest

from tests.http.framing.cases import Case, get, takes
from tests.http.framing.client import NEXT, Control, Exchange, exchange_all
from tests.http.framing.table import CASES

SHORT = 600
"""Bytes of a case that is sent byte by byte."""
SPLITS = 12
AT_ONCE = 400
OTHER = takes("a client that comes after", "9112, 3", get(), "GET /")


def sent(case: Case) -> bytes:
    """Return all that a client sends: behind a case the next request."""
    return case.sent + NEXT if case.whole else case.sent


def splits(case: Case) -> list[int]:
    """Return where a case is cut in two: at its line breaks and colons, and before the next
    request; of many some, from all over it."""
    text = case.sent
    places = {len(text), len(text) - 1, 1}
    for place, byte in enumerate(text):
        if byte in b"\r\n:; \0\t":
            places |= {place, place + 1}
    found = sorted(place for place in places if 0 < place < len(sent(case)))
    return found[:: max(1, -(-len(found) // SPLITS))]


def test_table_names_each_case_once_and_has_enough() -> None:
    names = [case.name for case in CASES]

    assert len(names) >= 120
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_case_is_answered_as_the_rfcs_have_it(port: int, control: Control, case: Case) -> None:
    assert exchange_all(port, control, [(case, [sent(case)])]) == []


@pytest.mark.fuzz
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_nobody_else_suffers_from_a_case(port: int, control: Control, case: Case) -> None:
    """While its connection goes on, and after its end."""
    exchange = Exchange(port, case, [case.sent])
    exchange.send()

    control.settle()
    meanwhile = exchange_all(port, control, [(OTHER, [sent(OTHER)])])
    exchange.close()
    control.settle()
    later = exchange_all(port, control, [(OTHER, [sent(OTHER)])])

    assert meanwhile + later == []


@pytest.mark.fuzz
def test_cases_are_answered_alike_when_they_come_byte_by_byte(port: int, control: Control) -> None:
    jobs = [
        (case, [bytes([byte]) for byte in sent(case)]) for case in CASES if len(sent(case)) < SHORT
    ]

    assert exchange_all(port, control, jobs) == []


@pytest.mark.fuzz
def test_cases_are_answered_alike_when_they_come_in_two_pieces(port: int, control: Control) -> None:
    jobs = [
        (case, [sent(case)[:place], sent(case)[place:]]) for case in CASES for place in splits(case)
    ]

    faults = [
        fault
        for begin in range(0, len(jobs), AT_ONCE)
        for fault in exchange_all(port, control, jobs[begin : begin + AT_ONCE])
    ]

    assert faults == []


def test_cases_are_answered_alike_when_the_client_ends_its_side(
    port: int, control: Control
) -> None:
    """RFC 9112, 9.6: one may end, and still read what is answered."""
    faults = [
        fault
        for case in CASES
        for fault in exchange_all(port, control, [(case, [sent(case)])], end=True)
    ]

    assert faults == []
