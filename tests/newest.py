"""Prints what pyproject.toml asks for without its bounds, for `make next`; pins (`==`) stay."""

import re
import sys
import tomllib

from tests.server import ROOT


def unbounded(requirement: str) -> str:
    """Return a requirement that any version meets, but for a pinned one."""
    return requirement if "==" in requirement else re.split("[<>~!; ]", requirement, maxsplit=1)[0]


def main() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = [*asked["project"]["dependencies"], *asked["dependency-groups"]["dev"]]
    sys.stdout.writelines(f"{unbounded(line)}\n" for line in lines)


if __name__ == "__main__":
    main()
