"""Private names of other libraries: those that we list are there and used, and no others are.

A library may rename them in any release, so each has its reason in its folder's `private_names.py`.
"""

import ast
import importlib
import inspect
import re
import sys
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import api.wire.private_names
import db.journal.private_names
from tests.server import ROOT

OURS = ("api", "cli", "db", "schemas", "voting", "run")
HOMES: tuple[Any, ...] = (api.wire.private_names, db.journal.private_names)
LISTED = [
    pytest.param(owner, name, home.__name__, id=f"{owner.__module__}.{owner.__name__}.{name}")
    for home in HOMES
    for owner, reasons in home.USED.items()
    for name in reasons
]
DOCUMENTED = {"_asdict", "_fields", "_make", "_replace", "_get_current_object"}
"""Of named tuples, and of Werkzeug's proxies: documented in spite of their names."""
DATA = {"tzdata"}
"""What nobody imports: the zones that the standard library reads."""
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = [line for extra in PROJECT["optional-dependencies"].values() for line in extra]
DECLARED = {re.split("[^a-z0-9-]", line)[0]: line for line in (*EXTRAS, *PROJECT["dependencies"])}


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


PATHS = {
    name_of(path): path
    for path in (*(path for name in OURS for path in (ROOT / name).rglob("*.py")), ROOT / "run.py")
}
"""Each module that is installed."""


@cache
def parse(module: str) -> ast.Module:
    return ast.parse(PATHS[module].read_text("utf-8"))


def is_private(name: str) -> bool:
    return bool(re.fullmatch(r"_[a-z]\w*", name)) and name not in DOCUMENTED


def package_of(dotted: str) -> str:
    return dotted.partition(".")[0]


@cache
def installed() -> Mapping[str, list[str]]:
    """Return the distributions of each package; it reads what every one of them has installed."""
    return packages_distributions()


def distributions_of(package: str) -> set[str]:
    """Return the names by which a package is installed; some share one, as `opentelemetry`."""
    return {each.lower().replace("_", "-") for each in installed()[package]}


@cache
def imports_of(tree: ast.Module) -> set[str]:
    """Return what a module imports, by dotted names."""
    found = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    return found | {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


@cache
def libraries() -> set[str]:
    """Return the packages that are imported and neither ours nor the standard library's."""
    imported = {package_of(each) for module in PATHS for each in imports_of(parse(module))}
    return imported - {*OURS, *sys.stdlib_module_names}


@cache
def used_in(tree: ast.AST) -> set[str]:
    """Return the private attributes that a piece of code asks for, by their name or as a text."""
    asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} | {
        str(node.args[1].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id in ("getattr", "hasattr", "setattr")
        if isinstance(node.args[1], ast.Constant)
    }
    return set(filter(is_private, asked))


@cache
def defined_in(tree: ast.AST) -> set[str]:
    """Return the names that a piece of code defines: functions, and what it sets."""
    set_here = [
        node for node in ast.walk(tree) if isinstance(getattr(node, "ctx", None), ast.Store)
    ]
    return (
        {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        | {node.attr for node in set_here if isinstance(node, ast.Attribute)}
        | {node.id for node in set_here if isinstance(node, ast.Name)}
    )


@cache
def own_names() -> set[str]:
    return {name for module in PATHS for name in defined_in(parse(module))}


@cache
def source_of(owner: type) -> str:
    try:
        return dedent(inspect.getsource(owner))
    except (OSError, TypeError):  # written in C, or made as it runs
        return ""


@cache
def private_names_of(owner: type) -> set[str]:
    """Return the private names of a library's class: of its methods, and of what it sets."""
    named = {*vars(owner), *re.findall(r"self\.(\w+)", source_of(owner))}
    return set(filter(is_private, named))


def listed_for(module: str) -> dict[type, set[str]]:
    """Return what the list of a module's folder names, by class."""
    folder = module.rpartition(".")[0]
    homes = [home for home in HOMES if home.__name__.rpartition(".")[0] == folder]
    return {owner: set(reasons) for home in homes for owner, reasons in home.USED.items()}


def inherited_in(module: str) -> set[tuple[type, str]]:
    """Return the private names that a module's classes share with those that they derive from, of
    other libraries."""
    return {
        (base, name)
        for owner in vars(importlib.import_module(module)).values()
        if inspect.isclass(owner) and owner.__module__ == module
        for base in owner.__mro__
        if package_of(base.__module__) in libraries()
        for name in private_names_of(base) & set(re.findall(r"\b_\w+", source_of(owner)))
    }


@pytest.mark.parametrize(("owner", "name", "home"), LISTED)
def test_listed_name_is_there(owner: type, name: str, home: str) -> None:
    message = (
        f"{owner.__module__}.{owner.__name__} has no {name} any more: {home} says what it does"
    )

    assert name in private_names_of(owner), message


@pytest.mark.parametrize(("owner", "name", "home"), LISTED)
def test_listed_name_is_used(owner: type, name: str, home: str) -> None:
    folder = [each for each in PATHS if each.rpartition(".")[0] == home.rpartition(".")[0]]

    assert any(name in used_in(parse(each)) | defined_in(parse(each)) for each in folder)


@pytest.mark.parametrize("home", HOMES, ids=lambda home: str(home.__name__))
def test_library_whose_private_names_are_used_is_bounded(home: Any) -> None:
    for owner in home.USED:
        for library in distributions_of(package_of(owner.__module__)):
            assert "<" in DECLARED[library], f"a newer {library} may have other names"


@pytest.mark.parametrize("module", sorted(PATHS))
def test_module_uses_no_private_name_of_others(module: str) -> None:
    tree = parse(module)
    foreign = [each for each in imports_of(tree) if package_of(each) not in OURS]
    listed = {name for names in listed_for(module).values() for name in names}

    assert [each for each in foreign if any(map(is_private, each.split(".")))] == []
    assert used_in(tree) <= own_names() | listed


@pytest.mark.parametrize("module", sorted(PATHS.keys() - {"run"}))
def test_class_uses_no_private_name_that_it_inherits_from_others(module: str) -> None:
    listed = {
        (base, name)
        for owner, names in listed_for(module).items()
        for base in owner.__mro__
        for name in names
    }

    assert inherited_in(module) <= listed


def test_all_that_is_imported_is_declared_and_nothing_else() -> None:
    imported = [distributions_of(each) for each in libraries()]

    assert [each for each in imported if each.isdisjoint(DECLARED)] == []
    assert DECLARED.keys() - DATA - set[str]().union(*imported) == set()
