"""The core imports only the standard library, no imports go in a circle, functions are short."""

import ast
import re
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VOTING = ROOT / "voting"
OURS = ("api", "cli", "db", "schemas", "voting")
LIFTABLE: dict[str, tuple[str, ...]] = {
    "db.journal": (),
    "api.httpd": (),
    "api.wire": ("api.httpd",),
}
"""Folders that could be packages of their own, and what else of this project each may import."""


def test_core_imports_itself_and_the_standard_library_alone() -> None:
    imported = {
        name.partition(".")[0]
        for path in VOTING.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in names_imported(node)
    }
    assert imported >= {"voting", "datetime"}
    assert imported - {"voting"} <= sys.stdlib_module_names


def test_core_lists_each_of_its_modules_once() -> None:
    table = re.findall("^    .+  (.+)$", (VOTING / "__init__.py").read_text("utf-8"), re.MULTILINE)
    names = [name for row in table for name in row.split(", ")]
    modules = [path.stem for path in VOTING.glob("*.py") if path.stem != "__init__"]
    folders = [f"{path.parent.name}/" for path in VOTING.glob("*/__init__.py")]
    assert sorted(names) == sorted(modules + folders)


@pytest.mark.parametrize("room", LIFTABLE)
def test_liftable_room_imports_nothing_else_of_ours(room: str) -> None:
    allowed = (room, *LIFTABLE[room])
    imported = {
        name
        for module, names in imports_of_ours(whole=True).items()
        if module == room or module.startswith(f"{room}.")
        for name in names
    }

    assert [name for name in sorted(imported) if not name.startswith(allowed)] == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    try:
        TopologicalSorter(imports_of_ours()).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def imports_of_ours(*, whole: bool = False) -> dict[str, set[str]]:
    """Return which of our modules each one imports as it is loaded, or at all if `whole`."""
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for name in OURS
        for path in (ROOT / name).rglob("*.py")
    }
    found: dict[str, set[str]] = {}
    for module, path in paths.items():
        tree = ast.parse(path.read_text("utf-8"))
        nodes = [*ast.walk(tree)] if whole else tree.body
        names = {name for node in nodes for name in modules_imported(node)}
        # "from package import name": the name is a module, or the package has it
        known = {name if name in paths else name.rpartition(".")[0] for name in names}
        found[module] = known & paths.keys()
    return found


def modules_imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [f"{node.module}.{each.name}" for each in node.names]
    return names_imported(node)


def names_imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_no_function_is_longer_than_forty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for folder in (*OURS, "bench")
        for path in (ROOT / folder).rglob("*.py")
        if "node_modules" not in path.parts and ".venv" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and lines_of(node) > 40
    ]
    assert long == []


def lines_of(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
