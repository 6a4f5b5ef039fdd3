"""The near limit: a Flask route that does nothing, on our own server or on gevent's pywsgi.

PORT=8000 python -m bench.peers.noop ours|pywsgi
"""

from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402

import gevent  # noqa: E402
from flask import Flask, Response  # noqa: E402

from bench.wsgi import make_wsgi_server  # noqa: E402

app = Flask(__name__, static_folder=None)


@app.get("/vote")
@app.put("/polls/<int:poll_id>/ballot")
def do_nothing(poll_id: int = 1) -> Response:  # noqa: ARG001 (the route's)
    return Response("{}\n", 201, mimetype="application/json")


make_wsgi_server(sys.argv[1], int(os.environ["PORT"]), app).start()
gevent.get_hub().join()
