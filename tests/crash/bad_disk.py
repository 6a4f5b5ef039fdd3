"""A server whose disk can be made full, or stuck, for the files that an ending rewrites.

python -m tests.crash.bad_disk  as `run.py`; in the data's folder the file `full` says which files
                          take no more bytes, by the beginning of their names, and the file
                          `stuck` which file's writes wait; `rewritten` has a line a rewriting
"""

from gevent import monkey

monkey.patch_all()

import errno  # noqa: E402
import os  # noqa: E402
import sys  # noqa: E402
from contextlib import suppress  # noqa: E402
from pathlib import Path  # noqa: E402

sys.path.insert(0, str(Path(__file__).parents[2]))

import run  # noqa: E402
from db.journal import files  # noqa: E402

LOOK_SECONDS = 0.01

sleep = monkey.get_original("time", "sleep")


def read(name: str) -> str:
    with suppress(FileNotFoundError):
        return Path(name).read_text()
    return ""


class Disk:
    """Stands in for `os` in `db.journal.files`."""

    def __getattr__(self, name: str) -> object:
        return getattr(os, name)

    def write(self, descriptor: int, data: bytes) -> int:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
        full = read("full")
        if full and name.startswith(full):
            raise OSError(errno.ENOSPC, "No space left on device")
        while name == read("stuck"):
            sleep(LOOK_SECONDS)
        return os.write(descriptor, data)

    def replace(self, source: Path, target: Path) -> None:
        with Path("rewritten").open("a") as lines:
            lines.write(f"{Path(target).name}\n")
        os.replace(source, target)


def main() -> None:
    """Serve on such a disk."""
    files.os = Disk()  # type: ignore[attr-defined]
    run.main()


if __name__ == "__main__":
    main()
