"""Makes the files of a store those of an earlier version."""

import json
from pathlib import Path

from db.journal.format import encode, seal


def make_journal_of_format_1(path: Path) -> None:
    """Let the journal beside `path` say that it is of the version without parts."""
    journal = path.with_name(path.name + ".journal")
    header, _, batches = journal.read_bytes().partition(b"\n")
    fields = {**json.loads(header[9:]), "format": 1}
    journal.write_bytes(seal(encode(fields), seed=0) + batches)
