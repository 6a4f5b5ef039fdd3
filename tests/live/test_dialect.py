"""An old chat client's own words: names, how many there are, lines to all."""

import re
from typing import Any

import pytest

from tests.live.conftest import Connect, ConnectJavaScript
from tests.server import Server

FRONTEND = "http://localhost:3000"
DIALECT = (
    *("useridRecieved", "duplicateUserid", "usersOnline", "msgRecieved"),
    *("my response", "server"),
)
TRANSPORTS = {"websocket": ["websocket"], "upgrade": ["polling", "websocket"]}
GARBAGE: dict[str, tuple[Any, ...]] = {
    "nothing": (),
    "null": (None,),
    "number": (7,),
    "bool": (True,),
    "object": ({"userid": "kim"},),
    "list": (["kim"],),
    "bytes": (b"kim",),
    "two": ("kim", "kim"),
    "empty": ("",),
    "nul": ("ki\0m",),
    "surrogate": ("ki\ud800m",),
    "too_long": ("k" * 2_001,),
    "object_too_long": ({"user_name": "kim", "message": "k" * 2_001},),
    "object_too_long_in_all": ({f"field {n}": "k" * 2_000 for n in range(2)},),
    "object_too_wide": ({f"field {n}": "kim" for n in range(9)},),
    "object_of_objects": ({"message": {"text": "hi"}},),
}
EVENTS = {
    "useridInput": (),
    "my_event": ("nothing", "null"),  # that is a ping page's
    "globalChat": (),
    "my event": ("object",),
}


@pytest.fixture
def quiet_server(shared_server: Server, connect: Connect) -> Server:
    """The module's server, once nobody of the test before speaks the dialect any more."""
    listener = connect(shared_server)
    listener.call("globalChat", "is anybody there?")
    listener.wait("usersOnline", lambda online: online == 0)
    listener.close()
    return shared_server


def test_dialect_works_when_the_official_client_comes_from_another_origin(
    quiet_server: Server, connect_javascript: ConnectJavaScript
) -> None:
    """Two people of the same name, over both transports, as their page goes."""
    kim, other = (
        connect_javascript(quiet_server.url, transports=each, rooms=[], origin=FRONTEND)
        for each in TRANSPORTS.values()
    )

    acks = [kim.call("useridInput", "Kim")]
    kim.wait("usersOnline")
    acks += [other.call("useridInput", "Kim")]
    acks += [other.call("useridInput", "Lee"), other.call("globalChat", "안녕하세요")]
    acks += [kim.call("my_event", "hello")]

    assert [ack["ok"] for ack in acks] == [True, False, True, True, True]
    assert other.wait("duplicateUserid") == "Kim"
    assert [kim.wait("useridRecieved"), other.wait("useridRecieved")] == ["Kim", "Lee"]
    sent = [{"userid": "Lee", "data": "안녕하세요"}, {"userid": "Kim", "data": "hello"}]
    for client in (kim, other):
        assert client.wait_count("msgRecieved", 2) == sent
        client.wait("usersOnline", lambda online: online == 2)
    assert kim.received("usersOnline") == [1, 2]
    assert kim.received("duplicateUserid") == []


@pytest.mark.parametrize("same", ["kim", "\uff2b\uff29\uff2d", " Kim\t", "KIM"])
def test_name_is_refused_when_another_who_speaks_it_has_it(
    quiet_server: Server, connect: Connect, same: str
) -> None:
    first, second = connect(quiet_server), connect(quiet_server)
    first.call("useridInput", "Kim")

    answer = second.call("useridInput", same)

    assert (answer["ok"], answer["error"]["code"]) == (False, "nickname_taken")
    assert second.wait("duplicateUserid") == same
    assert second.wait("usersOnline") == 1
    assert second.received("useridRecieved") == []


def test_name_is_refused_when_it_looks_like_one_that_is_there(
    quiet_server: Server, connect: Connect
) -> None:
    first, second = connect(quiet_server), connect(quiet_server)
    first.call("useridInput", "Ian")

    assert second.call("useridInput", "lan")["error"]["code"] == "nickname_taken"
    assert second.wait("duplicateUserid") == "lan"


@pytest.mark.parametrize("letter", ["\u200b", "\ufeff", "\u202e", "\x1b", "\u3164"])
def test_name_is_refused_and_a_line_cleaned_when_it_holds_what_is_unseen(
    quiet_server: Server, connect: Connect, letter: str
) -> None:
    client = connect(quiet_server)

    refused = [client.call("useridInput", name) for name in (f"K{letter}im", f"{letter}Kim")]
    client.call("useridInput", "Kim")
    blank = client.call("globalChat", "\u200b \u3164")
    client.call("globalChat", f"he\u202e{letter}llo")

    assert [answer["error"]["errors"][0]["code"] for answer in (*refused, blank)] == [
        "bad_character",
        "bad_character",
        "empty",
    ]
    sent = client.wait("msgRecieved")["data"]
    assert sent in ("hello", "he\u3164llo")


