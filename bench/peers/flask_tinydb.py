"""Flask and TinyDB as it comes, under gunicorn's threads, written as TinyDB's own pages show:
nothing guards the file. It is not measured for speed but for what it keeps.
"""

import os
from pathlib import Path
from typing import Any

import jwt
from flask import Flask, jsonify, request
from tinydb import TinyDB, where

app = Flask(__name__, static_folder=None)
ballots = TinyDB(Path(os.environ["FOLDER"]) / "votes.json").table("ballots")


@app.put("/polls/<int:poll>/ballot")
def put_ballot(poll: int) -> Any:
    token = request.headers["Authorization"].removeprefix("Bearer ")
    voter = jwt.decode(token, os.environ["KEY"], ["HS256"])["sub"]
    [candidate] = request.json["choices"]
    if ballots.contains((where("poll") == poll) & (where("voter") == voter)):
        return jsonify(code="already_voted"), 409
    ballots.insert({"poll": poll, "voter": voter, "candidate": candidate})
    return jsonify(poll=poll), 201
