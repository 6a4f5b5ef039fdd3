"""No module of the web app imports itself in a circle."""

import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

from tests.server import ROOT

SOURCE = ROOT / "web" / "src"
IMPORTED = re.compile(r"""(?:from|import\(?)\s*['"](\.[^'"]*)['"]""")
ENDINGS = ("", ".ts", ".tsx")


def imports_of(module: Path) -> Iterator[Path]:
    """Yield the modules that a module imports, types too."""
    for name in IMPORTED.findall(module.read_text("utf-8")):
        for ending in ENDINGS:
            found = (module.parent / f"{name}{ending}").resolve()
            if found.is_file():
                yield found


def test_web_imports_have_no_circle() -> None:
    modules = [each for ending in ("*.ts", "*.tsx") for each in SOURCE.resolve().rglob(ending)]
    graph = {module: set(imports_of(module)) for module in modules}

    assert sum(map(len, graph.values())) > len(modules) > 100
    TopologicalSorter(graph).prepare()  # raises `CycleError`, which names the modules
