"""Keeps sessions ended that were ended after the backup which is being restored.

A session is ended by a revocation, by a new generation of its holder, or with its account.
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

Documents = Mapping[str, Mapping[int, Mapping[str, Any]]]
Changes = dict[str, dict[str, dict[str, Any]]]

WITH_GENERATION = ("users", "roll", "rooms")


def keep_ended(former: Documents, restored: Documents) -> Changes:
    """Return what to change in the restored tables so that they accept no session that the former
    store had ended: documents by table and id.
    """
    changes: Changes = {name: _generations(name, former, restored) for name in WITH_GENERATION}
    kept = restored.get("revocations", {})
    known = {each["token_id"] for each in kept.values()}
    newer = [
        dict(each)
        for each in former.get("revocations", {}).values()
        if each["token_id"] not in known
    ]
    free = count(max([0, *kept, *former.get("revocations", {})]) + 1)
    changes["revocations"] = {str(next(free)): each for each in newer}
    return {name: changed for name, changed in changes.items() if changed}


def _generations(name: str, former: Documents, restored: Documents) -> dict[str, dict[str, Any]]:
    """Return the holders whose sessions had been ended, with a new generation. An account that had
    been deleted is one of them."""
    before, changed = former.get(name, {}), {}
    for key, each in restored.get(name, {}).items():
        own = each.get("generation", 0)
        if key in before:
            generation = max(own, before[key].get("generation", 0))
        else:
            generation = own + (name == "users" and bool(before))
        if generation != own:
            changed[str(key)] = {**each, "generation": generation}
    return changed
