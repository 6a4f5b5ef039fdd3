"""The names in records of version 1: those that people have now, kept until one changes."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from api.byte_cache import ByteCache
from api.jsons import dumps
from voting.model.accounts import Account
from voting.model.polls import Poll
from voting.model.rooms import Guest, Room, Row
from voting.people import find_room, holder_of, standing_in
from voting.store import Step, Store


class LatestNames:
    """What the voters of named polls are called now, by receipt, as JSON."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cache = ByteCache()
        self._voters: dict[int, set[str]] = {}
        """Who voted, by poll, where their names are kept or being gathered."""
        self._renamed = Counter[int]()
        store.subscribe(self._forget_renamed, Account, Guest, Room, Row, past=False)

    def of(self, poll: Poll, person: str) -> bytes:
        """Return what a named poll's voters are called now, gathered in a person's turn."""
        return self._cache.join(self._key(poll.id), self._name_pieces(poll), person)

    def _key(self, poll_id: int) -> tuple[int, int]:
        return poll_id, self._renamed[poll_id]

    def _name_pieces(self, poll: Poll) -> Iterator[bytes]:
        room = find_room(self._store, poll.room)
        for other in [each for each in self._voters if self._key(each) not in self._cache]:
            del self._voters[other]
        voters = self._voters[poll.id] = set()
        lead = b"{"
        for ballot in self._store.iter_ballots(poll.id):
            holder = holder_of(self._store, str(ballot.person))
            voters.add(str(ballot.person))
            if name := standing_in(self._store, room, holder).name:
                yield lead + f"{dumps(ballot.receipt)}:{dumps(name)}".encode()
                lead = b","
            else:
                yield b""
        yield b"{}" if lead == b"{" else b"}"

    def _forget_renamed(self, steps: Sequence[Step]) -> None:
        if not self._voters:
            return
        for before, after in steps:
            if before is not None and _named(before) not in ((), after and _named(after)):
                self._rename(after or before)
            elif isinstance(after, Row) and before is None:
                self._rename(after)

    def _rename(self, changed: Any) -> None:
        """Forget the names of polls where somebody may be called otherwise now."""
        for poll_id in self._voters_of(changed):
            del self._voters[poll_id]
            self._cache.forget(self._key(poll_id))
            self._renamed[poll_id] += 1

    def _voters_of(self, changed: Any) -> list[int]:
        if isinstance(changed, Account):
            return [each for each, people in self._voters.items() if changed.person in people]
        room = changed.code if isinstance(changed, Room) else changed.room
        polls = {each: self._store.get(Poll, each) for each in self._voters}
        return [each for each, poll in polls.items() if poll is None or poll.room == room]


def _named(kept: Any) -> tuple[Any, ...]:
    """Return what somebody's name in a room rests on."""
    match kept:
        case Account():
            return kept.name, kept.email_key
        case Row():
            return kept.name, kept.account, kept.email
        case Guest():
            return (kept.nickname,)
        case Room():
            return (kept.trust_email,)
    return ()
