"""The table of all cases."""

from tests.http.framing import (
    chunks,
    codings,
    connections,
    extensions,
    fields,
    lengths,
    request_lines,
    targets,
    upgrades,
)
from tests.http.framing.cases import Case

CASES: tuple[Case, ...] = (
    *request_lines.CASES,
    *targets.CASES,
    *fields.CASES,
    *lengths.CASES,
    *codings.CASES,
    *chunks.CASES,
    *extensions.CASES,
    *connections.CASES,
    *upgrades.CASES,
)
