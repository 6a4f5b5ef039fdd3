"""Gathers what the documentation's site is built of: the pages, and all files that they link to.

Pages link to files of the whole project, so they are copied into one folder, each at its place.
"""

import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BEGINNINGS = ("README.md", "README.ko.md", "docs/README.md")
OWN = ROOT / "docs" / "site"
STYLE = "site.css"
LINK = re.compile(r"\]\((?![a-z]+:)([^)#\s]+)")


def main() -> None:
    """Copy everything into the folder that the argument names."""
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    left, found = [ROOT / name for name in BEGINNINGS], set[Path]()
    while left:
        file = left.pop()
        if file in found or not file.is_file():
            continue
        found.add(file)
        target = folder / file.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        if file.suffix == ".md":
            text = re.sub(r"```.*?```", "", file.read_text("utf-8"), flags=re.DOTALL)
            left += [(file.parent / link).resolve() for link in LINK.findall(text)]
    shutil.copyfile(OWN / STYLE, folder / STYLE)


if __name__ == "__main__":
    main()
