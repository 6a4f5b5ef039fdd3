"""The errors of the journaled store. Each message says what to do."""

import errno


class JournalError(Exception):
    """The base of all errors that the journaled store raises itself."""


class Locked(JournalError):
    """Another process has the file open."""


class Corrupt(JournalError):
    """A line of the journal or the snapshot is damaged in a way that no crash can cause."""


class Mismatch(JournalError):
    """Snapshot and journal don't belong together, or one of them is missing."""


class Unreachable(JournalError):
    """No journal leads to the moment that was asked for."""


class OutcomeUnknown(JournalError):
    """It is unknown whether a write is durable. It may or may not survive; repeating it is safe."""


class Unavailable(OutcomeUnknown):
    """The disk failed. The store is read-only until it is opened again."""


class StorageFull(OutcomeUnknown):
    """The disk is full. The store is read-only until it is opened again."""


NO_ROOM = errno.ENOSPC, errno.EDQUOT


def describe(error: Exception) -> str:
    """Return what a command says of an error. If the disk is full, the file and the remedy."""
    if isinstance(error, StorageFull):
        return f"{error}: free some room, and try again"
    if isinstance(error, OSError) and error.errno in NO_ROOM:
        return f"the disk is full: {error.filename} can't be written: free some room, and try again"
    return str(error)


DAMAGED, REFUSED = 1, 2
"""The exit codes of commands that an error ends; docs/commands.md lists all."""


def end_of(error: Exception) -> tuple[int, str]:
    """Return the exit code of a command that an error ends, and what the command says."""
    if isinstance(error, Corrupt | Mismatch):
        return DAMAGED, f"damaged: {error}"
    return REFUSED, f"refused: {describe(error)}"


def disk_fault(error: BaseException, consequence: str) -> OutcomeUnknown:
    """Return the error for a failed system call, with its consequence."""
    if getattr(error, "errno", None) in NO_ROOM:
        return StorageFull(f"the disk is full: {consequence}")
    return Unavailable(f"{consequence}: {error}")


def renewed(error: OutcomeUnknown) -> OutcomeUnknown:
    """Return the same error for one more caller: a raised exception keeps its traceback."""
    return type(error)(*error.args)


class Duplicate(JournalError):
    """Another document has the value of a unique field.

    The message leaves the value out, because it may be personal.
    """

    def __init__(self, table: str, field: str) -> None:
        super().__init__(f"{table}.{field} must be unique")
        self.table = table
        self.field = field