def test_name_is_sent_as_it_was_sent(quiet_server: Server, connect: Connect) -> None:
    client = connect(quiet_server)
    client.call("useridInput", " 김 하늘 ")

    client.call("globalChat", " hi ")

    assert client.wait("useridRecieved") == " 김 하늘 "
    assert client.wait("msgRecieved") == {"userid": " 김 하늘 ", "data": " hi "}


def test_name_is_free_again_when_its_holder_has_another(
    quiet_server: Server, connect: Connect
) -> None:
    first, second = connect(quiet_server), connect(quiet_server)
    first.call("useridInput", "Kim")
    first.call("useridInput", "Kim")
    first.call("useridInput", "Lee")
    first.wait("usersOnline")

    second.call("useridInput", "Kim")

    assert first.received("useridRecieved") == ["Kim", "Kim", "Lee"]
    assert second.wait("useridRecieved") == "Kim"
    first.wait("usersOnline", lambda online: online == 2)
    assert first.received("usersOnline") == [1, 2]


@pytest.mark.parametrize("way", ["close", "drop"])
def test_name_is_free_again_when_its_holder_has_gone(
    quiet_server: Server, connect: Connect, way: str
) -> None:
    stays, goes = connect(quiet_server), connect(quiet_server)
    stays.call("useridInput", "Lee")
    stays.wait("usersOnline")
    goes.call("useridInput", "Kim")
    stays.wait("usersOnline", lambda online: online == 2)

    getattr(goes, way)()

    stays.wait_count("usersOnline", 3)
    assert stays.received("usersOnline") == [1, 2, 1]
    assert stays.call("useridInput", "Kim")["ok"]


def test_line_is_refused_when_its_sender_has_no_name(
    quiet_server: Server, connect: Connect
) -> None:
    named, nameless = connect(quiet_server), connect(quiet_server)
    named.call("useridInput", "Kim")

    answers = [nameless.call(event, "hi") for event in ("my_event", "globalChat")]
    named.call("globalChat", "mine")

    assert [answer["error"]["code"] for answer in answers] == ["forbidden"] * 2
    assert named.wait("msgRecieved")["data"] == "mine"
    assert nameless.wait("usersOnline") == 1
    assert nameless.received("msgRecieved") == []


@pytest.mark.parametrize(
    ("event", "sent"),
    [
        pytest.param(event, sent, id=f"{event}-{kind}")
        for event, takes in EVENTS.items()
        for kind, sent in GARBAGE.items()
        if kind not in takes
    ],
)
def test_garbage_is_acked_and_changes_nothing(
    shared_server: Server, connect: Connect, event: str, sent: tuple[Any, ...]
) -> None:
    client, fresh = connect(shared_server), connect(shared_server)
    client.call("useridInput", "Lee")

    for each in (client, fresh):
        answer = each.call(event, *sent)
        assert (answer["ok"], answer["error"]["code"]) == (False, "invalid_request")
    client.call("globalChat", "still here")

    assert client.wait("msgRecieved") == {"userid": "Lee", "data": "still here"}
    assert client.received("useridRecieved") == ["Lee"]
    assert [fresh.received(event) for event in DIALECT] == [[]] * 6


def test_name_is_refused_when_it_is_longer_than_names_are(
    quiet_server: Server, connect: Connect
) -> None:
    client = connect(quiet_server)

    answers = [client.call("useridInput", "k" * length) for length in (80, 81)]

    assert [answer["ok"] for answer in answers] == [True, False]


def test_dialect_is_not_sent_to_those_who_have_not_spoken_it(
    quiet_server: Server, connect: Connect
) -> None:
    ann = quiet_server.sign_up("ann")
    modern, speaker = connect(quiet_server, ann), connect(quiet_server)
    modern.join()

    speaker.call("useridInput", "Kim")
    speaker.call("globalChat", "hi")
    speaker.call("my event", {"message": "hi"})
    speaker.wait("msgRecieved")
    speaker.wait("my response")
    speaker.wait("usersOnline")
    snapshot = modern.join()

    assert [modern.received(event) for event in DIALECT] == [[]] * 6
    assert snapshot["messages"] == []
    assert "Kim" not in {person["name"] for person in snapshot["presence"]["people"]}
    assert speaker.received("presence:diff") == []


