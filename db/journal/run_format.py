"""The format of runs: the documents of a part in a file, sorted by id.

    {
    "ballots": {
    "17":{…},
    "23":{…}
    },
    "_run": {
    "0": {"tags": …},
    "1": {"ids": …},
    "2": {"starts": …, "offsets": …, "crcs": …},
    "3": {"table": …, "sequence": …, "count": …, "counts": {…}, …},
    "4": {"at": […], "crc": …}}}

It is a TinyDB JSON file. Each block of 32 documents has a checksum. The last line has a fixed
length: it says where the others begin. Arrays are base64 of little-endian numbers. The line 0 is
there only if documents have tags: see `filed.Filing`.
"""

import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field

from db.journal.format import encode

BLOCK = 32
TOGETHER = 64
"""How many blocks are read or written at once, where all are."""
BETWEEN = b'\n},\n"_run": {\n'
"""What is between the documents and what the run says of itself."""


@dataclass(frozen=True)
class Meta:
    """What a run says of itself.

    table: of its documents
    sequence: the part's last batch in it
    rests: the journal's batch without which it does not count
    clean: whether the part had nothing more
    salt: of the part
    count: how many documents it has; counts: the sum of what they count
    crcs: of the lines 1 and 2
    tags: where the line 0 begins, and its checksum; nothing if there is none
    """

    table: str
    sequence: int
    rests: int
    clean: bool
    salt: str
    count: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    crcs: tuple[int, int] = (0, 0)
    tags: tuple[int, ...] = ()


def tag_number(tag: str) -> int:
    """Return the number of 32 bits under which documents with a tag are found. Others may have it
    too.
    """
    return zlib.crc32(tag.encode())


def head_of(table: str) -> bytes:
    """Return what a run begins with."""
    return b"{\n%s: {" % encode(table)


def trailer_of(at: tuple[int, ...], told: bytes) -> bytes:
    """Return the last line. at: where the others begin; told: the one before it"""
    places = b"[%14d, %14d, %14d]" % at
    return b'"4": {"at": %s, "crc": %10d}}}\n' % (places, zlib.crc32(told + places))


TRAILER = len(trailer_of((0, 0, 0), b""))


def pack(numbers: "array[int]") -> bytes:
    """Return numbers in base64, which may be swapped in place."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return b64encode(numbers.tobytes())


def unpack(kind: str, text: str) -> "array[int]":
    """Return numbers from base64."""
    numbers = array(kind, b64decode(text))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
