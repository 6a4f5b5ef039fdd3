"""What a voter's phone has to fetch before it shows anything stays small."""

import gzip
import re

from api.routes.pages import STATIC

VOTERS_WAY_BYTES = 180_000


def test_bundle_is_small_on_the_voters_way() -> None:
    page = (STATIC / "index.html").read_text()

    names = re.findall(r'(?:src|href)="/(assets/[^"]+\.(?:js|css))"', page)
    sizes = {name: len(gzip.compress((STATIC / name).read_bytes())) for name in names}

    assert any(name.endswith(".js") for name in names)
    assert sum(sizes.values()) <= VOTERS_WAY_BYTES, sizes
