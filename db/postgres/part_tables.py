"""The SQL for documents whose parts are tables: the ballots of each open secret poll.

A part's first document makes its table, and the last one that goes drops it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from db.journal.parts import Rule
from db.postgres import statements
from db.postgres.session import Command
from db.postgres.statements import Final


def write_parts(
    name: str,
    rows: Mapping[int, Final],
    unique: Iterable[str],
    rule: Rule,
    sizes: Mapping[Any, int],
) -> list[Command]:
    """Return what brings a table's documents to their last states, each in its part or in none.

    sizes: how many documents each part has then
    """
    commands: list[Command] = []
    for value, own in _split(rows, rule).items():
        if value is None:
            commands += statements.write(name, own, unique)
            continue
        part = f"{name}_{value}"
        if not sizes[value]:
            commands.append(statements.drop_or_empty_part(part))
            continue
        added = sum((each.after is not None) - (each.before is not None) for each in own.values())
        if sizes[value] == added:
            commands += statements.create_part(part, name)
        commands += statements.write(part, own, unique)
    return commands


def _split(rows: Mapping[int, Final], rule: Rule) -> dict[Any, dict[int, Final]]:
    """Return what a batch makes of documents by their part; one that leaves a part is removed
    there.
    """
    split: dict[Any, dict[int, Final]] = defaultdict(dict)
    for key, each in rows.items():
        before, after, raw = each
        old = None if before is None else rule(before)
        new = old if after is None else rule(after)
        if before is not None and old != new:
            split[old][key] = Final(before, None, None)
            each = Final(None, after, raw)  # noqa: PLW2901
        split[new][key] = each
    return split
