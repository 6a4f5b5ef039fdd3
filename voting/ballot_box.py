"""The store's interface to ballots, the names in records and the keys of polls."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Protocol

from voting.model.ballots import Ballot
from voting.model.polls import Poll
from voting.model.records import RecordName


class BallotBox(Protocol):
    """What every store does with ballots. A ballot is stored under a pseudonym of its voter, which
    only the poll's key gives.
    """

    def ballots(self, poll_id: int) -> list[Ballot]:
        """Return a poll's ballots, in no order."""

    def iter_ballots(self, poll_id: int) -> Iterator[Ballot]:
        """Yield a poll's ballots, in no order; other work may run in between."""

    def replace_ballots(self, poll_id: int, ballots: Iterable[Ballot]) -> bool:
        """Replace all ballots of a poll, which nobody writes meanwhile, by others that come sorted
        by receipt and have no voter; they get new ids. Return once that is durable and nothing is
        left of those before. A crash leaves those or these.

        Return False, and do nothing, if this store can't: inside a transaction, if the poll has no
        ballots with a voter, or some without.
        """

    def add_names(self, poll_id: int, names: Iterable[RecordName]) -> bool:
        """Keep the names in a poll's record, which come sorted by receipt; they get ids. Return
        once that is durable. A crash leaves all or none.

        Return False if this store can't: inside a transaction, or if the poll has names.
        """

    def iter_names(self, poll_id: int) -> Iterator[RecordName]:
        """Yield the names in a poll's record by receipt; other work may run in between."""

    def clear_poll(self, poll_id: int) -> None:
        """Remove the ballots and names of a poll, which nobody writes any more, as far as this
        store can do so without touching each. Call it outside a transaction; whoever calls it
        removes the rest.
        """

    def ballot_of(self, poll_id: int, voter: str) -> Ballot | None:
        """Return the ballot that has a pseudonym in a poll, in O(1); None if there is none."""

    def counts(self, poll_id: int) -> Mapping[str, int]:
        """Return what a poll's ballots count together: see `voting.methods.marks_counts`."""

    def prepare_poll_keys(self, poll_ids: Collection[int]) -> None:
        """Make drafts' keys before `make_poll_key` asks for them; return once they are on disk.

        Inside a transaction, all other transactions would wait for the file. A failure stops the
        store.

        Raises `OutcomeUnknown`, or RuntimeError inside a transaction.
        """

    def make_poll_key(self, poll: Poll) -> Poll:
        """Give a poll its prepared key, or a new one; the key is on disk before this returns.

        Return the poll as it is stored from now on, with the key's fingerprint. A failure stops the
        store.
        """

    def pseudonym(self, poll_id: int, voter: str) -> str:
        """Return the pseudonym under which a voter's ballot is stored, in hex: the HMAC-SHA-256 of
        the voter under the poll's key (RFC 2104). Raises KeyError if there is no key.
        """

    def keyed_polls(self) -> list[int]:
        """Return the ids of the polls whose key is there."""

    def forget_poll_keys(self, poll_ids: Collection[int]) -> None:
        """Remove polls' keys; return once they are on no file.

        Calls that come while the keys' file is being written share the next writing. A failure
        stops the store. After a crash, `keyed_polls` may still have the polls: call it again.

        Raises `OutcomeUnknown`, or RuntimeError inside a transaction, because that could still undo
        an ending.
        """
