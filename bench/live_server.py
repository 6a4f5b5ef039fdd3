"""What the fan-out is measured with: a server that only sends updates to a hall.

`ours` is Rollcall's socket server, `stock` Flask-SocketIO as it comes. `peers/socketio.mjs` is
the same in Node, `peers/ws.mjs` with the bare ws, `peers/socketio_asgi.py` on ASGI. A line of JSON
on standard input, `{"updates": 100, "hz": 10}` (0: as fast as it can), is answered, once all is
emitted, by when it began.
"""

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402
import json  # noqa: E402
import sys  # noqa: E402
import time  # noqa: E402
from typing import Any  # noqa: E402

import flask_socketio  # noqa: E402
import gevent  # noqa: E402
from flask import Flask  # noqa: E402
from gevent.fileobject import FileObjectThread  # noqa: E402

from api import jsons  # noqa: E402
from api.live.sockets import SocketIO  # noqa: E402
from bench.wsgi import make_wsgi_server  # noqa: E402

TALLY = [
    {"candidate": number, "name": f"Candidate {number}", "votes": 1_000 + number, "share": 0.1}
    for number in range(10)
]
RESULTS = {"poll": 1, "epoch": 1, "version": 1_000, "state": "open", "tally": TALLY}


def make(kind: str, port: int) -> tuple[Any, Any]:
    app = Flask(__name__)
    if kind == "ours":
        socketio = SocketIO(async_mode="gevent", async_handlers=False, json=jsons)
        socketio.init_app(app)
    else:
        socketio = flask_socketio.SocketIO(app, async_mode="gevent")

    server = make_wsgi_server(kind, port, app)

    @socketio.on("join")
    def join() -> str:
        flask_socketio.join_room("hall")
        return "ok"

    return socketio, server


def broadcast(socketio: Any, updates: int, hz: float) -> dict[str, float]:
    began = time.monotonic_ns()
    for number in range(updates):
        document = {**RESULTS, "sent_ns": time.monotonic_ns()}
        socketio.emit("tally:update", document, to="hall")
        due = began + (number + 1) * 1e9 / hz if hz else 0
        gevent.sleep(max(0, (due - time.monotonic_ns()) / 1e9))
    return {"began_ns": began}


def main() -> None:
    socketio, server = make(sys.argv[1], int(sys.argv[2]))
    server.start()
    gc.collect()
    gc.freeze()
    print(json.dumps({"ready": True}), flush=True)
    for line in FileObjectThread(sys.stdin.buffer):
        asked = json.loads(line)
        print(json.dumps(broadcast(socketio, asked["updates"], asked["hz"])), flush=True)


if __name__ == "__main__":
    main()
