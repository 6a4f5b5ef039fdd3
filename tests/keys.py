"""The keys of polls as they lie beside the data."""

import json
from pathlib import Path


def keys_path(data: Path) -> Path:
    """Return where the keys of a store's polls are."""
    return data.with_name(data.name + ".keys")


def read_keys(data: Path) -> dict[str, str]:
    """Return keys in hex by their polls' ids: what follows the checksum of the file's line."""
    keys: dict[str, str] = json.loads(keys_path(data).read_bytes()[9:])
    return keys
