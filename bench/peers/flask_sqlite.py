"""Flask and SQLite under gunicorn's threads. A connection a thread, a lock round the commit:
without it writers wait in SQLite's own back-off, which is slower.
"""

import threading
from typing import Any

from flask import Flask, jsonify, request

from bench.peers import rules

app = Flask(__name__, static_folder=None)
own = threading.local()
writing = threading.Lock()
rules.make_tables()


@app.errorhandler(rules.Refused)
def refuse(refused: rules.Refused) -> Any:
    return jsonify(code=refused.code), refused.status


@app.put("/polls/<int:poll>/ballot")
def put_ballot(poll: int) -> Any:
    voter = rules.read_voter(request.headers.get("Authorization"))
    body = request.get_json(silent=True)
    choices = body.get("choices") if isinstance(body, dict) else None
    if not (isinstance(choices, list) and len(choices) == 1 and type(choices[0]) is int):
        raise rules.Refused(400, "invalid_request")
    if not hasattr(own, "connection"):
        own.connection = rules.connect()
    with writing:
        document, status = rules.cast(own.connection, poll, voter, choices)
    return jsonify(document), status
