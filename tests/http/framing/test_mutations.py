"""Cases with random faults in them: how the bytes arrive changes nothing, and a fault is the end.

`MUTATIONS=20000 .venv/bin/pytest tests/http/framing/test_mutations.py` tries more than the default.
"""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.http.framing.cases import Case
from tests.http.framing.client import NEXT, Control, Exchange
from tests.http.framing.table import CASES

pytestmark = pytest.mark.fuzz

EXAMPLES = int(os.environ.get("MUTATIONS", "200"))
SHORT = [case.sent for case in CASES if len(case.sent) < 600]
BITS = (
    *(b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b":", b";", b",", b"0", b"1", b"f", b"x", b"\x80"),
    *(b"GET / HTTP/1.1\r\n", b"Host: x\r\n", b"Content-Length: 3\r\n", b"Connection: close\r\n"),
    *(b"Transfer-Encoding: chunked\r\n", b"Expect: 100-continue\r\n", b"Upgrade: websocket\r\n"),
    *(b"0\r\n\r\n", b"3\r\nabc\r\n", b"\r\n\r\n", b"HTTP/1.0"),
)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Draw a case, or two, in which some bytes are others, or are gone."""
    text = b"".join(draw(st.lists(st.sampled_from(SHORT), min_size=1, max_size=2)))
    for _ in range(draw(st.integers(0, 3))):
        begin = draw(st.integers(0, len(text)))
        end = min(len(text), begin + draw(st.integers(0, 4)))
        text = text[:begin] + draw(st.sampled_from((b"", *BITS))) + text[end:]
    return text


def converse(port: int, control: Control, pieces: list[bytes]) -> tuple[list[str], list[str]]:
    """Send pieces, each once the one before is read, then nothing more. Return what was answered:
    the requests that the app took, and "" for a refusal; and what the app says that it took."""
    exchange = Exchange(port, Case("", "", b"", (), whole=False), pieces)
    while exchange.send():
        if len(pieces) > 1:
            control.settle()
    answers = exchange.read()
    assert all((answer.status == 200) == bool(answer.taken) for answer in answers)
    control.settle()
    return [answer.taken for answer in answers], [request for _, request, _ in control.seen()]


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=mutated(), data=st.data())
def test_pieces_change_nothing_and_a_fault_is_the_end(
    port: int, control: Control, text: bytes, data: st.DataObject
) -> None:
    text += NEXT
    cuts = sorted(data.draw(st.lists(st.integers(1, len(text) - 1), min_size=1, max_size=4)))
    pieces = [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    answers, taken = converse(port, control, [text])
    again = converse(port, control, [piece for piece in pieces if piece])

    assert again == (answers, taken)
    assert answers in (taken, [*taken, ""])