def test_names_of_the_dialect_and_of_rooms_are_apart(
    quiet_server: Server, connect: Connect
) -> None:
    ben = connect(quiet_server, quiet_server.sign_up("ben"))
    ben.join()
    speaker = connect(quiet_server)

    answer = speaker.call("useridInput", "ben")

    assert answer["ok"]
    nickname = {"nickname": "Kim"}
    speaker.call("useridInput", "Kim")
    assert quiet_server.request("POST", "/rooms/lobby/guests", json=nickname).status_code == 201


def test_dialect_and_the_api_share_a_connection(quiet_server: Server, connect: Connect) -> None:
    both = connect(quiet_server, quiet_server.sign_up("cho"))
    both.call("useridInput", "Kim")

    snapshot = both.join()

    assert snapshot["you"]["role"] == "voter"
    assert both.call("globalChat", "hi")["ok"]
    both.wait("presence:diff", lambda diff: "cho" in {each["name"] for each in diff["joins"]})


def test_line_is_refused_when_too_many_come_at_once(quiet_server: Server, connect: Connect) -> None:
    flooder, other = connect(quiet_server), connect(quiet_server)
    flooder.call("useridInput", "Kim")
    other.call("useridInput", "Lee")

    answers = [flooder.call("globalChat", "!") for _ in range(30)]
    other.call("globalChat", "hi")

    refused = [answer["error"] for answer in answers if not answer["ok"]]
    assert refused
    assert {(error["code"], error["status"]) for error in refused} == {("rate_limited", 429)}
    other.wait("msgRecieved", lambda line: line["data"] == "hi")
    assert len(other.received("msgRecieved")) == len(answers) - len(refused) + 1


CHAT_LINES = (
    {"data": "User Connected"},
    {"user_name": "Kim", "message": " 안녕하세요 "},
    {"user_name": "", "message": ""},
    {"username": "Lee", "message": "hi", "time": "09:00"},
    {},
)


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
def test_chat_pages_line_comes_to_all_who_speak_it_as_it_was_sent(
    quiet_server: Server, connect_javascript: ConnectJavaScript, transports: list[str]
) -> None:
    kim, lee = (
        connect_javascript(quiet_server.url, transports=transports, rooms=[], origin=FRONTEND)
        for _ in range(2)
    )
    kim.call("my event", CHAT_LINES[0])
    lee.call("my event", CHAT_LINES[0])

    acks = [kim.call("my event", line) for line in CHAT_LINES[1:]]

    assert acks == [{"ok": True}] * len(acks)
    sent = [CHAT_LINES[0], *CHAT_LINES]
    assert kim.wait_count("my response", len(sent)) == sent
    assert lee.wait_count("my response", len(sent) - 1) == sent[1:]


def test_chat_pages_line_is_refused_when_too_many_come_at_once(
    quiet_server: Server, connect: Connect
) -> None:
    page = connect(quiet_server)

    answers = [page.call("my event", {"message": "!"}) for _ in range(30)]

    refused = [answer["error"]["code"] for answer in answers if not answer["ok"]]
    assert refused
    assert set(refused) == {"rate_limited"}
    assert len(page.wait_count("my response", 30 - len(refused))) == 30 - len(refused)


@pytest.mark.parametrize("transports", TRANSPORTS.values(), ids=TRANSPORTS)
@pytest.mark.parametrize("sent", [(), (None,), ({},)], ids=["nothing", "null", "empty object"])
def test_ping_page_is_sent_five_pings_that_took_time(
    quiet_server: Server,
    connect_javascript: ConnectJavaScript,
    transports: list[str],
    sent: tuple[Any, ...],
) -> None:
    page, other = (
        connect_javascript(quiet_server.url, transports=transports, rooms=[]) for _ in range(2)
    )
    other.call("my event", {"data": "User Connected"})

    started, again = page.call("my_event", *sent), page.call("my_event", *sent)
    pings = page.wait_count("server", 5)

    assert started == {"ok": True}
    assert again["error"]["code"] == "rate_limited"
    assert [ping["data1"] for ping in pings] == [0, 1, 2, 3, 4]
    times = [re.fullmatch(r"time=(\d+\.\d) ms", ping["data"]) for ping in pings]
    assert all(took is not None and float(took[1]) > 0 for took in times)
    assert other.received("server") == []


def test_ping_page_that_has_gone_is_pinged_no_more(quiet_server: Server, connect: Connect) -> None:
    page = connect(quiet_server)
    page.call("my_event")
    page.wait("server")

    page.close()

    again = connect(quiet_server)
    assert again.call("my_event") == {"ok": True}
    assert len(again.wait_count("server", 5)) == 5
