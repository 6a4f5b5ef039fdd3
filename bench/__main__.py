"""All benchmarks, one after the other; each is also a command of its own. `make bench`."""

import subprocess
import sys
from pathlib import Path

PARTS = ("votes", "experts", "tabs", "signins", "hostile", "growth", "closing", "live", "store")


def main() -> int:
    """Run every part; return how many have missed a target."""
    here = Path(__file__).parent
    parts = [part for part in PARTS if (here / f"{part}.py").exists()]
    ended = [
        subprocess.run([sys.executable, "-m", f"bench.{part}"], cwd=here.parent, check=False)
        for part in parts
    ]
    subprocess.run([sys.executable, "-m", "bench.report"], cwd=here.parent, check=True)
    return sum(each.returncode != 0 for each in ended)


if __name__ == "__main__":
    sys.exit(main())
