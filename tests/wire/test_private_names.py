"""Private names of libraries that the wire uses: each is said, with a reason, and each is there."""

import ast
from pathlib import Path

import pytest

import api.wire
from api.wire.private_names import USED


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in USED.items() for name in names]
)
def test_private_name_is_still_there(kind: type, name: str) -> None:
    assert hasattr(kind, name), f"{kind.__module__}.{kind.__qualname__}.{name} is gone"


def test_every_private_name_is_said() -> None:
    theirs = {name for kind in USED for name in dir(kind) if name[0] == "_" and name[:2] != "__"}
    used = {
        getattr(node, "attr", getattr(node, "name", ""))
        for path in Path(api.wire.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute | ast.FunctionDef)
    }
    assert used & theirs == {name for names in USED.values() for name in names}
