"""Bodies that are made to be expensive: wide, deep, long, full of faults, each of a size in bytes.

And what they cost a server, beside a plain request in the same run.
"""

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

from api.problems import BODY_BYTES
from schemas.rooms import CELL_LETTERS, COLUMNS
from tests.server import Server

Make = Callable[[int], bytes]

ANSWER_BYTES = 16 << 10
FACTOR = 60
"""How many plain requests a body of 64 KB may cost; a larger one as many more as it is larger."""
TRIES = 3
SHARE = int(os.environ.get("HOSTILE_SHARE", "4"))
"""Which part of all values is tried in each place; all of them: HOSTILE_SHARE=1."""

PILE = "\u0301\u0323"
"""Two combining marks that have to be sorted."""
PRIME = 2**61 - 1
"""Python's hash of every multiple of it is 0."""
WIDE = b"{" + b",".join(b'"%d":1' % number for number in range(500)) + b"}"


def repeat(head: bytes, unit: bytes, tail: bytes = b"") -> Make:
    """Return what repeats a unit between head and tail."""
    return lambda size: head + unit * ((size - len(head) - len(tail)) // len(unit)) + tail


def count(head: bytes, unit: bytes, tail: bytes, step: int = 1) -> Make:
    """Return what repeats a unit with a number in it."""

    def make(size: int) -> bytes:
        many = (size - len(head) - len(tail)) // len(unit % (size * step))
        return head + b"".join(unit % (number * step) for number in range(many)) + tail

    return make


SCRIPTS = {
    "Thai": "\u0e01",
    "Thai vowels": "\u0e01\u0e34",
    "Arabic digits": "\u0663",
    "Arabic digits apart": "\u0663a",
    "Persian digits": "\u06f3",
    "Hebrew punctuation": "\u05d0\u05f3",
    "Greek numerals": "\u0375\u03b1",
    "joiners": "\u0915\u094d\u200d",
    "non-joiners": "\u0628\u200c\u0628",
    "ligatures": "\u0e01" * 18 + "\ufdfa",
}
"""Letters that names may have and that are expensive to judge, some by where they stand."""

VALUES: dict[str, Make] = {
    "keys": count(b"{", b'"k%d":1,', b'"k":1}'),
    "a long key": repeat(b'{"', b"k", b'":1}'),
    "long keys": count(b"{", b'"' + b"k" * 400 + b'%d":1,', b'"k":1}'),
    "one key": repeat(b"{", b'"a":[],', b'"a":1}'),
    "points": count(b"{", b'"%d":-1,', b'"1":-1}'),
    "empty lists": repeat(b"[", b"[],", b"1]"),
    "empty objects": repeat(b"[", b"{},", b"{}]"),
    "objects": repeat(b"[", b'{"name":"","description":1,"x":2},', b"{}]"),
    "wide objects": repeat(
        b"[", b"{" + b",".join(b'"%d":1' % n for n in range(500)) + b"},", b"{}]"
    ),
    "nulls": repeat(b"[", b"null,", b"null]"),
    "empty texts": repeat(b"[", b'"",', b'""]'),
    "nested lists": repeat(b"[", b"[" * 15 + b"]" * 15 + b",", b"1]"),
    "nested objects": repeat(b"[", b'{"a":' * 15 + b"1" + b"}" * 15 + b",", b"1]"),
    "open lists": repeat(b"", b"["),
    "open objects": repeat(b"", b'{"a":'),
    "letters": repeat(b'"', b"a", b'"'),
    "spaces": repeat(b'"', b" ", b'"'),
    "ats": repeat(b'"', b"@", b'"'),
    "marks": repeat(b'"a', PILE.encode(), b'"'),
    "short piles": repeat(b'"', b"a" + PILE.encode() * 15, b'"'),
    "texts of marks": repeat(b'["', b"a" + PILE.encode() * 40 + b'","', b'"]'),
    "escaped marks": repeat(b'"a', rb"\u0301\u0323", b'"'),
    "escapes": repeat(b'"', rb"\u0041", b'"'),
    "pairs": repeat(b'"', rb"\ud83d\ude00", b'"'),
    "halves": repeat(b"[", rb'"\ud83d",', b"1]"),
    "NULs": repeat(b"[", rb'"\u0000",', b"1]"),
    "long integers": repeat(b"[", b"9" * 4_300 + b",", b"1]"),
    "too long an integer": repeat(b"", b"9"),
    "colliding integers": count(b"[", b"%d,", b"1]", PRIME),
    "long fractions": repeat(b"[", b"1" * 4_000 + b".5,", b"1]"),
    "small fractions": repeat(b"[", b"1e-300,", b"1]"),
    "a long fraction": repeat(b"0.", b"1"),
}
"""JSON's values, not all of them whole."""


def nuls_under_a_long_key(size: int) -> bytes:
    """Return an object of one long key; each of many faults is below it."""
    return b'{"' + b"k" * (size // 2) + b'":' + VALUES["NULs"](size // 2 - 8) + b"}"


URLENCODED: dict[str, Make] = {
    "fields": repeat(b"", b"a=1&"),
    "numbered fields": count(b"", b"k%d=1&", b""),
    "ampersands": repeat(b"", b"&"),
    "equals signs": repeat(b"", b"=&"),
    "a long name": repeat(b"", b"a"),
    "percents": repeat(b"email=", b"%"),
    "escaped marks": repeat(b"email=a&name=a", b"%CC%81%CC%A3"),
    "marks": repeat(b"name=a", PILE.encode()),
    "NULs": repeat(b"email=", b"%00"),
    "NULs in names": repeat(b"", b"%00=&"),
    "pluses": repeat(b"password=", b"+"),
}
PART = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
MULTIPART: dict[str, Make] = {
    "parts": repeat(b"", PART, b"--x--\r\n"),
    "a long part": repeat(PART, b"a"),
    "lines": repeat(b"--x\r\nContent-Disposition: form-data; name=email\r\n\r\n", b"\r\n"),
    "boundaries": repeat(b"", b"--x\r\n"),
    "half boundaries": repeat(PART, b"\r\n--"),
    "fields of a head": repeat(b"--x\r\n", b"A: b\r\n"),
    "files": repeat(b"", PART.replace(b'"a"', b'"a"; filename="b"'), b"--x--\r\n"),
}


def rows_of(cell: str) -> Make:
    """Return what repeats a row whose free columns are as many and as long as they may be."""
    header = ",".join(["name", *(f"c{number}" for number in range(COLUMNS))]) + "\n"
    row = ",".join(["a", *[(cell * CELL_LETTERS)[: CELL_LETTERS - 1] + "a"] * COLUMNS]) + "\n"
    return repeat(header.encode(), row.encode())


PICTURE: dict[str, Make] = {
    "zeros": repeat(b"", b"\0"),
    "a JPEG's markers": repeat(b"\xff\xd8\xff\xe0", b"\xff\xe0\0\2"),
    "a PNG's chunks": repeat(b"\x89PNG\r\n\x1a\n", b"\0\0\0\0tEXt\0\0\0\0"),
}
CSV: dict[str, Make] = {
    "commas": repeat(b"", b","),
    "tabs": repeat(b"", b"\t"),
    "columns": repeat(b"", b"a,"),
    "rows of commas": repeat(b"name\n", b",,,,,\n"),
    "rows of cells": repeat(b"name\n", b"a,b\n"),
    "rows": repeat(b"name\n", b"a\n"),
    "rows of one name": repeat(b"name,email\n", b"a,a@b\n"),
    "line feeds": repeat(b"name\n", b"\n"),
    "carriage returns": repeat(b"name\n", b"\r"),
    "spaces": repeat(b"name\n", b" \n"),
    "quotes": repeat(b"name\n", b'"'),
    "quoted": repeat(b"name\n", b'"",'),
    "quoted rows": repeat(b"name\n", b'""\n'),
    "quoted lines": repeat(b'name\n"', b"\n"),
    "a long name": repeat(b"name\n", b"a"),
    "marks": repeat(b"name\na", PILE.encode()),
    "names of marks": repeat(b"name\n", b"a" + PILE.encode() * 40 + b"\n"),
    "a column of marks": repeat(b"a", PILE.encode()),
    "roles of marks": repeat(b"name,role\n", b"a,a" + PILE.encode() * 2_000 + b"\n"),
    "wrong roles": repeat(b"name,role\n", b"a,b\n"),
    "wrong emails": repeat(b"name,email\n", b",@@\n"),
    "NULs": repeat(b"name\n", b"\0"),
    "no text": repeat(b"name\n", b"\x80\xff"),
    "free columns": repeat(b"name" + b",a" * 14 + b"\n", b"x" + b",y" * 14 + b"\n"),
    "semicolons": repeat(b"", b";"),
    "Korean": repeat(b"name\n", "김\n".encode("cp949")),
    "guards": repeat(b"name\n", b"='"),
    "doubled quotes": repeat(b'name\n"', b'""'),
    "zero width": repeat(b"name\n", "\u200b".encode()),
    "a cell of lines": repeat(b'name\n"a', b"\n", b'b"\n'),
    "a cell of guards": repeat(b'name\n"a', b";'", b'b"\n'),
    "a cell of spaces and guards": repeat(b'name\n"a', b" '", b'b"\n'),
    **{f"rows of {name}": rows_of(letters) for name, letters in SCRIPTS.items()},
}


def places(definition: dict[str, Any]) -> Iterator[tuple[bytes, bytes]]:
    """Yield what comes before and after each value in an object of a Cerberus schema."""
    for name, rules in definition.items():
        before, after, inner = b'{"%s":' % name.encode(), b"}", rules.get("schema", {})
        yield before, after
        if rules["type"] == "list" and inner.get("type") == "dict":
            before, after, inner = before + b"[", b"]" + after, inner["schema"]
        elif rules["type"] != "dict":
            continue
        for inner_before, inner_after in places(inner):
            yield before + inner_before, inner_after + after


def fill(rules: dict[str, Any], letters: str, size: int) -> Any:
    """Return a value as large as a Cerberus schema's rules and so many bytes allow."""
    most = rules.get("maxlength", 1)
    if rules["type"] == "dict" and "schema" in rules:
        return {name: fill(inner, letters, size) for name, inner in rules["schema"].items()}
    if rules["type"] == "dict":
        value = fill(rules["valuesrules"], letters, size)
        return {f"k{number}": value for number in range(most)}
    if rules["type"] == "list":
        value = fill(rules["schema"], letters, size)
        most = min(most, size // (len(json.dumps(value, ensure_ascii=False).encode()) + 2))
        return [value] * most
    if rules["type"] == "string":
        return rules.get("allowed", [(letters * most)[:most]])[0]
    return {"integer": 1, "boolean": True}.get(rules["type"], "2030-01-01T00:00:00Z")


def full_bodies(definition: dict[str, Any], size: int) -> Iterator[tuple[str, bytes]]:
    """Yield bodies in which each text and list is as long as it may be, in expensive letters."""
    for name, letters in SCRIPTS.items():
        whole = fill({"type": "dict", "schema": definition}, letters, size * 9 // 10)
        yield f"full of {name}", json.dumps(whole, ensure_ascii=False).encode()[:size]


def json_bodies(
    definition: dict[str, Any], size: int, turn: int = 0
) -> Iterator[tuple[str, bytes]]:
    """Yield expensive bodies: values as the whole and in every place, each after what it is.

    In a place are one of `SHARE` values, beginning at `turn`: others in the next place, and for
    another turn.
    """
    yield "NULs under a long key", nuls_under_a_long_key(size)
    yield from full_bodies(definition, size)
    for name, make in VALUES.items():
        yield name, make(size)
    for number, (before, after) in enumerate(places(definition), turn):
        for name, make in [*VALUES.items()][number % SHARE :: SHARE]:
            yield f"{name} in {before.decode()}", before + make(size - len(before + after)) + after


class Meter:
    """Measures a server's work: the processor's time that its event loop takes.

    A processor that others share is slower for all that it does: work is compared with plain
    requests of the same moment.
    """

    def __init__(self, server: Server) -> None:
        self._file = open(f"/proc/{server.pid}/task/{server.pid}/schedstat", "rb")  # noqa: SIM115
        self._server = server
        self._plain = min(self._measure_plain() for _ in range(TRIES))

    def measure(self, work: Callable[[], Any]) -> float:
        """Return how many seconds a piece of work takes of the event loop's thread."""
        before = self._seconds()
        work()
        return self._seconds() - before

    def check(self, what: str, size: int, work: Callable[[], Any]) -> None:
        """Fail where work takes longer than so large a body may, each time that it is tried."""
        factor = FACTOR * max(1.0, size / BODY_BYTES)
        if self.measure(work) <= factor * self._plain:
            return
        tries = []
        for _ in range(TRIES):
            tries.append((self.measure(work), self._measure_plain()))
            if tries[-1][0] <= factor * tries[-1][1]:
                return
        seen = ", ".join(f"{took:.4f} s against {plain:.6f} s" for took, plain in tries)
        raise AssertionError(f"{what}: {seen} for a plain request")

    def _measure_plain(self) -> float:
        """Return what a request costs that Flask answers, as it does those with the bodies."""
        plain = self.measure(lambda: [self._server.request("GET", "/nowhere") for _ in range(50)])
        return plain / 50

    def close(self) -> None:
        """Close the file that is read."""
        self._file.close()

    def _seconds(self) -> float:
        return int(os.pread(self._file.fileno(), 64, 0).split()[0]) / 1e9
