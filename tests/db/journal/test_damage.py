"""Damaged files: opening gives an exact prefix of the batches, or refuses; never anything else."""

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from db.journal import Corrupt, JournaledStorage, JournalError, Mismatch, files
from tests.examples import QUICK, every

UNIQUE = {"users": ("email",)}
ROOM_BYTES = 60
Tables = dict[str, Any]

pytestmark = pytest.mark.usefixtures("unsynced", "quiet")


@dataclass(frozen=True)
class Left:
    """The files of a store that was killed, and its tables after each batch.

    The journal ends with room.
    """

    snapshot: bytes
    journal: bytes
    history: list[Tables]

    def ends(self) -> list[int]:
        """Where each of the journal's lines ends."""
        return [index + 1 for index, byte in enumerate(self.journal) if byte == 0x0A]


@pytest.fixture(params=["empty", "folded", "compacted"])
def left(request: pytest.FixtureRequest, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Left:
    """A store without snapshot; one closed cleanly before; one compacted as it ran."""
    monkeypatch.setattr(files, "ROOM_BYTES", ROOM_BYTES)
    path = folder / "made" / "store.json"
    if request.param == "folded":
        storage = JournaledStorage(path, unique=UNIQUE)
        put(storage, "users", {"email": "ada"})
        put(storage, "polls", {"title": "Ä", "open": True})
        storage.close()
    storage = JournaledStorage(path, unique=UNIQUE)
    if request.param == "compacted":
        put(storage, "users", {"email": "ada"})
        storage.compact()
    history = [storage.read() or {}]
    for write in (
        lambda: put(storage, "users", {"email": "bob"}),
        lambda: put(storage, "votes", {"for": [1, 2]}, {"for": None}),
        lambda: put(storage, "users", None),
    ):
        write()
        history.append(storage.read() or {})
    found = Left(path.read_bytes(), path.with_name("store.json.journal").read_bytes(), history)
    storage.close()
    assert found.journal.endswith(bytes(20)), "room"
    return found


@pytest.fixture
def open_with(folder: Path) -> Iterator[Callable[..., JournaledStorage]]:
    """Open a store made of these bytes."""
    opened: list[JournaledStorage] = []
    here = folder / "damaged"

    def opening(snapshot: bytes, journal: bytes) -> JournaledStorage:
        close()
        here.mkdir()
        (here / "store.json").write_bytes(snapshot)
        (here / "store.json.journal").write_bytes(journal)
        opened.append(JournaledStorage(here / "store.json", unique=UNIQUE))
        return opened[-1]

    def close() -> None:
        while opened:
            opened.pop().close()
        shutil.rmtree(here, ignore_errors=True)

    yield opening
    close()


def put(storage: JournaledStorage, table: str, *documents: Any) -> None:
    with storage.transaction():
        for document in documents:
            storage.put(table, 1 if document is None else storage.next_id(table), document)


def goes_on(storage: JournaledStorage, folder: Path) -> None:
    """Write to it, and read it back from what a kill would leave."""
    put(storage, "users", {"email": "zoe"})
    expected = storage.read()
    again = folder / "again"
    shutil.copytree(storage.path.parent, again)
    reopened = JournaledStorage(again / "store.json", unique=UNIQUE)
    try:
        assert reopened.read() == expected
    finally:
        reopened.close()
        shutil.rmtree(again)


def flips(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield `data` with each of its bits flipped, or one of each byte, and which byte it is in."""
    for position in range(len(data)):
        for bit in [position % 8] if QUICK else range(8):
            yield position, _with(data, position, data[position] ^ (1 << bit))


def _with(data: bytes, position: int, byte: int) -> bytes:
    return data[:position] + bytes([byte]) + data[position + 1 :]


@pytest.mark.parametrize("fill", ["nothing", "zeros"])
def test_journal_gives_its_whole_lines_when_cut_at_any_byte(
    left: Left, open_with: Callable[..., JournaledStorage], folder: Path, fill: str
) -> None:
    ends = left.ends()
    for size in range(ends[0], len(left.journal), every(5)):
        cut = left.journal[:size]
        whole = sum(1 for end in ends[1:] if end <= size)
        tail = cut[ends[whole] :].rstrip(b"\0")
        if fill == "zeros":
            cut = cut.ljust(len(left.journal), b"\0")

        storage = open_with(left.snapshot, cut)

        assert (storage.read() or {}) == left.history[whole], size
        kept = storage.torn_path.read_bytes() if storage.torn_path.exists() else b""
        assert kept == (tail + b"\n" if tail else b"")
        goes_on(storage, folder)


@pytest.mark.parametrize("kept", [0, 9])
def test_journal_gives_the_lines_before_one_that_lost_its_beginning_or_middle(
    left: Left, open_with: Callable[..., JournaledStorage], folder: Path, kept: int
) -> None:
    *_, last, end = left.ends()
    for size in range(last + kept + 1, end + 1, every(5)):
        lost = size - last - kept
        torn = left.journal[last : last + kept] + bytes(lost) + left.journal[size:end]

        storage = open_with(left.snapshot, left.journal[:last] + torn + left.journal[end:])

        assert (storage.read() or {}) == left.history[-2], size
        torn_bytes = storage.torn_path.read_bytes() if storage.torn_path.exists() else b""
        torn = torn.rstrip(b"\0")
        assert torn_bytes == (torn + b"\n" if torn else b"")
        goes_on(storage, folder)


@pytest.mark.parametrize("zeros", [1, 8, 9, 10, 5_000])
@pytest.mark.parametrize("room", [0, ROOM_BYTES])
def test_journal_is_refused_when_zeros_stand_before_a_whole_line(
    left: Left, open_with: Callable[..., JournaledStorage], zeros: int, room: int
) -> None:
    header, *lines = left.journal.rstrip(b"\0").splitlines(keepends=True)
    for number, line in enumerate(lines):
        before = b"".join([header, *lines[:number], bytes(zeros)])
        for after in (b"".join(lines[number:]), line, b"\n" + line, line[:-1] + b"x"):
            with pytest.raises(Corrupt, match=f"line {number + 2} .* more follows"):
                open_with(left.snapshot, before + after + bytes(room))


def test_journal_is_refused_when_its_first_line_is_cut(
    left: Left, open_with: Callable[..., JournaledStorage]
) -> None:
    for size in range(0, left.ends()[0], every(5)):
        with pytest.raises(Corrupt, match="first line"):
            open_with(left.snapshot, left.journal[:size])


def test_journal_gives_a_prefix_or_is_refused_when_any_bit_is_flipped(
    left: Left, open_with: Callable[..., JournaledStorage], folder: Path
) -> None:
    *_, last, end = left.ends()
    torn = refused = 0
    for position, journal in flips(left.journal):
        try:
            storage = open_with(left.snapshot, journal)
        except Corrupt:
            refused += 1
            continue
        assert position >= last, "only the last line may be taken for a torn one"
        room = position >= end
        assert (storage.read() or {}) == left.history[-1 if room else -2]
        tail = journal[end if room else last :].rstrip(b"\0")
        assert storage.torn_path.read_bytes() == tail + b"\n"
        torn += 1
        if torn % 50 == 0:
            goes_on(storage, folder)

    assert torn > 0
    assert refused >= (last + 1) * (1 if QUICK else 8)


def test_snapshot_is_refused_when_any_bit_is_flipped_and_the_journal_holds_more(
    left: Left, open_with: Callable[..., JournaledStorage]
) -> None:
    for _, flipped in flips(left.snapshot):
        with pytest.raises((Corrupt, Mismatch)):
            open_with(flipped, left.journal)


def test_snapshot_is_refused_when_it_is_cut_and_the_journal_holds_more(
    left: Left, open_with: Callable[..., JournaledStorage]
) -> None:
    for size in range(0, len(left.snapshot), every(5)):
        with pytest.raises((Corrupt, Mismatch)):
            open_with(left.snapshot[:size], left.journal)


def test_snapshot_is_refused_or_read_as_edited_when_any_bit_is_flipped_after_a_clean_stop(
    left: Left, open_with: Callable[..., JournaledStorage]
) -> None:
    open_with(left.snapshot, left.journal).close()
    storage = open_with(left.snapshot, left.journal)
    storage.close()
    snapshot = storage.path.read_bytes()
    journal = storage.path.with_name("store.json.journal").read_bytes()

    for _, flipped in flips(snapshot):
        try:
            storage = open_with(flipped, journal)
        except JournalError:
            continue
        edited = json.loads(flipped)
        edited.pop("_journal", None)
        assert (storage.read() or {}) == edited


def test_line_of_an_earlier_journal_is_not_taken(
    folder: Path, open_with: Callable[..., JournaledStorage]
) -> None:
    path = folder / "made" / "store.json"
    journal = path.with_name("store.json.journal")
    storage = JournaledStorage(path)
    put(storage, "users", {"email": "ada"})
    put(storage, "users", {"email": "eve"})
    earlier = journal.read_bytes().rstrip(b"\0").splitlines(keepends=True)[-1]
    storage.close()
    path.unlink()
    journal.unlink()
    storage = JournaledStorage(path)
    put(storage, "users", {"email": "bob"})

    stale = open_with(path.read_bytes(), journal.read_bytes().rstrip(b"\0") + earlier)

    assert stale.read() == {"users": {"1": {"email": "bob"}}}
    storage.close()


def test_journal_is_refused_when_a_line_is_missing_or_twice(
    left: Left, open_with: Callable[..., JournaledStorage]
) -> None:
    header, first, second, third = left.journal.rstrip(b"\0").splitlines(keepends=True)

    for journal in (header + second + third, header + first + third, header + first + first):
        with pytest.raises(Corrupt, match="line"):
            open_with(left.snapshot, journal)
