"""Paths and queries that no client sends: each is refused or ignored, and nothing breaks."""

import re
import socket
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest

from tests.conformance import METHODS, address, openapi, routes
from tests.hostile import ANSWER_BYTES, SHARE
from tests.http.hall import Hall, refusal

pytestmark = pytest.mark.fuzz

PIECES = (
    *("9" * 18, "9" * 19, "9" * 4_300, "9" * 5_000, "0" * 5_000 + "1", "-1", "+1", "1.0", "1e9"),
    *("\u0661", "\u00b2", "\uff11", "1_0", " 1", "1 ", "0x1", "", "null", "[]", "\0", "\n"),
    *("a" * 5_000, "a@b", "-name"),
    *("\u0301" * 900, "\U0001f5f3", "..", "%", "%2e%2e", "\\", "<script>"),
)
RAW = ("%00", "%ff", "%ed%a0%80", "%0d%0aX:1", "%", "%zz", "%u0041")
"""What is in an address as it stands."""
ENCODED = (*(quote(piece, safe="") for piece in PIECES), *RAW)
IDS = {"code": "lobby", "poll_id": 1, "row_id": 1, "user_id": 1}
ROUTES = routes()
OPERATIONS = [
    (method, path, [each["name"] for each in described["parameters"] if each["in"] == "query"])
    for path, methods in openapi()["paths"].items()
    for method, described in methods.items()
    if f"{method.upper()} {path}" in ROUTES
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


def addresses(path: str, queries: list[str]) -> Iterator[tuple[int, str]]:
    """Yield a route's addresses with each piece in each place of path and query, and a number:
    that of a place is even and odd by turns, and so is that of a piece.
    """
    for piece_number, piece in enumerate(ENCODED):
        names = re.findall(r"\{(\w+)\}", path)
        made = [address(path.replace(f"{{{name}}}", piece), **IDS) for name in names]
        for query in (*(f"{name}={piece}" for name in queries), f"{piece}=1", piece):
            made.append(f"{address(path, **IDS)}?{query}")
        yield from enumerate(made, piece_number)


@pytest.mark.parametrize(("method", "path", "queries"), OPERATIONS, ids=NAMES)
def test_route_is_never_at_fault_whatever_its_address_holds(
    hall: Hall, method: str, path: str, queries: list[str]
) -> None:
    """What reads is asked by somebody signed in, too: by turns, or with HOSTILE_SHARE=1 always."""
    tokens = [None, hall.token_of(hall.people[0])] if method == "get" else [None]
    for number, asked in addresses(path, queries):
        for token in tokens if SHARE == 1 else [tokens[number % len(tokens)]]:
            answer = hall.request(method, asked, token, allow_redirects=False)
            assert answer.status_code < 500, (asked[:100], answer.text)
            if answer.status_code >= 400:
                assert len(answer.content) <= ANSWER_BYTES


@pytest.mark.parametrize("digits", ["\u0661", "1" * 19, "0" * 5_000 + "1", "9" * 5_000])
def test_nothing_is_found_by_an_id_that_the_server_doesn_t_write(hall: Hall, digits: str) -> None:
    assert refusal(hall.request("GET", f"/polls/{digits}")) == (404, "not_found")


def redirects_to(hall: Hall, path: str) -> list[str]:
    """Return where a request with another's `Host` is redirected."""
    asked = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", hall.port), timeout=30) as sock:
        sock.sendall(asked.encode())
        head = b"".join(iter(lambda: sock.recv(1 << 16), b"")).partition(b"\r\n\r\n")[0]
    return re.findall(r"(?im)^location:\s*(.*?)\s*$", head.decode())


@pytest.mark.parametrize(
    "path",
    ["/{}", "{}/", "{}//", "//{}", "/{}?a=//b", "/\\evil.example{}", "//evil.example{}", "/%2f{}"],
)
def test_redirect_stays_on_this_server_whatever_the_host(hall: Hall, path: str) -> None:
    for route in sorted({each.partition(" ")[2] for each in routes()}):
        filled = address(route, **IDS)
        for asked in (path.format(filled), path.format(filled).replace("/", "//")):
            for target in redirects_to(hall, asked):
                assert stays_here(target), (asked, target)


ELSEWHERE = (
    *(
        "/evil.example",
        "%2F%2Fevil.example",
        "%2Fevil.example",
        "\\evil.example",
        "\\\\evil.example",
    ),
    *("%5Cevil.example", "/%5Cevil.example", "@evil.example/", "https://evil.example"),
    *("%0d%0aLocation:%20//evil.example//", "%09/evil.example//", "..//..//evil.example", ";//x"),
)
"""Parts of a path that would lead elsewhere from the wrong place in a Location."""


def test_redirect_stays_on_this_server_whatever_a_part_of_its_path_says(hall: Hall) -> None:
    targets: list[str] = []
    for route in sorted({each.partition(" ")[2] for each in routes()}):
        for part in ELSEWHERE:
            places = [route.replace(name, part) for name in re.findall(r"\{\w+\}", route)]
            for place in (*places, f"{part}{route}", f"/{part}{route}", f"{route}/{part}"):
                filled = address(place, **IDS)
                targets += redirects_to(hall, filled if filled.startswith("/") else f"/{filled}")

    assert len(targets) > 50
    assert [target for target in targets if not stays_here(target)] == []


def stays_here(target: str) -> bool:
    """Tell whether a browser that follows a Location stays on the site: what begins with two
    slashes of either kind names a host."""
    parts = urlsplit(target)
    path_alone = re.fullmatch(r"/([^/\\\s][^\\\s]*)?", target) is not None
    return path_alone and (parts.scheme, parts.netloc) == ("", "")


@pytest.mark.parametrize("method", METHODS)
def test_query_s_enumeration_is_exact(hall: Hall, method: str) -> None:
    token = hall.token_of(hall.people[0])
    for path, methods in openapi()["paths"].items():
        for described in methods.get(method.lower(), {}).get("parameters", ()):
            values = described["schema"].get("enum", ())
            for value in ("2", "true", "01", " 1", "1 ", "", "\uff11"):
                if described["in"] != "query" or not values or value in values:
                    continue
                url = f"{address(path, **IDS)}?{described['name']}={quote(value)}"
                answer = hall.request(method, url, token)
                # 429: other tests here have used up this address's uploads of pictures
                assert answer.status_code in (400, 403, 404, 429), (url, answer.text)
