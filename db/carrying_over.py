"""What a restore takes over of the store that a backup replaces.

Sessions stay ended that were ended after the backup: by a revocation, by a new generation of their
holder, or with their account. And it is remembered how far each room's log had come; the first
start after a restore writes that into the logs: what is lost must not be lost unseen.
"""

from itertools import count
from typing import Any

from db.journal.documents import ByTable
from db.tables import KINDS, TABLES
from voting.model.accounts import Account, Revocation
from voting.model.log import LogEntry

Changes = dict[str, dict[int, dict[str, Any]]]

META_ID = 1
REPLACED = "replaced_logs"
ACCOUNTS, REVOCATIONS, LOG = (TABLES[kind].name for kind in (Account, Revocation, LogEntry))
WITH_GENERATION = tuple(
    name for name, kind in KINDS.items() if "generation" in kind.__annotations__
)
"""The tables of those whose sessions can be ended together."""


def carry_over(former: ByTable, restored: ByTable) -> Changes:
    """Return what the restored tables take over of the former ones: which sessions have ended, and
    how far the logs had come, where the backup's are others.
    """
    heads, kept = _heads(former), _heads(restored)
    replaced = {room: head for room, head in heads.items() if head != kept.get(room)}
    changes = _keep_ended(former, restored)
    if replaced:
        meta = restored.get("meta", {}).get(META_ID, {})
        changes["meta"] = {META_ID: {**meta, REPLACED: replaced}}
    return changes


def _keep_ended(former: ByTable, restored: ByTable) -> Changes:
    """Return what to change in the restored tables so that they accept no session that the former
    store had ended: documents by table and id.
    """
    changes: Changes = {name: _generations(name, former, restored) for name in WITH_GENERATION}
    kept = restored.get(REVOCATIONS, {})
    known = {each["token_id"] for each in kept.values()}
    newer = [
        dict(each) for each in former.get(REVOCATIONS, {}).values() if each["token_id"] not in known
    ]
    free = count(max([0, *kept, *former.get(REVOCATIONS, {})]) + 1)
    changes[REVOCATIONS] = dict(zip(free, newer, strict=False))
    return {name: changed for name, changed in changes.items() if changed}


def _generations(name: str, former: ByTable, restored: ByTable) -> dict[int, dict[str, Any]]:
    """Return the holders whose sessions had been ended, with a new generation. An account that had
    been deleted is one of them."""
    before, changed = former.get(name, {}), {}
    for key, each in restored.get(name, {}).items():
        own = each.get("generation", 0)
        if key in before:
            generation = max(own, before[key].get("generation", 0))
        else:
            generation = own + (name == ACCOUNTS and bool(before))
        if generation != own:
            changed[key] = {**each, "generation": generation}
    return changed


def _heads(tables: ByTable) -> dict[str, dict[str, int | str]]:
    """Return the head of each room's log."""
    heads: dict[str, dict[str, int | str]] = {}
    for entry in tables.get(LOG, {}).values():
        before = heads.get(entry["room"])
        if before is None or before["n"] < entry["n"]:
            heads[entry["room"]] = {"n": entry["n"], "hash": entry["hash"]}
    return heads
