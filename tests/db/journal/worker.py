"""A process that writes and compacts until it is killed, telling each record once it is durable.

    python worker.py {threads,gevent} PATH

It prints a line `<writer> <number> <id>` for each, after `open`.
"""

import os
import sys

if sys.argv[1] == "gevent":
    from gevent import monkey

    monkey.patch_all()

import threading
import time
from typing import Any

from db.journal import JournaledTinyDB, files, lines, upkeep
from db.journal.filed import Filing, first_id

WRITERS = 6
OPTIONS: Any = {
    "unique": {"ballots": ("key",)},
    "parts": {"ballots": lambda ballot: ballot["by"] % 3 or None},
    "filed": {
        "filed": Filing(
            lambda row: (row["box"], row["n"]),
            lambda _row: {},
            lambda place, _documents: place == 2,
        )
    },
}
upkeep.PAUSE_SECONDS = 0.0001
files.ROOM_BYTES = 2_000
lines.FOLD_BYTES = 4_000


def write(db: JournaledTinyDB, writer: int) -> None:
    ballots, log = db.table("ballots"), db.table("log")
    number = len(ballots)
    while True:
        number += 1
        with db.transaction():
            ballot_id = ballots.insert({"key": f"{writer}-{number}", "by": writer})
            log.insert({"ballot": ballot_id})
            box, n = 1 + writer % 2, number * WRITERS + writer
            filed = {"key": f"{writer}-{number}", "box": box, "n": n}
            db.storage.put("filed", first_id(box, n), filed)
            if number % 5 == 0:
                log.update({"seen": True}, doc_ids=[ballot_id])
        os.write(1, b"%d %d %d\n" % (writer, number, ballot_id))
        time.sleep(0)


def main() -> None:
    db = JournaledTinyDB(sys.argv[2], **OPTIONS, compact_bytes=20_000)
    os.write(1, b"open\n")
    for writer in range(WRITERS):
        threading.Thread(target=write, args=(db, writer), daemon=True).start()
    while True:
        db.compact()


if __name__ == "__main__":
    main()
