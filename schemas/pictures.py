"""What clients send of pictures: the keys under which the server keeps them."""

from typing import Any

PICTURE_KEY: dict[str, Any] = {"type": "string", "nullable": True, "regex": r"[0-9a-f]{32}\Z"}
