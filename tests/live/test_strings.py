"""Chat is free text: what isn't seen is removed from it, and a line of nothing else is refused."""

import pytest

from tests.live.conftest import Connect
from tests.server import Server


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("gpj.\u202eexe", "gpj.exe"),
        ("\x1b[31mred\r\nline\u2028two", "[31mred\nline\ntwo"),
        ("a\u200bb\ufeffc\u2060d", "abcd"),
        ("علی\u200cرضا 👩\u200d💻", "علی\u200cرضا 👩\u200d💻"),
    ],
)
def test_line_of_chat_is_sent_without_what_is_unseen(
    shared_server: Server, people: list[str], connect: Connect, sent: str, kept: str
) -> None:
    client = connect(shared_server, people[0])
    client.join()

    client.call("chat:send", {"room": "lobby", "text": sent})

    assert client.wait("chat:message", lambda message: message["system"] is None)["text"] == kept


@pytest.mark.parametrize("blank", [" ", "\u200b", "\u3164\u2800", "\ufeff\n\u2060"])
def test_line_of_chat_is_refused_when_nothing_in_it_is_seen(
    shared_server: Server, people: list[str], connect: Connect, blank: str
) -> None:
    client = connect(shared_server, people[1])
    client.join()

    answer = client.call("chat:send", {"room": "lobby", "text": blank})

    assert answer["error"]["errors"][0]["code"] == "empty"
