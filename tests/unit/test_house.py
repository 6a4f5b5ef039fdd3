"""The core stands on the standard library alone, and functions are short."""

import ast
import sys
from pathlib import Path

VOTING = Path(__file__).parents[2] / "voting"


def test_core_imports_itself_and_the_standard_library_alone() -> None:
    imported = {
        name.partition(".")[0]
        for path in VOTING.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in names_imported(node)
    }
    assert imported >= {"voting", "datetime"}
    assert imported - {"voting"} <= sys.stdlib_module_names


def names_imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [each.name for each in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def test_no_function_is_longer_than_forty_lines() -> None:
    root = VOTING.parent
    long = [
        f"{path.relative_to(root)}: {node.name}"
        for folder in ("api", "cli", "db", "schemas", "voting", "bench")
        for path in (root / folder).rglob("*.py")
        if "node_modules" not in path.parts and ".venv" not in path.parts
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and lines_of(node) > 40
    ]
    assert long == []


def lines_of(node: ast.FunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1
