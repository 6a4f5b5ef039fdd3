"""What clients say wrong: each is acked with the problem, in their language, and nothing breaks."""

from typing import Any

import pytest

from tests.live.clients import Client
from tests.live.conftest import Connect
from tests.server import Server

BAD_JOINS: dict[str, tuple[list[Any], list[tuple[str, str]]]] = {
    "nothing": ([], [("", "wrong_type")]),
    "null": ([None], [("", "wrong_type")]),
    "text": (["lobby"], [("", "wrong_type")]),
    "list": ([["lobby"]], [("", "wrong_type")]),
    "bytes": ([b"lobby"], [("", "wrong_type")]),
    "too_many": ([{"room": "lobby"}, {"room": "lobby"}], [("", "wrong_type")]),
    "no_room": ([{}], [("room", "required")]),
    "room_number": ([{"room": 7}], [("room", "wrong_type")]),
    "room_null": ([{"room": None}], [("room", "wrong_type")]),
    "room_bytes": ([{"room": b"lobby"}], [("room", "wrong_type")]),
    "room_too_long": ([{"room": "A" * 33}], [("room", "too_long")]),
    "unknown_key": ([{"room": "lobby", "colour": 1}], [("colour", "unknown_field")]),
    "unknown_as": ([{"room": "lobby", "as": "host"}], [("as", "not_allowed")]),
    "nul": ([{"room": "lob\0by"}], [("room", "bad_character")]),
    "surrogate": ([{"room": "lob\ud800by"}], [("room", "bad_character")]),
    "surrogate_key": ([{"room": "lobby", "\ud800": "\ud800"}], [("", "bad_character")]),
    "every_fault": ([{"as": 1, "x": 2}], [("as", "wrong_type"), ("room", "required")]),
}
BAD_CASTS: dict[str, tuple[dict[str, Any], list[tuple[str, str]]]] = {
    "no_poll": ({"choices": [1]}, [("poll", "required")]),
    "no_choices": ({"poll": 1}, [("choices", "required")]),
    "poll_text": ({"poll": "1", "choices": [1]}, [("poll", "wrong_type")]),
    "poll_bool": ({"poll": True, "choices": [1]}, [("poll", "wrong_type")]),
    "poll_nan": ({"poll": float("nan"), "choices": [1]}, [("poll", "wrong_type")]),
    "choice_bool": ({"poll": 1, "choices": [True]}, [("choices.0", "wrong_type")]),
    "choice_text": ({"poll": 1, "choices": ["1"]}, [("choices.0", "wrong_type")]),
    "two": ({"poll": 1, "choices": [1, 2]}, [("choices", "too_long")]),
    "stranger": ({"poll": 1, "choices": [99]}, [("choices.0", "unknown_candidate")]),
    "key": ({"poll": 1, "choices": [1], "key": "1"}, [("key", "format")]),
}


@pytest.mark.parametrize(("sent", "faults"), BAD_JOINS.values(), ids=BAD_JOINS)
def test_join_names_every_fault_when_the_payload_is_malformed(
    shared_server: Server, connect: Connect, sent: list[Any], faults: list[tuple[str, str]]
) -> None:
    client = connect(shared_server)

    answer = client.call("room:join", *sent)

    assert answer["ok"] is False
    assert (answer["error"]["code"], answer["error"]["status"]) == ("invalid_request", 400)
    found = [(each["field"], each["code"]) for each in answer["error"]["errors"]]
    assert [fault for fault in faults if fault not in found] == []
    assert client.join()["ok"]


@pytest.mark.parametrize(("fields", "faults"), BAD_CASTS.values(), ids=BAD_CASTS)
def test_cast_names_every_fault_when_the_payload_is_malformed(
    shared_server: Server,
    people: list[str],
    connect: Connect,
    fields: dict[str, Any],
    faults: list[tuple[str, str]],
) -> None:
    client = connect(shared_server, people[0])

    answer = client.call("ballot:cast", fields)

    assert answer["ok"] is False
    assert answer["error"]["code"] == "invalid_request"
    assert [(each["field"], each["code"]) for each in answer["error"]["errors"]] == faults


@pytest.mark.parametrize(
    ("language", "detail", "fault"),
    [
        ("en", "The request has faults.", "Fill this in: it is required."),
        ("ko", "요청에 잘못된 곳이 있습니다.", "꼭 필요한 항목입니다. 입력해 주십시오."),
        (
            "fr, ko-KR;q=0.5",
            "요청에 잘못된 곳이 있습니다.",
            "꼭 필요한 항목입니다. 입력해 주십시오.",
        ),
        (7, "The request has faults.", "Fill this in: it is required."),
    ],
)
def test_refusal_is_worded_in_the_language_that_was_asked_at_connecting(
    shared_server: Server, connect: Connect, language: Any, detail: str, fault: str
) -> None:
    client = connect(shared_server, lang=language)

    error = client.call("room:join", {})["error"]

    assert (error["detail"], error["errors"][0]["detail"]) == (detail, fault)


@pytest.mark.parametrize("auth", ["text", 7, ["token"], {"token": ""}, {"lang": None}, {"x": 1}])
def test_connecting_makes_a_stranger_when_auth_holds_no_token(
    shared_server: Server, connect: Connect, auth: Any
) -> None:
    client = Client(shared_server.url, auth)

    person = client.join()["you"]["person"]
    client.close()

    assert person is None


def test_connection_goes_on_when_a_payload_is_nested_without_end(
    shared_server: Server, connect: Connect
) -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]
    client = connect(shared_server)

    answer = client.call("room:join", {"room": deep})

    assert [each["code"] for each in answer["error"]["errors"]] == ["too_deep"]
    assert client.join()["ok"]


def test_event_is_acked_when_there_is_no_such_event(
    shared_server: Server, connect: Connect
) -> None:
    client = connect(shared_server, lang="ko")

    answer = client.call("no:such", {"room": "lobby"})

    assert (answer["ok"], answer["error"]["code"]) == (False, "not_found")
    assert answer["error"]["detail"] == "찾을 수 없습니다."


def test_emitting_the_library_s_own_names_changes_nothing_when_joined(
    server: Server, connect: Connect
) -> None:
    ann, ben = server.sign_up("ann"), server.sign_up("ben")
    watcher, client = connect(server, ben), connect(server, ann)
    watcher.join()
    client.join()
    watcher.wait("presence:diff", lambda diff: "u1" in str(diff["joins"]))

    for event in ("connect", "disconnect"):  # past the client, which reserves them
        for sent in ([], [{"token": ben}], ["client disconnect"], [1, 2]):
            client.emit(event, *sent)
    client.wait_count("ack", 8)

    assert client.call("ballot:cast", {"poll": 1, "choices": [1]})["ok"]
    assert client.join()["you"]["person"] == "u1"
    client.close()
    watcher.wait("presence:diff", lambda diff: diff["leaves"] == ["u1"])
