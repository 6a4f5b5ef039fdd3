"""`run.py` with a note of each call of a function that the walks in docs/design.md pass.

A note is a line `file:function` in the file `WALKED`. gevent's greenlets have no profiler, so the
notes are put into the code as it is imported.
"""

import ast
import builtins
import os
import re
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType

ROOT = Path(__file__).parents[1]
STEP = re.compile(r"^\d+\. `([\w/]+\.py:[\w.]+)`", re.MULTILINE)


def read_walks() -> dict[str, list[str]]:
    """Return the functions that each walk of docs/design.md passes, in order."""
    section = (ROOT / "docs" / "design.md").read_text().partition("\n## Five walks\n")[2]
    walks = section.partition("\n## ")[0].split("\n### ")[1:]
    return {walk.partition("\n")[0]: STEP.findall(walk) for walk in walks}


def add_notes(inside: ast.Module | ast.ClassDef, lead: str, named: set[str]) -> None:
    """Have each function that is named note its calls. lead: the file, and the class."""
    for node in inside.body:
        if isinstance(node, ast.ClassDef):
            add_notes(node, f"{lead}{node.name}.", named)
        elif isinstance(node, ast.FunctionDef) and f"{lead}{node.name}" in named:
            node.body[:0] = ast.parse(f"note_step({f'{lead}{node.name}'!r})").body


def install(notes: Path) -> None:
    """Note the calls from now on, in modules that are not imported yet."""
    named = {step for steps in read_walks().values() for step in steps}
    files = {ROOT / step.partition(":")[0] for step in named}
    get_code, file = SourceFileLoader.get_code, notes.open("w", buffering=1)
    builtins.note_step = partial(print, file=file)  # type: ignore[attr-defined]

    def get_noting(self: SourceFileLoader, fullname: str) -> CodeType | None:
        path = Path(self.get_filename(fullname))
        if path not in files:
            return get_code(self, fullname)
        tree = ast.parse(path.read_bytes())
        add_notes(tree, f"{path.relative_to(ROOT)}:", named)
        return compile(ast.fix_missing_locations(tree), path, "exec", dont_inherit=True)

    SourceFileLoader.get_code = get_noting  # type: ignore[method-assign]


if __name__ == "__main__":
    install(Path(os.environ["WALKED"]))
    import run

    run.main()
