"""Checks, without uv, that the requirement files hold the versions that uv.lock holds."""

import re
import sys
import tomllib

from tests.server import ROOT


def main() -> int:
    lock = tomllib.loads((ROOT / "uv.lock").read_text())
    locked = {package["name"]: package.get("version") for package in lock["package"]}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = {re.split(r"[\[<>=~!; ]", line)[0].lower() for line in project["dependencies"]}
    stale = []
    required = {}
    for name in ("requirements/run.txt", "requirements/dev.txt", "requirements/docs.txt"):
        pins = dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))
        stale += [f"{name}: {pin}" for pin, version in pins.items() if locked.get(pin) != version]
        required[name] = pins
    run = "requirements/run.txt"
    stale += [f"{run} lacks {name}" for name in asked - set(required[run])]
    for line in stale:
        sys.stderr.write(f"stale: {line}; run `make lock`\n")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
