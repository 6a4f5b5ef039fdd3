"""Which names look the same: the skeletons of UTS 39 (Unicode Security Mechanisms, section 4)."""

import json
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from voting.text import normalise, without_hidden

_PROTOTYPES = str.maketrans(
    json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))["prototypes"]
)


@lru_cache(16_384)
def looks_of(name: str) -> Mapping[str, str]:
    """Return what a name looks like: the skeleton of it as it is written, and without case.

    Two names are confusable where they share either: `Ian` and `lan`, `kim` and `KIM`, `pa` in
    Latin and in Cyrillic. A skeleton is only for comparing. The keys are groups of a `Store`.
    """
    seen = unicodedata.normalize("NFKC", without_hidden(name))
    return {"look": _skeleton(seen), "name": _skeleton(normalise(seen))}


def _skeleton(text: str) -> str:
    shown = unicodedata.normalize("NFD", text).translate(_PROTOTYPES)
    return unicodedata.normalize("NFD", shown)
