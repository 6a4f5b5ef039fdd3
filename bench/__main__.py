"""All benchmarks, one after the other; each is also a command of its own. `make bench`."""

import argparse
import subprocess
import sys
from pathlib import Path

PARTS = (
    "votes",
    "experts",
    "tabs",
    "signins",
    "hostile",
    "reading",
    "growth",
    "scaling",
    "starts",
    "closing",
    "month",
    "live",
    "store",
)


def main() -> int:
    """Run every part; return how many have missed a target."""
    argparse.ArgumentParser("python -m bench", description=__doc__).parse_args()
    root = Path(__file__).parents[1]
    ended = [
        subprocess.run([sys.executable, "-m", f"bench.{part}"], cwd=root, check=False)
        for part in PARTS
    ]
    subprocess.run([sys.executable, "-m", "bench.report"], cwd=root, check=True)
    return sum(each.returncode != 0 for each in ended)


if __name__ == "__main__":
    sys.exit(main())
