"""What the journaled store refuses, and why. Each says what to do about it."""

import errno


class JournalError(Exception):
    """The root of everything the journaled store raises by itself."""


class Locked(JournalError):
    """Another process has the file open."""


class Corrupt(JournalError):
    """A line of the journal or the snapshot is damaged where no crash could damage it."""


class Mismatch(JournalError):
    """Snapshot and journal are not of one history, or one of them is missing."""


class OutcomeUnknown(JournalError):
    """A write could not be proven durable: it may or may not survive; repeating it is safe."""


class Unavailable(OutcomeUnknown):
    """The disk failed: the store only reads until it is opened again."""


class StorageFull(OutcomeUnknown):
    """The disk is full: the store only reads until it is opened again."""


def disk_fault(error: BaseException, consequence: str) -> OutcomeUnknown:
    """Return the error for a failed system call, with its consequence."""
    if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT):
        return StorageFull(f"the disk is full: {consequence}")
    return Unavailable(f"{consequence}: {error}")


def renewed(error: OutcomeUnknown) -> OutcomeUnknown:
    """Return the same error for one more caller: a raised exception keeps its traceback."""
    return type(error)(*error.args)


class Duplicate(JournalError):
    """A unique field already holds this value in another document.

    The value is kept out of the message: it may be personal.
    """

    def __init__(self, table: str, field: str) -> None:
        super().__init__(f"{table}.{field} must be unique")
        self.table = table
        self.field = field
