"""Remembers how far each room's log had come in the store that a backup replaces.

The first start after a restore writes it into the logs: what is lost must not be lost unseen.
"""

from db.ended_sessions import Changes, Documents, keep_ended

META_ID = 1
REPLACED = "replaced_logs"


def carry_over(former: Documents, restored: Documents) -> Changes:
    """Return what the restored tables take over of the former ones: which sessions have ended, and
    how far the logs had come, where the backup's are others.
    """
    heads, kept = _heads(former), _heads(restored)
    replaced = {room: head for room, head in heads.items() if head != kept.get(room)}
    changes = keep_ended(former, restored)
    if replaced:
        meta = restored.get("meta", {}).get(META_ID, {})
        changes["meta"] = {str(META_ID): {**meta, REPLACED: replaced}}
    return changes


def _heads(tables: Documents) -> dict[str, dict[str, int | str]]:
    """Return the head of each room's log."""
    heads: dict[str, dict[str, int | str]] = {}
    for entry in tables.get("log", {}).values():
        before = heads.get(entry["room"])
        if before is None or before["n"] < entry["n"]:
            heads[entry["room"]] = {"n": entry["n"], "hash": entry["hash"]}
    return heads
