"""What is kept of closed polls for their records and proofs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class RecordName:
    """What the voter of a named ballot was called at the close, in a table of its own.

    `name_hash` is in the record's tree and stays; `person`, `name` and `salt` (hex) go when the
    person is deleted. All four are None where the person had been deleted before the close.
    """

    id: int
    poll: int
    receipt: str
    person: str | None
    name: str | None
    salt: str | None
    name_hash: str | None

    @property
    def receipt_key(self) -> str:
        return receipt_key_of(self.poll, self.receipt)


@dataclass(frozen=True)
class RecordTree:
    """The roots of the blocks of a record's tree, one after the other in hex, in order.

    It is kept where there are several, so that a proof needs the leaves of one block only.
    """

    id: int
    poll: int
    blocks: str

    @property
    def poll_key(self) -> str:
        return str(self.poll)


def receipt_key_of(poll: int, receipt: str) -> str:
    """Return what a named ballot's name is kept under."""
    return f"{poll}/{receipt}"
