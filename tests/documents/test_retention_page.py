"""docs/operations.md says of everything that is stored or cached how long it is kept."""

import re

from db.tables import TABLES
from tests.server import ROOT
from voting.pruning import RULES

DOCS = ROOT / "docs"
PAGE = (DOCS / "operations.md").read_text()
SECTION = PAGE.partition("## How long things are kept")[2].partition("\n## ")[0]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" |")]
    for line in SECTION.splitlines()
    if line.startswith("| ")
][2:]
CACHES = re.compile(r"\blru_cache\(|\bOrderedDict\(|\bByteCache\(|\bdeque\(maxlen|^CACHED", re.M)
NAMED = re.compile(r"`((?:api|schemas|voting)(?:\.[a-z_]+)+)")


def names_in(column: int) -> set[str]:
    return {name for row in ROWS for name in re.findall(r"`([a-z_]+)`", row[column])}


def test_page_says_of_every_table_how_long_it_is_kept() -> None:
    assert names_in(3) == {table.name for table in TABLES.values()} | {"meta"}


def test_page_names_every_kind_that_is_removed_by_age() -> None:
    assert names_in(2) == set(RULES)


def test_page_names_every_module_that_caches() -> None:
    named = {
        name for page in (PAGE, (DOCS / "limits.md").read_text()) for name in NAMED.findall(page)
    }
    files = [
        path for folder in ("api", "schemas", "voting") for path in (ROOT / folder).rglob("*.py")
    ]

    caching = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for path in files
        if CACHES.search(path.read_text())
    }

    assert caching <= named
