"""What a voter's phone has to fetch before it shows anything stays small."""

import gzip
import re

from api.routes.pages import STATIC

VOTERS_WAY_BYTES = 170_000


EMBED_BYTES = 40_000


def fetched(page: str) -> dict[str, int]:
    """Return the sizes of what a page fetches before it shows anything, compressed."""
    names = re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', (STATIC / page).read_text())
    assert any(name.endswith(".js") for name in names)
    return {name: len(gzip.compress((STATIC / name).read_bytes())) for name in names}


def test_bundle_is_small_on_the_voters_way() -> None:
    page = (STATIC / "index.html").read_text()
    words = re.search(r'<meta name="words" content="([^"]+)"', page)
    assert words is not None
    languages = {
        name: len(gzip.compress((STATIC / name[1:]).read_bytes())) for name in words[1].split()
    }

    sizes = fetched("index.html") | {"words": max(languages.values())}

    assert sum(sizes.values()) <= VOTERS_WAY_BYTES, sizes


def test_bundle_of_the_embedded_tally_is_small() -> None:
    sizes = fetched("embed.html")

    assert sum(sizes.values()) <= EMBED_BYTES, sizes
