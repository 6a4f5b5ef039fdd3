"""One process that serves the same product twice.

`python -m tests.two_ways FOLDER PLAIN FAST`: two servers on these ports, each with a store of its
own, made from one seed, one key and one set of accounts. The same requests in the same order bring
both stores to the same state, with the same ids.
"""

from gevent import monkey

monkey.patch_all()  # before anything imports sockets, locks or threads

import os  # noqa: E402
import sys  # noqa: E402
from dataclasses import replace  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402

from api.app import create_app  # noqa: E402
from api.httpd import listen  # noqa: E402
from api.serving import make_server  # noqa: E402
from api.settings import read_settings  # noqa: E402


def main(folder: Path, ports: list[int]) -> None:
    """Serve both ways until killed."""
    for way, port in zip(("plain", "fast"), ports, strict=True):
        settings = replace(read_settings(os.environ), database=folder / way / "rollcall.json")
        rollcall = create_app(settings)
        lane = rollcall.lane if way == "fast" else None
        make_server(listen("127.0.0.1", port), rollcall.app, lane).start()
    print(f"Rollcall is at http://127.0.0.1:{ports[0]}", flush=True)
    gevent.get_hub().join()


if __name__ == "__main__":
    main(Path(sys.argv[1]), [int(port) for port in sys.argv[2:]])
