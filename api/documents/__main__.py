"""Prints both documents as one JSON object: `python -m api.documents`."""

import json
import sys

from api.app import BLUEPRINTS
from api.documents.asyncapi import asyncapi_document
from api.documents.openapi import openapi_document
from api.flasks import App

app = App(__name__, static_folder=None)
for blueprint in BLUEPRINTS:
    app.register_blueprint(blueprint)
documents = {"openapi": openapi_document(app), "asyncapi": asyncapi_document()}
json.dump(documents, sys.stdout, ensure_ascii=False, indent=1)
