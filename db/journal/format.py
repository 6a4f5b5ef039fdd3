"""The lines of a journal: how a batch becomes bytes and back. Pure; no files.

    header  crc32 SP {"base": …, "format": 3, "salt": …, "snapshot": {"crc": …, "size": …}} LF
    batch   crc32 SP [sequence, [{table: {id: document | null} | null}, …]] LF

A batch's CRC is seeded by the header's salt, so that a line of an earlier journal is never
taken for one of this. JSON escapes line feeds and zero bytes: a batch is exactly one line, and
zeros after the last are room for more.

Format 1 is that of the versions without parts: its batches may hold what now belongs in one. So
may those of format 2, which had no filed tables.
"""

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from io import BytesIO
from itertools import islice
from typing import Any

import msgspec

from db.journal.errors import Corrupt

FORMAT = 3
READABLE = (1, 2, FORMAT)

SLICE = 1_000

Transaction = dict[str, dict[int, msgspec.Raw] | None]
"""As it is read: documents by table and id, in JSON; None for a table that is dropped. They are
decoded only if they are needed."""

_decode = msgspec.json.Decoder(list[tuple[int, list[Transaction]]]).decode
_encode = msgspec.json.Encoder().encode


def encode(value: Any) -> bytes:
    """Return a JSON value as compact UTF-8.

    Raises ValueError for lone surrogates, which JSON files can't contain. NaN and infinities would
    become null, so `memory.detach` refuses them before.
    """
    return _encode(value)


@dataclass(frozen=True)
class Header:
    """The first line: the snapshot that the batches continue.

    `base` is the sequence number of the snapshot; `size` (bytes) and `crc` are those of its file,
    both 0 if there is none.
    """

    base: int
    salt: str
    size: int
    crc: int
    format: int = FORMAT

    @cached_property
    def seed(self) -> int:
        return zlib.crc32(self.salt.encode())

    def line(self) -> bytes:
        fields = {"format": self.format, "base": self.base, "salt": self.salt}
        snapshot = {"size": self.size, "crc": self.crc}
        return seal(encode({**fields, "snapshot": snapshot}), seed=0)


@dataclass(frozen=True)
class Journal:
    """A journal that was read: its header, its sound lines, the number of batches, and the torn
    tail.
    """

    header: Header
    sound: bytes
    count: int
    torn: bytes

    @property
    def last(self) -> int:
        """The sequence number of its last batch."""
        return self.header.base + self.count

    def transactions(self, after: int) -> Iterator[Transaction]:
        """Yield the transactions of the batches numbered above `after`, in order."""
        for transactions in self.batches(after):
            yield from transactions

    def batches(self, after: int) -> Iterator[list[Transaction]]:
        """Yield the batches numbered above `after`, in order."""
        lines = islice(BytesIO(self.sound), 1 + max(0, after - self.header.base), None)
        while payloads := [line[9:-1] for line in islice(lines, SLICE)]:
            for _, transactions in _decode(b"[%s]" % b",".join(payloads)):
                yield transactions

    @classmethod
    def begin(cls, header: Header) -> "Journal":
        """Return an empty journal."""
        return cls(header, header.line(), 0, b"")

    def with_batch(self, transactions: list[bytes]) -> "Journal":
        """Return it with one more batch of already encoded transactions."""
        line = seal(batch_payload(self.last + 1, transactions), self.header.seed)
        return replace(self, sound=self.sound + line, count=self.count + 1)

    def first(self, count: int) -> "Journal":
        """Return it as it was when it had so many batches."""
        sound = b"".join(islice(BytesIO(self.sound), 1 + count))
        return replace(self, sound=sound, count=count)


def seal(payload: bytes, seed: int) -> bytes:
    """Return the line of `payload`, its CRC seeded by `seed`."""
    return b"%08x %s\n" % (zlib.crc32(payload, seed), payload)


def batch_payload(sequence: int, transactions: list[bytes]) -> bytes:
    """Return the payload of a batch of already encoded transactions."""
    return b"[%d,[%s]]" % (sequence, b",".join(transactions))


def read_journal(data: bytes, *, salvage: bool = False) -> Journal:
    """Verify a whole journal.

    A bad last line is a torn tail: batch n+1 is only written when n is durable, so a crash
    tears at most the last. Any other bad line is damage; `salvage` takes what is before it.
    Zeros at the end are room: neither sound nor torn.

    Raises `Corrupt` naming the line.
    """
    data = data.rstrip(b"\0")
    lines = BytesIO(data)
    header = _read_header(lines.readline())
    position, last, seed, crc_of = lines.tell(), header.base, header.seed, zlib.crc32
    for line in lines:
        payload = line[9:-1]
        sound = line[:9] == b"%08x " % crc_of(payload, seed) and line[-1:] == b"\n"
        if not sound or not payload.startswith(b"[%d,[" % (last + 1)):
            damage = ""
            if sound:
                damage = f"does not hold batch {last + 1}"
            elif position + len(line) < len(data) or _holds_batch(line, seed):
                damage = "is damaged, and more follows it"
            if damage and not salvage:
                raise Corrupt(f"line {last - header.base + 2} of the journal {damage}")
            break
        last += 1
        position += len(line)
    return Journal(header, data[:position], last - header.base, data[position:])


def _unseal(line: bytes, seed: int) -> bytes | None:
    """Return the payload of a sound line; otherwise None."""
    payload = line[9:-1]
    return payload if line == seal(payload, seed) else None


def _read_header(line: bytes) -> Header:
    payload = _unseal(line, seed=0)
    if payload is None:
        raise Corrupt("the journal's first line is damaged")
    fields = json.loads(payload)
    if fields["format"] not in READABLE:
        raise Corrupt(f"the journal is of format {fields['format']}; this version reads {FORMAT}")
    snapshot = fields["snapshot"]
    position = fields["base"], fields["salt"], snapshot["size"], snapshot["crc"]
    return Header(*position, fields["format"])


def _holds_batch(line: bytes, seed: int) -> bool:
    """Return whether a bad last line begins with a complete batch and more, or has one after zeros.

    Then its line feed, or something before it, was damaged. A write that a crash tore has nothing
    after the cut, or zeros, or zeros and then its rest, which is not a complete batch.
    """
    line = line.lstrip(b"\0")
    text = line[9:].decode(errors="replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return False
    whole = line[: 9 + len(text[:end].encode())]
    return line != whole and _unseal(whole + b"\n", seed) is not None
