"""Makes `voting/confusables.json` of what the package confusable-homoglyphs knows.

`python -m tests.confusables` writes it; a test compares. The package itself has no skeletons, and
its lists take 17 MiB of memory where a skeleton needs each character's prototype alone.
"""

import json
import unicodedata
from pathlib import Path

from confusable_homoglyphs.confusables import confusables_data

FILE = Path(__file__).parents[1] / "voting" / "confusables.json"
NOTICE = (
    "Prototypes of UTS 39 for the characters that NFKC keeps, from Unicode's confusables.txt as "
    "confusable-homoglyphs 3.3.1 has it. Copyright © 1991-2024 Unicode, Inc., under the Unicode "
    "License v3 (https://www.unicode.org/license.txt)."
)


def make_prototypes() -> dict[str, str]:
    """Return each confusable character's prototype.

    The package lists every pair in both directions. A prototype is what many sources share; of a
    pair alone, either does.
    """
    pairs = {
        _bare(one): sorted({_bare(other["c"]) for other in others})
        for one, others in confusables_data.items()
    }
    found = {}
    for source, targets in pairs.items():
        if len(source) == 1 and unicodedata.is_normalized("NFKC", source):
            target = max(targets, key=lambda each: (len(pairs[each]), len(each), each))
            if _rank(target, pairs) > _rank(source, pairs):
                found[source] = target
    for _ in range(2):  # prototypes of prototypes
        found = {
            source: "".join(found.get(each, each) for each in target)
            for source, target in found.items()
        }
    return dict(sorted(found.items()))


def _rank(text: str, pairs: dict[str, list[str]]) -> tuple[int, int, str]:
    return len(pairs[text]), len(text), text


def _bare(text: str) -> str:
    return unicodedata.normalize("NFD", text.replace("\u200e", ""))


if __name__ == "__main__":
    document = {"notice": NOTICE, "prototypes": make_prototypes()}
    FILE.write_text(json.dumps(document, ensure_ascii=False, indent=0) + "\n")
