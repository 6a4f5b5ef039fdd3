"""The walks in docs/design.md pass only functions that are there, each called where they say."""

import ast
import re
from functools import cache
from typing import NamedTuple

import pytest

from tests.server import ROOT

PAGE = (ROOT / "docs" / "design.md").read_text()
STEP = re.compile(r"\d+\. `([\w/]+\.py):([\w.]+)`: (.*)")
ELSEWHERE = re.compile(r"`([\w/]+\.py)(?::([\w.]+))?`")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Step(NamedTuple):
    """One line of a walk; `callers` are other files that it names."""

    file: str
    function: str
    text: str
    callers: tuple[str, ...]

    @property
    def name(self) -> str:
        """What callers write: the class, where the function is its `__call__`."""
        *owner, name = self.function.split(".")
        return owner[0] if name == "__call__" else name


def read_walks() -> dict[str, list[Step]]:
    section = PAGE.partition("\n## Five walks\n")[2].partition("\n## ")[0]
    walks = {}
    for part in section.split("\n### ")[1:]:
        title, _, lines = part.partition("\n")
        walks[title] = [
            Step(file, function, text, tuple(named for named, _ in ELSEWHERE.findall(text)))
            for file, function, text in STEP.findall(lines)
        ]
    return walks


WALKS = read_walks()
STEPS = [(walk, number) for walk, steps in WALKS.items() for number in range(len(steps))]


@cache
def tree_of(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text())


def find_function(file: str, path: str) -> ast.AST | None:
    node: ast.AST = tree_of(file)
    for name in path.split("."):
        kinds = (ast.ClassDef, *FUNCTIONS)
        inner = (each for each in ast.iter_child_nodes(node) if isinstance(each, kinds))
        found = next((each for each in inner if each.name == name), None)
        if found is None:
            return None
        node = found
    return node if isinstance(node, FUNCTIONS) else None


@cache
def names_used_in(file: str) -> frozenset[str]:
    """Return the names that a module's code uses: not those that it only defines or imports."""
    nodes = list(ast.walk(tree_of(file)))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return frozenset(names | {node.attr for node in nodes if isinstance(node, ast.Attribute)})


def is_registered(step: Step) -> bool:
    """Tell whether a module passes its own function on: by a decorator or by its name."""
    function = find_function(step.file, step.function)
    decorated = isinstance(function, FUNCTIONS) and bool(function.decorator_list)
    return decorated or step.name in names_used_in(step.file)


def test_design_page_has_five_walks_of_several_steps() -> None:
    assert len(WALKS) == 5
    assert min(len(steps) for steps in WALKS.values()) >= 8


@pytest.mark.parametrize(("walk", "number"), STEPS)
def test_step_names_functions_that_are_there(walk: str, number: int) -> None:
    step = WALKS[walk][number]
    named = [(step.file, step.function)]
    named += [(file, path) for file, path in ELSEWHERE.findall(step.text) if path]

    assert [each for each in named if not (ROOT / each[0]).exists()] == []
    assert [each for each in named if find_function(*each) is None] == []


@pytest.mark.parametrize(("walk", "number"), [each for each in STEPS if each[1]])
def test_step_is_called_by_one_before_it_or_where_it_says(walk: str, number: int) -> None:
    step, before = WALKS[walk][number], WALKS[walk][:number]
    files = {each.file for each in before} | set(step.callers)

    called = any(step.name in names_used_in(file) for file in files)

    assert called or (step.text.startswith("registered") and is_registered(step))


@pytest.mark.parametrize("walk", WALKS)
def test_walk_passes_each_function_once(walk: str) -> None:
    passed = [(step.file, step.function) for step in WALKS[walk]]

    assert len(passed) == len(set(passed))
